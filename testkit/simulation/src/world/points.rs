use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::random::mix;

/// A place where a node can crash: a task, by where it was started, before or after it makes a call over a seam.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    pub(crate) task: String,
    pub(crate) method: Method,
    pub(crate) is_after: bool,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.is_after { "after" } else { "before" };
        write!(f, "{}, {side} {}", self.task, self.method.as_str())
    }
}

/// How often each point was passed, and how often a node crashed there.
pub(crate) type Coverage = BTreeMap<Point, (u64, u64)>;

/// A call over a seam.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    Join,
    Request,
    RequestsOpen,
    NextRequest,
    NextFrame,
    StillWorkingOn,
    Reply,
    Enqueue,
    Publish,
    Subscribe,
    NextArrival,
    StillWorking,
    SettleDelivery,
    RetryAfter,
    Dead,
    LinkHealth,
    Leave,
    Open,
    StoreHealth,
    Begin,
    Wait,
    Renew,
    Abandon,
    Commit,
    Resolve,
    Get,
    List,
    Claim,
    Entries,
    SettleEntries,
    Release,
    WaitForEntries,
    Fullness,
    PutOff,
    Bury,
    Letters,
    Letter,
    Replay,
    Discard,
    Decisions,
    TakePosition,
    SavePosition,
    Pause,
    Resume,
    Paused,
}

const METHODS: usize = Method::Paused as usize + 1;

impl Method {
    const ALL: [(Self, &str); METHODS] = [
        (Self::Join, "join"),
        (Self::Request, "request"),
        (Self::RequestsOpen, "requests"),
        (Self::NextRequest, "next request"),
        (Self::NextFrame, "next frame of a reply"),
        (Self::StillWorkingOn, "still working on a request"),
        (Self::Reply, "reply"),
        (Self::Enqueue, "enqueue"),
        (Self::Publish, "publish"),
        (Self::Subscribe, "subscribe"),
        (Self::NextArrival, "next arrival"),
        (Self::StillWorking, "still working"),
        (Self::SettleDelivery, "settle"),
        (Self::RetryAfter, "retry after"),
        (Self::Dead, "dead"),
        (Self::LinkHealth, "health of the transport"),
        (Self::Leave, "leave"),
        (Self::Open, "open"),
        (Self::StoreHealth, "health of the store"),
        (Self::Begin, "begin"),
        (Self::Wait, "wait"),
        (Self::Renew, "renew"),
        (Self::Abandon, "abandon"),
        (Self::Commit, "commit"),
        (Self::Resolve, "resolve"),
        (Self::Get, "get"),
        (Self::List, "list"),
        (Self::Claim, "claim"),
        (Self::Entries, "entries"),
        (Self::SettleEntries, "settle entries"),
        (Self::Release, "release"),
        (Self::WaitForEntries, "wait for entries"),
        (Self::Fullness, "fullness"),
        (Self::PutOff, "put off"),
        (Self::Bury, "bury"),
        (Self::Letters, "letters"),
        (Self::Letter, "letter"),
        (Self::Replay, "replay"),
        (Self::Discard, "discard"),
        (Self::Decisions, "decisions"),
        (Self::TakePosition, "take position"),
        (Self::SavePosition, "save position"),
        (Self::Pause, "pause"),
        (Self::Resume, "resume"),
        (Self::Paused, "paused"),
    ];

    pub(crate) fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Whether a node without anything to do calls it.
    pub(super) fn is_idle(self) -> bool {
        let waits = matches!(self, Self::NextArrival | Self::NextRequest | Self::WaitForEntries);
        waits || matches!(self, Self::Claim | Self::Entries | Self::StoreHealth | Self::Fullness | Self::Paused)
    }
}

/// The points of one world, found as they are passed.
pub(super) struct Points {
    seed: u64,
    /// Where tasks are started.
    kinds: Vec<&'static Location<'static>>,
    /// Passes and crashes by kind, method and side.
    counts: Vec<[[Count; 2]; METHODS]>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    passes: u64,
    /// Those when things could go wrong.
    faulty_passes: u64,
    /// One of so many such points is armed.
    rarity: u64,
    crashes: u64,
}

/// One of how many points is armed in a seed: what is passed late for the first time is passed seldom.
fn rarity(faulty_for: Duration) -> u64 {
    match faulty_for.as_secs() {
        0 | 1 => 24,
        2..5 => 6,
        _ => 2,
    }
}

impl Points {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, kinds: Vec::new(), counts: Vec::new() }
    }

    /// The number of the tasks that are started here.
    pub(super) fn kind(&mut self, place: &'static Location<'static>) -> usize {
        if let Some(kind) = self.kinds.iter().position(|known| *known == place) {
            return kind;
        }
        self.kinds.push(place);
        self.counts.push([[Count::default(); 2]; METHODS]);
        self.kinds.len() - 1
    }

    /// A task passes. Whether this seed wants a crash here, if it may: a few points are armed, mostly at their first pass, so that what
    /// seldom happens is hit about as often as what always does.
    pub(super) fn pass(&mut self, kind: usize, method: Method, is_after: bool, faulty_for: Option<Duration>) -> bool {
        let place = self.kinds[kind];
        let count = &mut self.counts[kind][method as usize][usize::from(is_after)];
        count.passes += 1;
        let Some(faulty_for) = faulty_for else { return false };
        count.faulty_passes += 1;
        if count.faulty_passes == 1 {
            count.rarity = rarity(faulty_for);
        }
        if count.faulty_passes > 4 {
            return false;
        }
        let armed = count.rarity;
        let name = mix(u64::from(place.line()) << 32 | (place.file().len() as u64) << 16)
            ^ mix((method as u64) << 1 | u64::from(is_after));
        let drawn = mix(self.seed ^ name);
        drawn.is_multiple_of(armed) && count.faulty_passes == 1 + u64::from((drawn >> 32).trailing_zeros()) / 2
    }

    /// A node crashes here.
    pub(super) fn crash(&mut self, kind: usize, method: Method, is_after: bool) {
        self.counts[kind][method as usize][usize::from(is_after)].crashes += 1;
    }

    pub(super) fn task(&self, kind: usize) -> String {
        let place = self.kinds[kind];
        let file = place.file().rsplit_once("src/").map_or(place.file(), |(_, file)| file);
        format!("{file}:{}", place.line())
    }

    pub(super) fn coverage(&self) -> Coverage {
        let mut coverage = Coverage::new();
        for (kind, counts) in self.counts.iter().enumerate() {
            for (method, _) in Method::ALL {
                for is_after in [false, true] {
                    let Count { passes, crashes, .. } = counts[method as usize][usize::from(is_after)];
                    if passes > 0 {
                        let point = Point { task: self.task(kind), method, is_after };
                        coverage.insert(point, (passes, crashes));
                    }
                }
            }
        }
        coverage
    }
}
