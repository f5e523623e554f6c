use crate::handler::{HandlerInfo, Subscription};

use super::NodeBuilder;

/// What a node lacks for its handlers with `resume`: a name that is the same after a restart, and a persistence that keeps their
/// position under it.
pub(super) fn lacking_for_resume(builder: &NodeBuilder) -> Vec<String> {
    let chosen = builder.dispatch.chosen(Some(&builder.roles));
    let handlers = chosen.iter().map(|registration| registration.info());
    let resuming: Vec<_> = handlers.filter(|handler| handler.subscribes() == Subscription::Resume).collect();
    // Without a transport there is a persistence in memory.
    let is_stored = builder.persistence.is_some() || builder.transport.is_none();
    let mut lacking = Vec::new();
    for handler in resuming {
        if builder.node_name.is_none() {
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
