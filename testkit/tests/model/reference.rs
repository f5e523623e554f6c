use std::collections::{BTreeMap, BTreeSet};

use super::{MarkOf, Step, WriteOf, picked};

/// How long leases last, in milliseconds.
pub(crate) const LEASE: u64 = 3_000;
/// How many messages the outbox holds.
pub(crate) const OUTBOX: usize = 6;
/// How many letters are kept.
pub(crate) const LETTERS: usize = 2;

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// There was nothing to call it with, or it says nothing.
    Nothing,
    Is(bool),
    New(u32),
    Busy(u64),
    Done(u8),
    Dead,
    Committed,
    Moved,
    Lost,
    Conflict,
    OutboxFull,
    Full,
    Position(Option<u64>),
}

/// All that is stored. Marks, keys, messages and so on are numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    now: u64,
    marks: BTreeMap<u8, Mark>,
    /// Each mark that was begun, and how many were begun before: what a token stands for.
    holds: Vec<(u8, usize)>,
    pub(crate) documents: BTreeMap<u8, (u64, u8)>,
    revisions: u64,
    seen: Vec<(u8, u64)>,
    units: Vec<Option<bool>>,
    pub(crate) outbox: Vec<u64>,
    put_off: BTreeSet<(u64, u64)>,
    pub(crate) messages: u64,
    pub(crate) relay: Option<(u8, u64)>,
    /// The letters in their order: of which mark, which burial, and whether the mark was ended with it.
    pub(crate) letters: Vec<(u8, u32, bool)>,
    burials: u32,
    pub(crate) decisions: usize,
    takes: usize,
    position: Option<u64>,
    positions: u64,
    pub(crate) paused: BTreeSet<u8>,
    /// What the last step came to.
    pub(crate) outcome: Option<Outcome>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    state: State,
    attempts: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Free,
    PutOff(usize),
    Busy(usize, u64),
    Done(u8),
    Dead(usize),
}

impl Model {
    pub(crate) fn after(mut self, step: &Step) -> Self {
        if let Step::Pass(time) = step {
            self.now += time;
        }
        self.due();
        self.outcome = Some(self.step(step));
        self.due();
        self
    }

    pub(crate) fn has_outbox(&self, relay: u8) -> bool {
        self.relay.is_some_and(|(holder, until)| holder == relay && until > self.now)
    }

    pub(crate) fn in_outbox(&self) -> usize {
        self.outbox.len() + self.put_off.len()
    }

