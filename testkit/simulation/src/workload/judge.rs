use std::collections::{BTreeMap, BTreeSet};

use catga_core::codec::{BodyLimit, Codec};
use catga_core::persistence::{Document, Listing, Persistence};
use catga_core::{Result, Schema};

use super::ledger::Told;
use super::messages::{Account, Effect, Entry, Number};
use super::users::{Intent, Want};
use crate::cluster::Cluster;

/// All that is stored of one service.
struct Books {
    service: &'static str,
    effects: BTreeMap<String, Effect>,
    /// How many runs wrote an entry, by what they did.
    entries: BTreeMap<String, u32>,
    accounts: BTreeMap<u8, u64>,
}

impl Books {
    async fn read(cluster: &Cluster, service: &'static str) -> Result<Self> {
        let mut entries = BTreeMap::new();
        for entry in documents::<Entry>(cluster, service).await? {
            if let Some((key, _run)) = entry.key.rsplit_once('/') {
                *entries.entry(key.to_owned()).or_default() += 1;
            }
        }
        let effects = documents::<Effect>(cluster, service).await?;
        let accounts = documents::<Account>(cluster, service).await?;
        Ok(Self {
            service,
            effects: effects.into_iter().map(|effect| (effect.key.clone(), effect)).collect(),
            entries,
            accounts: accounts.into_iter().map(|account| (account.id, account.balance)).collect(),
        })
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
        count > 0
    }
}

async fn documents<D: Document + Schema>(cluster: &Cluster, service: &str) -> Result<Vec<D>> {
    let store = cluster.server.inner.open("default", service).await?;
    let listed = store.list(D::NAME, Listing { limit: 100_000, ..Listing::default() }).await?;
    let decode = |body: &[u8]| Codec::MessagePack.decode(D::NAME, body, BodyLimit::default());
    listed.documents.iter().map(|(_, stored)| decode(&stored.body)).collect()
}

/// What is wrong, now that all is quiet.
pub(crate) async fn judge(cluster: &Cluster, intents: &[Intent]) -> Result<Vec<String>> {
    let (shop, bank) = (Books::read(cluster, "shop").await?, Books::read(cluster, "bank").await?);
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
        if !reason.contains(super::handlers::PLANNED) {
            case.violations.push(format!("nothing lost: {} {} was given up: {reason}", envelope.name, envelope.id));
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
        if is_certain && !is_done {
            self.violates("nothing lost", number, "was accepted, and nothing was done");
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
