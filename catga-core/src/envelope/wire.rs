//! Envelopes as names and values, and back.

use std::{borrow::Cow, fmt::Display, str::FromStr, sync::Arc, time::Duration};

use bytes::Bytes;

use super::{Envelope, Header, Headers, OnlyFor, Sender, Text, TraceContext};
use crate::{
    codec::Codec,
    error::{Code, Error, Result},
    message::Kind,
};

/// One header on the wire: its name and its value.
type Pair<'a> = (Cow<'static, str>, Cow<'a, str>);

impl Envelope {
    /// Everything but the body, as names and values for a broker's headers; what has its default is left out.
    pub fn to_headers(&self) -> impl Iterator<Item = Pair<'_>> {
        let headers = self.headers();
        let kind = match self.kind {
            Kind::Command => None,
            Kind::Query => Some("query"),
            Kind::Event => Some("event"),
        };
        let sender = headers.sender.as_ref();
        let only_for = headers.only_for.as_ref();
        let trace = headers.trace.as_ref();
        [
            Some(written(Header::Id, self.id)),
            Some((Header::Name.as_str().into(), Cow::from(&*self.name))),
            borrowed(Header::Kind, kind),
            codec(self.codec),
            self.fingerprint.map(|fingerprint| written(Header::Fingerprint, fingerprint)),
            headers.delivery_id.map(|id| written(Header::Delivery, id)),
            headers.correlation_id.map(|id| written(Header::Correlation, id)),
            headers.causation_id.map(|id| written(Header::Causation, id)),
            borrowed(Header::Key, headers.idempotency_key.as_deref()),
            borrowed(Header::Principal, headers.principal.as_deref()),
            headers.time_left.map(|left| written(Header::TimeLeft, milliseconds(left))),
            headers.attempt.map(|attempt| written(Header::Attempt, attempt)),
            headers.identity.map(|identity| written(Header::Identity, identity)),
            borrowed(Header::Service, sender.map(|sender| &*sender.service)),
            borrowed(Header::Node, sender.map(|sender| &*sender.node)),
            borrowed(Header::ForService, only_for.map(|only_for| &*only_for.service)),
            borrowed(Header::ForHandler, only_for.map(|only_for| &*only_for.handler)),
            borrowed(Header::ForNode, only_for.and_then(|only_for| only_for.node.as_deref())),
            borrowed(Header::TraceParent, trace.map(TraceContext::parent)),
            borrowed(Header::TraceState, trace.and_then(TraceContext::state)),
        ]
        .into_iter()
        .flatten()
        .chain(headers.user.iter().map(|(name, value)| (format!("{}{name}", Header::USER_PREFIX).into(), value.into())))
    }

    /// An envelope from a broker's headers and the body; foreign headers are passed over.
    ///
    /// # Errors
    ///
    /// [`Code::Validation`] for a value that isn't allowed, a header that comes twice, or one that is missing; [`Code::TooLarge`] for too
    /// many of the application's own; [`Code::Codec`] for a codec that nobody knows.
    pub fn from_headers<'a>(
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        body: impl Into<Bytes>,
    ) -> Result<Self> {
        let received = Received::read(headers)?;
        let carried = received.headers()?;
        let name = Text::new(received.required(Header::Name)?).map_err(|error| at(Header::Name, error))?;
        Ok(Self {
            id: received.required(Header::Id)?.parse().map_err(|error| at(Header::Id, error))?,
            name: Cow::Owned(name.to_string()),
            kind: received.kind()?,
            codec: received.codec()?,
            fingerprint: received.parse(Header::Fingerprint)?,
            body: body.into(),
            headers: (carried != Headers::none()).then(|| Arc::new(carried)),
        })
    }
}

pub(super) fn written(header: Header, value: impl ToString) -> Pair<'static> {
    (header.as_str().into(), value.to_string().into())
}

fn borrowed(header: Header, value: Option<&str>) -> Option<Pair<'_>> {
    value.map(|value| (header.as_str().into(), value.into()))
}

pub(super) fn codec(codec: Codec) -> Option<Pair<'static>> {
    borrowed(Header::Codec, (codec != Codec::MessagePack).then(|| codec.as_str()))
}

/// Longer than any deadline; what is longer still is the same to everybody.
fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

