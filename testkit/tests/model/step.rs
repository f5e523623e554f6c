use proptest::prelude::*;

/// How many marks, keys and relays there are: few, so that they meet.
pub(crate) const MARKS: u8 = 3;
const KEYS: u8 = 2;
const RELAYS: u8 = 2;

/// One call, or time that passes.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// So many milliseconds.
    Pass(u64),
    Begin(u8),
    Renew(usize),
    /// Whether its attempt counts.
    Abandon(usize, bool),
    Commit {
        mark: MarkOf,
        /// Under the id of a unit that was tried before.
        again: Option<usize>,
        /// Having read what was seen then.
        read: Option<usize>,
        write: Option<(u8, WriteOf)>,
        puts_out: usize,
    },
    /// Of a unit that was tried before, or of one that never was.
    Resolve(Option<usize>),
    PutOff(usize, u64),
    Bury(usize),
    /// For a handler without a mark, though its letter may be one that has got one.
    BuryUnmarked(u8),
    Replay(u8),
    Discard(u8),
    TakePosition,
    SavePosition(usize),
    Claim(u8),
    Release(u8),
    /// The first entry.
    Settle(u8),
    Get(u8),
    Pause(u8),
    Resume(u8),
}

/// What a unit of work marks as done.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MarkOf {
    Nothing,
    Held(usize),
    Unclaimed(u8),
    Position(usize),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum WriteOf {
    Insert,
    Update,
    Put,
    Remove,
}

/// One of `all`, the later ones first.
pub(crate) fn picked<T>(all: &[T], pick: usize) -> Option<&T> {
    all.len().checked_sub(1).and_then(|last| all.get(last - pick % all.len()))
}

pub(crate) fn any_step() -> impl Strategy<Value = Step> {
    // Mostly one of the last.
    let pick = || prop_oneof![4 => 0..2_usize, 1 => 0..8_usize];
    let commit = (
        prop_oneof![
            2 => Just(MarkOf::Nothing),
            4 => pick().prop_map(MarkOf::Held),
            1 => (0..MARKS).prop_map(MarkOf::Unclaimed),
            2 => pick().prop_map(MarkOf::Position),
        ],
        prop_oneof![4 => Just(None), 1 => pick().prop_map(Some)],
        prop_oneof![1 => Just(None), 1 => pick().prop_map(Some)],
        prop::option::of((
            0..KEYS,
            prop_oneof![Just(WriteOf::Insert), Just(WriteOf::Update), Just(WriteOf::Put), Just(WriteOf::Remove)],
        )),
        0..3_usize,
    );
    let commit =
        commit.prop_map(|(mark, again, read, write, puts_out)| Step::Commit { mark, again, read, write, puts_out });
    prop_oneof![
        3 => prop_oneof![Just(1), Just(1_000), Just(3_000)].prop_map(Step::Pass),
        6 => (0..MARKS).prop_map(Step::Begin),
        1 => pick().prop_map(Step::Renew),
        2 => (pick(), any::<bool>()).prop_map(|(pick, counts)| Step::Abandon(pick, counts)),
        6 => commit,
        1 => prop::option::of(pick()).prop_map(Step::Resolve),
        3 => (pick(), prop_oneof![Just(0), Just(1_000), Just(2_000)]).prop_map(|(pick, delay)| Step::PutOff(pick, delay)),
        3 => pick().prop_map(Step::Bury),
        1 => (0..MARKS).prop_map(Step::BuryUnmarked),
        2 => (0..MARKS).prop_map(Step::Replay),
        1 => (0..MARKS).prop_map(Step::Discard),
        1 => Just(Step::TakePosition),
        1 => pick().prop_map(Step::SavePosition),
        2 => (0..RELAYS).prop_map(Step::Claim),
        1 => (0..RELAYS).prop_map(Step::Release),
        3 => (0..RELAYS).prop_map(Step::Settle),
        3 => (0..KEYS).prop_map(Step::Get),
        1 => (0..2_u8).prop_map(Step::Pause),
        1 => (0..2_u8).prop_map(Step::Resume),
    ]
}
