//! What the harness promises to tests of an application.

mod orders;
mod quiet;
mod seen;
