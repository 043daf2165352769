//! Text that repeats, as small numbers.
//!
//! Domains, relays, replies and hosts occur by the million and are few: a part of the run keeps each once and passes its number on.
//! Numbers are local to one [`Interner`]; when two parts meet, the one's numbers are translated by [`Interner::absorb`]. Nothing
//! that reaches the output may depend on a number: rows are sorted by their text.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// The number of a text in one [`Interner`]. The empty text is always [`Id::EMPTY`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u32);

impl Id {
    /// The empty text: not logged, or does not apply.
    pub const EMPTY: Self = Self(0);
}

/// Keeps each distinct text once.
pub struct Interner {
    /// All texts, one after the other.
    bytes: Vec<u8>,
    /// Where each text ends; the text of id `n` lies between ends `n - 1` and `n`.
    ends: Vec<usize>,
    known: HashTable<Known>,
    hasher: FixedState,
}

/// An id and where its text lies, side by side: a look for a text is a look at two places of memory, and one at a third of them.
#[derive(Clone, Copy)]
struct Known {
    id: u32,
    length: u32,
    start: usize,
}

impl Known {
    fn text<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(self.start..).and_then(|text| text.get(..self.length as usize)).unwrap_or_default()
    }
}

/// Strangers choose the texts, so the seed is not the hasher's default. It is fixed, so that a run can be repeated exactly.
const SEED: u64 = 0x6d61_696c_7461_6c79;

impl Default for Interner {
    fn default() -> Self {
        let mut interner =
            Self { bytes: Vec::new(), ends: Vec::new(), known: HashTable::new(), hasher: FixedState::with_seed(SEED) };
        interner.intern(b"");
        interner
    }
}

impl Interner {
    /// The number of `text`, new or known.
    pub fn intern(&mut self, text: &[u8]) -> Id {
        // Much of what a record may say it does not say.
        if text.is_empty() && !self.ends.is_empty() {
            return Id::EMPTY;
        }
        let hash = self.hasher.hash_one(text);
        if let Some(known) = self.known.find(hash, |known| is_same(known.text(&self.bytes), text)) {
            return Id(known.id);
        }
        let id = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        let known = Known { id, length: text.len() as u32, start: self.bytes.len() };
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        let (bytes, hasher) = (&self.bytes, &self.hasher);
        self.known.insert_unique(hash, known, |other| hasher.hash_one(other.text(bytes)));
        Id(id)
    }

    /// The number of `text`, if it is known.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Option<Id> {
        let hash = self.hasher.hash_one(text);
        self.known.find(hash, |known| is_same(known.text(&self.bytes), text)).map(|known| Id(known.id))
    }

    /// The text of a number that this interner gave.
    #[must_use]
    pub fn text(&self, id: Id) -> &[u8] {
        text_of(&self.bytes, &self.ends, id.0)
    }

    /// How many distinct texts there are, the empty one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Never true: the empty text is always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of memory held.
    #[must_use]
    pub fn capacity_bytes(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<usize>() + self.known.allocation_size()
    }

    /// The translation that changes nothing.
    #[must_use]
    pub fn identity(&self) -> Translation {
        Translation((0..self.len()).map(|id| Id(id as u32)).collect())
    }

    /// Takes over all texts of `other`; the answer translates its numbers into ours.
    #[must_use]
    pub fn absorb(&mut self, other: &Self) -> Translation {
        Translation((0..other.len()).map(|id| self.intern(text_of(&other.bytes, &other.ends, id as u32))).collect())
    }
}

/// Whether two texts are equal. Short ones, as most are, are compared as numbers, their two ends: a call costs more.
#[inline]
#[must_use]
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        0..4 => one.iter().eq(other),
        4..8 => have_same_ends::<4>(one, other),
        8..=16 => have_same_ends::<8>(one, other),
        17..=32 => have_same_ends::<16>(one, other),
        _ => one == other,
    }
}

fn have_same_ends<const N: usize>(one: &[u8], other: &[u8]) -> bool {
    one.first_chunk::<N>() == other.first_chunk::<N>() && one.last_chunk::<N>() == other.last_chunk::<N>()
}

fn text_of<'a>(bytes: &'a [u8], ends: &[usize], id: u32) -> &'a [u8] {
    let id = id as usize;
    let start = id.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    ends.get(id).and_then(|&end| bytes.get(start..end)).unwrap_or_default()
}

/// From the numbers of one interner to those of another.
#[derive(Clone, Debug)]
pub struct Translation(Vec<Id>);

impl Translation {
    /// First this one, then the `next`.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        Self(self.0.iter().map(|&id| next.of(id)).collect())
    }

    /// The number in the other interner.
    #[must_use]
    pub fn of(&self, id: Id) -> Id {
        self.0.get(id.0 as usize).copied().unwrap_or_default()
    }
}

/// What was found out about the texts of one [`Interner`]: each is asked about once.
#[derive(Debug)]
pub struct Memo<T>(Vec<Option<T>>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy> Memo<T> {
    /// What is known of a text, or what `find` says of it.
    pub fn ask(&mut self, id: Id, find: impl FnOnce() -> T) -> T {
        let place = id.0 as usize;
        if let Some(&Some(known)) = self.0.get(place) {
            return known;
        }
        let found = find();
        if self.0.len() <= place {
            self.0.resize(place + 1, None);
        }
        if let Some(known) = self.0.get_mut(place) {
            *known = Some(found);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_asked_about_once() {
        let mut texts = Interner::default();
        let (one, two) = (texts.intern(b"one"), texts.intern(b"two"));
        let (mut memo, mut asked) = (Memo::default(), 0);
        for _ in 0..3 {
            for id in [two, one] {
                let length = memo.ask(id, || {
                    asked += 1;
                    texts.text(id).len()
                });
                assert_eq!(length, 3);
            }
        }
        assert_eq!(asked, 2);
    }

    #[test]
    fn a_text_keeps_its_number() {
        let mut interner = Interner::default();
        let one = interner.intern(b"one");
        assert_ne!(one, interner.intern(b"two"));
        assert_eq!(one, interner.intern(b"one"));
        assert_eq!(interner.text(one), b"one");
        assert_eq!(interner.intern(b""), Id::EMPTY);
        assert_eq!(interner.len(), 3);
    }

    #[test]
    fn texts_are_the_same_if_all_their_bytes_are() {
        let text: Vec<u8> = (0..40).collect();
        let copy = text.clone();
        for length in 0..=text.len() {
            let one = &text[..length];
            assert!(is_same(one, &copy[..length]));
            assert!(!is_same(one, &[one, b"x"].concat()));
            for at in 0..length {
                let mut other = one.to_vec();
                other[at] ^= 0x80;
                assert!(!is_same(one, &other), "{length} bytes, byte {at}");
            }
        }
    }

    #[test]
    fn another_interners_numbers_are_translated() {
        let (mut ours, mut theirs) = (Interner::default(), Interner::default());
        ours.intern(b"a");
        let (b, a) = (theirs.intern(b"b"), theirs.intern(b"a"));
        let translation = ours.absorb(&theirs);
        assert_eq!(ours.text(translation.of(b)), b"b");
        assert_eq!(ours.text(translation.of(a)), b"a");
        assert_eq!(translation.of(Id::EMPTY), Id::EMPTY);
        assert_eq!(ours.len(), 3);
    }
}
