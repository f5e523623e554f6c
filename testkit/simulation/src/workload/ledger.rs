use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use catga_core::{Code, Error};

use super::handlers::PLANNED;
use super::messages::{Charged, Number, Receipt};

/// What the users were told.
#[derive(Default)]
pub(crate) struct Ledger {
    runs: AtomicU64,
    told: Mutex<BTreeMap<Number, Told>>,
    /// The answers that handlers got to the commands that they sent.
    charged: Mutex<BTreeMap<(Number, u8), Charged>>,
    rang: Mutex<BTreeSet<Number>>,
    /// What was wrong at once.
    strange: Mutex<Vec<String>>,
    /// Whether the operator has mended what made handlers refuse.
    is_mended: AtomicBool,
}

/// What was told of one intent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Whether somebody was told that it is done, or will be.
    pub(crate) is_accepted: bool,
    /// Whether somebody was told nothing, or that nothing is known.
    pub(crate) is_unknown: bool,
    pub(crate) receipts: Vec<Receipt>,
    /// The errors that said for sure that nothing was done.
    pub(crate) refusals: Vec<String>,
}

impl Ledger {
    /// The number of the next run of any handler.
    pub(super) fn next_run(&self) -> u64 {
        self.runs.fetch_add(1, Ordering::Relaxed)
    }

    /// From now on no handler refuses what its plan refuses.
    pub(crate) fn mend(&self) {
        self.is_mended.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_mended(&self) -> bool {
        self.is_mended.load(Ordering::Relaxed)
    }

    /// A handler got an answer to a command that it sent: the same as any run of it before.
    pub(super) fn charged(&self, number: Number, part: u8, answer: Charged) {
        let first = *lock(&self.charged).entry((number, part)).or_insert(answer);
        if first != answer || (answer.number, answer.part) != (number, part) {
            let what =
                format!("children get their first answers: {number}, part {part}, got {answer:?}, before {first:?}");
            lock(&self.strange).push(what);
        }
    }

    /// A handler runs whose node remembers nothing.
    pub(super) fn rang(&self, number: Number) {
        if !lock(&self.rang).insert(number) {
            lock(&self.strange).push(format!("what isn't remembered isn't repeated: {number} runs once more"));
        }
    }

    /// What was wrong at once.
    pub(super) fn strange(&self) -> Vec<String> {
        lock(&self.strange).clone()
    }

    fn told_of(&self) -> MutexGuard<'_, BTreeMap<Number, Told>> {
        lock(&self.told)
    }

    /// All that was told.
    pub(crate) fn all(&self) -> BTreeMap<Number, Told> {
        self.told_of().clone()
    }

    /// A user got an answer.
    pub(super) fn answered(&self, number: Number, receipt: Receipt) {
        let mut told = self.told_of();
        let told = told.entry(number).or_default();
        told.is_accepted = true;
        told.receipts.push(receipt);
    }

    /// A message was taken for later.
    pub(super) fn accepted(&self, number: Number) {
        self.told_of().entry(number).or_default().is_accepted = true;
    }

    /// A user got an error; whether it is worth trying again.
    pub(super) fn failed(&self, number: Number, error: &Error) -> bool {
        let mut told = self.told_of();
        let told = told.entry(number).or_default();
        match error.code() {
            Code::OutcomeUnknown => {
                told.is_unknown = true;
                true
            }
            // The handler said so itself, after all it did.
            _ if error.message().contains(PLANNED) => {
                told.refusals.push(error.to_string());
                false
            }
            _ => {
                told.refusals.push(error.to_string());
                true
            }
        }
    }

    /// A user heard nothing: the node that it asked is gone.
    pub(super) fn silent(&self, number: Number) {
        self.told_of().entry(number).or_default().is_unknown = true;
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
