use crate::envelope::Headers;
use crate::error::Error;
use crate::handler::HandlerInfo;
use crate::message::MessageId;

/// One failure of one handler for one message, as a [`Policy`](super::Policy) sees it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Failure<'a> {
    /// The handler. It says what its message is called, of which kind it is, and which deliveries reach it.
    pub handler: &'a HandlerInfo,
    /// The message's id.
    pub message: MessageId,
    /// What the message carried beside its body.
    pub headers: &'a Headers,
    /// What the handler returned. A panic is an [`Internal`](crate::Code::Internal) error that says so.
    pub error: &'a Error,
    /// Which attempt of this handler for this message failed, from 1.
    pub attempt: u32,
    /// How the message came.
    pub came: Came,
}

impl<'a> Failure<'a> {
    /// The first attempt for a stored message without headers; set the fields for any other.
    ///
    /// ```
    /// use catga_core::message::MessageId;
    /// use catga_core::retry::{Failure, Next, Retry};
    /// use catga_core::{Error, Event, Result, handler, handlers};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Event, Clone, Serialize, Deserialize)]
    /// struct Sold;
    ///
    /// #[handler]
    /// async fn count(_: &Sold) -> Result<()> {
    ///     Err(Error::unavailable("the counter is out of order"))
    /// }
    ///
    /// # fn main() {
    /// let [count] = handlers![count];
    /// let error = Error::unavailable("the counter is out of order");
    /// let mut failure = Failure::new(count.info(), MessageId::new(), &error);
    /// assert_eq!(Retry::DEFAULT.next(&failure), Next::Now);
    /// failure.attempt = 10;
    /// assert_eq!(Retry::DEFAULT.next(&failure), Next::Dead);
    /// # }
    /// ```
    pub fn new(handler: &'a HandlerInfo, message: MessageId, error: &'a Error) -> Self {
        static NONE: Headers = Headers::none();
        Self { handler, message, headers: &NONE, error, attempt: 1, came: Came::Stored }
    }
}

/// How a message came to the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Came {
    /// It is a request that was sent, and the sender waits for the answer: [`Next::Dead`](super::Next::Dead) means that the error is it.
    Sent,
    /// It was enqueued or published, and the transport keeps it until it is settled.
    Stored,
}
