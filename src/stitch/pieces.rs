//! Records that were cut into pieces (Exim's `[1/3] …` under syslog): a process writes the pieces of one record one after the other.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::hosts::LATE;
use crate::event::{Micros, Pos};

/// A record that has more than this is not one.
const LONGEST: usize = 1 << 20;

/// Records that may be open at once.
const MOST: usize = 1024;

/// The first pieces of a record.
#[derive(Debug)]
struct Part {
    record: Vec<u8>,
    next: u32,
    of: u32,
    latest: Micros,
}

/// A record whose pieces are all there, to be read like any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The header of its first piece and the text of all.
    pub record: Vec<u8>,
    /// Where its last piece begins.
    pub pos: Pos,
}

/// One piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    /// Hash of the process that wrote it.
    pub(super) process: u64,
    /// From 1. 0: the next.
    pub(super) index: u32,
    /// 0: there are more.
    pub(super) of: u32,
    pub(super) text: &'a [u8],
    pub(super) pos: Pos,
    /// The host's clock.
    pub(super) latest: Micros,
}

/// What became of a piece.
#[derive(Debug)]
pub(super) enum Put {
    /// It was the last.
    Whole(Joined),
    Kept,
    /// Those before it are not here.
    Alone,
}

/// The records whose last piece is still to come.
#[derive(Debug)]
pub(super) struct Pieces(HashMap<u64, Part, FixedState>);

impl Default for Pieces {
    fn default() -> Self {
        Self(HashMap::with_hasher(FixedState::with_seed(0x7069_6563)))
    }
}

impl Pieces {
    /// A piece that is the first of its record; `header` is what stands before it.
    pub(super) fn first(&mut self, header: &[u8], piece: &Piece<'_>) {
        if self.0.len() >= MOST {
            self.0.retain(|_, part| piece.latest.0 - part.latest.0 <= LATE);
        }
        if self.0.len() < MOST && piece.of != 1 {
            let record = [header, piece.text].concat();
            self.0.insert(piece.process, Part { record, next: 2, of: piece.of, latest: piece.latest });
        }
    }

    /// A piece that is not the first.
    pub(super) fn next(&mut self, piece: &Piece<'_>) -> Put {
        let Some(part) = self.0.get_mut(&piece.process) else { return Put::Alone };
        let is_next = if piece.index == 0 { part.of == 0 } else { part.next == piece.index && part.of == piece.of };
        let fits = is_next && piece.latest.0 - part.latest.0 <= LATE && part.record.len() + piece.text.len() <= LONGEST;
        if !fits {
            self.0.remove(&piece.process);
            return Put::Alone;
        }
        part.record.extend_from_slice(piece.text);
        (part.next, part.latest) = (part.next + 1, piece.latest);
        if piece.of == 0 || piece.index < piece.of && piece.index > 0 {
            return Put::Kept;
        }
        match self.0.remove(&piece.process) {
            Some(part) => Put::Whole(Joined { record: part.record, pos: piece.pos }),
            None => Put::Alone,
        }
    }

    /// Takes over the open records of the stretch that comes next.
    pub(super) fn absorb(&mut self, right: Self) {
        self.0.extend(right.0);
    }

    /// How many records are open.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Bytes of memory held.
    pub(super) fn capacity_bytes(&self) -> usize {
        self.0.values().map(|part| part.record.capacity() + size_of::<Part>()).sum()
    }
}

/// What stands before the text of a piece in its record: the header, without the mark `[1/3] ` of pieces that are numbered.
pub(super) fn header<'a>(record: &'a [u8], text: &[u8], of: u32) -> &'a [u8] {
    let header = record.strip_suffix(text).unwrap_or(record);
    if of == 0 {
        return header;
    }
    memchr::memrchr(b'[', header).and_then(|mark| header.get(..mark)).unwrap_or(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(index: u32, of: u32, text: &str) -> Piece<'_> {
        let pos = Pos { file: 0, offset: u64::from(index) };
        Piece { process: 1, index, of, text: text.as_bytes(), pos, latest: Micros(0) }
    }

    #[test]
    fn pieces_in_order_make_a_record() {
        let mut pieces = Pieces::default();
        pieces.first(header(b"Jun 29 16:04:19 host exim[12]: [1/3] one ", b"one ", 3), &piece(1, 3, "one "));
        assert!(matches!(pieces.next(&piece(2, 3, "two ")), Put::Kept));
        let Put::Whole(joined) = pieces.next(&piece(3, 3, "three")) else { panic!("not whole") };
        assert_eq!(joined.record, b"Jun 29 16:04:19 host exim[12]: one two three");
        assert_eq!(joined.pos.offset, 3);
        assert_eq!(pieces.len(), 0);
    }

    #[test]
    fn pieces_without_numbers_end_with_the_one_that_says_so() {
        let mut pieces = Pieces::default();
        pieces.first(header(b"Jun 29 16:04:19 mx1 qmail[12]: 1791785771.1 one ", b"one ", 0), &piece(1, 0, "one "));
        assert!(matches!(pieces.next(&piece(0, 0, "two ")), Put::Kept));
        let Put::Whole(joined) = pieces.next(&piece(0, 1, "three")) else { panic!("not whole") };
        assert_eq!(joined.record, b"Jun 29 16:04:19 mx1 qmail[12]: 1791785771.1 one two three");
        assert!(matches!(pieces.next(&piece(0, 1, "four")), Put::Alone));
    }

    #[test]
    fn a_piece_without_a_number_does_not_go_on_with_those_that_have_one() {
        let mut pieces = Pieces::default();
        pieces.first(b"", &piece(1, 3, "one "));
        assert!(matches!(pieces.next(&piece(0, 1, "two")), Put::Alone));
        assert_eq!(pieces.len(), 0);
    }

    #[test]
    fn a_missing_piece_ends_the_record() {
        let mut pieces = Pieces::default();
        pieces.first(b"", &piece(1, 3, "one "));
        assert!(matches!(pieces.next(&piece(3, 3, "three")), Put::Alone));
        assert_eq!(pieces.len(), 0);
    }
}
