use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use catga_core::context::Context;
use catga_core::handler::Registration;
use catga_core::persistence::{Documents, DocumentsView};
use catga_core::{Error, FromNode, Result, handler, handlers, runtime};
use futures_util::future::join;

use super::Ledger;
use super::messages::{
    Account, All, AuditBank, AuditShop, Balance, Charge, Charged, Deposit, Deposited, Effect, Entry, FollowUp, Noticed,
    Number, PARTS, Plan, Purchase, Receipt, Ring,
};
use crate::world::{Life, World};

/// The handlers of the service `shop`.
pub(crate) fn shop() -> impl IntoIterator<Item = &'static Registration> {
    handlers![
        deposit,
        follow_up,
        purchase,
        resume_notices,
        balance,
        audit_shop,
        tally_deposits,
        tally_notices,
        view_deposits,
        view_notices,
        watch_notices
    ]
}

/// The handlers of the service `bank`.
pub(crate) fn bank() -> impl IntoIterator<Item = &'static Registration> {
    handlers![charge, audit_bank, tally_deposits, tally_notices, view_notices]
}

/// The handlers of the service `desk`, whose nodes have no persistence.
pub(crate) fn desk() -> impl IntoIterator<Item = &'static Registration> {
    handlers![ring]
}

/// What one life of a node has seen of the events that every node gets.
pub(crate) struct View {
    pub(crate) world: Arc<World>,
    pub(crate) life: Life,
    /// Whether it lives since before the first message.
    pub(crate) is_from_the_start: bool,
    replayed: Mutex<BTreeSet<Number>>,
    watched: Mutex<BTreeSet<Number>>,
}

impl View {
    pub(crate) fn new(world: &Arc<World>, life: Life, is_from_the_start: bool) -> Self {
        let (replayed, watched) = Default::default();
        Self { world: world.clone(), life, is_from_the_start, replayed, watched }
    }

    /// What its handlers with `replay` have seen.
    pub(crate) fn replayed(&self) -> BTreeSet<Number> {
        self.replayed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What its plain handlers have seen.
    pub(crate) fn watched(&self) -> BTreeSet<Number> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, cx: &Context, number: Number) {
        // The id is made when it is asked for: also where nobody reads the text.
        let (handler, attempt, id) = (cx.handler(), cx.attempt(), cx.message_id());
        self.world.note(self.life, u64::from(number) << 8 | u64::from(attempt), || {
            format!("{handler} runs for {number}, attempt {attempt}, message {id}")
        });
    }

    fn replays(&self, cx: &Context, number: Number) {
        self.note(cx, number);
        self.replayed.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
    }

    fn watches(&self, cx: &Context, number: Number) {
        self.note(cx, number);
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
    }
}

/// Counts what handlers do where it can be counted from outside: in documents.
#[derive(FromNode)]
pub(crate) struct Counting {
    effects: Documents<Effect>,
    entries: Documents<Entry>,
    ledger: Arc<Ledger>,
    view: Arc<View>,
}

impl Counting {
    /// Writes that this handler did its work for this number, once more; which run it was.
    async fn count(&self, cx: &Context, scope: &str, number: Number, plan: Plan) -> Result<Receipt> {
        self.view.note(cx, number);
        let run = self.ledger.next_run();
        let key = format!("{scope}/{number}");
        match self.effects.get(cx, &key).await? {
            None => self.effects.insert(cx, &Effect { key: key.clone(), count: 1, run })?,
            Some(effect) => self.effects.update(cx, &Effect { count: effect.count + 1, run, ..effect })?,
        }
        self.entries.insert(cx, &Entry { key: format!("{key}/{run}") })?;
        if plan.takes > 0 {
            runtime::sleep(Duration::from_millis(plan.takes.into())).await;
        }
        Ok(Receipt { number, run })
    }

    fn end(&self, cx: &Context, plan: Plan) -> Result<()> {
        end(cx, plan, self.ledger.is_mended())
    }
}

/// Fails where the plan says so, after all was written. What refuses does so until the operator has mended it.
fn end(cx: &Context, plan: Plan, is_mended: bool) -> Result<()> {
    if plan.refuses && !is_mended {
        return Err(Error::validation(PLANNED));
    }
    if cx.attempt() > plan.fails.into() {
        return Ok(());
    }
    if plan.panics {
        std::panic::panic_any(PLANNED);
    }
    Err(Error::internal(PLANNED).retryable(true))
}

/// How a failure begins that is no mistake.
pub(super) const PLANNED: &str = "planned";

/// Lets panics that are no mistake say nothing.
pub(crate) fn silence_planned_panics() {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref::<&str>().is_none_or(|said| *said != PLANNED) {
            others(panic);
        }
    }));
}

