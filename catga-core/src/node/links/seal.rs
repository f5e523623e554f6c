use crate::codec::{BodyIdentity, Codec};
use crate::context::Context;
use crate::envelope::Envelope;
use crate::error::{Error, Result};
use crate::mediator::Options;
use crate::message::{Kind, Message, MessageId, Request};

use super::Links;

impl Links {
    /// A request in its envelope.
    ///
    /// # Errors
    ///
    /// An option that isn't allowed; it can't be encoded, or is too large.
    pub(super) fn seal_request<R: Request>(
        &self,
        message: &R,
        parent: Option<&Context>,
        options: Options,
    ) -> Result<Envelope> {
        self.seal(message, Codec::Bincode.or_named::<R>(), parent, options)
    }

    /// A message that will be stored, in its envelope: encoded with names.
    ///
    /// # Errors
    ///
    /// It is a query, which nobody would get the answer of; an option that isn't allowed; it can't be encoded, or is too large.
    pub(crate) fn seal_stored<M: Message>(
        &self,
        message: &M,
        parent: Option<&Context>,
        options: Options,
    ) -> Result<Envelope> {
        if M::KIND == Kind::Query {
            return Err(Error::validation(format!("`{}` is a query: it is sent, not enqueued", M::NAME)));
        }
        self.seal(message, Codec::MessagePack, parent, options)
    }

    fn seal<M: Message>(
        &self,
        message: &M,
        codec: Codec,
        parent: Option<&Context>,
        options: Options,
    ) -> Result<Envelope> {
        let facts = options.into_facts()?;
        let id = facts.as_deref().and_then(|facts| facts.id).unwrap_or_else(MessageId::new);
        let mut envelope = Envelope::of(id, message, codec, self.body_limit)?;
        if facts.is_none() && parent.is_none() {
            return Ok(envelope);
        }
        let headers = envelope.headers_mut();
        if let Some(facts) = facts {
            if facts.key.is_some() && M::KIND == Kind::Command {
                headers.identity = Some(BodyIdentity::of(message, self.body_limit)?);
            }
            (headers.idempotency_key, headers.principal, headers.user) = (facts.key, facts.principal, facts.headers);
        }
        if let Some(parent) = parent {
            headers.correlation_id = Some(parent.correlation_id());
            headers.causation_id = Some(parent.message_id());
            headers.principal = headers.principal.take().or_else(|| parent.principal_text());
        }
        Ok(envelope)
    }
}