    fn step(&mut self, step: &Step) -> Outcome {
        match *step {
            Step::Pass(_) => Outcome::Nothing,
            Step::Begin(mark) => self.begin(mark),
            Step::Renew(pick) => self.with_hold(pick, |model, mark, hold| {
                let held = model.holds(mark, hold);
                if held {
                    model.mark(mark).state = State::Busy(hold, model.now + LEASE);
                }
                Outcome::Is(held)
            }),
            Step::Abandon(pick, counts) => self.with_hold(pick, |model, mark, hold| {
                if model.holds(mark, hold) {
                    let mark = model.mark(mark);
                    mark.state = State::Free;
                    mark.attempts -= u32::from(!counts);
                }
                Outcome::Nothing
            }),
            Step::Commit { mark, again, read, write, puts_out } => {
                let first = self.messages;
                self.messages += puts_out as u64;
                let unit = again.and_then(|pick| picked(&Vec::from_iter(0..self.units.len()), pick).copied());
                let unit = unit.unwrap_or_else(|| {
                    self.units.push(None);
                    self.units.len() - 1
                });
                self.commit(unit, mark, read, write, first..self.messages)
            }
            Step::Resolve(pick) => {
                if pick.is_none() {
                    self.units.push(None);
                }
                let units = Vec::from_iter(0..self.units.len());
                let Some(&unit) = picked(&units, pick.unwrap_or(0)) else { return Outcome::Nothing };
                Outcome::Is(*self.units[unit].get_or_insert(false))
            }
            Step::PutOff(pick, delay) => {
                self.messages += 1;
                let message = self.messages - 1;
                self.with_hold(pick, |model, mark, hold| match model.state(mark) {
                    State::PutOff(before) if before == hold => Outcome::Is(true),
                    _ if !model.holds(mark, hold) => Outcome::Is(false),
                    _ if model.in_outbox() >= OUTBOX => Outcome::OutboxFull,
                    _ => {
                        model.put_off.insert((model.now + delay, message));
                        model.mark(mark).state = State::PutOff(hold);
                        Outcome::Is(true)
                    }
                })
            }
            Step::Bury(pick) => {
                self.burials += 1;
                self.with_hold(pick, |model, mark, hold| match model.state(mark) {
                    State::Dead(before) if before == hold => Outcome::Is(true),
                    _ if !model.holds(mark, hold) => Outcome::Is(false),
                    _ if !model.bury(mark, true) => Outcome::Full,
                    _ => {
                        model.mark(mark).state = State::Dead(hold);
                        Outcome::Is(true)
                    }
                })
            }
            Step::BuryUnmarked(mark) => {
                self.burials += 1;
                if self.bury(mark, false) { Outcome::Is(true) } else { Outcome::Full }
            }
            Step::Replay(mark) => {
                self.messages += 1;
                if !self.letters.iter().any(|(of, ..)| *of == mark) {
                    return Outcome::Is(false);
                }
                if self.in_outbox() >= OUTBOX {
                    return Outcome::OutboxFull;
                }
                if self.take_letter(mark) == Some(true) {
                    *self.mark(mark) = Mark::default();
                }
                self.outbox.push(self.messages - 1);
                Outcome::Is(true)
            }
            Step::Discard(mark) => Outcome::Is(self.take_letter(mark).is_some()),
            Step::TakePosition => {
                self.takes += 1;
                Outcome::Position(self.position)
            }
            Step::SavePosition(pick) => {
                self.positions += 1;
                let has_it = self.has_position(pick);
                if has_it == Outcome::Is(true) {
                    self.position = Some(self.positions);
                }
                has_it
            }
            Step::Claim(relay) => {
                let is_free = self.relay.is_none_or(|(holder, until)| holder == relay || until <= self.now);
                if is_free {
                    self.relay = Some((relay, self.now + LEASE));
                }
                Outcome::Is(is_free)
            }
            Step::Release(relay) => {
                if self.has_outbox(relay) {
                    self.relay = None;
                }
                Outcome::Nothing
            }
            Step::Settle(relay) => {
                if self.has_outbox(relay) && !self.outbox.is_empty() {
                    self.outbox.remove(0);
                }
                Outcome::Nothing
            }
            Step::Get(key) => {
                self.seen.push((key, self.revision(key)));
                Outcome::Nothing
            }
            Step::Pause(handler) => {
                self.decisions += usize::from(self.paused.insert(handler));
                Outcome::Nothing
            }
            Step::Resume(handler) => {
                let was_paused = self.paused.remove(&handler);
                self.decisions += usize::from(was_paused);
                Outcome::Is(was_paused)
            }
        }
    }

    fn begin(&mut self, name: u8) -> Outcome {
        let (now, hold) = (self.now, self.holds.len());
        let mark = self.mark(name);
        match mark.state {
            State::Busy(_, until) if until > now => Outcome::Busy(until - now),
            State::Done(answer) => Outcome::Done(answer),
            State::Dead(_) => Outcome::Dead,
            State::Free | State::PutOff(_) | State::Busy(..) => {
                mark.state = State::Busy(hold, now + LEASE);
                mark.attempts += 1;
                let attempt = mark.attempts;
                self.holds.push((name, hold));
                Outcome::New(attempt)
            }
        }
    }

