/// The names under which an envelope's and a reply's parts travel.
///
/// All begin with `Catga-`, but for the two of W3C's trace context. Case doesn't matter when they arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Header {
    /// The message's id.
    Id,
    /// The message's wire name.
    Name,
    /// `query` or `event`; a command if absent.
    Kind,
    /// What the body is encoded with; MessagePack if absent.
    Codec,
    /// The shape that the sender knows.
    Fingerprint,
    /// The id of the delivery, where it isn't the message's.
    Delivery,
    /// The id of what the message belongs to, where it isn't the message's.
    Correlation,
    /// The id of the message in whose handling this one was sent.
    Causation,
    /// The idempotency key.
    Key,
    /// On whose behalf it was sent.
    Principal,
    /// The milliseconds that are left.
    TimeLeft,
    /// Which sending of a request this is, where it isn't the first.
    Attempt,
    /// The body's identity.
    Identity,
    /// The service that sent it.
    Service,
    /// The node that sent it.
    Node,
    /// The service of the one handler that it is for.
    ForService,
    /// The one handler that it is for.
    ForHandler,
    /// The node of the one handler that it is for.
    ForNode,
    /// `error` in a reply whose body is an error.
    Outcome,
    /// W3C's `traceparent`.
    TraceParent,
    /// W3C's `tracestate`.
    TraceState,
}

impl Header {
    /// What the name of an application's own header begins with.
    pub const USER_PREFIX: &'static str = "Catga-Header-";

    const ALL: [Self; 21] = [
        Self::Id,
        Self::Name,
        Self::Kind,
        Self::Codec,
        Self::Fingerprint,
        Self::Delivery,
        Self::Correlation,
        Self::Causation,
        Self::Key,
        Self::Principal,
        Self::TimeLeft,
        Self::Attempt,
        Self::Identity,
        Self::Service,
        Self::Node,
        Self::ForService,
        Self::ForHandler,
        Self::ForNode,
        Self::Outcome,
        Self::TraceParent,
        Self::TraceState,
    ];

    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "Catga-Id",
            Self::Name => "Catga-Name",
            Self::Kind => "Catga-Kind",
            Self::Codec => "Catga-Codec",
            Self::Fingerprint => "Catga-Fingerprint",
            Self::Delivery => "Catga-Delivery",
            Self::Correlation => "Catga-Correlation",
            Self::Causation => "Catga-Causation",
            Self::Key => "Catga-Key",
            Self::Principal => "Catga-Principal",
            Self::TimeLeft => "Catga-Time-Left",
            Self::Attempt => "Catga-Attempt",
            Self::Identity => "Catga-Identity",
            Self::Service => "Catga-Service",
            Self::Node => "Catga-Node",
            Self::ForService => "Catga-For-Service",
            Self::ForHandler => "Catga-For-Handler",
            Self::ForNode => "Catga-For-Node",
            Self::Outcome => "Catga-Outcome",
            Self::TraceParent => "traceparent",
            Self::TraceState => "tracestate",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|header| header.as_str().eq_ignore_ascii_case(name))
    }

    /// The application's name of one of its own headers.
    pub(super) fn user_name(name: &str) -> Option<&str> {
        let (prefix, name) = name.split_at_checked(Self::USER_PREFIX.len())?;
        prefix.eq_ignore_ascii_case(Self::USER_PREFIX).then_some(name)
    }
}
