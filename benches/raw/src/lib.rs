//! The other side of each benchmark: what one would write by hand, as well as we can, without Catga.

pub mod delivery;
pub mod dispatch;
pub mod order;
