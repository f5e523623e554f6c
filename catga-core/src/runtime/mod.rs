//! runtime: to come.
