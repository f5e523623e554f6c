use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::codec::BodyIdentity;
use crate::error::{Error, Result};
use crate::runtime::{self, Instant};

use super::super::{Begun, Committed, Held, Mark, MarkName, StoredAnswer, Token, UnitMark};
use super::Limits;

/// All marks of one service.
#[derive(Debug, Default)]
pub(super) struct Marks {
    known: HashMap<MarkName, Record>,
    /// When to look whether a mark can be forgotten; one entry for each.
    forgetting: BinaryHeap<Reverse<(Instant, MarkName)>>,
    answer_bytes: usize,
    last_token: u128,
}

#[derive(Debug)]
struct Record {
    state: State,
    attempts: u32,
    identity: Option<BodyIdentity>,
    /// Until when it is kept, at least; `None`: as long as its dead letter exists.
    keep: Option<Instant>,
    /// Whether `forgetting` has its entry.
    is_watched: bool,
}

#[derive(Debug)]
enum State {
    /// With who put it off, if that was how it became free.
    Free {
        put_off: Option<Token>,
    },
    Busy {
        token: Token,
        until: Instant,
        /// There if somebody waits.
        freed: Option<Arc<Notify>>,
    },
    Done(StoredAnswer),
    /// With who buried it.
    Dead {
        buried: Token,
    },
}

/// What a token is worth.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It holds the mark.
    Held,
    /// It has put the mark off, and nobody has begun it since.
    PutOff,
    /// It has buried the mark.
    Buried,
    /// Nothing.
    Lost,
}

impl Marks {
    /// Begins each, or none where there is no place for all.
    pub(super) fn begin(&mut self, marks: &[Mark], lease: Duration, limits: &Limits) -> Result<Vec<Begun>> {
        let now = runtime::now();
        self.forget(now);
        self.check_room(marks, limits)?;
        Ok(marks.iter().map(|mark| self.begin_one(mark, now, lease)).collect())
    }

    fn begin_one(&mut self, mark: &Mark, now: Instant, lease: Duration) -> Begun {
        let token = self.last_token + 1;
        let record = self.record(mark, now);
        let is_other = record.is_other(mark);
        match &record.state {
            State::Busy { until, .. } if *until > now && is_other => Begun::KeyReused,
            State::Busy { until, .. } if *until > now => Begun::Busy { left: *until - now },
            State::Done(_) if is_other => Begun::KeyReused,
            State::Done(answer) => Begun::Done(answer.clone()),
            State::Dead { .. } if is_other => Begun::KeyReused,
            State::Dead { .. } => Begun::Dead,
            State::Free { .. } | State::Busy { .. } => {
                record.free();
                let until = runtime::later(now, lease);
                record.state = State::Busy { token: Token(Uuid::from_u128(token)), until, freed: None };
                record.attempts = record.attempts.saturating_add(1);
                record.identity = mark.identity;
                record.keep = Some(runtime::later(until, mark.retention));
                let attempt = record.attempts;
                self.last_token = token;
                Begun::New { token: Token(Uuid::from_u128(token)), attempt }
            }
        }
    }

    /// The record of a mark, made if there is none.
    fn record(&mut self, mark: &Mark, now: Instant) -> &mut Record {
        self.known.entry(mark.name.clone()).or_insert_with(|| {
            let keep = runtime::later(now, mark.retention);
            self.forgetting.push(Reverse((keep, mark.name.clone())));
            Record {
                state: State::Free { put_off: None },
                attempts: 0,
                identity: mark.identity,
                keep: Some(keep),
                is_watched: true,
            }
        })
    }

    /// What is left of a mark's lease, and what wakes when it is freed before; `None` if it isn't busy.
    pub(super) fn busy(&mut self, name: &MarkName) -> Option<(Instant, Arc<Notify>)> {
        match &mut self.known.get_mut(name)?.state {
            State::Busy { until, freed, .. } if *until > runtime::now() => {
                Some((*until, freed.get_or_insert_default().clone()))
            }
            _ => None,
        }
    }

    /// Makes a lease longer; whether it is still held.
    pub(super) fn renew(&mut self, held: &Held, lease: Duration) -> bool {
        let now = runtime::now();
        let Some(record) = self.held(held, now) else { return false };
        let latest = runtime::later(now, lease);
        if let State::Busy { until, .. } = &mut record.state {
            *until = latest;
        }
        record.keep = Some(runtime::later(latest, held.mark.retention));
        true
    }

    pub(super) fn abandon(&mut self, held: &Held, counts: bool) {
        let now = runtime::now();
        if let Some(record) = self.held(held, now) {
            record.free();
            record.keep = Some(runtime::later(now, held.mark.retention));
            if !counts {
                record.attempts = record.attempts.saturating_sub(1);
            }
        }
    }

    pub(super) fn standing(&self, held: &Held) -> Standing {
        match self.known.get(&held.mark.name).map(|record| &record.state) {
            Some(State::Busy { token, until, .. }) if *token == held.token && *until > runtime::now() => Standing::Held,
            Some(State::Free { put_off }) if *put_off == Some(held.token) => Standing::PutOff,
            Some(State::Dead { buried }) if *buried == held.token => Standing::Buried,
            _ => Standing::Lost,
        }
    }

    /// Frees what is held, for a run later.
    pub(super) fn put_off(&mut self, held: &Held) {
        let now = runtime::now();
        if let Some(record) = self.held(held, now) {
            record.free();
            record.state = State::Free { put_off: Some(held.token) };
            record.keep = Some(runtime::later(now, held.mark.retention));
        }
    }

