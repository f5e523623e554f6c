use std::future::pending;
use std::num::NonZero;
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::select_all;

use crate::delivery::Backoff;
use crate::envelope::{Answer, Envelope, Reply};
use crate::error::{Code, Error, Result};
use crate::message::Kind;
use crate::runtime::{self, Instant};
use crate::transport::{Frame, Link, Replies};

/// How long nothing may be heard of a request until it is sent again: its node gives a sign every 500 ms, so two are missed then.
const SILENCE: Duration = Duration::from_millis(1250);
/// How long after a request's time is up its transport may take to say what became of it.
const TRANSPORT_SAYS_WITHIN: Duration = Duration::from_millis(250);
/// How many sendings of one request are listened to; of more, the latest ones.
const MAX_OPEN: usize = 8;

/// A request that is asked of the nodes that handle it, until one answers.
///
/// Nobody reports a death. So a request of which nothing is heard is sent again, under the same id and with the time that is left, and so is one
/// whose node is known to be gone. All sendings are listened to, and the first answer counts: where the request has a mark, it is
/// the same from each. A node that remembers nothing refuses a command that was sent before; then the earlier sendings alone can answer.
pub(super) struct Asking<'a> {
    link: &'a dyn Link,
    envelope: Envelope,
    deadline: Instant,
    /// How many times it was sent.
    sent: u32,
    /// A sending that the transport hasn't taken yet.
    sending: Option<Taking<'a>>,
    /// What is listened to.
    open: Vec<Sent>,
    /// When it is sent again, unless something is heard before; `None`: never.
    again_at: Option<Instant>,
    backoff: Option<Backoff>,
    /// Whether a sending that isn't listened to any longer may have had its effect.
    may_have_run: bool,
    /// Why the last one of those didn't answer.
    last: Option<Error>,
}

/// The transport takes a request.
type Taking<'a> = Pin<Box<dyn Future<Output = Result<Box<dyn Replies>>> + Send + 'a>>;

/// A sending that is listened to.
struct Sent {
    nth: u32,
    replies: Box<dyn Replies>,
}

/// What happens next.
enum Heard {
    /// The transport has taken a sending, or hasn't.
    Taken(Result<Box<dyn Replies>>),
    /// This one of the open sendings.
    From(usize, Result<Frame>),
    /// Nothing, for as long as was waited.
    Nothing,
}

impl<'a> Asking<'a> {
    pub(super) fn new(link: &'a dyn Link, envelope: Envelope, deadline: Instant) -> Self {
        Self {
            link,
            envelope,
            deadline,
            sent: 0,
            sending: None,
            open: Vec::new(),
            again_at: Some(deadline),
            backoff: None,
            may_have_run: false,
            last: None,
        }
    }

    /// Sends the request, again where that can help, and gives the first answer.
    ///
    /// # Errors
    ///
    /// The handler's own. At once, where the first sending finds no node: `NoHandler` or `Unavailable`. At the deadline, or before if nobody is
    /// left who could answer: `Timeout` if it had no effect for sure, else `OutcomeUnknown`.
    pub(super) async fn first_answer(&mut self) -> Result<Answer> {
        self.send();
        loop {
            let ended = match self.hear().await {
                Heard::Taken(Ok(replies)) => self.listen_to(replies),
                Heard::Taken(Err(error)) => self.not_taken(error),
                Heard::From(_, Ok(Frame::Working)) => self.alive(),
                Heard::From(_, Ok(Frame::Reply(Reply::Done(answer)))) => return Ok(answer),
                Heard::From(place, Ok(Frame::Reply(Reply::Failed(error)))) => self.refused(place, error),
                Heard::From(place, Err(error)) => self.silenced(place, error),
                Heard::Nothing => self.nothing_heard(),
            };
            if let Some(error) = ended {
                return Err(error);
            }
        }
    }

    /// The same request in another form, for the next [`first_answer`](Self::first_answer).
    pub(super) fn ask_instead(&mut self, envelope: Envelope) {
        self.may_have_run |= self.sending.take().is_some();
        self.envelope = envelope;
    }

    async fn hear(&mut self) -> Heard {
        let last = self.deadline + TRANSPORT_SAYS_WITHIN;
        let until = self.again_at.filter(|_| self.sending.is_none()).map_or(last, |again| again.min(last));
        let Self { open, sending, .. } = self;
        let taken = async {
            match sending {
                Some(taking) => taking.await,
                None => pending().await,
            }
        };
        let frame = async {
            if open.is_empty() {
                return pending().await;
            }
            let (frame, place, _) = select_all(open.iter_mut().map(|sent| sent.replies.next())).await;
            (place, frame)
        };
        let heard = async {
            tokio::select! {
                biased;
                (place, frame) = frame => Heard::From(place, frame),
                taken = taken => Heard::Taken(taken),
            }
        };
        runtime::until(Some(until), heard).await.unwrap_or(Heard::Nothing)
    }

