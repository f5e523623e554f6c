use crate::context::{Journal, Outgoing, Route};
use crate::delivery::commit_resolved;
use crate::envelope::Envelope;
use crate::error::{Error, Result};
use crate::mediator::{Call, Committed, Enqueuing, Publishing};
use crate::message::{Event, Request};
use crate::persistence::{self, StoredAnswer, Unit, UnitId, UnitMark};

use super::Links;

impl Links {
    /// Publishes an event, outside of a handler: it is stored when this returns.
    pub(crate) async fn publish<E: Event>(&self, call: Call<'_, E, Publishing>) -> Result<()> {
        let Call { parent, message, options, .. } = call;
        self.check_open(parent)?;
        let envelope = self.seal_stored(&message, parent, options)?;
        self.publish_sealed(envelope).await
    }

    async fn publish_sealed(&self, event: Envelope) -> Result<()> {
        let mut outcomes = self.link.publish(vec![event]).await;
        outcomes.pop().unwrap_or_else(|| Err(Error::internal("the transport gave no outcome for an event")))
    }

    /// Hands a command over, outside of a handler: it is stored when this returns.
    pub(crate) async fn enqueue<R: Request>(&self, call: Call<'_, R, Enqueuing>) -> Result<()> {
        let Call { parent, message, options, .. } = call;
        self.check_open(parent)?;
        let delay = options.delay().unwrap_or_default();
        let envelope = self.seal_stored(&message, parent, options)?;
        self.link.enqueue(envelope, delay).await
    }

    /// Commits what a handler wrote and published; without a store, sends what it published. Once begun it finishes.
    pub(crate) async fn commit(&self, journal: Journal) -> Result<Committed> {
        let Some(store) = self.store.clone() else {
            return self.let_go(journal.into_outgoing()).await.map(|()| Committed::Done);
        };
        let unit = Unit { id: UnitId::new(), mark: UnitMark::None, journal, answer: StoredAnswer::default() };
        match commit_resolved(store, unit).await? {
            persistence::Committed::Moved => Ok(Committed::Moved),
            // A unit without a mark is neither lost nor done before.
            _ => Ok(Committed::Done),
        }
    }

    async fn let_go(&self, outgoing: Vec<Outgoing>) -> Result<()> {
        for Outgoing { envelope, route } in outgoing {
            match route {
                Route::Publish => self.publish_sealed(envelope).await?,
                Route::Enqueue { delay } => self.link.enqueue(envelope, delay.unwrap_or_default()).await?,
            }
        }
        Ok(())
    }
}
