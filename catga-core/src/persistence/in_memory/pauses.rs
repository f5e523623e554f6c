use std::collections::BTreeMap;

use crate::error::{Error, Result};

use super::super::{Decision, PausedHandler};
use super::Limits;

/// All paused handlers of one service, with the decision to pause each.
#[derive(Debug, Default)]
pub(super) struct Pauses(BTreeMap<String, Decision>);

impl Pauses {
    /// Pauses it, unless it is paused already; whether it did.
    pub(super) fn pause(&mut self, handler: &str, decision: &Decision, limits: &Limits) -> Result<bool> {
        if self.0.contains_key(handler) {
            return Ok(false);
        }
        if self.0.len() >= limits.paused {
            return Err(Error::unavailable(format!(
                "{} handlers are paused, which is as many as may be",
                self.0.len()
            )));
        }
        self.0.insert(handler.to_owned(), decision.clone());
        Ok(true)
    }

    /// Whether it was paused.
    pub(super) fn resume(&mut self, handler: &str) -> bool {
        self.0.remove(handler).is_some()
    }

    pub(super) fn all(&self) -> Vec<PausedHandler> {
        let paused = |(handler, Decision { by, at, .. }): (&String, &Decision)| PausedHandler {
            handler: handler.clone(),
            by: by.clone(),
            since: *at,
        };
        self.0.iter().map(paused).collect()
    }
}
