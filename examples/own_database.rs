//! A handler with a database of its own, whose effect there happens AT LEAST once, and once by the message's id:
//! `cargo run --example own_database`.
//!
//! Exactly once is what a handler writes to `Documents`, publishes and answers, since that is committed as one with its mark. A commit
//! holds nothing of another database, a mail, a payment: if the node dies between that effect and the commit, the handler runs again, maybe
//! on another node. So the effect is keyed by what stays the same whenever a message is handled again: `cx.message_id()`.

#![expect(clippy::print_stdout, reason = "an example speaks to the person who runs it")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use catga::{message::MessageId, prelude::*};
use tokio::sync::mpsc;

#[derive(Event, Clone, Serialize, Deserialize)]
struct OrderPaid {
    amount: u32,
}

/// Books the payment. Where several handlers write to one table, its key is the message's id and the handler's name
/// (`cx.handler().identity()`).
#[handler(once_per = "service")]
async fn book(event: OrderPaid, ledger: &Ledger, runs: &Runs, cx: &Context) -> Result<()> {
    let is_new = ledger.book(cx.message_id(), event.amount);
    runs.0.send(is_new).await.or_internal()?;
    if cx.attempt() == 1 {
        return Err(Error::unavailable("this stands for a node that dies here, before its commit"));
    }
    Ok(())
}

/// Stands for a database that Catga knows nothing of.
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<BTreeMap<MessageId, u32>>>);

impl Ledger {
    /// Whether the payment wasn't booked yet. Key and effect are written in one transaction, here as in
    /// `INSERT INTO payments (message_id, amount) VALUES ($1, $2) ON CONFLICT (message_id) DO NOTHING`.
    fn book(&self, key: MessageId, amount: u32) -> bool {
        let mut payments = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !payments.contains_key(&key);
        payments.entry(key).or_insert(amount);
        is_new
    }

    fn sum(&self) -> u32 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

/// Where each run says whether it booked something, so that `main` can wait for it.
struct Runs(mpsc::Sender<bool>);

#[tokio::main]
async fn main() -> Result<()> {
    let (tell, mut runs) = mpsc::channel(16);
    let ledger = Ledger::default();
    let node = Catga::builder("payments").provide(ledger.clone()).provide(Runs(tell)).start().await?;

    node.publish(OrderPaid { amount: 40 }).await?;
    assert_eq!(runs.recv().await, Some(true));
    assert_eq!(runs.recv().await, Some(false), "the handler has run again");
    println!("two runs, and {} in the ledger", ledger.sum());
    assert_eq!(ledger.sum(), 40);

    // Another event is another message, however much it looks like the first.
    node.publish(OrderPaid { amount: 40 }).await?;
    assert_eq!((runs.recv().await, runs.recv().await), (Some(true), Some(false)));
    assert_eq!(ledger.sum(), 80);

    node.shutdown().await
}

#[test]
fn it_runs_to_its_end() {
    main().unwrap();
}
