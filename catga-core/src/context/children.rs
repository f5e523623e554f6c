use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use uuid::Builder;

use crate::codec::BodyIdentity;
use crate::error::{Error, Result};
use crate::message::MessageId;

use super::Context;

/// How many different commands one run of a handler may send, where it may run again.
pub(crate) const MAX_CHILDREN: usize = 10_000;

/// The commands that one run of a handler has sent: of each, by wire name and body, how many.
#[derive(Debug, Default)]
pub(super) struct Children(BTreeMap<(&'static str, [u8; 16]), u32>);

impl Children {
    /// One more; which one of those equal to it.
    fn add(&mut self, name: &'static str, body: &BodyIdentity) -> Result<u32> {
        let key = (name, *body.bytes());
        if self.0.len() >= MAX_CHILDREN && !self.0.contains_key(&key) {
            return Err(Error::too_large(format!(
                "one run of a handler sends at most {MAX_CHILDREN} different commands; enqueue them instead"
            )));
        }
        let occurrence = self.0.entry(key).or_default();
        *occurrence = occurrence.saturating_add(1);
        Ok(*occurrence)
    }
}

impl Context {
    /// The id of a command that this run sends now: the same one when the handler runs again, in whatever order it sends.
    ///
    /// # Errors
    ///
    /// It has sent too many.
    pub(crate) fn child_id(&self, name: &'static str, body: &BodyIdentity) -> Result<MessageId> {
        let occurrence = self.journal(|journal| journal.children_mut().add(name, body))?;
        Ok(derived(&[
            b"child",
            self.origin().as_uuid().as_bytes(),
            self.scope().as_bytes(),
            name.as_bytes(),
            body.bytes(),
            &occurrence.to_be_bytes(),
        ]))
    }

    /// Who sends it: the handler, and the node where each node has that for itself.
    fn scope(&self) -> String {
        let handler = self.handler.identity();
        if self.handler.is_on_every_node() { format!("{handler}@{}", self.node()) } else { handler }
    }

    /// What stays the same about this message when it comes again: its id, or that of its key, since each try with a key has an id of its
    /// own.
    fn origin(&self) -> MessageId {
        match self.idempotency_key() {
            Some(key) => {
                let principal = self.principal().unwrap_or_default();
                derived(&[b"key", self.handler.message().as_bytes(), principal.as_bytes(), key.as_bytes()])
            }
            None => self.message_id(),
        }
    }
}

/// The id that follows from these parts, as `docs/wire.md` says.
fn derived(parts: &[&[u8]]) -> MessageId {
    let mut hash = Sha256::new();
    for part in parts {
        // None is longer than a few kilobytes.
        hash.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(part);
    }
    let hash: [u8; 32] = hash.finalize().into();
    let mut bits = [0; 16];
    bits.copy_from_slice(&hash[..16]);
    MessageId::from_uuid(Builder::from_custom_bytes(bits).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_derived_as_the_wires_page_says() {
        let parent: MessageId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let body = "000102030405060708090a0b0c0d0e0f".parse::<BodyIdentity>().unwrap();
        let parts: [&[u8]; 6] =
            [b"child", parent.as_uuid().as_bytes(), b"Place/place", b"Charge", body.bytes(), &1_u32.to_be_bytes()];
        let id = derived(&parts);
        assert!(id.is_derived() && !parent.is_derived());
        let page = include_str!("../../../docs/wire.md");
        assert!(page.contains(&format!("`{id}`")), "{id}");
    }

    #[test]
    fn equal_commands_are_counted_apart_from_others_and_their_number_is_bounded() {
        let body = |number: u128| format!("{number:032x}").parse::<BodyIdentity>().unwrap();
        let mut children = Children::default();
        for number in 1..=3 {
            assert_eq!(children.add("Charge", &body(1)).unwrap(), number);
            assert_eq!(children.add("Charge", &body(2)).unwrap(), number);
            assert_eq!(children.add("Reserve", &body(1)).unwrap(), number);
        }
        for number in 3..MAX_CHILDREN as u128 {
            children.add("Charge", &body(number)).unwrap();
        }
        assert_eq!(children.add("Charge", &body(0)).unwrap_err().code(), crate::Code::TooLarge);
        assert_eq!(children.add("Charge", &body(1)).unwrap(), 4);
    }
}
