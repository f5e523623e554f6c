//! Drives the program as people do: real processes, asked over HTTP.

mod balance;
mod dead_letters;
mod keys;
mod lifecycle;
mod metrics;
mod openapi;
mod orders;
mod problems;
mod support;
