#[path = "../../../../catga-core/src/delivery/intake/kept.rs"]
mod kept;
#[path = "../../../../catga-core/src/delivery/intake/shared.rs"]
mod shared;

use loom::future::block_on;
use loom::thread::{self, JoinHandle};

use super::parcel::{Parcel, Settled, Through};
use crate::in_every_order;
use kept::Kept;
use shared::Shared;

/// An event for so many handlers.
fn event(handlers: usize) -> (Shared, Settled) {
    let settled = Settled::default();
    (Shared::new(Parcel::new(settled.clone()), handlers, None), settled)
}

/// A lane whose handler gets through with it.
fn lane(event: &Shared) -> JoinHandle<()> {
    let event = event.clone();
    thread::spawn(move || {
        // As a lane does, which keeps what it needs of it.
        let _kept = (event.envelope().clone(), event.underway());
        block_on(event.through(Through::seen()));
    })
}

#[test]
fn a_shared_delivery_is_settled_exactly_once_by_whoever_lets_it_go_last() {
    in_every_order(|| {
        let (event, settled) = event(2);
        let lanes = [lane(&event), lane(&event)];
        block_on(event.let_go());
        for lane in lanes {
            lane.join().unwrap();
        }
        assert_eq!(settled.count(), 1);
    });
}

#[test]
fn a_shared_delivery_that_one_handler_is_not_through_with_is_never_settled() {
    in_every_order(|| {
        let (event, settled) = event(2);
        let through = lane(&event);
        let stopped = thread::spawn({
            let event = event.clone();
            move || drop(event)
        });
        block_on(event.let_go());
        through.join().unwrap();
        stopped.join().unwrap();
        assert_eq!(settled.count(), 0);
    });
}

#[test]
fn a_sign_for_a_shared_delivery_never_keeps_it_from_being_settled() {
    in_every_order(|| {
        let (event, settled) = event(1);
        let mut kept = Kept::default();
        kept.add(&event);
        let lane = lane(&event);
        block_on(event.let_go());
        block_on(kept.due());
        block_on(kept.sign());
        lane.join().unwrap();
        assert_eq!(settled.count(), 1);
    });
}
