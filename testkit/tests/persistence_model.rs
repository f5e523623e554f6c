//! Any sequence of calls comes to what a plain model says.

mod model;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use catga_core::codec::Codec;
use catga_core::context::{Access, DocumentKey, Journal, Outgoing, Route, Version, Write};
use catga_core::envelope::Envelope;
use catga_core::message::MessageId;
use catga_core::persistence::{
    Begun, Committed, DeadLetter, Held, HeldPosition, InMemory, LetterId, Letters, Limits, Mark, MarkName, Persistence,
    Position, PositionName, Relay, Store, StoredAnswer, Unit, UnitId, UnitMark,
};
use catga_core::{Code, Error, Kind, Result};
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use tokio::runtime::{Builder, Runtime};

use model::{LEASE, LETTERS, MARKS, MarkOf, Model, OUTBOX, Outcome, Step, WriteOf, any_step, picked};

struct Reference;

impl ReferenceStateMachine for Reference {
    type State = Model;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Model> {
        Just(Model::default()).boxed()
    }

    fn transitions(_: &Model) -> BoxedStrategy<Step> {
        any_step().boxed()
    }

    fn apply(model: Model, step: &Step) -> Model {
        model.after(step)
    }
}

/// A store, and all that its callers were told.
struct Callers {
    runtime: Rc<Runtime>,
    store: Arc<dyn Store>,
    held: Vec<Held>,
    seen: Vec<(u8, Version)>,
    units: Vec<UnitId>,
    taken: Vec<HeldPosition>,
    relays: [Relay; 2],
    messages: u64,
    burials: u32,
    positions: u64,
}

impl StateMachineTest for Callers {
    type SystemUnderTest = Self;
    type Reference = Reference;

    fn init_test(_: &Model) -> Self {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let limits = Limits { outbox: OUTBOX, letters: LETTERS, ..Limits::default() };
        let store = runtime.block_on(InMemory::with_limits(limits).open("test", "orders")).unwrap();
        let relays = [Relay::new(), Relay::new()];
        let (messages, burials, positions) = (0, 0, 0);
        let (held, seen, units, taken) = Default::default();
        Self { runtime: Rc::new(runtime), store, held, seen, units, taken, relays, messages, burials, positions }
    }

    fn apply(mut callers: Self, model: &Model, step: Step) -> Self {
        let runtime = callers.runtime.clone();
        let outcome = runtime.block_on(callers.step(&step)).unwrap_or_else(|error| refusal(&error));
        assert_eq!(Some(outcome), model.outcome, "{step:?}");
        callers
    }

    fn check_invariants(callers: &Self, model: &Model) {
        callers.runtime.block_on(callers.compare(model));
    }
}

prop_state_machine! {
    #[test]
    fn calls_in_any_order_come_to_what_the_model_says(sequential 1..80 => Callers);
}

fn refusal(error: &Error) -> Outcome {
    match error.code() {
        Code::Conflict => Outcome::Conflict,
        Code::OutboxFull => Outcome::OutboxFull,
        Code::Unavailable => Outcome::Full,
        _ => panic!("{error:?}"),
    }
}

