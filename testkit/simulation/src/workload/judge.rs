use std::collections::{BTreeMap, BTreeSet};

use catga_core::codec::BodyLimit;
use catga_core::envelope::Envelope;
use catga_core::persistence::{DeadLetter, Letters, Persistence};
use catga_core::{Result, Schema};
use serde::Deserialize;

use super::ledger::Told;
use super::messages::{All, AuditBank, AuditShop, Effect, Number, PARTS};
use super::users::{Intent, Want};
use crate::cluster::Cluster;

/// All that is stored of one service.
struct Books {
    service: &'static str,
    effects: BTreeMap<String, Effect>,
    /// How many runs wrote an entry, by what they did.
    entries: BTreeMap<String, u32>,
    accounts: BTreeMap<u8, u64>,
    /// What was given up, by what would have been done.
    letters: BTreeMap<String, DeadLetter>,
}

/// What all messages have that are stored.
#[derive(Deserialize, Schema)]
struct Numbered {
    number: Number,
}

impl Books {
    fn new(service: &'static str, all: All, letters: BTreeMap<String, DeadLetter>) -> Self {
        let All { effects, entries, accounts } = all;
        let mut count_of = BTreeMap::new();
        for entry in entries {
            if let Some((key, _run)) = entry.key.rsplit_once('/') {
                *count_of.entry(key.to_owned()).or_default() += 1;
            }
        }
        Self {
            service,
            effects: effects.into_iter().map(|effect| (effect.key.clone(), effect)).collect(),
            entries: count_of,
            accounts: accounts.into_iter().map(|account| (account.id, account.balance)).collect(),
            letters,
        }
    }

    /// How often this was done; more than once is a violation.
    fn count(&self, scope: &str, number: Number, violations: &mut Vec<String>) -> bool {
        let key = format!("{scope}/{number}");
        let count = self.effects.get(&key).map_or(0, |effect| effect.count);
        let entries = self.entries.get(&key).copied().unwrap_or(0);
        if count > 1 || entries != count {
            violations.push(format!(
                "effect once: {key} in {} was done {count} times, and left {entries} entries",
                self.service
            ));
        }
        if let Some(letter) = self.letters.get(&key)
            && count > 0
        {
            let cause = letter.error();
            violations.push(format!("done or dead: {key} in {} was done, and is a dead letter: {cause}", self.service));
        }
        count > 0
    }
}

/// The dead letters of one service, but those of handlers that leave no effect.
async fn letters(cluster: &Cluster, service: &str) -> Result<BTreeMap<String, DeadLetter>> {
    let store = cluster.server.inner.open("default", service).await?;
    let page = store.letters(&Letters { limit: 100_000, ..Letters::default() }).await?;
    let mut letters = BTreeMap::new();
    for letter in page.letters {
        let envelope = &letter.envelope;
        let number = number_of(envelope)?;
        let scope = match &*envelope.name {
            "Deposit" => "deposit",
            "FollowUp" => "follow-up",
            "Purchase" => "purchase",
            _ => "tally",
        };
        letters.insert(format!("{scope}/{number}"), letter);
    }
    Ok(letters)
}

/// After how many attempts a message is given up by the policy that is built in.
const ATTEMPTS: u32 = 10;

fn number_of(envelope: &Envelope) -> Result<Number> {
    let Numbered { number } = envelope.codec.decode(&envelope.name, &envelope.body, BodyLimit::default())?;
    Ok(number)
}

/// What is wrong, now that all is quiet. What refused its message does so no longer when `is_mended`, and was replayed.
pub(crate) async fn judge(cluster: &Cluster, intents: &[Intent], is_mended: bool) -> Result<Vec<String>> {
    let shop = cluster.node_of("shop")?.1.send(AuditShop).await?;
    let shop = Books::new("shop", shop, letters(cluster, "shop").await?);
    let bank = cluster.node_of("bank")?.1.send(AuditBank).await?;
    let bank = Books::new("bank", bank, letters(cluster, "bank").await?);
    let (told, violations) = (cluster.ledger.all(), cluster.ledger.strange());
    let mut copies = BTreeMap::new();
    for copy in cluster.broker.stored_twice().iter().filter(|copy| copy.name == "Noticed") {
        *copies.entry(number_of(copy)?).or_default() += 1;
    }
    let mut case =
        Case { told, shop, bank, is_mended, violations, events: BTreeSet::new(), notices: BTreeSet::new(), copies };
    let mut balances = BTreeMap::new();
    for intent in intents {
        match intent.want.scope() {
            Some(scope) => {
                let is_done = case.judge_command(intent, scope);
                if scope == "purchase" {
                    case.judge_charges(intent.number, is_done);
                } else {
                    case.judge_deposit(intent, is_done);
                    if is_done {
                        *balances.entry(intent.account).or_insert(0) += u64::from(intent.number);
                    }
                }
            }
            None if intent.want == Want::Publish => case.judge_notice(intent.number),
            None => (),
        }
    }
    if balances != case.shop.accounts {
        let stored = &case.shop.accounts;
        case.violations.push(format!("no lost update: the accounts are {stored:?}, what was done makes {balances:?}"));
    }
    case.judge_views(cluster);
    case.judge_letters(cluster);
    Ok(case.violations)
}

struct Case {
    told: BTreeMap<Number, Told>,
    shop: Books,
    bank: Books,
    is_mended: bool,
    violations: Vec<String>,
    /// The notices and deposits that were published.
    events: BTreeSet<Number>,
    /// The notices among them.
    notices: BTreeSet<Number>,
    /// How often the broker stored a notice once more.
    copies: BTreeMap<Number, u32>,
}

