//! node: to come.
