//! Finds many short literals in one pass over a short text.
//!
//! Aho-Corasick over some thousand literals is an automaton of megabytes, and a reply is a hundred bytes: nearly every step misses the
//! cache (measured: 38 ns a byte). Here each literal waits in a table of a few kilobytes under its rarest four bytes, and is compared
//! where these stand.

use std::collections::{BTreeMap, HashMap};

/// Shortest literal that can be found.
pub(super) const LEAST: usize = 3;

/// A set of literals.
#[derive(Debug)]
pub(super) struct Needles {
    /// Literals of three bytes.
    short: Table<3>,
    /// All longer ones.
    long: Table<4>,
}

/// Literals under some `N` of their bytes.
#[derive(Debug)]
struct Table<const N: usize> {
    /// One bit for each gram, by its hash: most places of a text are done with here.
    bits: Box<[u64]>,
    /// A power of two of slots, most of them empty: the place of a gram in `grams`, from 1. A gram whose slot is taken waits in the next.
    slots: Box<[u16]>,
    grams: Vec<Gram>,
    entries: Vec<Entry>,
}

/// Some bytes, and the literals that wait under them.
#[derive(Debug)]
struct Gram {
    bytes: u32,
    from: u16,
    to: u16,
}

/// A literal.
#[derive(Debug)]
struct Entry {
    /// Of the bytes that it waits under, in the literal.
    offset: u32,
    literal: u32,
    /// Up to eight bytes of the literal from its beginning on, and which of them there are.
    head: u64,
    mask: u64,
    /// What follows them.
    tail: Box<[u8]>,
}

impl Entry {
    fn new(offset: usize, index: usize, literal: &[u8]) -> Self {
        let (head, tail) = literal.split_at_checked(8).unwrap_or((literal, &[]));
        let mut bytes = [0; 8];
        let mut mask = [0; 8];
        for ((to, mask), &from) in bytes.iter_mut().zip(&mut mask).zip(head) {
            (*to, *mask) = (from, 0xff);
        }
        let (head, mask) = (u64::from_le_bytes(bytes), u64::from_le_bytes(mask));
        Self { offset: offset as u32, literal: index as u32, head, mask, tail: tail.into() }
    }

    fn starts(&self, text: &[u8]) -> bool {
        if let Some((head, rest)) = text.split_first_chunk::<8>() {
            let is_head = u64::from_le_bytes(*head) & self.mask == self.head;
            return is_head && (self.tail.is_empty() || rest.starts_with(&self.tail));
        }
        // Near the end of the text.
        let mut head = [0; 8];
        for (to, from) in head.iter_mut().zip(text) {
            *to = *from;
        }
        u64::from_le_bytes(head) & self.mask == self.head && self.tail.is_empty()
    }
}

/// Four bytes as a number, or three.
fn gram(window: &[u8]) -> u32 {
    match (window.first_chunk::<4>(), window.first_chunk::<3>()) {
        (Some(&four), _) => u32::from_le_bytes(four),
        (None, Some(&[a, b, c])) => u32::from_le_bytes([a, b, c, 0]),
        (None, None) => 0,
    }
}

/// The hash of a gram: its high bits are the better ones.
#[inline]
fn hash(gram: u32) -> usize {
    let mixed = gram.wrapping_mul(0x9e37_79b1);
    (mixed ^ (mixed >> 15)) as usize
}

impl<const N: usize> Table<N> {
    /// For literals of at least `N` bytes, each with its place.
    fn new(literals: &[(usize, &[u8])], frequency: &HashMap<u32, u32>) -> Self {
        let mut waiting: BTreeMap<u32, Vec<Entry>> = BTreeMap::new();
        for &(index, literal) in literals {
            let crowd = |gram| waiting.get(&gram).map_or(0, Vec::len);
            let weight = |gram| frequency.get(&gram).copied().unwrap_or_default() as usize * 4 + crowd(gram);
            let windows = literal.windows(N).map(gram).enumerate();
            let Some((offset, gram)) = windows.min_by_key(|&(_, gram)| weight(gram)) else { continue };
            waiting.entry(gram).or_default().push(Entry::new(offset, index, literal));
        }
        let mut slots = vec![0_u16; (waiting.len() * 2).next_power_of_two().max(64)];
        let mut bits = vec![0_u64; (waiting.len() / 4).next_power_of_two().max(16)];
        let (mut grams, mut entries) = (Vec::with_capacity(waiting.len()), Vec::with_capacity(literals.len()));
        for (bytes, of_gram) in waiting {
            let from = entries.len() as u16;
            entries.extend(of_gram);
            grams.push(Gram { bytes, from, to: entries.len() as u16 });
            let (word, bit) = (hash(bytes) / 64 & (bits.len() - 1), 1 << (hash(bytes) % 64));
            bits.iter_mut().skip(word).take(1).for_each(|word| *word |= bit);
            let first = hash(bytes) & (slots.len() - 1);
            let (before, after) = slots.split_at_mut(first);
            if let Some(free) = after.iter_mut().chain(before).find(|place| **place == 0) {
                *free = grams.len() as u16;
            }
        }
        Self { bits: bits.into(), slots: slots.into(), grams, entries }
    }