impl Case {
    fn violates(&mut self, promise: &str, number: Number, what: &str) {
        let told = self.told.get(&number);
        self.violations.push(format!("{promise}: {number} {what}; its user was told {told:?}"));
    }

    /// Whether a command was done.
    fn judge_command(&mut self, intent: &Intent, scope: &str) -> bool {
        let (number, plan) = (intent.number, intent.plan);
        let told = self.told.get(&number).cloned().unwrap_or_default();
        let key = format!("{scope}/{number}");
        let is_done = self.shop.count(scope, number, &mut self.violations);
        let is_dead = self.shop.letters.contains_key(&key);
        let is_refused = plan.refuses && !(self.is_mended && intent.want.is_stored());
        if is_refused && is_done {
            self.violates("nothing from an error", number, "was refused by its handler, and left something");
        }
        if told.is_accepted && !is_done && !is_dead {
            self.violates("nothing lost", number, "was accepted, nothing was done, and it isn't a dead letter");
        }
        if !told.is_accepted && !told.is_unknown && is_done {
            self.violates("errors are true", number, "was refused, and was done");
        }
        let run = self.shop.effects.get(&key).map(|effect| effect.run);
        if told.receipts.iter().any(|receipt| receipt.number != number || Some(receipt.run) != run) {
            let what = format!("was done by run {run:?}");
            self.violates("the answer is that of the run that was committed", number, &what);
        }
        is_done
    }

    /// What a deposit puts out has left if it was done.
    fn judge_deposit(&mut self, intent: &Intent, is_done: bool) {
        let (number, plan) = (intent.number, intent.plan);
        let followed = self.shop.count("follow-up", number, &mut self.violations);
        if followed != (is_done && plan.enqueues) {
            self.violates("what is put out leaves if it was committed", number, "and its follow-up differ");
        }
        self.judge_event(number, is_done && plan.publishes);
    }

    /// What a purchase sent was done once, and all of it if the purchase was done.
    fn judge_charges(&mut self, number: Number, is_done: bool) {
        for part in 0..PARTS {
            let is_charged = self.bank.count(&format!("charge-{part}"), number, &mut self.violations);
            if is_done && !is_charged {
                self.violates("children are done", number, &format!("was done without its part {part}"));
            }
        }
    }

    fn judge_notice(&mut self, number: Number) {
        let told = self.told.get(&number).cloned().unwrap_or_default();
        let is_done = self.shop.effects.contains_key(&format!("tally/{number}"));
        if told.is_accepted && !is_done {
            self.violates("nothing lost", number, "was published, and not tallied");
        }
        if !told.is_accepted && !told.is_unknown && is_done {
            self.violates("errors are true", number, "was refused, and was published");
        }
        self.judge_event(number, is_done);
        if is_done {
            self.notices.insert(number);
        }
    }

    /// Each service has tallied it once, if it was published.
    fn judge_event(&mut self, number: Number, is_published: bool) {
        for tallied in [
            self.shop.count("tally", number, &mut self.violations),
            self.bank.count("tally", number, &mut self.violations),
        ] {
            if tallied != is_published {
                let what = format!("published: {is_published}, tallied: {tallied}");
                let promise = "what is published leaves if it was committed, to every subscription";
                self.violates(promise, number, &what);
            }
        }
        if is_published {
            self.events.insert(number);
        }
    }

    /// Each node has seen what each node should.
    fn judge_views(&mut self, cluster: &Cluster) {
        for (service, name, view) in cluster.views() {
            if service == "desk" {
                continue;
            }
            let life = view.life.0;
            let (has, wanted) = (view.replayed(), if service == "shop" { &self.events } else { &self.notices });
            if has != *wanted {
                let what = format!("views converge: that of #{life} has {has:?}, and {wanted:?} were published");
                self.violations.push(what);
            }
            if service != "shop" {
                continue;
            }
            let missed = self.notices.difference(&view.watched()).copied().collect::<Vec<_>>();
            if view.is_from_the_start && !missed.is_empty() {
                self.violations.push(format!("plain handlers see all: #{life} never saw {missed:?}"));
            }
            for number in self.notices.clone() {
                self.judge_resumed(&name, number);
            }
        }
    }

    /// What resumes sees each event once, by its place in the stream: a copy that the broker took for another event counts as one.
    fn judge_resumed(&mut self, node: &str, number: Number) {
        let copies = self.copies.get(&number).copied().unwrap_or_default();
        let key = format!("resumed by {node}/{number}");
        let count = self.shop.effects.get(&key).map_or(0, |effect| effect.count);
        if !(1..=1 + copies).contains(&count) {
            let what = format!("was done {count} times by {node}, and stored {copies} times more than once");
            self.violates("what resumes sees all, and each event once", number, &what);
        }
    }

    /// What was given up is kept, and only what failed is.
    fn judge_letters(&mut self, cluster: &Cluster) {
        for given_up in cluster.broker.given_up() {
            let (envelope, reason) = (given_up.envelope, given_up.reason);
            let what = format!("nothing lost: {} {} was given up: {reason}", envelope.name, envelope.id);
            self.violations.push(what);
        }
        for (key, letter) in self.shop.letters.iter().chain(&self.bank.letters) {
            let (id, error) = (letter.envelope.id, letter.error());
            let is_exhausted = letter.attempts >= ATTEMPTS && error.can_retry();
            if !is_exhausted && !error.message().contains(super::handlers::PLANNED) {
                let what =
                    format!("only what fails is dead: {key} {id} is dead after {} attempts: {error}", letter.attempts);
                self.violations.push(what);
            } else if self.is_mended {
                self.violations.push(format!("what is replayed is gone: {key} {id} is still a dead letter: {error}"));
            }
        }
    }
}
