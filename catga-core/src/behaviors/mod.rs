//! behaviors: to come.