    #[inline]
    fn find(&self, text: &[u8], at: usize, bytes: u32, found: &mut impl FnMut(usize, usize)) {
        let hash = hash(bytes);
        let word = self.bits.get(hash / 64 & (self.bits.len() - 1)).copied().unwrap_or_default();
        if word >> (hash % 64) & 1 == 0 {
            return;
        }
        let mut slot = hash & (self.slots.len() - 1);
        loop {
            let Some(place) = self.slots.get(slot).copied().filter(|&place| place != 0) else { return };
            let Some(gram) = self.grams.get(usize::from(place) - 1) else { return };
            if gram.bytes == bytes {
                return self.compare(text, at, gram, found);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    /// Compares what waits under the gram that stands at `at`.
    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, gram: &Gram, found: &mut impl FnMut(usize, usize)) {
        for entry in self.entries.get(usize::from(gram.from)..usize::from(gram.to)).unwrap_or_default() {
            let start = at.wrapping_sub(entry.offset as usize);
            if text.get(start..).is_some_and(|rest| entry.starts(rest)) {
                found(entry.literal as usize, start);
            }
        }
    }
}

impl Needles {
    /// For these literals, each known by its place among them. What is shorter than [`LEAST`] is never found. `samples` show which
    /// bytes are rare.
    pub(super) fn new<'a>(literals: &[&[u8]], samples: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut frequency: HashMap<u32, u32> = HashMap::new();
        for sample in samples {
            for window in sample.windows(4) {
                *frequency.entry(gram(window)).or_default() += 1;
            }
        }
        // Sixteen bits count the entries of a table; more literals than that are no set of rules.
        let all = literals.iter().copied().enumerate().take(usize::from(u16::MAX));
        let (short, long): (Vec<_>, Vec<_>) = all.partition(|(_, literal)| literal.len() < 4);
        Self { short: Table::new(&short, &HashMap::new()), long: Table::new(&long, &frequency) }
    }

    /// Calls `found` with each literal in `text` and where it begins.
    pub(super) fn find(&self, text: &[u8], mut found: impl FnMut(usize, usize)) {
        for (at, &window) in text.array_windows::<4>().enumerate() {
            let gram = u32::from_le_bytes(window);
            self.long.find(text, at, gram, &mut found);
            self.short.find(text, at, gram & 0xff_ffff, &mut found);
        }
        // The last three bytes are the beginning of no four.
        if let Some(last) = text.len().checked_sub(3) {
            self.short.find(text, last, gram(text.get(last..).unwrap_or_default()), &mut found);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(literals: &[&[u8]], text: &[u8]) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        Needles::new(literals, [text].into_iter()).find(text, |literal, at| all.push((literal, at)));
        all.sort_unstable();
        all
    }

    #[test]
    fn overlapping_literals_are_all_found() {
        assert_eq!(found(&[b"mailbox", b"box full", b"full", b"xx"], b"mailbox full"), [(0, 0), (1, 4), (2, 8)]);
        assert_eq!(found(&[b"mailbox"], b"ma"), []);
        assert_eq!(found(&[b"spf"], b"spf"), [(0, 0)]);
    }

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(literals in prop::collection::vec("[ab ]{3,12}", 1..8), text in "[ab ]{0,40}") {
            let mut all = Vec::new();
            for (index, literal) in literals.iter().enumerate() {
                all.extend((0..text.len()).filter(|&at| text[at..].starts_with(literal.as_str())).map(|at| (index, at)));
            }
            all.sort_unstable();
            let bytes: Vec<&[u8]> = literals.iter().map(String::as_bytes).collect();
            prop_assert_eq!(found(&bytes, text.as_bytes()), all);
        }
    }
}
