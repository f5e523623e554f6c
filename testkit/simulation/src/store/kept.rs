//! The calls for what is kept beside marks and documents: retries, dead letters, positions, pauses.

use std::time::Duration;

use async_trait::async_trait;
use catga_core::Result;
use catga_core::context::Outgoing;
use catga_core::persistence::{
    DeadLetter, DeadLetters, Decision, Held, HeldPosition, LetterId, LetterPage, Letters, PausedHandler, Pauses,
    Position, PositionName, Positions, Retries, Token,
};

use super::calls::NodeStore;
use crate::world::{Loss, Method};

#[async_trait]
impl Retries for NodeStore {
    async fn put_off(&self, held: &Held, again: Outgoing, delay: Duration) -> Result<bool> {
        let (inner, held, world) = (self.inner.clone(), held.clone(), self.server.world.clone());
        let put_off = async move {
            world.due_in(delay);
            inner.put_off(&held, again, delay).await
        };
        self.call(Method::PutOff, Loss::Unknown, put_off).await
    }
}

#[async_trait]
impl DeadLetters for NodeStore {
    async fn bury(&self, letter: DeadLetter, held: Option<&Held>) -> Result<bool> {
        let (inner, held) = (self.inner.clone(), held.cloned());
        self.call(Method::Bury, Loss::Unknown, async move { inner.bury(letter, held.as_ref()).await }).await
    }

    async fn letters(&self, wanted: &Letters) -> Result<LetterPage> {
        let (inner, wanted) = (self.inner.clone(), wanted.clone());
        self.call(Method::Letters, Loss::Nothing, async move { inner.letters(&wanted).await }).await
    }

    async fn letter(&self, id: &LetterId) -> Result<Option<DeadLetter>> {
        let (inner, id) = (self.inner.clone(), id.clone());
        self.call(Method::Letter, Loss::Nothing, async move { inner.letter(&id).await }).await
    }

    async fn replay(&self, id: &LetterId, again: Outgoing, by: &str) -> Result<bool> {
        let (inner, id, by) = (self.inner.clone(), id.clone(), by.to_owned());
        self.call(Method::Replay, Loss::Unknown, async move { inner.replay(&id, again, &by).await }).await
    }

    async fn discard(&self, id: &LetterId, by: &str) -> Result<bool> {
        let (inner, id, by) = (self.inner.clone(), id.clone(), by.to_owned());
        self.call(Method::Discard, Loss::Unknown, async move { inner.discard(&id, &by).await }).await
    }

    async fn decisions(&self, limit: usize) -> Result<Vec<Decision>> {
        let inner = self.inner.clone();
        self.call(Method::Decisions, Loss::Nothing, async move { inner.decisions(limit).await }).await
    }
}

#[async_trait]
impl Positions for NodeStore {
    async fn take_position(&self, name: &PositionName) -> Result<(Token, Option<Position>)> {
        let (inner, name) = (self.inner.clone(), name.clone());
        self.call(Method::TakePosition, Loss::Unknown, async move { inner.take_position(&name).await }).await
    }

    async fn save_position(&self, held: &HeldPosition, position: &Position) -> Result<bool> {
        let (inner, held, position) = (self.inner.clone(), held.clone(), position.clone());
        let save = async move { inner.save_position(&held, &position).await };
        self.call(Method::SavePosition, Loss::Unknown, save).await
    }
}

#[async_trait]
impl Pauses for NodeStore {
    async fn pause(&self, handler: &str, by: &str) -> Result<()> {
        let (inner, handler, by) = (self.inner.clone(), handler.to_owned(), by.to_owned());
        self.call(Method::Pause, Loss::Unknown, async move { inner.pause(&handler, &by).await }).await
    }

    async fn resume(&self, handler: &str, by: &str) -> Result<bool> {
        let (inner, handler, by) = (self.inner.clone(), handler.to_owned(), by.to_owned());
        self.call(Method::Resume, Loss::Unknown, async move { inner.resume(&handler, &by).await }).await
    }

    async fn paused(&self) -> Result<Vec<PausedHandler>> {
        let inner = self.inner.clone();
        self.call(Method::Paused, Loss::Nothing, async move { inner.paused().await }).await
    }
}
