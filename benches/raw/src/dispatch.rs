//! Calls without a mediator: through a boxed handler, as `async-trait` makes one, and straight to a function.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;

/// A small command.
#[derive(Clone, Debug)]
pub struct Add {
    /// The one.
    pub left: u64,
    /// The other.
    pub right: u64,
}

/// Its response.
#[derive(Clone, Debug)]
pub struct Sum {
    /// The sum.
    pub sum: u64,
}

/// A handler behind a pointer: each call allocates its future.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Handles one.
    async fn handle(&self, command: Add) -> Result<Sum, Box<str>>;
}

/// Adds, on top of what it holds.
#[derive(Debug)]
pub struct Adder {
    /// Added to each sum.
    pub base: u64,
}

#[async_trait]
impl Handler for Adder {
    async fn handle(&self, command: Add) -> Result<Sum, Box<str>> {
        Ok(Sum { sum: command.left + command.right + self.base })
    }
}

/// The handler as a caller has it who doesn't know its type.
pub fn boxed() -> Arc<dyn Handler> {
    Arc::new(Adder { base: 1 })
}

/// A plain asynchronous function, as its future is: neither the call nor its `poll` is inlined.
#[inline(never)]
pub fn plain(adder: &Adder, command: Add) -> Addition<'_> {
    Addition { adder, command }
}

/// What [`plain`] gives.
#[derive(Debug)]
pub struct Addition<'a> {
    adder: &'a Adder,
    command: Add,
}

impl Future for Addition<'_> {
    type Output = Result<Sum, Box<str>>;

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(Sum { sum: self.command.left + self.command.right + self.adder.base }))
    }
}
