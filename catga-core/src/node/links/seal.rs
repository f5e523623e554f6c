use crate::codec::{BodyIdentity, Codec};
use crate::context::Context;
use crate::envelope::Envelope;
use crate::error::{Error, Result};
use crate::mediator::Options;
use crate::message::{Kind, Message, MessageId, Request};

use super::Links;

impl Links {
    /// A request in its envelope. A command of a handler that may run again gets an id that the next run gives it again.
    ///
    /// # Errors
    ///
    /// An option that isn't allowed; it can't be encoded, or is too large; the handler has sent too many commands.
    pub(super) fn seal_request<R: Request>(
        &self,
        message: &R,
        parent: Option<&Context>,
        options: Options,
    ) -> Result<Envelope> {
        let codec = Codec::Bincode.or_named::<R>();
        let Some(parent) = parent.filter(|parent| R::KIND == Kind::Command && parent.is_begun()) else {
            return self.seal(message, codec, parent, options);
        };
        let identity = BodyIdentity::of(message, self.body_limit)?;
        let id = options.asked_id().map_or_else(|| parent.child_id(R::NAME, &identity), Ok)?;
        let mut envelope = self.seal(message, codec, Some(parent), options.id(id))?;
        envelope.headers_mut().identity = Some(identity);
        Ok(envelope)
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
