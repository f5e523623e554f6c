//! What costs nothing allocates nothing. A program of its own, since the allocator counts for the whole of one.

use std::future::Future;
use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};

use catga_core::behaviors::{Answered, Behavior, BehaviorFor, Next, NextFor};
use catga_core::context::Context;
use catga_core::mediator::{Mediator, MediatorBuilder};
use catga_core::{Catga, Event, Message, Request, Result, handler, handlers};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u64)]
struct Add(u64, u64);

#[derive(Request, Clone, Serialize, Deserialize)]
#[request(response = u64)]
struct AddLater(u64, u64);

#[derive(Event, Clone, Serialize, Deserialize)]
struct Added(u64);

#[handler]
async fn add(command: Add) -> Result<u64> {
    Ok(command.0 + command.1)
}

#[handler]
async fn add_later(command: &AddLater, cx: &Context) -> Result<u64> {
    tokio::task::yield_now().await;
    Ok(command.0 + command.1 + u64::from(cx.attempt()))
}

macro_rules! witnesses {
    ($($name:ident)*) => {
        $(#[handler]
        async fn $name(event: &Added) -> Result<()> {
            assert_eq!(event.0, 3);
            Ok(())
        })*
    };
}

witnesses! { one two three }

/// Does nothing but stand there.
struct Stands;

impl Behavior for Stands {
    async fn around(&self, next: Next<'_>) -> Result<Answered> {
        next.run().await
    }
}

impl<M: Message> BehaviorFor<M> for Stands {
    async fn around(&self, next: NextFor<'_, M>) -> Result<M::Response> {
        next.run().await
    }
}

/// Polls a future until it is ready, without a runtime that allocates.
fn finish<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Task::from_waker(Waker::noop())) {
            return output;
        }
    }
}

#[track_caller]
fn allocates_nothing(run: impl Fn()) {
    run();
    let counted = allocation_counter::measure(|| (0..10).for_each(|_| run()));
    assert_eq!(counted.count_total, 0, "{counted:?}");
}

fn builder(layers: usize, of_one_type: bool) -> MediatorBuilder {
    let mut builder = Mediator::builder().handlers(handlers![add, add_later, one, two, three]);
    for _ in 0..layers {
        builder = if of_one_type {
            builder.behavior_for::<Add>(Stands).behavior_for::<AddLater>(Stands).behavior_for::<Added>(Stands)
        } else {
            builder.behavior(Stands)
        };
    }
    builder
}

#[test]
fn a_send_in_process_allocates_nothing_with_up_to_four_behaviors() {
    for layers in 0..=4 {
        for of_one_type in [false, true] {
            let mediator = builder(layers, of_one_type).build().unwrap();
            allocates_nothing(|| assert_eq!(finish(mediator.send(Add(1, 2)).into_future()).unwrap(), 3));
        }
    }
}

#[test]
fn a_send_whose_handler_waits_allocates_nothing_with_up_to_four_behaviors() {
    for layers in 0..=4 {
        let mediator = builder(layers, false).build().unwrap();
        // What `yield_now` needs to remember is the runtime's own.
        allocates_nothing(|| assert_eq!(finish(mediator.send(AddLater(1, 2)).into_future()).unwrap(), 4));
    }
}

#[test]
fn an_event_for_three_handlers_allocates_nothing() {
    let mediator = builder(0, false).build().unwrap();
    allocates_nothing(|| finish(mediator.publish(Added(3)).into_future()).unwrap());
}

#[test]
fn a_send_through_a_node_allocates_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let node = runtime.block_on(Catga::builder("adding").handlers(handlers![add]).start()).unwrap();
    allocates_nothing(|| assert_eq!(finish(node.send(Add(1, 2)).into_future()).unwrap(), 3));
}
