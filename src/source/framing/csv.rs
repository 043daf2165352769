//! CSV rows: a line end within quotes does not end the row. Source: RFC 4180 section 2.
//!
//! Only a quote at the beginning of a field opens one; elsewhere it stands for itself. A quote that was never meant to be one would
//! swallow the rest of the file, so a quoted field of more than [`LINES_IN_ROW`] lines is none.

use memchr::{memchr, memchr2};

use super::{Cutter, Open, RECORD_BYTES, without_end};

/// The most line ends that a row may hold: a diagnostic text of a server has a handful.
const LINES_IN_ROW: u32 = 64;

/// Cuts rows. A row is given without its line end; empty lines are no rows.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    open: Open,
    state: State,
    /// Line ends within quotes of the open row.
    lines: u32,
}

/// Where in a row the cutting stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// At the beginning of a field.
    #[default]
    Field,
    /// In a field, outside quotes.
    Plain,
    /// Within quotes.
    Quoted,
    /// Behind a quote within quotes: the field's end, or the first of two that stand for one.
    Closing,
}

impl Cutter for Rows {
    fn push<F: FnMut(u64, &[u8])>(&mut self, at: u64, block: &[u8], each: &mut F) {
        // The rest of a field whose quote was none is cut again, before what follows in the block.
        let mut start = 0;
        while let Some((swallowed_at, swallowed)) = self.rows(at, block, &mut start, each) {
            let first = memchr(b'\n', &swallowed).map_or(swallowed.len(), |end| end + 1);
            let (row, rest) = swallowed.split_at_checked(first).unwrap_or((&swallowed, b""));
            self.open.close(swallowed_at, row, without_end, each);
            self.state = State::Field;
            // Holds no more line ends than a row may, so nothing is swallowed in it.
            self.rows(swallowed_at + row.len() as u64, rest, &mut 0, each);
        }
    }

    fn finish<F: FnMut(u64, &[u8])>(mut self, each: &mut F) -> u64 {
        self.open.close(0, b"", without_end, each);
        self.open.overlong
    }
}

impl Rows {
    /// Cuts rows from `block` on from `start`, which moves to where it got to: to the end, unless a row
    /// holds too many lines. Then gives that, with the byte where it begins.
    fn rows<F: FnMut(u64, &[u8])>(&mut self, at: u64, block: &[u8], start: &mut usize, each: &mut F) -> Option<(u64, Vec<u8>)> {
        let mut place = *start;
        while let Some((found, byte)) = self.next(block, place) {
            place = found + 1;
            if byte == b'"' {
                continue;
            }
            let row = block.get(*start..place).unwrap_or_default();
            let row_at = at + *start as u64;
            let is_overlong = self.open.bytes + row.len() as u64 > RECORD_BYTES as u64;
            if self.state == State::Quoted && !is_overlong {
                self.lines += 1;
                if self.lines <= LINES_IN_ROW {
                    continue;
                }
                self.open.extend(row_at, row);
                (*start, self.lines) = (place, 0);
                return Some(self.open.take());
            }
            self.open.close(row_at, row, without_end, each);
            *start = place;
            (self.state, self.lines) = (State::Field, 0);
        }
        self.open.extend(at + *start as u64, block.get(*start..).unwrap_or_default());
        *start = block.len();
        None
    }

    /// The next quote or line end that matters, and where it is.
    fn next(&mut self, block: &[u8], from: usize) -> Option<(usize, u8)> {
        let rest = block.get(from..).filter(|rest| !rest.is_empty())?;
        if self.state == State::Closing {
            self.state = if rest.first() == Some(&b'"') { State::Quoted } else { State::Plain };
            if self.state == State::Quoted {
                return Some((from, b'"'));
            }
        }
        let found = memchr2(b'"', b'\n', rest);
        let before = found.map_or(rest, |found| rest.get(..found).unwrap_or_default());
        if self.state != State::Quoted
            && let Some(last) = before.last()
        {
            self.state = if matches!(last, b',' | b';' | b'\t' | b'|') { State::Field } else { State::Plain };
        }
        let found = found?;
        let byte = *rest.get(found)?;
        if byte == b'"' {
            self.state = match self.state {
                State::Field => State::Quoted,
                State::Plain => State::Plain,
                State::Quoted | State::Closing => State::Closing,
            };
        }
        Some((from + found, byte))
    }
}
