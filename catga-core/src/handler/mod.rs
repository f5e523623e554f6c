//! handler: to come.
