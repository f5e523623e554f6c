//! persistence: to come.
