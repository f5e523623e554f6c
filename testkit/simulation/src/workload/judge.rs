use std::collections::{BTreeMap, BTreeSet};

use catga_core::codec::BodyLimit;
use catga_core::persistence::{DeadLetter, Letters, Persistence};
use catga_core::{Result, Schema};
use serde::Deserialize;

use super::ledger::Told;
use super::messages::{All, AuditBank, AuditShop, Effect, Number};
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
        let Numbered { number } = envelope.codec.decode(&envelope.name, &envelope.body, BodyLimit::default())?;
        let scope = match &*envelope.name {
            "Deposit" => "deposit",
            "FollowUp" => "follow-up",
            _ => "tally",
        };
        letters.insert(format!("{scope}/{number}"), letter);
    }
    Ok(letters)
}

/// What is wrong, now that all is quiet.
pub(crate) async fn judge(cluster: &Cluster, intents: &[Intent]) -> Result<Vec<String>> {
    let shop = cluster.node_of("shop")?.send(AuditShop).await?;
    let shop = Books::new("shop", shop, letters(cluster, "shop").await?);
    let bank = cluster.node_of("bank")?.send(AuditBank).await?;
    let bank = Books::new("bank", bank, letters(cluster, "bank").await?);
    let mut case = Case { told: cluster.ledger.all(), shop, bank, violations: Vec::new(), events: BTreeSet::new() };
    let mut balances = BTreeMap::new();
    for intent in intents {
        match intent.want {
            Want::Ask => (),
            Want::Publish => case.judge_notice(intent),
            Want::Send | Want::SendBalanced | Want::Enqueue => {
                if case.judge_deposit(intent) {
                    *balances.entry(intent.account).or_insert(0) += u64::from(intent.number);
                }
            }
        }
    }
    if balances != case.shop.accounts {
        let stored = &case.shop.accounts;
        case.violations.push(format!("no lost update: the accounts are {stored:?}, what was done makes {balances:?}"));
    }
    case.judge_views(cluster);
    for given_up in cluster.broker.given_up() {
        let (envelope, reason) = (given_up.envelope, given_up.reason);
        case.violations.push(format!("nothing lost: {} {} was given up: {reason}", envelope.name, envelope.id));
    }
    for (key, letter) in case.shop.letters.iter().chain(&case.bank.letters) {
        if !letter.error().message().contains(super::handlers::PLANNED) {
            let (envelope, error) = (&letter.envelope, letter.error());
            case.violations.push(format!("only what fails is dead: {key} {} is a dead letter: {error}", envelope.id));
        }
    }
    Ok(case.violations)
}

struct Case {
    told: BTreeMap<Number, Told>,
    shop: Books,
    bank: Books,
    violations: Vec<String>,
    /// The notices and deposits that were published.
    events: BTreeSet<Number>,
}

impl Case {
    fn violates(&mut self, promise: &str, number: Number, what: &str) {
        let told = self.told.get(&number);
        self.violations.push(format!("{promise}: {number} {what}; its user was told {told:?}"));
    }

    /// Whether it was done.
    fn judge_deposit(&mut self, intent: &Intent) -> bool {
        let (number, plan) = (intent.number, intent.plan);
        let told = self.told.get(&number).cloned().unwrap_or_default();
        let is_done = self.shop.count("deposit", number, &mut self.violations);
        if plan.refuses && is_done {
            self.violates("nothing from an error", number, "was refused by its handler, and left something");
        }
        let is_certain = told.is_accepted && !plan.refuses;
        let is_dead = self.shop.letters.contains_key(&format!("deposit/{number}"));
        if is_certain && !is_done && !is_dead {
            self.violates("nothing lost", number, "was accepted, and nothing was done");
        }
        if plan.refuses && told.is_accepted && !is_dead {
            self.violates("nothing lost", number, "was accepted and failed, and isn't a dead letter");
        }
        if !told.is_accepted && !told.is_unknown && is_done {
            self.violates("errors are true", number, "was refused, and was done");
        }
        let run = self.shop.effects.get(&format!("deposit/{number}")).map(|effect| effect.run);
        if told.receipts.iter().any(|receipt| receipt.number != number || Some(receipt.run) != run) {
            self.violates(
                "the answer is that of the run that was committed",
                number,
                &format!("was done by run {run:?}"),
            );
        }
        let followed = self.shop.count("follow-up", number, &mut self.violations);
        if followed != (is_done && plan.enqueues) {
            self.violates("what is put out leaves if it was committed", number, "and its follow-up differ");
        }
        self.judge_event(number, is_done && plan.publishes);
        is_done
    }

    fn judge_notice(&mut self, intent: &Intent) {
        let number = intent.number;
        let told = self.told.get(&number).cloned().unwrap_or_default();
        let is_done = self.shop.effects.contains_key(&format!("tally/{number}"));
        if told.is_accepted && !is_done {
            self.violates("nothing lost", number, "was published, and not tallied");
        }
        if !told.is_accepted && !told.is_unknown && is_done {
            self.violates("errors are true", number, "was refused, and was published");
        }
        self.judge_event(number, is_done);
    }

    /// Each service has tallied it once, if it was published.
    fn judge_event(&mut self, number: Number, is_published: bool) {
        for tallied in [
            self.shop.count("tally", number, &mut self.violations),
            self.bank.count("tally", number, &mut self.violations),
        ] {
            if tallied != is_published {
                let what = format!("published: {is_published}, tallied: {tallied}");
                self.violates("what is published leaves if it was committed, to every subscription", number, &what);
            }
        }
        if is_published {
            self.events.insert(number);
        }
    }

    fn judge_views(&mut self, cluster: &Cluster) {
        for (service, view) in cluster.views() {
            let is_notice = |number: &&Number| !self.shop.effects.contains_key(&format!("deposit/{number}"));
            let notices: BTreeSet<_> = self.events.iter().filter(is_notice).copied().collect();
            let wanted = if service == "shop" { &self.events } else { &notices };
            let life = view.life.0;
            if view.replayed() != *wanted {
                let (has, wanted) = (view.replayed(), wanted.clone());
                self.violations
                    .push(format!("views converge: that of #{life} has {has:?}, and {wanted:?} were published"));
            }
            let missed = notices.difference(&view.watched()).copied().collect::<Vec<_>>();
            if service == "shop" && view.is_from_the_start && !missed.is_empty() {
                self.violations.push(format!("plain handlers see all: #{life} never saw {missed:?}"));
            }
        }
    }
}
