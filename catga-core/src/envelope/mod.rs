//! envelope: to come.
