//! The line between who asks and who answers.

#[expect(dead_code, reason = "the signs beside it are tokio's affair")]
#[path = "../../../catga-core/src/transport/in_memory/line.rs"]
mod line;

use std::sync::Arc;

use loom::thread;

use crate::in_every_order;
use line::Line;

#[test]
fn a_request_is_either_handed_over_or_given_up_never_both() {
    in_every_order(|| {
        let line = Arc::new(Line::default());
        let caller = thread::spawn({
            let line = line.clone();
            // Its time is up, and then it is dropped.
            move || [line.give_up(), line.give_up()]
        });
        let is_handed_over = line.hand_over();
        assert_eq!(caller.join().unwrap(), [!is_handed_over; 2], "both learn the same, and nobody changes it");
    });
}

#[test]
fn a_request_that_nobody_waits_for_is_never_handed_over() {
    in_every_order(|| {
        let line = Arc::new(Line::default());
        let caller = thread::spawn({
            let line = line.clone();
            move || line.give_up()
        });
        let was_waiting = line.is_waiting();
        let is_handed_over = line.hand_over();
        assert!(was_waiting || !is_handed_over);
        assert!(!line.is_waiting());
        caller.join().unwrap();
    });
}
