use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Notify, oneshot};

use crate::envelope::{Envelope, Reply};
use crate::error::{Error, Result};
use crate::runtime::{self, Instant};

use super::super::{Frame, Replies, RequestDelivery, Requests, Responder};
use super::cluster::Cluster;
use super::consumer::MemberId;
use super::line::Line;

/// A request on its way to a node.
#[derive(Debug)]
pub(super) struct Asked {
    envelope: Envelope,
    deadline: Instant,
    line: Arc<Line>,
    answer: oneshot::Sender<Result<Reply>>,
}

impl Asked {
    pub(super) fn new(envelope: Envelope, within: Duration) -> (Self, Waiter) {
        let deadline = runtime::after(within);
        let line = Arc::new(Line::default());
        let (answer, receiver) = oneshot::channel();
        let waiter = Waiter { deadline, line: line.clone(), answer: receiver };
        (Self { envelope, deadline, line, answer }, waiter)
    }

    pub(super) fn name(&self) -> &str {
        &self.envelope.name
    }

    /// Whether its caller still waits.
    pub(super) fn is_wanted(&self) -> bool {
        self.line.is_waiting() && runtime::now() < self.deadline
    }

    /// A node gets it now, unless its caller has given up.
    pub(super) fn hand_over(&self) -> bool {
        runtime::now() < self.deadline && self.line.hand_over()
    }

    /// Tells the caller, if it still listens.
    pub(super) fn answer(self, answer: Result<Reply>) {
        let _ = self.answer.send(answer);
    }
}

/// The caller's end.
#[derive(Debug)]
pub(super) struct Waiter {
    deadline: Instant,
    line: Arc<Line>,
    answer: oneshot::Receiver<Result<Reply>>,
}

#[async_trait]
impl Replies for Waiter {
    async fn next(&mut self) -> Result<Frame> {
        let Self { deadline, line, answer } = self;
        let frame = async {
            tokio::select! {
                biased;
                answer = answer => match answer {
                    Ok(answer) => answer.map(Frame::Reply),
                    // Whoever had it dropped it: the cluster, since its time was up, or a node.
                    Err(_) if line.give_up() => Err(no_node_in_time()),
                    Err(_) => Err(Error::outcome_unknown("the node that had the request is gone")),
                },
                () = line.working.notified() => Ok(Frame::Working),
            }
        };
        match runtime::until(Some(*deadline), frame).await {
            Some(frame) => frame,
            None if line.give_up() => Err(no_node_in_time()),
            None => Err(Error::outcome_unknown("the node that has the request didn't answer in time")),
        }
    }
}

fn no_node_in_time() -> Error {
    Error::timeout("no node got the request in time")
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.line.give_up();
    }
}

/// A node's end: its desk in one office.
#[derive(Debug)]
pub(super) struct Intake {
    pub(super) cluster: Arc<Cluster>,
    pub(super) request: String,
    pub(super) member: MemberId,
    pub(super) wake: Arc<Notify>,
}

#[async_trait]
impl Requests for Intake {
    async fn next(&mut self) -> Option<RequestDelivery> {
        loop {
            let woken = self.wake.notified();
            {
                let mut state = self.cluster.lock();
                let office = state.office(&self.request).ok()?;
                if let Some(asked) = office.pick_up(self.member) {
                    return Some(self.deliver(asked));
                }
                if !office.has(self.member) {
                    return None;
                }
            }
            woken.await;
        }
    }

    async fn close(self: Box<Self>) {}
}

impl Intake {
    fn deliver(&self, asked: Asked) -> RequestDelivery {
        let Asked { envelope, line, answer, .. } = asked;
        let place = Place { cluster: self.cluster.clone(), request: self.request.clone(), member: self.member };
        RequestDelivery::new(envelope, Box::new(Answering { answer, line, _place: place }))
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        if let Ok(office) = self.cluster.lock().office(&self.request) {
            office.close(self.member);
        }
    }
}

/// A request's place among those that are open at its node's desk; free when this is dropped.
struct Place {
    cluster: Arc<Cluster>,
    request: String,
    member: MemberId,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Ok(office) = self.cluster.lock().office(&self.request) {
            office.answered(self.member);
        }
    }
}

/// A request at its node.
struct Answering {
    answer: oneshot::Sender<Result<Reply>>,
    line: Arc<Line>,
    _place: Place,
}

#[async_trait]
impl Responder for Answering {
    async fn still_working(&self) {
        self.line.working.notify_one();
    }

    async fn reply(self: Box<Self>, reply: Reply) -> Result<()> {
        let _ = self.answer.send(Ok(reply));
        Ok(())
    }
}
