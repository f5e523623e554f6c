//! Events on their way to several handlers of a node.

mod intake;
mod parcel;
