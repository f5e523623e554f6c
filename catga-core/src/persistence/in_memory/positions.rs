use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::runtime;

use super::super::{HeldPosition, Position, PositionName, Token};
use super::Limits;

/// All positions of one service: who may save each, and what was saved last.
#[derive(Debug, Default)]
pub(super) struct Positions(HashMap<PositionName, (Token, Option<Position>)>);

impl Positions {
    pub(super) fn take(&mut self, name: &PositionName, limits: &Limits) -> Result<(Token, Option<Position>)> {
        let token = Token(runtime::new_uuid());
        if let Some((holder, position)) = self.0.get_mut(name) {
            *holder = token;
            return Ok((token, position.clone()));
        }
        if self.0.len() >= limits.positions {
            return Err(Error::unavailable(format!(
                "the store keeps {} positions, which is as many as it may",
                self.0.len()
            )));
        }
        self.0.insert(name.clone(), (token, None));
        Ok((token, None))
    }

    pub(super) fn is_held(&self, held: &HeldPosition) -> bool {
        self.0.get(&held.name).is_some_and(|(holder, _)| *holder == held.token)
    }

    /// Saves it if it is held; whether it is.
    pub(super) fn save(&mut self, held: &HeldPosition, position: Position) -> bool {
        match self.0.get_mut(&held.name) {
            Some((holder, saved)) if *holder == held.token => {
                *saved = Some(position);
                true
            }
            _ => false,
        }
    }
}
