//! A small application: an order is placed, shown by every node, billed by another service, and a receipt is sent.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use catga_core::context::Context;
use catga_core::persistence::{Document, Documents};
use catga_core::retry::{Failure, Next};
use catga_core::{Error, Event, Request, Result, handler};
use serde::{Deserialize, Serialize};

#[derive(Request, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[request(response = ())]
pub(crate) struct CreateOrder {
    pub(crate) id: u32,
}

#[derive(Event, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OrderPlaced {
    pub(crate) id: u32,
}

#[derive(Event, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OrderBilled {
    pub(crate) id: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: u32,
    pub(crate) is_paid: bool,
}

impl Document for Order {
    const NAME: &'static str = "Order";
    type Key = u32;

    fn key(&self) -> u32 {
        self.id
    }
}

#[handler(unlinked)]
pub(crate) async fn create_order(cmd: &CreateOrder, orders: &Documents<Order>, cx: &Context) -> Result<()> {
    orders.insert(cx, &Order { id: cmd.id, is_paid: false })?;
    cx.publish(OrderPlaced { id: cmd.id })
}

#[handler(unlinked)]
pub(crate) async fn show_order(_: &OrderPlaced) -> Result<()> {
    Ok(())
}

/// Of another service.
#[handler(unlinked, once_per = "service")]
pub(crate) async fn bill_order(event: &OrderPlaced, cx: &Context) -> Result<()> {
    cx.publish(OrderBilled { id: event.id })
}

#[handler(unlinked, once_per = "service")]
pub(crate) async fn mark_paid(event: &OrderBilled, orders: &Documents<Order>, cx: &Context) -> Result<()> {
    orders.get(cx, &event.id).await?.ok_or_else(|| Error::not_found("no such order"))?;
    orders.update(cx, &Order { id: event.id, is_paid: true })
}

/// A mail server.
pub(crate) struct Mail {
    /// How many attempts fail for each message.
    fails: u32,
    /// Whether trying again can help.
    can_retry: bool,
    is_mended: AtomicBool,
}

impl Mail {
    /// One that is away for the first attempts.
    pub(crate) fn away(fails: u32) -> Self {
        Self { fails, can_retry: true, is_mended: AtomicBool::new(false) }
    }

    /// One that refuses everything.
    pub(crate) fn broken() -> Self {
        Self { can_retry: false, ..Self::away(u32::MAX) }
    }

    pub(crate) fn mend(&self) {
        self.is_mended.store(true, Ordering::Relaxed);
    }

    fn send(&self, cx: &Context) -> Result<()> {
        if cx.attempt() <= self.fails && !self.is_mended.load(Ordering::Relaxed) {
            return Err(Error::unavailable("no mail today").retryable(self.can_retry));
        }
        Ok(())
    }
}

#[handler(unlinked, once_per = "service")]
pub(crate) async fn send_receipt(_: &OrderPlaced, mail: &Mail, cx: &Context) -> Result<()> {
    mail.send(cx)
}

/// The same on each node, where failed attempts are the node's own.
#[handler(unlinked)]
pub(crate) async fn send_notice(_: &OrderPlaced, mail: &Mail, cx: &Context) -> Result<()> {
    mail.send(cx)
}

/// Goes on where its node stopped.
#[handler(unlinked, resume)]
pub(crate) async fn archive_order(_: &OrderPlaced, mail: &Mail, cx: &Context) -> Result<()> {
    mail.send(cx)
}

/// Tries again every 30 s, for ever.
pub(crate) fn for_ever(_: &Failure<'_>) -> Next {
    Next::Later(Duration::from_secs(30))
}
