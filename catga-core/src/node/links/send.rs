use crate::codec::Codec;
use crate::context::Context;
use crate::delivery::{Arrived, Came, Endpoint, answer};
use crate::envelope::{Answer, Envelope};
use crate::error::{Code, Error, Result};
use crate::mediator::{Call, Sending};
use crate::message::{Kind, Request};
use crate::runtime;

use super::Links;
use super::asking::Asking;

impl Links {
    /// Sends a command that can come again to its handler on this node: in an envelope like one that came by the transport, so that its
    /// mark is begun and its answer kept.
    pub(crate) async fn send_here<R: Request>(
        &self,
        call: Call<'_, R, Sending>,
        endpoint: &dyn Endpoint,
    ) -> Result<R::Response> {
        let Call { home, parent, message, options, .. } = call;
        let own = options.within().map(runtime::after);
        let senders = parent.and_then(Context::deadline);
        let deadline = own.into_iter().chain(senders).min();
        let envelope = self.seal_request(&message, parent, options)?;
        drop(message);
        let arrived = Arrived { parent, deadline, codec: envelope.codec, ..Arrived::new(&envelope, Came::Here) };
        answer(home, endpoint, arrived).await?.decode::<R>(self.body_limit)
    }

    /// Sends a request to a node of the service that owns it.
    ///
    /// A request whose shape the other side doesn't know is refused there before it runs, and sent again with names.
    pub(crate) async fn send<R: Request>(&self, call: Call<'_, R, Sending>) -> Result<R::Response> {
        let Call { parent, message, options, .. } = call;
        self.check_open(parent)?;
        let within = options.within().unwrap_or(self.deadline);
        let within = parent.and_then(Context::remaining).map_or(within, |left| left.min(within));
        let deadline = runtime::after(within);
        let envelope = self.seal_request(&message, parent, options)?;
        let headers = envelope.headers().clone();
        let (id, is_positional) = (envelope.id, envelope.codec.is_positional());
        let mut asking = Asking::new(&*self.link, envelope, deadline);
        let response = |answer: Answer| answer.decode::<R>(self.body_limit);
        let outcome = match asking.first_answer().await.and_then(response) {
            Err(error) if error.code() == Code::SchemaMismatch && is_positional => {
                let mut named = Envelope::of(id, &message, Codec::MessagePack, self.body_limit)?;
                *named.headers_mut() = headers;
                asking.ask_instead(named);
                asking.first_answer().await.and_then(response)
            }
            outcome => outcome,
        };
        match outcome {
            Err(error) if error.code() == Code::OutcomeUnknown && R::KIND == Kind::Query => Err(unanswered(error)),
            // The sender's next run sends it under the same id, and learns the outcome.
            Err(error) if error.code() == Code::OutcomeUnknown && id.is_derived() => Err(error.retryable(true)),
            outcome => outcome,
        }
    }
}

/// A query whose answer didn't come: whether it ran makes no difference, so it may be sent again.
#[cold]
fn unanswered(error: Error) -> Error {
    Error::timeout(error.message().to_owned()).retryable(true).with_source(error)
}
