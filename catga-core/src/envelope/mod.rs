//! Envelopes: a message, and an answer, as they travel.
//!
//! An [`Envelope`] is an encoded body with what must be known without decoding it; a [`Reply`] is what comes back. Both have one form
//! outside this process, described in `docs/wire.md`: names and values, which a broker carries as headers, beside the body. A store keeps the
//! same names and values with the body (`Serialize`). What has its default is left out.
//!
//! Within a process an envelope is cheap: ids take 16 bytes, body and headers are shared, and headers take an allocation only where there are any.

mod header;
mod headers;
mod reply;
mod stored;
mod text;
mod trace;
mod user;
mod wire;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use crate::{
    codec::{BodyLimit, Codec},
    error::{Code, Error, Result},
    message::{Kind, Message, MessageId},
    schema::Fingerprint,
};

pub use header::Header;
pub use headers::{Headers, OnlyFor, Sender};
pub use reply::{Answer, Reply};
pub use text::Text;
pub use trace::TraceContext;
pub use user::UserHeaders;

/// A message as it travels.
///
/// ```
/// use catga_core::{Kind, codec::Codec, envelope::{Envelope, Text}, message::MessageId};
///
/// let mut envelope = Envelope::new(MessageId::new(), "OrderPlaced", Kind::Event, Codec::Json, "{}");
/// envelope.headers_mut().principal = Some(Text::new("ada")?);
///
/// let on_the_wire: Vec<_> = envelope.to_headers().collect();
/// assert_eq!(on_the_wire.len(), 5);
///
/// let pairs = on_the_wire.iter().map(|(name, value)| (&**name, &**value));
/// assert_eq!(Envelope::from_headers(pairs, envelope.body.clone())?, envelope);
/// # Ok::<(), catga_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Envelope {
    /// The message's id, the same on each way it takes and each time it is sent.
    pub id: MessageId,
    /// The message's wire name.
    pub name: Cow<'static, str>,
    /// What the message is for.
    pub kind: Kind,
    /// What the body is encoded with.
    pub codec: Codec,
    /// The shape of message and response that the sender knows ([`Fingerprint::of_exchange`]); there where the codec is positional.
    pub fingerprint: Option<Fingerprint>,
    /// The encoded message.
    pub body: Bytes,
    headers: Option<Arc<Headers>>,
}

impl Envelope {
    /// An envelope without a fingerprint and without headers.
    pub fn new(
        id: MessageId,
        name: impl Into<Cow<'static, str>>,
        kind: Kind,
        codec: Codec,
        body: impl Into<Bytes>,
    ) -> Self {
        Self { id, name: name.into(), kind, codec, fingerprint: None, body: body.into(), headers: None }
    }

    /// Encodes a message.
    ///
    /// # Errors
    ///
    /// Those of [`Codec::encode`].
    pub fn of<M: Message>(id: MessageId, message: &M, codec: Codec, limit: BodyLimit) -> Result<Self> {
        let body = codec.encode(M::NAME, message, limit)?;
        let fingerprint = codec.is_positional().then(Fingerprint::of_exchange::<M>);
        Ok(Self { fingerprint, ..Self::new(id, M::NAME, M::KIND, codec, body) })
    }

    /// Decodes the message.
    ///
    /// # Errors
    ///
    /// [`Code::SchemaMismatch`] if the codec is positional and the sender knows another shape, before the body is looked at;
    /// [`Code::Codec`] if another message is in it, and the errors of [`Codec::decode`].
    pub fn decode<M: Message>(&self, limit: BodyLimit) -> Result<M> {
        if self.name != M::NAME {
            let text = format!("`{}` was to be decoded from an envelope with `{}`", M::NAME, self.name);
            return Err(Error::new(Code::Codec, text));
        }
        if self.codec.is_positional() {
            check_shape(M::NAME, self.fingerprint, Fingerprint::of_exchange::<M>())?;
        }
        self.codec.decode(M::NAME, &self.body, limit)
    }

    /// The headers.
    pub fn headers(&self) -> &Headers {
        static NONE: Headers = Headers::none();
        self.headers.as_deref().unwrap_or(&NONE)
    }

    /// The headers, to be changed.
    pub fn headers_mut(&mut self) -> &mut Headers {
        Arc::make_mut(self.headers.get_or_insert_default())
    }

    /// About how many bytes it takes: the body, the names and the values that are there.
    pub fn size(&self) -> usize {
        let headers: usize = self.to_headers().map(|(name, value)| name.len() + value.len()).sum();
        headers + self.body.len()
    }

    /// The id of this delivery: the message's own, unless another was given.
    pub fn delivery_id(&self) -> MessageId {
        self.headers().delivery_id.unwrap_or(self.id)
    }

    /// The id of what it belongs to: the message's own, unless it carries one on.
    pub fn correlation_id(&self) -> MessageId {
        self.headers().correlation_id.unwrap_or(self.id)
    }
}

/// Compares the shape that the other side knows with ours.
fn check_shape(name: &str, theirs: Option<Fingerprint>, ours: Fingerprint) -> Result<()> {
    if theirs == Some(ours) {
        return Ok(());
    }
    let theirs = theirs.map_or_else(|| "none".to_owned(), |theirs| theirs.to_string());
    Err(Error::new(
        Code::SchemaMismatch,
        format!("the two sides know different shapes of `{name}`: fingerprint {theirs} there, {ours} here"),
    ))
}
