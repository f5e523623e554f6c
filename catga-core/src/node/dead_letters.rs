use crate::delivery::again;
use crate::error::Result;
use crate::persistence::{DeadLetter, Decision, LetterId, LetterPage, Letters, Store};

use super::Node;

/// The dead letters of a node's service: what its handlers have given up. See [`Node::dead_letters`].
///
/// ```
/// use catga_core::persistence::Letters;
/// # use catga_core::{Catga, Result};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let node = Catga::builder("orders").handlers([]).start().await?;
/// let letters = node.dead_letters();
///
/// // Once what was wrong is mended, all of one handler's letters are handled again.
/// let of_receipts = Letters { handler: Some("OrderPlaced/send_receipt".into()), ..Letters::default() };
/// assert_eq!(letters.replay_all(&of_receipts, "ada").await?, 0);
/// # node.shutdown().await
/// # }
/// ```
///
/// # Errors
///
/// Each method fails with `Unavailable` while the store is away, and with `Validation` on a node without a persistence, where the transport keeps
/// what it can.
#[derive(Clone, Copy, Debug)]
pub struct DeadLetters<'a>(&'a Node);

/// How many letters are replayed between two looks at the store.
const BATCH: usize = 100;

/// How a letter ends. Not a closure: the future of an async one can't be given to a task of its own.
#[derive(Clone, Copy)]
enum End {
    Replay,
    Discard,
}

impl<'a> DeadLetters<'a> {
    pub(super) fn of(node: &'a Node) -> Self {
        Self(node)
    }

    /// Some letters, the newest first.
    ///
    /// # Errors
    ///
    /// See [`DeadLetters`].
    pub async fn list(&self, wanted: &Letters) -> Result<LetterPage> {
        self.store()?.letters(wanted).await
    }

    /// The letter of this id, if there is one.
    ///
    /// # Errors
    ///
    /// See [`DeadLetters`].
    pub async fn get(&self, id: &LetterId) -> Result<Option<DeadLetter>> {
        self.store()?.letter(id).await
    }

    /// Lets the handler that gave the message up handle it again, and no other one: the same message id, a new delivery, its attempts counted anew.
    /// `by` says who decided so. Whether there was such a letter; of several who replay it at once, one does.
    ///
    /// The letter goes when, and only if, the message is stored to leave.
    ///
    /// # Errors
    ///
    /// See [`DeadLetters`]; also `OutboxFull`, and then the letter stays.
    pub async fn replay(&self, id: &LetterId, by: &str) -> Result<bool> {
        let store = self.store()?;
        match store.letter(id).await? {
            Some(letter) => store.replay(id, again(&letter.envelope, self.0.service(), id)?, by).await,
            None => Ok(false),
        }
    }

    /// [Replays](Self::replay) all letters that are `wanted`, page by page; how many. What is given up meanwhile, maybe again, isn't among them.
    ///
    /// # Errors
    ///
    /// See [`DeadLetters`]; also `OutboxFull`. What was replayed by then stays so.
    pub async fn replay_all(&self, wanted: &Letters, by: &str) -> Result<usize> {
        self.end_all(wanted, End::Replay, by).await
    }

    /// Ends a letter for good. `by` says who decided so. Whether there was such a letter.
    ///
    /// # Errors
    ///
    /// See [`DeadLetters`].
    pub async fn discard(&self, id: &LetterId, by: &str) -> Result<bool> {
        self.store()?.discard(id, by).await
    }

    /// [Discards](Self::discard) all letters that are `wanted`; how many.
    ///
    /// # Errors
    ///
    /// See [`DeadLetters`]. What was discarded by then stays so.
    pub async fn discard_all(&self, wanted: &Letters, by: &str) -> Result<usize> {
        self.end_all(wanted, End::Discard, by).await
    }

    /// What was decided of letters, the newest first, at most `limit`.
    ///
    /// # Errors
    ///
    /// See [`DeadLetters`].
    pub async fn decisions(&self, limit: usize) -> Result<Vec<Decision>> {
        self.store()?.decisions(limit).await
    }

    async fn end_all(&self, wanted: &Letters, end: End, by: &str) -> Result<usize> {
        let mut wanted = Letters { limit: BATCH, ..wanted.clone() };
        let mut done = 0;
        loop {
            // Newest first, so what is buried meanwhile isn't on the pages to come.
            let LetterPage { letters, next, .. } = self.list(&wanted).await?;
            for letter in letters {
                let is_ended = match end {
                    End::Replay => self.replay(&letter.id, by).await?,
                    End::Discard => self.discard(&letter.id, by).await?,
                };
                done += usize::from(is_ended);
            }
            if next.is_none() {
                return Ok(done);
            }
            wanted.after = next;
        }
    }

    fn store(&self) -> Result<&'a dyn Store> {
        self.0.store("keep dead letters")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_of_its_own_can_end_all_letters() {
        let node = crate::Catga::builder("shop").handlers([]).start().await.unwrap();
        let ending = async move {
            let (letters, all) = (node.dead_letters(), Letters { limit: 10, ..Letters::default() });
            (letters.replay_all(&all, "ada").await.unwrap(), letters.discard_all(&all, "ada").await.unwrap())
        };
        assert_eq!(crate::runtime::spawn(ending).await.unwrap(), (0, 0));
    }
}