    fn commit(
        &mut self,
        unit: usize,
        mark: MarkOf,
        read: Option<usize>,
        write: Option<(u8, WriteOf)>,
        messages: std::ops::Range<u64>,
    ) -> Outcome {
        let has_token = match mark {
            MarkOf::Held(_) => !self.holds.is_empty(),
            MarkOf::Position(_) => self.takes > 0,
            MarkOf::Nothing | MarkOf::Unclaimed(_) => true,
        };
        if !has_token {
            return Outcome::Nothing;
        }
        match self.units[unit] {
            Some(true) => return Outcome::Committed,
            Some(false) => return Outcome::Lost,
            None => {}
        }
        let done = match self.check(mark) {
            Ok(done) => done,
            Err(outcome) => return outcome,
        };
        if let Some((key, revision)) = read.and_then(|pick| picked(&self.seen, pick).copied())
            && self.revision(key) != revision
        {
            return Outcome::Moved;
        }
        if let Some((key, write)) = write {
            let exists = self.documents.contains_key(&key);
            match write {
                WriteOf::Insert if exists => return Outcome::Conflict,
                WriteOf::Update if !exists => return Outcome::Conflict,
                _ => {}
            }
        }
        if !messages.is_empty() && self.in_outbox() + messages.clone().count() > OUTBOX {
            return Outcome::OutboxFull;
        }

        match write {
            Some((key, WriteOf::Remove)) => drop(self.documents.remove(&key)),
            Some((key, _)) => {
                self.revisions += 1;
                self.documents.insert(key, (self.revisions, unit as u8));
            }
            None => {}
        }
        self.outbox.extend(messages);
        if let Some(name) = done {
            self.mark(name).state = State::Done(unit as u8);
        }
        if let MarkOf::Position(_) = mark {
            self.position = Some(1_000_000 + unit as u64);
        }
        self.units[unit] = Some(true);
        Outcome::Committed
    }

    /// The mark that is to be done, or what forbids it.
    fn check(&mut self, mark: MarkOf) -> Result<Option<u8>, Outcome> {
        let now = self.now;
        match mark {
            MarkOf::Nothing => Ok(None),
            MarkOf::Held(pick) => {
                let Some(&(name, hold)) = picked(&self.holds, pick) else { return Err(Outcome::Nothing) };
                match self.state(name) {
                    State::Done(answer) => Err(Outcome::Done(answer)),
                    _ if self.holds(name, hold) => Ok(Some(name)),
                    _ => Err(Outcome::Lost),
                }
            }
            MarkOf::Unclaimed(name) => match self.state(name) {
                State::Done(answer) => Err(Outcome::Done(answer)),
                State::Dead(_) => Err(Outcome::Lost),
                State::Busy(_, until) if until > now => Err(Outcome::Lost),
                State::Free | State::PutOff(_) | State::Busy(..) => Ok(Some(name)),
            },
            MarkOf::Position(pick) => match self.has_position(pick) {
                Outcome::Is(true) => Ok(None),
                Outcome::Is(false) => Err(Outcome::Lost),
                nothing => Err(nothing),
            },
        }
    }

    /// Keeps a letter, or brings it up to date; whether there was place.
    fn bury(&mut self, mark: u8, ends_mark: bool) -> bool {
        let burial = self.burials;
        if let Some(letter) = self.letters.iter_mut().find(|(of, ..)| *of == mark) {
            *letter = (mark, burial, letter.2 || ends_mark);
            return true;
        }
        let has_place = self.letters.len() < LETTERS;
        if has_place {
            self.letters.push((mark, burial, ends_mark));
        }
        has_place
    }

    /// Whether the letter had ended its mark, if there was one.
    fn take_letter(&mut self, mark: u8) -> Option<bool> {
        let place = self.letters.iter().position(|(of, ..)| *of == mark)?;
        self.decisions += 1;
        Some(self.letters.remove(place).2)
    }

    fn has_position(&self, pick: usize) -> Outcome {
        let takes = Vec::from_iter(1..=self.takes);
        picked(&takes, pick).map_or(Outcome::Nothing, |take| Outcome::Is(*take == self.takes))
    }

    fn with_hold(&mut self, pick: usize, call: impl FnOnce(&mut Self, u8, usize) -> Outcome) -> Outcome {
        match picked(&self.holds, pick).copied() {
            Some((mark, hold)) => call(self, mark, hold),
            None => Outcome::Nothing,
        }
    }

    fn holds(&self, mark: u8, hold: usize) -> bool {
        matches!(self.state(mark), State::Busy(holder, until) if holder == hold && until > self.now)
    }

    fn state(&self, name: u8) -> State {
        self.marks.get(&name).copied().unwrap_or_default().state
    }

    fn mark(&mut self, name: u8) -> &mut Mark {
        self.marks.entry(name).or_default()
    }

    fn revision(&self, key: u8) -> u64 {
        self.documents.get(&key).map_or(0, |(revision, _)| *revision)
    }

    fn due(&mut self) {
        while let Some((due, message)) = self.put_off.first().copied()
            && due <= self.now
        {
            self.put_off.pop_first();
            self.outbox.push(message);
        }
    }
}