/// The same error, of the same code, saying which header it is about.
fn at(header: Header, cause: impl Display) -> Error {
    Error::validation(format!("the header `{}` isn't valid: {cause}", header.as_str()))
}

/// The headers that arrived, each at most once.
pub(super) struct Received<'a> {
    values: Vec<(Header, &'a str)>,
    user: super::UserHeaders,
}

impl<'a> Received<'a> {
    pub(super) fn read(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut received = Self { values: Vec::new(), user: super::UserHeaders::none() };
        for (name, value) in headers {
            if let Some(header) = Header::named(name) {
                received.add(header, value)?;
            } else if let Some(name) = Header::user_name(name) {
                if received.user.get(name).is_some() {
                    return Err(Error::validation("one of the application's own headers comes twice"));
                }
                received.user.set(name, value)?;
            }
        }
        Ok(received)
    }

    fn add(&mut self, header: Header, value: &'a str) -> Result<()> {
        if self.get(header).is_some() {
            return Err(Error::validation(format!("the header `{}` comes twice", header.as_str())));
        }
        self.values.push((header, value));
        Ok(())
    }

    pub(super) fn get(&self, header: Header) -> Option<&'a str> {
        self.values.iter().find(|(other, _)| *other == header).map(|(_, value)| *value)
    }

    fn required(&self, header: Header) -> Result<&'a str> {
        self.get(header).ok_or_else(|| Error::validation(format!("the header `{}` is missing", header.as_str())))
    }

    pub(super) fn parse<T: FromStr<Err: Display>>(&self, header: Header) -> Result<Option<T>> {
        self.get(header).map(|value| value.parse().map_err(|error| at(header, error))).transpose()
    }

    fn text(&self, header: Header) -> Result<Option<Text>> {
        self.get(header).map(|value| Text::new(value).map_err(|error| at(header, error))).transpose()
    }

    fn kind(&self) -> Result<Kind> {
        match self.get(Header::Kind) {
            None | Some("command") => Ok(Kind::Command),
            Some("query") => Ok(Kind::Query),
            Some("event") => Ok(Kind::Event),
            Some(_) => Err(at(Header::Kind, "it is command, query or event")),
        }
    }

    pub(super) fn codec(&self) -> Result<Codec> {
        let codec = self.get(Header::Codec).map(|name| {
            // The name came from outside: a long one is not worth printing.
            if name.len() > 32 { Err(Error::new(Code::Codec, "no codec has so long a name")) } else { name.parse() }
        });
        codec.unwrap_or(Ok(Codec::MessagePack))
    }

    fn headers(&self) -> Result<Headers> {
        let time_left: Option<u32> = self.parse(Header::TimeLeft)?;
        let sender = match (self.text(Header::Service)?, self.text(Header::Node)?) {
            (Some(service), Some(node)) => Some(Sender { service, node }),
            (None, None) => None,
            (Some(_), None) => return Err(at(Header::Service, "it comes without a node")),
            (None, Some(_)) => return Err(at(Header::Node, "it comes without a service")),
        };
        let only_for =
            match (self.text(Header::ForService)?, self.text(Header::ForHandler)?, self.text(Header::ForNode)?) {
                (Some(service), Some(handler), node) => Some(OnlyFor { service, handler, node }),
                (None, None, None) => None,
                (None, Some(_), _) => return Err(at(Header::ForHandler, "it comes without a service")),
                (Some(_), None, _) => return Err(at(Header::ForService, "it comes without a handler")),
                (None, None, Some(_)) => return Err(at(Header::ForNode, "it comes without a handler")),
            };
        let state = self.get(Header::TraceState);
        Ok(Headers {
            delivery_id: self.parse(Header::Delivery)?,
            correlation_id: self.parse(Header::Correlation)?,
            causation_id: self.parse(Header::Causation)?,
            idempotency_key: self.text(Header::Key)?,
            principal: self.text(Header::Principal)?,
            time_left: time_left.map(|left| Duration::from_millis(left.into())),
            attempt: self.parse(Header::Attempt)?,
            trace: self.get(Header::TraceParent).and_then(|parent| TraceContext::new(parent, state)),
            identity: self.parse(Header::Identity)?,
            sender,
            only_for,
            user: self.user.clone(),
        })
    }
}
