//! The suite for transports: passed by the one in memory, also behind connections that break; and failed by each that has a flaw.

mod bent;
mod flaws;
mod held;
mod in_memory;
mod wire;
