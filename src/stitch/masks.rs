//! Signatures of replies that were masked a moment ago.
//!
//! Masking reads a reply byte by byte, and the same reply often comes again at once: the queue manager repeats it for all mail that it
//! holds back, a dead host gives it for every try.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use crate::classify::mask_unless;
use crate::intern::{Id, Interner};

/// Replies kept: about 200 bytes each.
const KEPT: usize = 1024;

/// Masks replies; one that was masked before is looked up. What it knows is the ids of one interner.
#[derive(Debug)]
pub(super) struct Masks {
    /// By hash; a new one takes the place of the one before.
    kept: Vec<(Vec<u8>, Id)>,
    /// Texts that are signatures: what masking has nothing more to do with.
    signatures: HashSet<Id, FixedState>,
    hasher: FixedState,
    scratch: Vec<u8>,
}

impl Default for Masks {
    fn default() -> Self {
        let hasher = FixedState::with_seed(0x6d61_736b);
        Self { kept: Vec::new(), signatures: HashSet::default(), hasher, scratch: Vec::new() }
    }
}

impl Masks {
    /// The signature of a reply.
    pub(super) fn mask(&mut self, reply: &[u8], texts: &mut Interner) -> Id {
        if self.kept.is_empty() {
            self.kept.resize_with(KEPT, Default::default);
        }
        let place = self.hasher.hash_one(reply) as usize % KEPT;
        if let Some((known, id)) = self.kept.get(place)
            && known == reply
        {
            return *id;
        }
        let (signatures, mut known) = (&self.signatures, None);
        mask_unless(reply, &mut self.scratch, |text| {
            known = texts.find(text).filter(|id| signatures.contains(id));
            known.is_some()
        });
        let id = known.unwrap_or_else(|| {
            let id = texts.intern(&self.scratch);
            self.signatures.insert(id);
            id
        });
        if let Some((known, kept)) = self.kept.get_mut(place) {
            known.clear();
            known.extend_from_slice(reply);
            *kept = id;
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::mask;

    #[test]
    fn a_reply_has_one_signature_however_often_it_comes() {
        let (mut masks, mut texts, mut expected) = (Masks::default(), Interner::default(), Vec::new());
        assert_eq!(masks.mask(b"", &mut texts), Id::EMPTY);
        for number in (0..5_000_u32).chain(0..50) {
            let reply = format!("452 4.2.2 mailbox of user{number}@example.org is full");
            let id = masks.mask(reply.as_bytes(), &mut texts);
            mask(reply.as_bytes(), &mut expected);
            assert_eq!(texts.text(id), expected);
        }
    }
}
