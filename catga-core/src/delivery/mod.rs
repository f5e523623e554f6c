//! delivery: to come.