    /// Ends what is held, for as long as its dead letter exists.
    pub(super) fn bury(&mut self, held: &Held) {
        if let Some(record) = self.held(held, runtime::now()) {
            record.free();
            record.state = State::Dead { buried: held.token };
            record.keep = None;
        }
    }

    /// The dead letter of this mark is gone, to be replayed: it can be begun as if it never had been.
    pub(super) fn free_again(&mut self, mark: &Mark) {
        if let Some(record) = self.known.get_mut(&mark.name) {
            record.free();
            record.attempts = 0;
        }
        self.expire(mark);
    }

    /// The dead letter of this mark is gone: it is kept for its retention, as others are.
    pub(super) fn expire(&mut self, mark: &Mark) {
        let Some(record) = self.known.get_mut(&mark.name) else { return };
        let keep = runtime::later(runtime::now(), mark.retention);
        record.keep = Some(keep);
        if !record.is_watched {
            record.is_watched = true;
            self.forgetting.push(Reverse((keep, mark.name.clone())));
        }
    }

    /// What forbids a unit of work with this mark, if anything does.
    pub(super) fn check(
        &mut self,
        mark: &UnitMark,
        answer: &StoredAnswer,
        limits: &Limits,
    ) -> Result<Option<Committed>> {
        let now = runtime::now();
        self.forget(now);
        let forbidden = match mark {
            UnitMark::None | UnitMark::Position { .. } => return Ok(None),
            UnitMark::Held(held) => self.check_held(held, now),
            UnitMark::Unclaimed(mark) => self.check_unclaimed(mark, now)?,
        };
        if forbidden.is_some() {
            return Ok(forbidden);
        }
        if let UnitMark::Unclaimed(mark) = mark {
            self.check_room(std::slice::from_ref(mark), limits)?;
        }
        if self.answer_bytes + answer.bytes().len() > limits.answer_bytes {
            return Err(Error::unavailable(format!("the store keeps {} bytes of answers already", self.answer_bytes)));
        }
        Ok(None)
    }

    fn check_held(&self, held: &Held, now: Instant) -> Option<Committed> {
        match self.known.get(&held.mark.name).map(|record| &record.state) {
            Some(State::Busy { token, until, .. }) if *token == held.token && *until > now => None,
            Some(State::Done(answer)) => Some(Committed::DoneBefore(answer.clone())),
            _ => Some(Committed::Lost),
        }
    }

    fn check_unclaimed(&self, mark: &Mark, now: Instant) -> Result<Option<Committed>> {
        let Some(record) = self.known.get(&mark.name) else { return Ok(None) };
        match &record.state {
            State::Done(_) if record.is_other(mark) => {
                Err(Error::key_reused("the idempotency key was used before, for another body"))
            }
            State::Done(answer) => Ok(Some(Committed::DoneBefore(answer.clone()))),
            State::Busy { until, .. } if *until > now => Ok(Some(Committed::Lost)),
            State::Dead { .. } => Ok(Some(Committed::Lost)),
            State::Busy { .. } | State::Free { .. } => Ok(None),
        }
    }

    /// Marks as done what was checked.
    pub(super) fn done(&mut self, mark: UnitMark, answer: StoredAnswer) {
        let mark = match mark {
            UnitMark::None | UnitMark::Position { .. } => return,
            UnitMark::Held(held) => held.mark,
            UnitMark::Unclaimed(mark) => mark,
        };
        self.answer_bytes += answer.bytes().len();
        let now = runtime::now();
        let record = self.record(&mark, now);
        record.free();
        record.state = State::Done(answer);
        record.identity = mark.identity;
        record.keep = Some(runtime::later(now, mark.retention));
    }

    /// The record of what is held, if it still is.
    fn held(&mut self, held: &Held, now: Instant) -> Option<&mut Record> {
        let record = self.known.get_mut(&held.mark.name)?;
        match record.state {
            State::Busy { token, until, .. } if token == held.token && until > now => Some(record),
            _ => None,
        }
    }

    fn check_room(&self, marks: &[Mark], limits: &Limits) -> Result<()> {
        if self.known.len() + marks.len() <= limits.marks {
            return Ok(());
        }
        let unknown = marks.iter().filter(|mark| !self.known.contains_key(&mark.name)).count();
        if unknown == 0 || self.known.len() + unknown <= limits.marks {
            return Ok(());
        }
        Err(Error::unavailable(format!("the store keeps {} marks, which is as many as it may", self.known.len())))
    }

    /// Forgets what needn't be kept any longer.
    fn forget(&mut self, now: Instant) {
        while let Some(Reverse((due, _))) = self.forgetting.peek()
            && *due <= now
            && let Some(Reverse((_, name))) = self.forgetting.pop()
        {
            let Some(record) = self.known.get_mut(&name) else { continue };
            match record.keep {
                Some(keep) if keep > now => self.forgetting.push(Reverse((keep, name))),
                Some(_) => self.remove(&name),
                None => record.is_watched = false,
            }
        }
    }

    fn remove(&mut self, name: &MarkName) {
        if let Some(Record { state: State::Done(answer), .. }) = self.known.remove(name) {
            self.answer_bytes -= answer.bytes().len();
        }
    }
}

impl Record {
    /// Whether it stands for another body.
    fn is_other(&self, mark: &Mark) -> bool {
        matches!((self.identity, mark.identity), (Some(one), Some(other)) if one != other)
    }

    /// Makes it free and wakes who waits for that.
    fn free(&mut self) {
        if let State::Busy { freed: Some(freed), .. } = &self.state {
            freed.notify_waiters();
        }
        self.state = State::Free { put_off: None };
    }
}
