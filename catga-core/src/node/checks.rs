use crate::handler::{HandlerInfo, Subscription};
use crate::mediator::Dispatch;

use super::NodeSettings;

/// What a node lacks for its handlers with `resume`: a name that is the same after a restart, and a persistence that keeps their
/// position under it.
pub(super) fn lacking_for_resume(dispatch: &Dispatch, settings: &NodeSettings) -> Vec<String> {
    let chosen = dispatch.chosen(Some(&settings.roles));
    let handlers = chosen.iter().map(|registration| registration.info());
    let resuming: Vec<_> = handlers.filter(|handler| handler.subscribes() == Subscription::Resume).collect();
    // Without a transport there is a persistence in memory.
    let is_stored = settings.persistence.is_some() || settings.transport.is_none();
    let mut lacking = Vec::new();
    for handler in resuming {
        if settings.node_name.is_none() {
            lacking.push(needs(handler, "this node's name must be the same after a restart: call `.node_name(…)`"));
        }
        if !is_stored {
            lacking.push(needs(handler, "where that is must be stored: call `.persistence(…)`"));
        }
    }
    lacking
}

fn needs(handler: &HandlerInfo, what: &str) -> String {
    format!("{handler} resumes where this node stopped, and {what}")
}
