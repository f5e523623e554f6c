use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use pin_project_lite::pin_project;

use crate::error::Result;

use super::Given;

pin_project! {
    /// The run of a function that takes its message by value: first the message, then the function's future in the same place.
    ///
    /// An `async` block would keep both, one behind the other, so that only half as large a message would fit where runs are put.
    #[must_use = "futures do nothing unless awaited"]
    pub struct Run<'a, M, S, F, O> {
        #[pin]
        step: Step<'a, M, S, F>,
        outcome: O,
    }
}

pin_project! {
    #[project = StepProjection]
    enum Step<'a, M, S, F> {
        /// Before the first poll, so that a panic of the message's `Clone` is one of the handler's.
        Waits { start: Option<(Given<'a, M>, S)> },
        /// From then on.
        Runs { #[pin] future: F },
    }
}

impl<'a, M, S, F, O, R> Run<'a, M, S, F, O>
where
    S: FnOnce(Given<'a, M>) -> Result<F>,
    F: Future,
    O: Fn(F::Output) -> Result<R>,
{
    /// What `start` makes of the message, when it is first polled, and `outcome` of what comes of that.
    #[inline(always)]
    pub const fn new(message: Given<'a, M>, start: S, outcome: O) -> Self {
        Self { step: Step::Waits { start: Some((message, start)) }, outcome }
    }
}

impl<'a, M, S, F, O, R> Future for Run<'a, M, S, F, O>
where
    S: FnOnce(Given<'a, M>) -> Result<F>,
    F: Future,
    O: Fn(F::Output) -> Result<R>,
{
    type Output = Result<R>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<R>> {
        let mut this = self.project();
        loop {
            match this.step.as_mut().project() {
                StepProjection::Waits { start } => {
                    // Nothing is left to start only after it failed to, and then nobody polls again.
                    let Some((message, start)) = start.take() else { return Poll::Pending };
                    this.step.set(Step::Runs { future: start(message)? });
                }
                StepProjection::Runs { future } => return future.poll(task).map(this.outcome),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Ready, ready};
    use std::task::Waker;

    use crate::error::Error;

    use super::*;

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Task::from_waker(Waker::noop()))
    }

    #[test]
    fn the_message_and_the_future_share_one_place() {
        type Large = [u8; 512];
        let start = |given: Given<'_, Large>| Ok(ready(*given.as_ref()));
        let run = Run::new(Given::Owned([7; 512]), start, |large: Large| Ok(large[0]));
        assert!(size_of_val(&run) < 512 + 64, "{}", size_of_val(&run));
        assert!(matches!(poll(std::pin::pin!(run)), Poll::Ready(Ok(7))));
    }

    #[test]
    fn nothing_starts_before_the_first_poll_and_a_message_that_cannot_be_had_is_the_error() {
        let started = std::cell::Cell::new(false);
        let start = |_: Given<'_, u8>| -> Result<Ready<u8>> {
            started.set(true);
            Err(Error::internal("not mine"))
        };
        let mut run = std::pin::pin!(Run::new(Given::Borrowed(&1), start, Ok));
        assert!(!started.get());
        let Poll::Ready(outcome) = poll(run.as_mut()) else { panic!("it fails at once") };
        assert_eq!(outcome.unwrap_err().message(), "not mine");
    }
}
