//! mediator: to come.
