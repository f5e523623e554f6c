//! Catga.