#[handler(unlinked)]
async fn deposit(cmd: Deposit, counting: &Counting, accounts: &Documents<Account>, cx: &Context) -> Result<Receipt> {
    let Deposit { number, account, plan } = cmd;
    match accounts.get(cx, &account).await? {
        None => accounts.insert(cx, &Account { id: account, balance: u64::from(number) })?,
        Some(Account { id, balance }) => {
            accounts.update(cx, &Account { id, balance: balance + u64::from(number) })?;
        }
    }
    let receipt = counting.count(cx, "deposit", number, plan).await?;
    if plan.publishes {
        cx.publish(Deposited { number, plan: Plan { refuses: false, ..plan } })?;
    }
    if plan.enqueues {
        cx.enqueue(FollowUp { number, plan: Plan { refuses: false, ..plan } })?;
    }
    counting.end(cx, plan)?;
    Ok(receipt)
}

/// Sends its commands in another order each time, one before the others and those side by side.
#[handler(unlinked)]
async fn purchase(cmd: Purchase, counting: &Counting, cx: &Context) -> Result<Receipt> {
    let Purchase { number, plan } = cmd;
    let part = |nth: u32| ((cx.attempt() + nth) % u32::from(PARTS)) as u8;
    let charge = async |part: u8| -> Result<()> {
        let plan = Plan { takes: plan.takes / 4, ..Plan::default() };
        let charged = cx.send(Charge { number, part, plan }).await?;
        counting.ledger.charged(number, part, charged);
        Ok(())
    };
    charge(part(0)).await?;
    let (one, other) = join(charge(part(1)), charge(part(2))).await;
    one?;
    other?;
    let receipt = counting.count(cx, "purchase", number, plan).await?;
    counting.end(cx, plan)?;
    Ok(receipt)
}

#[handler(unlinked)]
async fn charge(cmd: Charge, counting: &Counting, cx: &Context) -> Result<Charged> {
    let Charge { number, part, plan } = cmd;
    let Receipt { run, .. } = counting.count(cx, &format!("charge-{part}"), number, plan).await?;
    Ok(Charged { number, part, run })
}

/// Can be counted only while it runs.
#[handler(unlinked)]
async fn ring(cmd: Ring, ledger: &Ledger, view: &View, cx: &Context) -> Result<Receipt> {
    let Ring { number, plan } = cmd;
    view.note(cx, number);
    ledger.rang(number);
    runtime::sleep(Duration::from_millis(plan.takes.into())).await;
    Ok(Receipt { number, run: 0 })
}

/// Counts for each node what it has seen, by its position.
#[handler(unlinked, resume)]
async fn resume_notices(event: Noticed, counting: &Counting, cx: &Context) -> Result<()> {
    counting.count(cx, &format!("resumed by {}", cx.node()), event.number, Plan::default()).await?;
    counting.end(cx, event.plan)
}

#[handler(unlinked)]
async fn follow_up(cmd: FollowUp, counting: &Counting, cx: &Context) -> Result<Receipt> {
    let receipt = counting.count(cx, "follow-up", cmd.number, cmd.plan).await?;
    counting.end(cx, cmd.plan)?;
    Ok(receipt)
}

#[handler(unlinked)]
async fn balance(query: Balance, accounts: &DocumentsView<Account>) -> Result<u64> {
    Ok(accounts.get(&query.account).await?.map_or(0, |account| account.balance))
}

/// Reads what handlers have stored.
#[derive(FromNode)]
pub(crate) struct Auditing {
    effects: DocumentsView<Effect>,
    entries: DocumentsView<Entry>,
    accounts: DocumentsView<Account>,
}

impl Auditing {
    async fn all(&self) -> Result<All> {
        Ok(All {
            effects: self.effects.list("", None, MOST).await?.documents,
            entries: self.entries.list("", None, MOST).await?.documents,
            accounts: self.accounts.list("", None, MOST).await?.documents,
        })
    }
}

/// More than a seed can make.
const MOST: usize = 1000;

#[handler(unlinked)]
async fn audit_shop(_: AuditShop, auditing: &Auditing) -> Result<All> {
    auditing.all().await
}

#[handler(unlinked)]
async fn audit_bank(_: AuditBank, auditing: &Auditing) -> Result<All> {
    auditing.all().await
}

#[handler(unlinked, once_per = "service")]
async fn tally_deposits(event: Deposited, counting: &Counting, cx: &Context) -> Result<()> {
    counting.count(cx, "tally", event.number, event.plan).await?;
    counting.end(cx, event.plan)
}

#[handler(unlinked, once_per = "service")]
async fn tally_notices(event: Noticed, counting: &Counting, cx: &Context) -> Result<()> {
    counting.count(cx, "tally", event.number, event.plan).await?;
    counting.end(cx, event.plan)
}

#[handler(unlinked, replay)]
async fn view_deposits(event: Deposited, view: &View, cx: &Context) -> Result<()> {
    end(cx, event.plan, false)?;
    view.replays(cx, event.number);
    Ok(())
}

#[handler(unlinked, replay)]
async fn view_notices(event: Noticed, view: &View, cx: &Context) -> Result<()> {
    end(cx, event.plan, false)?;
    view.replays(cx, event.number);
    Ok(())
}

#[handler(unlinked)]
async fn watch_notices(event: Noticed, view: &View, cx: &Context) -> Result<()> {
    end(cx, event.plan, false)?;
    view.watches(cx, event.number);
    Ok(())
}