    fn send(&mut self) {
        let left = self.left();
        let mut envelope = self.envelope.clone();
        self.sent = self.sent.saturating_add(1);
        let headers = envelope.headers_mut();
        headers.time_left = Some(left);
        headers.attempt = NonZero::new(self.sent).filter(|nth| nth.get() > 1);
        self.sending = Some(self.link.request(envelope, left));
    }

    fn listen_to(&mut self, replies: Box<dyn Replies>) -> Option<Error> {
        self.sending = None;
        if self.open.len() == MAX_OPEN {
            self.open.remove(0);
            self.may_have_run = true;
        }
        self.open.push(Sent { nth: self.sent, replies });
        self.again_in(SILENCE);
        None
    }

    fn not_taken(&mut self, error: Error) -> Option<Error> {
        self.sending = None;
        match error.code() {
            Code::OutcomeUnknown => {
                self.note_lost(error);
                self.again_later();
            }
            _ if !self.can_be_answered() => return Some(self.last.take().unwrap_or(error)),
            Code::NoHandler | Code::Unavailable => self.again_later(),
            // It fits no longer: the number of its sending is in it now.
            _ => self.again_at = None,
        }
        self.unless_over()
    }

    fn alive(&mut self) -> Option<Error> {
        self.again_in(SILENCE);
        None
    }

    /// A node has answered that there is no response.
    fn refused(&mut self, place: usize, error: Error) -> Option<Error> {
        let Sent { nth, .. } = self.open.remove(place);
        match error.code() {
            // It had no effect, since its node ends; another one may be there.
            Code::Cancelled if error.can_retry() => {
                self.count_anew();
                self.last = Some(error);
                self.again_at_once();
            }
            // The node can't tell what became of the sendings before; they can.
            Code::OutcomeUnknown if nth > 1 && self.envelope.kind == Kind::Command => {
                self.note_lost(error);
                self.again_at = None;
            }
            Code::SchemaMismatch => {
                self.count_anew();
                return Some(error);
            }
            // Its own run had no effect and isn't remembered, so that of another sending may still have one.
            _ if error.can_retry() && self.envelope.kind == Kind::Command && self.is_one_of_several() => {
                self.last = Some(error);
                self.again_at = None;
            }
            _ => return Some(error),
        }
        self.unless_over()
    }

    /// No reply will come to this sending.
    fn silenced(&mut self, place: usize, error: Error) -> Option<Error> {
        self.open.remove(place);
        match error.code() {
            Code::Timeout => drop(self.last.get_or_insert(error)),
            Code::NoHandler | Code::Unavailable if self.is_one_of_several() => self.again_later(),
            Code::OutcomeUnknown => {
                self.note_lost(error);
                self.again_at_once();
            }
            _ => return Some(self.last.take().unwrap_or(error)),
        }
        self.unless_over()
    }

    fn nothing_heard(&mut self) -> Option<Error> {
        let left = self.left();
        if !left.is_zero() {
            self.send();
            return None;
        }
        self.again_at = None;
        if runtime::now() >= self.deadline + TRANSPORT_SAYS_WITHIN {
            self.may_have_run |= self.sending.take().is_some() || !self.open.is_empty();
            self.open.clear();
        }
        self.unless_over()
    }

    /// Whether a sending is open, or one that isn't any longer may have had its effect: then its mark may hold an answer.
    fn can_be_answered(&self) -> bool {
        self.may_have_run || !self.open.is_empty()
    }

    /// Whether another sending may have its effect, be it one that the transport hasn't taken yet.
    fn is_one_of_several(&self) -> bool {
        self.can_be_answered() || self.sending.is_some()
    }

    /// What was sent so far had no effect: then the next sending is the first one again, which also a node takes that remembers nothing.
    fn count_anew(&mut self) {
        if !self.is_one_of_several() {
            self.sent = 0;
        }
    }

    fn note_lost(&mut self, error: Error) {
        self.may_have_run = true;
        self.last = Some(error);
    }

    /// Once at once; what is lost again and again is sent more and more rarely.
    fn again_at_once(&mut self) {
        let wait = match &mut self.backoff {
            Some(backoff) => backoff.next(),
            None => Duration::ZERO,
        };
        self.backoff.get_or_insert_default();
        self.again_in(wait);
    }

    fn again_later(&mut self) {
        let wait = self.backoff.get_or_insert_default().next();
        self.again_in(wait);
    }

    fn again_in(&mut self, wait: Duration) {
        if let Some(again_at) = &mut self.again_at {
            *again_at = runtime::after(wait);
        }
    }

    /// Why there is no answer, if none can come any longer.
    fn unless_over(&mut self) -> Option<Error> {
        let is_sent_again = self.again_at.is_some_and(|again| again < self.deadline);
        if is_sent_again || self.sending.is_some() || !self.open.is_empty() {
            return None;
        }
        let name = &self.envelope.name;
        match self.last.take() {
            Some(last) if !self.may_have_run || last.code() == Code::OutcomeUnknown => Some(last),
            last => {
                let text = format!("no node that got `{name}` has answered in time; it may have had its effect");
                let error = Error::outcome_unknown(text);
                Some(match last {
                    Some(last) => error.with_source(last),
                    None => error,
                })
            }
        }
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(runtime::now())
    }
}
