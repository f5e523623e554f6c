use std::collections::BTreeMap;
use std::io;

use crate::error::{Error, Result};

use super::super::{DeadLetter, LetterId, LetterPage, LetterPlace, Letters as Wanted, Mark};
use super::Limits;

/// What was given up.
#[derive(Debug, Default)]
pub(super) struct Letters {
    kept: BTreeMap<LetterPlace, Buried>,
    places: BTreeMap<LetterId, LetterPlace>,
    last: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Buried {
    letter: DeadLetter,
    /// The mark that was ended with it.
    mark: Option<Mark>,
    size: usize,
}

impl Letters {
    pub(super) fn check(&self, letter: &DeadLetter, limits: &Limits) -> Result<()> {
        let old = self.buried(&letter.id);
        let count = self.kept.len() + usize::from(old.is_none());
        let bytes = self.bytes - old.map_or(0, |old| old.size) + size_of(letter);
        if count <= limits.letters && bytes <= limits.letter_bytes {
            return Ok(());
        }
        Err(Error::unavailable(format!(
            "the store is full of dead letters: {} of at most {}, {} bytes of at most {}; replay or discard some",
            self.kept.len(),
            limits.letters,
            self.bytes,
            limits.letter_bytes
        )))
    }

    /// Adds what was checked, or brings what is there up to date. With the mark that it had until now, if it has got another.
    pub(super) fn add(&mut self, letter: DeadLetter, mark: Option<Mark>) -> Option<Mark> {
        let size = size_of(&letter);
        self.bytes += size;
        if let Some(old) = self.places.get(&letter.id).and_then(|place| self.kept.get_mut(place)) {
            self.bytes -= old.size;
            let first = old.letter.first;
            (old.letter, old.size) = (DeadLetter { first, ..letter }, size);
            return mark.and_then(|mark| old.mark.replace(mark));
        }
        self.last += 1;
        self.places.insert(letter.id.clone(), LetterPlace(self.last));
        self.kept.insert(LetterPlace(self.last), Buried { letter, mark, size });
        None
    }

    /// Removes a letter: the mark that was ended with it, if there was one. `None`: there is no such letter.
    pub(super) fn remove(&mut self, id: &LetterId) -> Option<Option<Mark>> {
        let buried = self.kept.remove(&self.places.remove(id)?)?;
        self.bytes -= buried.size;
        Some(buried.mark)
    }

    pub(super) fn get(&self, id: &LetterId) -> Option<&DeadLetter> {
        self.buried(id).map(|buried| &buried.letter)
    }

    pub(super) fn page(&self, wanted: &Wanted) -> LetterPage {
        let fitting = || self.kept.iter().rev().filter(|(_, buried)| wanted.include(&buried.letter));
        let behind = fitting().filter(|(place, _)| wanted.after.is_none_or(|after| **place < after));
        let mut behind = behind.peekable();
        let (mut letters, mut last) = (Vec::new(), None);
        for (place, buried) in behind.by_ref().take(wanted.limit) {
            letters.push(buried.letter.clone());
            last = Some(*place);
        }
        LetterPage { letters, total: fitting().count(), next: behind.peek().and(last) }
    }

    fn buried(&self, id: &LetterId) -> Option<&Buried> {
        self.kept.get(self.places.get(id)?)
    }
}

/// How many bytes a letter takes where it is written down.
fn size_of(letter: &DeadLetter) -> usize {
    let mut counted = Counted(0);
    // What can't be written down counts as far as it can.
    rmp_serde::encode::write_named(&mut counted, letter).ok();
    counted.0
}

struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
