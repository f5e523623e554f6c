use crate::error::{Error, Result};
use crate::handler::{HandlerInfo, Subscription};
use crate::message::Kind;
use crate::persistence::PausedHandler;

use super::Node;

impl Node {
    /// Pauses a handler on all nodes of the service, which see it within a second or so; what runs by then runs to its end. `by` says who
    /// did it.
    ///
    /// What waits for the handler is kept where it is; a request that somebody waits for is answered with `Unavailable`. `handler` is
    /// an identity as [`HandlerInfo::identity`] gives it: `"OrderPlaced/send_receipt"`.
    ///
    /// # Errors
    ///
    /// `NotFound` if this node has no such handler, and `Validation` if nothing would keep its events meanwhile, as with those that every
    /// node runs, or the node has no persistence; `Unavailable` while the store is away.
    pub async fn pause(&self, handler: &str, by: &str) -> Result<()> {
        let info = self.handlers().iter().find(|info| info.identity() == handler);
        let info = info.ok_or_else(|| Error::not_found(format!("the node has no handler {handler:?}")))?;
        if is_kept_nowhere(info) {
            return Err(Error::validation(format!(
                "{info} can't be paused: it runs on every node as events pass, and nothing keeps them for it"
            )));
        }
        self.store("pause handlers")?.pause(handler, by).await
    }

    /// Lets a paused handler go on. Whether it was paused.
    ///
    /// # Errors
    ///
    /// `Validation` if the node has no persistence; `Unavailable` while the store is away.
    pub async fn resume(&self, handler: &str, by: &str) -> Result<bool> {
        self.store("resume handlers")?.resume(handler, by).await
    }

    /// The handlers of the service that are paused, and by whom.
    ///
    /// # Errors
    ///
    /// As for [`resume`](Self::resume).
    pub async fn paused(&self) -> Result<Vec<PausedHandler>> {
        self.store("pause handlers")?.paused().await
    }
}

fn is_kept_nowhere(info: &HandlerInfo) -> bool {
    info.kind() == Kind::Event && matches!(info.subscribes(), Subscription::Plain | Subscription::Replay)
}