impl Callers {
    async fn step(&mut self, step: &Step) -> Result<Outcome> {
        let store = self.store.clone();
        Ok(match *step {
            Step::Pass(time) => {
                tokio::time::advance(Duration::from_millis(time)).await;
                Outcome::Nothing
            }
            Step::Begin(name) => self.begin(name).await?,
            Step::Renew(pick) => match picked(&self.held, pick) {
                Some(held) => Outcome::Is(store.renew(std::slice::from_ref(held), lease()).await? == [true]),
                None => Outcome::Nothing,
            },
            Step::Abandon(pick, counts) => {
                if let Some(held) = picked(&self.held, pick) {
                    store.abandon(held, counts).await?;
                }
                Outcome::Nothing
            }
            Step::Commit { mark, again, read, write, puts_out } => {
                let messages = Vec::from_iter((0..puts_out).map(|_| self.message()));
                self.commit(mark, again, read, write, messages).await?
            }
            Step::Resolve(pick) => {
                if pick.is_none() {
                    self.units.push(UnitId::new());
                }
                match picked(&self.units, pick.unwrap_or(0)) {
                    Some(unit) => Outcome::Is(store.resolve(*unit).await?),
                    None => Outcome::Nothing,
                }
            }
            Step::PutOff(pick, delay) => {
                let again = self.message();
                match picked(&self.held, pick) {
                    Some(held) => Outcome::Is(store.put_off(held, again, Duration::from_millis(delay)).await?),
                    None => Outcome::Nothing,
                }
            }
            Step::Bury(pick) => {
                self.burials += 1;
                let Some(held) = picked(&self.held, pick) else { return Ok(Outcome::Nothing) };
                let MarkName::Message { id, .. } = held.mark.name else { unreachable!("no other was begun") };
                Outcome::Is(store.bury(self.letter(id), Some(held)).await?)
            }
            Step::BuryUnmarked(name) => {
                self.burials += 1;
                Outcome::Is(store.bury(self.letter(number(name.into())), None).await?)
            }
            Step::Replay(name) => Outcome::Is(store.replay(&letter_id(name), self.message(), "ada").await?),
            Step::Discard(name) => Outcome::Is(store.discard(&letter_id(name), "ada").await?),
            Step::TakePosition => {
                let name = PositionName { node: "front-1".to_owned(), handler: "Placed/index".to_owned() };
                let (token, position) = store.take_position(&name).await?;
                self.taken.push(HeldPosition { name, token });
                Outcome::Position(position.map(|position| position.next()))
            }
            Step::SavePosition(pick) => {
                self.positions += 1;
                match picked(&self.taken, pick) {
                    Some(held) => Outcome::Is(store.save_position(held, &Position::new(self.positions)).await?),
                    None => Outcome::Nothing,
                }
            }
            Step::Claim(relay) => Outcome::Is(store.claim(self.relay(relay), lease()).await?),
            Step::Release(relay) => {
                store.release(self.relay(relay)).await?;
                Outcome::Nothing
            }
            Step::Settle(relay) => {
                // Of whoever has the outbox, so that another settles what isn't his.
                for holder in self.relays {
                    if let Some(first) = store.entries(holder, None, 1).await?.first() {
                        store.settle(self.relay(relay), &[first.id]).await?;
                    }
                }
                Outcome::Nothing
            }
            Step::Get(key) => {
                let version = store.get("Order", &key.to_string()).await?.map_or(0, |stored| stored.version);
                self.seen.push((key, version));
                Outcome::Nothing
            }
            Step::Pause(handler) => {
                store.pause(&handler.to_string(), "ada").await?;
                Outcome::Nothing
            }
            Step::Resume(handler) => Outcome::Is(store.resume(&handler.to_string(), "ada").await?),
        })
    }

    async fn begin(&mut self, name: u8) -> Result<Outcome> {
        let mark = mark(name);
        Ok(match self.store.begin(std::slice::from_ref(&mark), lease()).await?.remove(0) {
            Begun::New { token, attempt } => {
                self.held.push(Held { mark, token });
                Outcome::New(attempt)
            }
            Begun::Busy { left } => Outcome::Busy(left.as_millis() as u64),
            Begun::Done(answer) => Outcome::Done(answer.bytes()[0]),
            Begun::Dead => Outcome::Dead,
            Begun::KeyReused => panic!("no mark has an identity"),
        })
    }

    async fn commit(
        &mut self,
        mark: MarkOf,
        again: Option<usize>,
        read: Option<usize>,
        write: Option<(u8, WriteOf)>,
        messages: Vec<Outgoing>,
    ) -> Result<Outcome> {
        let units = Vec::from_iter(0..self.units.len());
        let unit = again.and_then(|pick| picked(&units, pick).copied()).unwrap_or_else(|| {
            self.units.push(UnitId::new());
            self.units.len() - 1
        });
        let mark = match mark {
            MarkOf::Nothing => Some(UnitMark::None),
            MarkOf::Held(pick) => picked(&self.held, pick).cloned().map(UnitMark::Held),
            MarkOf::Unclaimed(name) => Some(UnitMark::Unclaimed(self::mark(name))),
            MarkOf::Position(pick) => picked(&self.taken, pick).map(|held| UnitMark::Position {
                held: held.clone(),
                position: Position::new(1_000_000 + unit as u64),
            }),
        };
        let mut accesses = BTreeMap::<u8, Access>::new();
        if let Some((key, version)) = read.and_then(|pick| picked(&self.seen, pick)) {
            accesses.entry(*key).or_default().read = Some(*version);
        }
        if let Some((key, write)) = write {
            accesses.entry(key).or_default().write = Some(match write {
                WriteOf::Insert => Write::Insert(vec![unit as u8]),
                WriteOf::Update => Write::Update(vec![unit as u8]),
                WriteOf::Put => Write::Put(vec![unit as u8]),
                WriteOf::Remove => Write::Remove,
            });
        }
        let keyed = |(key, access): (u8, Access)| (DocumentKey { collection: "Order", key: key.to_string() }, access);
        let journal = Journal::from_parts(accesses.into_iter().map(keyed).collect(), messages)?;
        let Some(mark) = mark else { return Ok(Outcome::Nothing) };
        let answer = StoredAnswer::new(vec![unit as u8])?;
        Ok(match self.store.commit(Unit { id: self.units[unit], mark, journal, answer }).await? {
            Committed::Done => Outcome::Committed,
            Committed::Moved => Outcome::Moved,
            Committed::Lost => Outcome::Lost,
            Committed::DoneBefore(answer) => Outcome::Done(answer.bytes()[0]),
        })
    }

