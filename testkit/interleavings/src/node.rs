//! The calls that a shutdown waits for.

#[path = "../../../catga-core/src/node/open_calls.rs"]
mod open_calls;

use std::sync::Arc;

use loom::future::block_on;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use crate::{in_every_order, in_every_order_with};
use open_calls::OpenCalls;

/// A shutdown beside so many calls. What a call did is written with the weakest order, so that it is seen only by whom the call has told.
fn a_shutdown_beside(calls: usize) {
    let open_calls = Arc::new(OpenCalls::default());
    let callers = Vec::from_iter((0..calls).map(|_| {
        let (open_calls, has_effect) = (open_calls.clone(), Arc::new(AtomicBool::new(false)));
        let effect = has_effect.clone();
        let caller = thread::spawn(move || {
            let _open = open_calls.open();
            let is_in_time = !open_calls.is_stopping();
            effect.store(true, Ordering::Relaxed);
            is_in_time
        });
        (caller, has_effect)
    }));
    open_calls.stop();
    block_on(open_calls.finished());
    let seen = Vec::from_iter(callers.iter().map(|(_, has_effect)| has_effect.load(Ordering::Relaxed)));
    for ((caller, _), seen) in callers.into_iter().zip(seen) {
        let is_in_time = caller.join().unwrap();
        assert!(seen || !is_in_time, "a call that was opened before the shutdown is done, and what it did is seen");
    }
}

#[test]
fn a_shutdown_never_misses_a_call_that_was_opened_before_it() {
    in_every_order(|| a_shutdown_beside(1));
}

#[test]
fn a_shutdown_ends_with_the_last_call_whichever_that_is() {
    in_every_order_with(3, || a_shutdown_beside(2));
}
