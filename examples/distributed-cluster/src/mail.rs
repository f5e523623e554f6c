//! The world outside: a mail provider, played by this program, with which something can go wrong.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use catga::{Error, Result, message::MessageId};

/// As a provider that doesn't know a sender yet, it refuses each mail so often before it takes it.
const REFUSED_FIRST: u32 = 2;

/// The provider remembers so many mails, and forgets the oldest of more.
const REMEMBERED: usize = 10_000;

/// The provider closes at most this many mailboxes.
const MAX_CLOSED: usize = 1_000;

/// Sends mail. Cheap to clone; clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Mailer(Arc<Mutex<Provider>>);

#[derive(Default)]
struct Provider {
    /// How often each mail came; by key, so the oldest first.
    tries: BTreeMap<MessageId, u32>,
    /// Whose mail bounces.
    closed: BTreeSet<String>,
}

impl Mailer {
    /// Sends a mail. The provider delivers it once for one key, however often it comes.
    ///
    /// # Errors
    ///
    /// `Unavailable`: the provider wants it to be tried again. `NotFound`: the mail bounces, and would do so again.
    pub(crate) fn send(&self, key: MessageId, customer_id: &str) -> Result<()> {
        let mut provider = self.provider();
        if provider.closed.contains(customer_id) {
            return Err(Error::not_found(format!("the mailbox of {customer_id} is closed")));
        }
        let tries = provider.tries.entry(key).or_default();
        *tries = tries.saturating_add(1);
        let is_refused = *tries <= REFUSED_FIRST;
        if provider.tries.len() > REMEMBERED {
            provider.tries.pop_first();
        }
        if is_refused { Err(Error::unavailable("the mail provider says: try again later")) } else { Ok(()) }
    }

    /// From now on the customer's mail bounces.
    ///
    /// # Errors
    ///
    /// `Conflict`: too many mailboxes are closed.
    pub(crate) fn close_mailbox(&self, customer_id: &str) -> Result<()> {
        let mut provider = self.provider();
        if provider.closed.len() >= MAX_CLOSED && !provider.closed.contains(customer_id) {
            return Err(Error::conflict(format!("{MAX_CLOSED} mailboxes are closed; open some")));
        }
        provider.closed.insert(customer_id.to_owned());
        Ok(())
    }

    /// From now on the customer's mail arrives.
    pub(crate) fn open_mailbox(&self, customer_id: &str) {
        self.provider().closed.remove(customer_id);
    }

    fn provider(&self) -> MutexGuard<'_, Provider> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use catga::Code;

    use super::*;

    #[test]
    fn a_mail_is_refused_twice_and_then_taken_as_often_as_it_comes() {
        let (mailer, key) = (Mailer::default(), MessageId::new());
        let sent: Vec<_> = (0..4).map(|_| mailer.send(key, "CUST-001").map_err(|error| error.code())).collect();
        assert_eq!(sent, [Err(Code::Unavailable), Err(Code::Unavailable), Ok(()), Ok(())]);
        assert!(mailer.send(MessageId::new(), "CUST-001").unwrap_err().can_retry());
    }

    #[test]
    fn mail_bounces_while_its_mailbox_is_closed() {
        let (mailer, key) = (Mailer::default(), MessageId::new());
        mailer.close_mailbox("CUST-002").unwrap();
        let bounced = mailer.send(key, "CUST-002").unwrap_err();
        assert_eq!((bounced.code(), bounced.can_retry()), (Code::NotFound, false));
        mailer.open_mailbox("CUST-002");
        assert_eq!(mailer.send(key, "CUST-002").unwrap_err().code(), Code::Unavailable);
    }

    #[test]
    fn what_the_provider_remembers_is_bounded() {
        let mailer = Mailer::default();
        for _ in 0..=REMEMBERED {
            mailer.send(MessageId::new(), "CUST-001").unwrap_err();
        }
        assert_eq!(mailer.provider().tries.len(), REMEMBERED);
        (0..MAX_CLOSED).for_each(|customer| mailer.close_mailbox(&customer.to_string()).unwrap());
        assert_eq!(mailer.close_mailbox("one more").unwrap_err().code(), Code::Conflict);
        mailer.close_mailbox("0").unwrap();
    }
}
