use crate::random::Random;

use super::Seam;

/// What can go wrong. Each is something that the contracts of the two seams allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A call fails, and nothing was done.
    Refused,
    /// A call is made, and its answer is lost.
    AnswerLost,
    /// A call is lost on its way.
    CallLost,
    /// A call, or its answer, takes long.
    Delayed,
    /// A request is lost on its way.
    RequestLost,
    /// A reply, or a sign of life, is lost on its way.
    ReplyLost,
    /// A delivery is lost on its way, and comes again.
    DeliveryLost,
    /// A delivery is overtaken by others.
    Overtaken,
    /// No sign that somebody works on a delivery gets through.
    Unheard,
    /// A delivery comes again since its node was silent for too long.
    Expired,
    /// A settlement that came too late settles the new delivery.
    SettledLate,
    /// A message is stored twice, since it was handed over again when nobody remembered it.
    StoredTwice,
    /// A node can't reach the broker for a while.
    CutOffBroker,
    /// A node can't reach the store for a while.
    CutOffStore,
    /// Nobody can reach the broker for a while.
    BrokerDown,
    /// Nobody can reach the store for a while.
    StoreDown,
    /// A node stands still while time goes on.
    Paused,
    /// A node dies at a crash point.
    Crashed,
    /// A node dies between two turns of its tasks.
    Killed,
    /// A node is shut down while others go on.
    ShutDown,
    /// A node's clock is set to another time.
    ClockJumped,
}

const KINDS: usize = Fault::ClockJumped as usize + 1;

impl Fault {
    const ALL: [(Self, &str); KINDS] = [
        (Self::Refused, "refused"),
        (Self::AnswerLost, "answer lost"),
        (Self::CallLost, "call lost"),
        (Self::Delayed, "delayed"),
        (Self::RequestLost, "request lost"),
        (Self::ReplyLost, "reply lost"),
        (Self::DeliveryLost, "delivery lost"),
        (Self::Overtaken, "overtaken"),
        (Self::Unheard, "unheard"),
        (Self::Expired, "expired"),
        (Self::SettledLate, "settled late"),
        (Self::StoredTwice, "stored twice"),
        (Self::CutOffBroker, "cut off from the broker"),
        (Self::CutOffStore, "cut off from the store"),
        (Self::BrokerDown, "broker down"),
        (Self::StoreDown, "store down"),
        (Self::Paused, "paused"),
        (Self::Crashed, "crashed"),
        (Self::Killed, "killed"),
        (Self::ShutDown, "shut down"),
        (Self::ClockJumped, "clock jumped"),
    ];

    pub(crate) fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// That one is cut off.
    pub(super) fn cut(from: Seam) -> Self {
        match from {
            Seam::Broker => Self::CutOffBroker,
            Seam::Store => Self::CutOffStore,
        }
    }
}

/// How often each went wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults([u64; KINDS]);

impl Faults {
    pub(super) fn count(&mut self, fault: Fault) -> bool {
        self.0[fault as usize] += 1;
        true
    }

    pub(crate) fn of(&self, fault: Fault) -> u64 {
        self.0[fault as usize]
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum += more;
        }
    }

    /// Each that there was, with its number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Fault::ALL.iter().map(|(fault, name)| (*name, self.of(*fault))).filter(|(_, count)| *count > 0)
    }
}

/// How often what goes wrong in one seed, in calls of a thousand. Each seed has its own: a fault that is always there would hide what
/// happens only without it.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) refused: u64,
    pub(crate) answer_lost: u64,
    pub(crate) call_lost: u64,
    pub(crate) delayed: u64,
    pub(crate) request_lost: u64,
    pub(crate) reply_lost: u64,
    pub(crate) delivery_lost: u64,
    pub(crate) overtaken: u64,
    pub(crate) unheard: u64,
    pub(crate) settled_late: u64,
    /// How often a call takes some milliseconds.
    pub(crate) slow: u64,
    /// How many crashes at points that are passed for the first times.
    pub(crate) crashes: u64,
    /// After how many milliseconds without a sign the broker gives a delivery to somebody else.
    pub(crate) patience: u64,
    /// The longest that the broker puts a delivery off, in milliseconds.
    pub(crate) longest_delay: Option<u64>,
    /// Within how many milliseconds the broker notices a death.
    pub(crate) notices_within: u64,
    /// For how many milliseconds the broker remembers what was stored.
    pub(crate) window: u64,
}

impl Profile {
    pub(super) fn new(random: &mut Random) -> Self {
        let mut rate = |often: u64| match random.below(4) {
            0 => 0,
            1 => often / 5,
            2 => often,
            _ => often / 2,
        };
        Self {
            refused: rate(20),
            answer_lost: rate(20),
            call_lost: rate(10),
            delayed: rate(20),
            request_lost: rate(60),
            reply_lost: rate(60),
            delivery_lost: rate(40),
            overtaken: rate(60),
            unheard: rate(60),
            settled_late: rate(500),
            slow: rate(500),
            crashes: random.between(1, 6),
            patience: *random.pick(&[600, 1500, 5000, 30_000]),
            longest_delay: *random.pick(&[None, Some(50), Some(1000)]),
            notices_within: *random.pick(&[1, 500, 5000, 20_000]),
            window: *random.pick(&[300, 2000, 120_000]),
        }
    }
}