    /// Compares what can be seen without changing anything.
    async fn compare(&self, model: &Model) {
        for key in 0..2 {
            let body = self.store.get("Order", &key.to_string()).await.unwrap().map(|stored| stored.body[0]);
            assert_eq!(body, model.documents.get(&key).map(|(_, body)| *body), "document {key}");
        }
        for relay in 0..2 {
            let entries = self.store.entries(self.relay(relay), None, 100).await.unwrap();
            let seen = Vec::from_iter(entries.iter().map(|entry| entry.outgoing.envelope.id));
            let expected = if model.has_outbox(relay) { &model.outbox[..] } else { &[] };
            assert_eq!(seen, Vec::from_iter(expected.iter().map(|message| number(*message))), "outbox");
        }
        let fullness = self.store.fullness().await.unwrap();
        assert_eq!(fullness, model.in_outbox() as f32 / OUTBOX as f32);
        let page = self.store.letters(&Letters { limit: 100, ..Letters::default() }).await.unwrap();
        let letters = page.letters.iter().map(|letter| (letter.id.message, letter.attempts));
        let expected = model.letters.iter().rev().map(|(name, burial, _)| (number((*name).into()), *burial));
        assert_eq!(Vec::from_iter(letters), Vec::from_iter(expected), "letters");
        assert_eq!(self.store.decisions(1_000).await.unwrap().len(), model.decisions);
        let paused = self.store.paused().await.unwrap().into_iter().map(|paused| paused.handler);
        let expected = model.paused.iter().map(|handler| handler.to_string());
        assert_eq!(Vec::from_iter(paused), Vec::from_iter(expected), "paused");
    }

    fn relay(&self, relay: u8) -> Relay {
        self.relays[usize::from(relay)]
    }

    fn message(&mut self) -> Outgoing {
        self.messages += 1;
        let id = number(self.messages - 1);
        let envelope = Envelope::new(id, "Placed", Kind::Event, Codec::MessagePack, vec![7]);
        Outgoing { envelope, route: Route::Publish }
    }

    fn letter(&self, message: MessageId) -> DeadLetter {
        let name = (0..MARKS).find(|name| number((*name).into()) == message).unwrap();
        let envelope = Envelope::new(message, "Placed", Kind::Event, Codec::MessagePack, vec![7]);
        let error = (&Error::validation("no items")).into();
        let (node, attempts) = ("front-1".to_owned(), self.burials);
        DeadLetter { id: letter_id(name), envelope, error, attempts, first: 1, last: 1, node }
    }
}

fn lease() -> Duration {
    Duration::from_millis(LEASE)
}

fn mark(name: u8) -> Mark {
    let name = MarkName::Message { handler: "Placed/count".into(), id: number(name.into()) };
    // Longer than any sequence: that a mark is forgotten isn't promised, only that it isn't too early.
    Mark { name, identity: None, retention: Duration::from_secs(24 * 60 * 60) }
}

fn letter_id(name: u8) -> LetterId {
    LetterId { handler: "Placed/count".to_owned(), node: None, message: number(name.into()) }
}

/// The id with this number.
fn number(number: u64) -> MessageId {
    format!("{number:032x}").parse().unwrap()
}
