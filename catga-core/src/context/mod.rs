//! context: to come.
