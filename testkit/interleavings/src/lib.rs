//! What core decides by the order of two threads' steps, under every order there is.
//!
//! The files in which this happens are core's own, named here by their paths. Core gives them `crate::sync` and a few words of its other rooms;
//! so does this package, but its `sync` is loom's, which tries all that the threads may do and see, and the other rooms are stand-ins, just
//! large enough to tell what was done to them. Core is built as always and knows nothing of this.
//!
//! What isn't here takes a lock for what it decides, or says where it stands why it needs no check.
#![cfg(test)]

mod delivery;
mod envelope;
mod node;
mod runtime;
mod sync;
mod transport;

/// Runs it in every way that it can go; nothing is left out. Threads that wait for ever are a failure, too.
fn in_every_order(run: impl Fn() + Send + Sync + 'static) {
    loom::model::Builder::new().check(run);
}

/// Runs it in every way in which so many times at most a thread that could go on has to let another: where all would be too many to try.
fn in_every_order_with(preemptions: usize, run: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(run);
}
