use std::sync::Arc;
use std::time::Duration;

use catga_core::message::MessageId;
use catga_core::{Result, runtime};

use super::messages::{Balance, Deposit, Noticed, Number, Plan, Purchase, Receipt, Ring};
use crate::cluster::Cluster;
use crate::random::Random;

/// How many intents the users have in one seed.
const INTENTS: Number = 50;

/// How often a user tries what can be tried again.
const TRIES: usize = 8;

/// What a user wants.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    pub(crate) number: Number,
    pub(crate) want: Want,
    pub(crate) plan: Plan,
    pub(crate) account: u8,
    /// When somebody wants it; with a key several do.
    pub(crate) at: Vec<Duration>,
}

/// How a user goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// Sends a deposit to the node at hand, if that has the handler.
    Send,
    /// Sends a deposit to any node.
    SendBalanced,
    /// Hands a deposit over, again and again under one id until it is taken.
    Enqueue,
    /// Sends a deposit with a key, again and again until there is an answer.
    SendByKey,
    /// Sends a purchase with a key, likewise.
    PurchaseByKey,
    /// Hands a purchase over.
    EnqueuePurchase,
    /// Sends what is handled by nodes that remember nothing.
    Ring,
    /// Publishes a notice, likewise.
    Publish,
    /// Asks for an account.
    Ask,
}

impl Want {
    /// Whether one may try again without wanting it twice.
    fn can_repeat(self) -> bool {
        !matches!(self, Self::Send | Self::SendBalanced | Self::Ring)
    }

    fn has_key(self) -> bool {
        matches!(self, Self::SendByKey | Self::PurchaseByKey)
    }

    /// Whether it is taken now, and done later.
    pub(crate) fn is_stored(self) -> bool {
        matches!(self, Self::Enqueue | Self::EnqueuePurchase | Self::Publish)
    }

    /// What it leaves, as it is told from other effects.
    pub(crate) fn scope(self) -> Option<&'static str> {
        match self {
            Self::Send | Self::SendBalanced | Self::SendByKey | Self::Enqueue => Some("deposit"),
            Self::PurchaseByKey | Self::EnqueuePurchase => Some("purchase"),
            Self::Ring | Self::Publish | Self::Ask => None,
        }
    }
}

/// What the users of one seed want, in the time that faults last.
pub(crate) fn intents(seed: u64, within: Duration) -> Vec<Intent> {
    let random = &mut Random::new(seed, 4);
    let within = within.as_millis() as u64;
    let intents = (1..=INTENTS).map(|number| {
        let want = *random.pick(&WANTS);
        let first = random.millis(0, within);
        let mut at = vec![first];
        if want.has_key() {
            at.extend((0..random.below(3)).map(|_| first + random.millis(0, 3000)));
        }
        Intent { number, want, plan: plan(random), account: random.below(3) as u8, at }
    });
    intents.collect()
}

const WANTS: [Want; 13] = [
    Want::Ring,
    Want::Send,
    Want::SendBalanced,
    Want::SendBalanced,
    Want::SendByKey,
    Want::SendByKey,
    Want::PurchaseByKey,
    Want::EnqueuePurchase,
    Want::Enqueue,
    Want::Enqueue,
    Want::Publish,
    Want::Publish,
    Want::Ask,
];

fn plan(random: &mut Random) -> Plan {
    Plan {
        takes: if random.chance(600) { 0 } else { random.between(1, 2500) as u16 },
        fails: if random.chance(800) { 0 } else { random.between(1, 2) as u8 },
        panics: random.chance(200),
        refuses: random.chance(80),
        publishes: random.chance(500),
        enqueues: random.chance(300),
    }
}

/// Goes after one intent until it is done, refused, or not worth another try.
pub(crate) async fn pursue(cluster: Arc<Cluster>, intent: Intent, at: Duration) {
    runtime::sleep(at).await;
    let id = MessageId::new();
    for _ in 0..TRIES {
        if !one_try(&cluster, &intent, id).await {
            return;
        }
        runtime::sleep(Duration::from_millis(300)).await;
    }
}

/// Whether to try again.
async fn one_try(cluster: &Arc<Cluster>, intent: &Intent, id: MessageId) -> bool {
    let Intent { number, want, plan, account, .. } = *intent;
    let Some((life, node)) = cluster.any_node() else { return true };
    let world = &cluster.world;
    world.note(life, u64::from(number) << 16, || format!("a user wants {number}: {want:?}, {plan:?}, message {id}"));
    let (deposit, purchase) = (Deposit { number, account, plan }, Purchase { number, plan });
    let (key, is_balanced) = (format!("key-{number}"), world.draw(|chance| chance.chance(500)));
    let call = async move {
        match want {
            Want::Send => node.send(deposit).await.map(Some),
            Want::SendBalanced => node.send(deposit).balanced().await.map(Some),
            Want::SendByKey if is_balanced => node.send(deposit).key(&key).balanced().await.map(Some),
            Want::SendByKey => node.send(deposit).key(&key).await.map(Some),
            Want::PurchaseByKey if is_balanced => node.send(purchase).key(&key).balanced().await.map(Some),
            Want::PurchaseByKey => node.send(purchase).key(&key).await.map(Some),
            Want::Ring => node.send(Ring { number, plan }).await.map(|_| None),
            Want::EnqueuePurchase => node.enqueue(purchase).id(id).await.map(|()| None),
            Want::Enqueue => node.enqueue(deposit).id(id).await.map(|()| None),
            Want::Publish => {
                let plan = Plan { refuses: false, ..plan };
                node.publish(Noticed { number, plan }).id(id).await.map(|()| None)
            }
            Want::Ask => node.send(Balance { account }).balanced().await.map(|_| None),
        }
    };
    let outcome = cluster.as_part_of(life, call).await;
    world.note(life, u64::from(number) << 16 | 1, || format!("a user is told of {number}: {}", said(&outcome)));
    let ledger = &cluster.ledger;
    let try_again = match outcome {
        Some(Ok(Some(receipt))) => {
            ledger.answered(number, receipt);
            false
        }
        Some(Ok(None)) => {
            ledger.accepted(number);
            false
        }
        Some(Err(error)) => ledger.failed(number, &error),
        None => {
            ledger.silent(number);
            true
        }
    };
    try_again && want.can_repeat()
}

fn said(outcome: &Option<Result<Option<Receipt>>>) -> String {
    match outcome {
        Some(Ok(Some(receipt))) => format!("done by run {}", receipt.run),
        Some(Ok(None)) => "accepted".to_owned(),
        Some(Err(error)) => format!("{:?}: {}", error.code(), error.message()),
        None => "nothing, the node is dead".to_owned(),
    }
}
