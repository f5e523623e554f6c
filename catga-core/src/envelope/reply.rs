use std::borrow::Cow;

use bytes::Bytes;

use super::{
    Header, check_shape,
    wire::{Received, codec, written},
};
use crate::{
    codec::{BodyLimit, Codec, messagepack},
    error::{Code, Error, Result, WireError},
    message::Message,
    schema::Fingerprint,
};

/// An answer as it travels: the response, or why there is none.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The handler's response.
    Done(Answer),
    /// Why there is no response.
    Failed(Error),
}

/// An encoded response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the body is encoded with.
    pub codec: Codec,
    /// The shape of the response that the sender of the reply knows; there where the codec is positional.
    pub fingerprint: Option<Fingerprint>,
    /// The encoded response.
    pub body: Bytes,
}

/// An error in its wire form is never larger (see [`WireError`]).
const ERROR_LIMIT: BodyLimit = BodyLimit::KIB_64;

impl Reply {
    /// The reply for what became of a message that came by this codec. The response goes back by the same one, or by MessagePack where that one
    /// can't carry it; a response that can't be encoded makes it a failure.
    pub fn of<M: Message>(outcome: Result<&M::Response, &Error>, codec: Codec, limit: BodyLimit) -> Self {
        let answer = outcome.map_err(Error::clone).and_then(|response| Answer::of::<M>(response, codec, limit));
        answer.map_or_else(Self::Failed, Self::Done)
    }

    /// The response, or the error.
    ///
    /// # Errors
    ///
    /// The handler's own; [`Code::SchemaMismatch`] if the codec is positional and the other side knows another shape of the response;
    /// those of [`Codec::decode`].
    pub fn decode<M: Message>(self, limit: BodyLimit) -> Result<M::Response> {
        match self {
            Self::Done(answer) => answer.decode::<M>(limit),
            Self::Failed(error) => Err(error),
        }
    }

    /// Everything but the body, as names and values for a broker's headers; what has its default is left out.
    pub fn to_headers(&self) -> impl Iterator<Item = (Cow<'static, str>, Cow<'_, str>)> {
        let pairs = match self {
            Self::Done(answer) => {
                [codec(answer.codec), answer.fingerprint.map(|fingerprint| written(Header::Fingerprint, fingerprint))]
            }
            Self::Failed(_) => [Some(written(Header::Outcome, "error")), None],
        };
        pairs.into_iter().flatten()
    }

    /// The body: the encoded response, or the error in its wire form as MessagePack.
    ///
    /// # Errors
    ///
    /// None that is known: an error's wire form is bounded.
    pub fn to_body(&self) -> Result<Bytes> {
        match self {
            Self::Done(answer) => Ok(answer.body.clone()),
            Self::Failed(error) => messagepack::encode(&WireError::from(error), ERROR_LIMIT).map(Bytes::from),
        }
    }

    /// A reply from a broker's headers and the body; foreign headers are passed over.
    ///
    /// # Errors
    ///
    /// [`Code::Validation`] for a header that isn't allowed or comes twice, [`Code::Codec`] for a codec that nobody knows or an error
    /// that can't be decoded.
    pub fn from_headers<'a>(
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        body: impl Into<Bytes>,
    ) -> Result<Self> {
        let (received, body) = (Received::read(headers)?, body.into());
        match received.get(Header::Outcome) {
            None => {
                let (codec, fingerprint) = (received.codec()?, received.parse(Header::Fingerprint)?);
                Ok(Self::Done(Answer { codec, fingerprint, body }))
            }
            Some("error") if body.len() > ERROR_LIMIT.bytes() => {
                Err(Error::new(Code::TooLarge, format!("an error in a reply is larger than {ERROR_LIMIT}")))
            }
            Some("error") => Ok(Self::Failed(messagepack::decode::<WireError>(&body)?.into())),
            Some(_) => Err(Error::validation("the header `Catga-Outcome` isn't valid: it is error, or absent")),
        }
    }
}

impl Answer {
    /// Encodes the response to a message that came by this codec; by MessagePack where that one can't carry it.
    ///
    /// # Errors
    ///
    /// Those of [`Codec::encode`].
    pub fn of<M: Message>(response: &M::Response, codec: Codec, limit: BodyLimit) -> Result<Self> {
        let codec = codec.or_named::<M::Response>();
        let body = codec.encode(M::NAME, response, limit)?.into();
        let fingerprint = codec.is_positional().then(Fingerprint::of::<M::Response>);
        Ok(Self { codec, fingerprint, body })
    }

    /// Decodes the response.
    ///
    /// # Errors
    ///
    /// [`Code::SchemaMismatch`] if the codec is positional and the other side knows another shape; those of [`Codec::decode`].
    pub fn decode<M: Message>(&self, limit: BodyLimit) -> Result<M::Response> {
        if self.codec.is_positional() {
            check_shape(M::NAME, self.fingerprint, Fingerprint::of::<M::Response>())?;
        }
        self.codec.decode(M::NAME, &self.body, limit)
    }
}
