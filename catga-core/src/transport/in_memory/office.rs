use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::error::{Error, Result};

use super::backlog::Counts;
use super::consumer::MemberId;
use super::requests::Asked;

/// Where the requests of one name are given to the nodes that handle them.
///
/// A request goes to the node that has the fewest, among equals to the one whose turn is longest ago. While all are full it waits here,
/// for the first that has a place.
#[derive(Debug, Default)]
pub(super) struct Office {
    desks: Vec<Desk>,
    waiting: VecDeque<Asked>,
    turn: u64,
}

/// One node that takes requests.
#[derive(Debug)]
struct Desk {
    member: MemberId,
    wake: Arc<Notify>,
    /// Given to it, and not picked up yet.
    tray: VecDeque<Asked>,
    /// Given to it, and not answered yet; those in the tray included.
    open: usize,
    max_open: usize,
    last_turn: u64,
}

impl Office {
    /// Opens a desk.
    pub(super) fn open(&mut self, member: MemberId, max_open: usize, wake: Arc<Notify>) {
        let tray = VecDeque::new();
        self.desks.push(Desk { member, wake, tray, open: 0, max_open, last_turn: 0 });
        self.hand_out();
    }

    pub(super) fn has(&self, member: MemberId) -> bool {
        self.desks.iter().any(|desk| desk.member == member)
    }

    /// How many requests are in which state.
    pub(super) fn counts(&self) -> Counts {
        let (trays, open) =
            self.desks.iter().fold((0, 0), |(trays, open), desk| (trays + desk.tray.len(), open + desk.open));
        Counts { waiting: self.waiting.len() + trays, in_flight: open.saturating_sub(trays), put_off: 0 }
    }

    /// Takes a request in.
    ///
    /// # Errors
    ///
    /// Nobody takes such requests, or too many wait.
    pub(super) fn receive(&mut self, asked: Asked, max_waiting: usize) -> Result<()> {
        if self.desks.is_empty() {
            return Err(nobody(&asked));
        }
        if self.waiting.len() >= max_waiting {
            self.waiting.retain(Asked::is_wanted);
        }
        if self.waiting.len() >= max_waiting {
            return Err(Error::unavailable(format!("{max_waiting} requests wait for a node already")));
        }
        self.waiting.push_back(asked);
        self.hand_out();
        Ok(())
    }

    /// The next request for this member that its caller still waits for.
    pub(super) fn pick_up(&mut self, member: MemberId) -> Option<Asked> {
        loop {
            let desk = self.desks.iter_mut().find(|desk| desk.member == member)?;
            let asked = desk.tray.pop_front()?;
            if asked.hand_over() {
                return Some(asked);
            }
            desk.open -= 1;
            self.hand_out();
        }
    }

    /// A member has answered a request, or dropped it.
    pub(super) fn answered(&mut self, member: MemberId) {
        if let Some(desk) = self.desks.iter_mut().find(|desk| desk.member == member) {
            desk.open = desk.open.saturating_sub(1);
            self.hand_out();
        }
    }

    /// Closes a desk: what lies in its tray goes to others, or its caller is told that nobody is there.
    pub(super) fn close(&mut self, member: MemberId) {
        let Some(place) = self.desks.iter().position(|desk| desk.member == member) else { return };
        let desk = self.desks.remove(place);
        desk.wake.notify_waiters();
        for asked in desk.tray.into_iter().rev() {
            self.waiting.push_front(asked);
        }
        if self.desks.is_empty() {
            for asked in std::mem::take(&mut self.waiting) {
                let error = nobody(&asked);
                asked.answer(Err(error));
            }
        }
        self.hand_out();
    }

    /// Gives what waits to those who have a place.
    fn hand_out(&mut self) {
        let free = |desk: &&mut Desk| desk.open < desk.max_open;
        while !self.waiting.is_empty()
            && let Some(desk) = self.desks.iter_mut().filter(free).min_by_key(|desk| (desk.open, desk.last_turn))
        {
            self.turn += 1;
            desk.last_turn = self.turn;
            desk.open += 1;
            desk.tray.extend(self.waiting.pop_front());
            desk.wake.notify_one();
        }
    }
}

fn nobody(asked: &Asked) -> Error {
    Error::unavailable(format!("no node that handles `{}` is running", asked.name()))
}
