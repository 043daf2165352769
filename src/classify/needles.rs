//! Finds many short literals in one pass over a short text.
//!
//! Aho-Corasick over some thousand literals is an automaton of megabytes, and a reply is a hundred bytes: nearly every step misses the
//! cache (measured: 38 ns a byte). Here each literal waits in a table of a few kilobytes under its rarest four bytes, and is compared
//! where these stand.

use foldhash::fast::FixedState;

/// How often grams stand somewhere.
type Counts = hashbrown::HashMap<u32, u32, FixedState>;

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
    /// Of each bucket, where its grams begin; a power of two, and one more.
    starts: Box<[u16]>,
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
            return u64::from_le_bytes(*head) & self.mask == self.head && rest.starts_with(&self.tail);
        }
        // Near the end of the text.
        let mut head = [0; 8];
        for (to, from) in head.iter_mut().zip(text) {
            *to = *from;
        }
        u64::from_le_bytes(head) & self.mask == self.head && self.tail.is_empty()
    }
}

/// `N` bytes as a number.
fn gram<const N: usize>(window: &[u8]) -> u32 {
    let mut bytes = [0; 4];
    for (to, from) in bytes.iter_mut().zip(window.iter().take(N)) {
        *to = *from;
    }
    u32::from_le_bytes(bytes)
}

impl<const N: usize> Table<N> {
    /// For literals of at least `N` bytes, each with its place.
    fn new(literals: &[(usize, &[u8])], frequency: &Counts) -> Self {
        let buckets = (literals.len() * 2).next_power_of_two().clamp(64, 1 << 14);
        let mut crowd: Counts = Counts::default();
        let mut waiting: Vec<(usize, u32, Entry)> = Vec::with_capacity(literals.len());
        for &(index, literal) in literals {
            let of = |counts: &Counts, gram| counts.get(&gram).copied().unwrap_or_default();
            let windows = literal.windows(N).map(gram::<N>).enumerate();
            let Some((offset, gram)) = windows.min_by_key(|&(_, gram)| of(frequency, gram) * 4 + of(&crowd, gram)) else {
                continue;
            };
            *crowd.entry(gram).or_default() += 1;
            waiting.push((bucket(gram, buckets), gram, Entry::new(offset, index, literal)));
        }
        waiting.sort_by_key(|(bucket, gram, entry)| (*bucket, *gram, entry.literal));
        let mut starts = vec![0_u16; buckets + 1];
        let mut grams: Vec<Gram> = Vec::new();
        for (at, (bucket, gram, _)) in waiting.iter().enumerate() {
            if let Some(last) = grams.last_mut().filter(|last| last.bytes == *gram) {
                last.to = at as u16 + 1;
                continue;
            }
            grams.push(Gram { bytes: *gram, from: at as u16, to: at as u16 + 1 });
            starts.iter_mut().skip(bucket + 1).take(1).for_each(|count| *count += 1);
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Self { starts: starts.into(), grams, entries: waiting.into_iter().map(|(_, _, entry)| entry).collect() }
    }

    #[inline]
    fn find(&self, text: &[u8], at: usize, gram: u32, found: &mut impl FnMut(usize, usize)) {
        let bucket = bucket(gram, self.starts.len() - 1);
        let Some(&[from, to]) = self.starts.get(bucket..).and_then(<[u16]>::first_chunk) else { return };
        let grams = self.grams.get(usize::from(from)..usize::from(to)).unwrap_or_default();
        let Some(gram) = grams.iter().find(|known| known.bytes == gram) else { return };
        for entry in self.entries.get(usize::from(gram.from)..usize::from(gram.to)).unwrap_or_default() {
            let start = at.wrapping_sub(entry.offset as usize);
            if text.get(start..).is_some_and(|rest| entry.starts(rest)) {
                found(entry.literal as usize, start);
            }
        }
    }
}

/// Where a gram waits among `buckets`, a power of two.
fn bucket(gram: u32, buckets: usize) -> usize {
    (gram.wrapping_mul(0x9e37_79b1) >> 12) as usize & (buckets - 1)
}

impl Needles {
    /// For these literals, each known by its place among them. What is shorter than [`LEAST`] is never found. `samples` show which
    /// bytes are rare.
    pub(super) fn new<'a>(literals: &[&[u8]], samples: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut frequency: Counts = Counts::default();
        for sample in samples {
            for window in sample.windows(4) {
                *frequency.entry(gram::<4>(window)).or_default() += 1;
            }
        }
        // Sixteen bits count the entries of a table; more literals than that are no set of rules.
        let all = literals.iter().copied().enumerate().take(usize::from(u16::MAX));
        let (short, long): (Vec<_>, Vec<_>) = all.partition(|(_, literal)| literal.len() < 4);
        Self { short: Table::new(&short, &Counts::default()), long: Table::new(&long, &frequency) }
    }

    /// Calls `found` with each literal in `text` and where it begins.
    pub(super) fn find(&self, text: &[u8], mut found: impl FnMut(usize, usize)) {
        for (at, window) in text.windows(4).enumerate() {
            let gram = gram::<4>(window);
            self.long.find(text, at, gram, &mut found);
            self.short.find(text, at, gram & 0xff_ffff, &mut found);
        }
        // The last three bytes are the beginning of no four.
        if let Some(last) = text.len().checked_sub(3) {
            self.short.find(text, last, gram::<3>(text.get(last..).unwrap_or_default()), &mut found);
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
