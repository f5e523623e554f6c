use catga_core::persistence::Document;
use catga_core::{Event, Request, Schema};
use serde::{Deserialize, Serialize};

/// The number of an intent of a user: what comes of it can be told by this number.
pub(crate) type Number = u32;

/// What a handler shall do with its message.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, Schema)]
pub(crate) struct Plan {
    /// How many milliseconds it takes.
    pub(crate) takes: u16,
    /// How many of its first attempts fail.
    pub(crate) fails: u8,
    /// Whether failing is a panic.
    pub(crate) panics: bool,
    /// Whether it ends with an error that no retry helps with.
    pub(crate) refuses: bool,
    /// Whether it publishes an event.
    pub(crate) publishes: bool,
    /// Whether it hands on a command.
    pub(crate) enqueues: bool,
}

/// Changes an account that others change as well.
#[derive(Clone, Request, Serialize, Deserialize)]
#[request(response = Receipt)]
pub(crate) struct Deposit {
    pub(crate) number: Number,
    pub(crate) account: u8,
    pub(crate) plan: Plan,
}

/// Which run of a handler an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub(crate) struct Receipt {
    pub(crate) number: Number,
    pub(crate) run: u64,
}

/// A deposit was made.
#[derive(Clone, Event, Serialize, Deserialize)]
pub(crate) struct Deposited {
    pub(crate) number: Number,
    pub(crate) plan: Plan,
}

/// Is handed on by the handler of a deposit.
#[derive(Clone, Request, Serialize, Deserialize)]
#[request(response = Receipt)]
pub(crate) struct FollowUp {
    pub(crate) number: Number,
    pub(crate) plan: Plan,
}

/// Makes its handler send other commands.
#[derive(Clone, Request, Serialize, Deserialize)]
#[request(response = Receipt)]
pub(crate) struct Purchase {
    pub(crate) number: Number,
    pub(crate) plan: Plan,
}

/// Is handled by nodes that remember nothing.
#[derive(Clone, Request, Serialize, Deserialize)]
#[request(response = Receipt)]
pub(crate) struct Ring {
    pub(crate) number: Number,
    pub(crate) plan: Plan,
}

/// How many charges a purchase makes.
pub(crate) const PARTS: u8 = 3;

/// Is sent by the handler of a purchase, to another service.
#[derive(Clone, Request, Serialize, Deserialize)]
#[request(response = Charged)]
pub(crate) struct Charge {
    pub(crate) number: Number,
    pub(crate) part: u8,
    pub(crate) plan: Plan,
}

/// Which charge was made, and by which run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub(crate) struct Charged {
    pub(crate) number: Number,
    pub(crate) part: u8,
    pub(crate) run: u64,
}

/// Something that a user tells everybody.
#[derive(Clone, Event, Serialize, Deserialize)]
pub(crate) struct Noticed {
    pub(crate) number: Number,
    pub(crate) plan: Plan,
}

/// Asks for an account.
#[derive(Clone, Request, Serialize, Deserialize)]
#[request(response = u64, query)]
pub(crate) struct Balance {
    pub(crate) account: u8,
}

/// Asks for all that is stored of the service `shop`.
#[derive(Clone, Request, Serialize, Deserialize)]
#[request(response = All, query)]
pub(crate) struct AuditShop;

/// Asks for all that is stored of the service `bank`.
#[derive(Clone, Request, Serialize, Deserialize)]
#[request(response = All, query)]
pub(crate) struct AuditBank;

/// All that handlers have stored.
#[derive(Clone, Debug, Serialize, Deserialize, Schema)]
pub(crate) struct All {
    pub(crate) effects: Vec<Effect>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) accounts: Vec<Account>,
}

/// What one handler did for one intent.
#[derive(Clone, Debug, Serialize, Deserialize, Schema)]
pub(crate) struct Effect {
    pub(crate) key: String,
    /// How often.
    pub(crate) count: u32,
    /// Which run did it last.
    pub(crate) run: u64,
}

impl Document for Effect {
    const NAME: &'static str = "effect";
    type Key = String;

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// That one run did something; written without a look at what is there.
#[derive(Clone, Debug, Serialize, Deserialize, Schema)]
pub(crate) struct Entry {
    pub(crate) key: String,
}

impl Document for Entry {
    const NAME: &'static str = "entry";
    type Key = String;

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// What many change at once.
#[derive(Clone, Debug, Serialize, Deserialize, Schema)]
pub(crate) struct Account {
    pub(crate) id: u8,
    pub(crate) balance: u64,
}

impl Document for Account {
    const NAME: &'static str = "account";
    type Key = u8;

    fn key(&self) -> u8 {
        self.id
    }
}
