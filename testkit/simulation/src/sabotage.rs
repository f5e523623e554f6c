use std::str::FromStr;

use clap::ValueEnum;

/// A promise that is broken on purpose, to show that the simulation would notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sabotage {
    /// The transport settles a delivery when it hands it out.
    AckBeforeCommit,
    /// The store commits for whoever asks, also if it doesn't hold the mark any longer.
    NoFencing,
    /// The store writes the mark after the rest, not with it.
    MarkApart,
    /// The outbox forgets what it hands out.
    SettleBeforePublish,
    /// A lease that was given once never runs out.
    EternalLease,
    /// A delivery that is to come again comes as another message.
    RetryForgetsId,
    /// A request that is sent again isn't told from one that is sent for the first time, also by nodes that remember nothing.
    ResendWithoutPersistence,
    /// Commands of one handler's run have one id, whatever is in them.
    ChildIdWithoutBody,
    /// The store says that a commit happened of which it knows nothing.
    GuessedResolve,
    /// The store forgets marks long before the last copy of their message.
    ShortRetention,
}

impl Sabotage {
    /// Within how many seeds it must be noticed.
    pub(crate) fn seeds(self) -> u64 {
        match self {
            Self::AckBeforeCommit
            | Self::SettleBeforePublish
            | Self::EternalLease
            | Self::ShortRetention
            | Self::ResendWithoutPersistence
            | Self::ChildIdWithoutBody => 50,
            Self::NoFencing | Self::MarkApart | Self::RetryForgetsId | Self::GuessedResolve => 200,
        }
    }

    /// What it is called on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// One, or all.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sabotages {
    One(Sabotage),
    All,
}

impl Sabotages {
    pub(crate) fn each(self) -> Vec<Sabotage> {
        match self {
            Self::One(sabotage) => vec![sabotage],
            Self::All => Sabotage::value_variants().to_vec(),
        }
    }
}

impl FromStr for Sabotages {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let known = || Sabotage::value_variants().iter().map(|one| one.name()).collect::<Vec<_>>().join(", ");
        Sabotage::from_str(text, false).map(Self::One).map_err(|_| format!("one of: all, {}", known()))
    }
}
