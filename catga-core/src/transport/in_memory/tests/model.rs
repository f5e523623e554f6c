//! Random sequences of calls, and what a model that is nothing but a list says of each.

use proptest::prelude::*;

use super::*;
use crate::error::Code;
use crate::runtime::Instant;

/// What two nodes may do with the commands and the events that they share.
#[derive(Clone, Debug)]
enum Step {
    Enqueue { delay: u64 },
    Publish,
    Take { node: usize, from: From },
    Settle(usize),
    GiveBack(usize),
    PutOff(usize, u64),
    Wait(u64),
    Reopen { node: usize, from: From },
    Leave { node: usize },
    Die { node: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Work,
    Events,
}

impl From {
    fn source(self) -> Source {
        match self {
            Self::Work => place(),
            Self::Events => receipts(),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let from = || prop::sample::select(vec![From::Work, From::Events]);
    prop_oneof![
        3 => (0_u64..3).prop_map(|delay| Step::Enqueue { delay }),
        3 => Just(Step::Publish),
        9 => (0_usize..2, from()).prop_map(|(node, from)| Step::Take { node, from }),
        4 => any::<usize>().prop_map(Step::Settle),
        3 => any::<usize>().prop_map(Step::GiveBack),
        3 => (any::<usize>(), 0_u64..4).prop_map(|(which, delay)| Step::PutOff(which, delay)),
        2 => (1_u64..3).prop_map(Step::Wait),
        1 => (0_usize..2, from()).prop_map(|(node, from)| Step::Reopen { node, from }),
        1 => (0_usize..2).prop_map(|node| Step::Leave { node }),
        1 => (0_usize..2).prop_map(|node| Step::Die { node }),
    ]
}

/// A message as the model knows it.
struct Known {
    from: From,
    number: u32,
    attempts: u32,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// It may be taken from then on.
    Ready(Instant),
    Held,
    Done,
}

/// What was handed out, and by which subscription of which life of its node.
struct HandedOut {
    delivery: Delivery,
    known: usize,
    life: u32,
    subscription: u32,
    /// Whether its node died meanwhile.
    is_stale: bool,
}

const IN_FLIGHT: usize = 2;

/// A node's life, and its two subscriptions, with their numbers.
struct Opened {
    life: u32,
    link: Arc<dyn Link>,
    work: (Box<dyn Deliveries>, u32),
    events: (Box<dyn Deliveries>, u32),
}

struct Play {
    transport: InMemory,
    nodes: Vec<Opened>,
    known: Vec<Known>,
    held: Vec<HandedOut>,
    /// How many lives and subscriptions there were.
    count: u32,
}

impl Play {
    async fn begin() -> Self {
        let (transport, nodes, known, held) = (InMemory::new(), Vec::new(), Vec::new(), Vec::new());
        let mut play = Self { transport, nodes, known, held, count: 0 };
        for node in 0..2 {
            let opened = play.open(node).await;
            play.nodes.push(opened);
        }
        play
    }

    async fn open(&mut self, which: usize) -> Opened {
        let link = node(&self.transport, ["one", "two"][which]).await;
        let work = self.subscribe(&link, From::Work).await;
        let events = self.subscribe(&link, From::Events).await;
        self.count += 1;
        Opened { life: self.count, link, work, events }
    }

    async fn subscribe(&mut self, link: &Arc<dyn Link>, from: From) -> (Box<dyn Deliveries>, u32) {
        self.count += 1;
        (subscribe(link, from.source(), IN_FLIGHT).await, self.count)
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Enqueue { delay } => {
                let (number, delay) = (self.store(From::Work, delay), SECOND * u32::try_from(delay).unwrap());
                self.nodes[0].link.enqueue(command(number), delay).await.unwrap();
            }
            Step::Publish => {
                let number = self.store(From::Events, 0);
                self.nodes[1].link.publish(vec![event("Placed", number)]).await.remove(0).unwrap();
            }
            Step::Take { node, from } => self.take(node, from).await,
            Step::Settle(which) => {
                let Some(held) = self.pick(which) else { return };
                let outcome = held.delivery.settle().await;
                self.ended(held.known, held.is_stale, &outcome, State::Done);
            }
            Step::GiveBack(which) => {
                let Some(held) = self.pick(which) else { return };
                drop(held.delivery);
                self.ended(held.known, held.is_stale, &Ok(()), State::Ready(runtime::now()));
            }
            Step::PutOff(which, delay) => {
                let Some(held) = self.pick(which) else { return };
                let delay = Duration::from_secs(delay);
                let outcome = held.delivery.retry_after(delay).await;
                self.ended(held.known, held.is_stale, &outcome, State::Ready(runtime::now() + delay));
            }
            Step::Wait(seconds) => tokio::time::advance(Duration::from_secs(seconds)).await,
            Step::Reopen { node, from } => {
                let link = self.nodes[node].link.clone();
                let opened = self.subscribe(&link, from).await;
                let old = match from {
                    From::Work => std::mem::replace(&mut self.nodes[node].work, opened),
                    From::Events => std::mem::replace(&mut self.nodes[node].events, opened),
                };
                old.0.close().await;
            }
            Step::Leave { node } => {
                self.nodes[node].link.leave().await.unwrap();
                self.nodes[node] = self.open(node).await;
            }
            Step::Die { node } => {
                // Its name is free when it is gone, so it is gone before it comes again.
                let other = self.nodes[1 - node].link.clone();
                self.nodes[node].link = other;
                let life = self.nodes[node].life;
                for held in self.held.iter_mut().filter(|held| held.life == life) {
                    held.is_stale = true;
                    self.known[held.known].state = State::Ready(runtime::now());
                }
                self.nodes[node] = self.open(node).await;
            }
        }
    }

    /// A message that is stored now; its number.
    fn store(&mut self, from: From, delay: u64) -> u32 {
        let number = u32::try_from(self.known.len()).unwrap();
        let state = State::Ready(runtime::now() + Duration::from_secs(delay));
        self.known.push(Known { from, number, attempts: 0, state });
        number
    }

    fn pick(&mut self, which: usize) -> Option<HandedOut> {
        (!self.held.is_empty()).then(|| self.held.swap_remove(which % self.held.len()))
    }

    /// A delivery ended: so its message is now, unless others have it since its node died.
    fn ended(&mut self, known: usize, is_stale: bool, outcome: &crate::Result<()>, state: State) {
        match outcome {
            Ok(()) if !is_stale => self.known[known].state = state,
            Ok(()) => assert!(matches!(state, State::Ready(_)), "a stale settlement is told so"),
            Err(error) => assert!(is_stale && error.code() == Code::Unavailable, "{error}"),
        }
    }

    async fn take(&mut self, node: usize, from: From) {
        let life = self.nodes[node].life;
        let (deliveries, subscription) = match from {
            From::Work => &mut self.nodes[node].work,
            From::Events => &mut self.nodes[node].events,
        };
        let subscription = *subscription;
        let arrived = at_hand(deliveries).await;
        let in_flight = self.held.iter().filter(|held| held.subscription == subscription).count();
        let now = runtime::now();
        let is_ready = |known: &&Known| known.from == from && matches!(known.state, State::Ready(at) if at <= now);
        let expected = self.known.iter().find(is_ready).filter(|_| in_flight < IN_FLIGHT);
        match (arrived, expected.map(|known| known.number)) {
            (None, None) => (),
            (Some(Arrival::Delivery(delivery)), Some(expected)) => {
                let known = usize::try_from(expected).unwrap();
                assert_eq!(number(delivery.envelope()), expected);
                self.known[known].attempts += 1;
                self.known[known].state = State::Held;
                assert_eq!(delivery.attempt(), self.known[known].attempts);
                self.held.push(HandedOut { delivery, known, life, subscription, is_stale: false });
            }
            (arrived, expected) => panic!("{expected:?} should be at hand, and there is {arrived:?}"),
        }
    }

    /// All that isn't settled comes, and nothing else.
    async fn end(mut self) {
        while let Some(held) = self.pick(0) {
            drop(held.delivery);
            self.ended(held.known, held.is_stale, &Ok(()), State::Ready(runtime::now()));
        }
        tokio::time::advance(60 * SECOND).await;
        for from in [From::Work, From::Events] {
            let is_left = |known: &&Known| known.from == from && known.state != State::Done;
            let left = Vec::from_iter(self.known.iter().filter(is_left).map(|known| known.number));
            let opened = &mut self.nodes[0];
            let deliveries = if from == From::Work { &mut opened.work.0 } else { &mut opened.events.0 };
            assert_eq!(drain(deliveries).await, left);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_calls_does_as_a_list_would(steps in prop::collection::vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut play = Play::begin().await;
            for step in steps {
                play.step(step).await;
            }
            play.end().await;
        });
    }
}
