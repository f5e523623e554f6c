//! What stands between a node and its seams, and around its handlers: everything goes through as it is, and is noted.

mod handlers;
mod persistence;
mod transport;

pub(super) use handlers::WatchedHandlers;
pub(super) use persistence::WatchedPersistence;
pub(super) use transport::WatchedTransport;
