//! Writes into the signature: kept text and placeholders, and what a placeholder swallows of what stands round it.

use super::kind::Kind;
use super::scan::Scan;

impl Scan<'_, '_> {
    pub(super) fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Writes a kept piece, and the space that was due before it.
    pub(super) fn write(&mut self, text: &str) {
        self.space();
        self.out.extend_from_slice(text.as_bytes());
    }

    pub(super) fn space(&mut self) {
        if std::mem::take(&mut self.is_spaced) {
            self.out.push(b' ');
            self.is_in_url = false;
        }
    }

    /// Writes a placeholder. A time swallows what of a date stands before and behind it; `<x@y>` loses its own brackets.
    pub(super) fn place(&mut self, kind: Kind) {
        if let Some((before, start, end)) = self.last {
            let is_next = self.out.len() == end || (self.out.len() == end + 1 && self.out.last() == Some(&b','));
            if is_next
                && (before == Kind::Time && matches!(kind, Kind::N | Kind::Time) || before == Kind::N && kind == Kind::Time)
            {
                self.out.truncate(start);
                // The space before the first piece of the date was written with it.
                self.is_spaced = false;
                self.put(Kind::Time);
                return;
            }
        }
        self.space();
        self.put(kind);
    }

    fn put(&mut self, kind: Kind) {
        let start = self.out.len();
        self.out.extend_from_slice(kind.text().as_bytes());
        self.last = matches!(kind, Kind::Time | Kind::N).then_some((kind, start, self.out.len()));
        while self.rest.as_bytes().first() == Some(&b'>') && self.last_before(kind) == Some(b'<') {
            let at = self.out.len() - kind.text().len() - 1;
            self.out.remove(at);
            self.skip(1);
            if let Some((_, start, end)) = &mut self.last {
                (*start, *end) = (*start - 1, *end - 1);
            }
        }
        if kind == Kind::Ip && self.last_before(kind) == Some(b'[') {
            self.drop_count();
        }
    }

    /// The byte before the placeholder just written.
    fn last_before(&self, kind: Kind) -> Option<u8> {
        let at = self.out.len().checked_sub(kind.text().len() + 1)?;
        self.out.get(at).copied()
    }

    /// Gmail counts inside the brackets: `[192.0.2.1      14]`.
    fn drop_count(&mut self) {
        let inner = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let end = inner.trim_start_matches(|c: char| c.is_ascii_digit());
        if end.len() < inner.len() && inner.len() < self.rest.len() && end.starts_with(']') {
            self.rest = end;
        }
    }
    /// `+0100` right behind a time.
    pub(super) fn is_zone(&self, run: &[u8]) -> bool {
        self.is_behind_time()
            && matches!(run, [b'+' | b'-', zone @ ..] if zone.len() == 4 && zone.iter().all(u8::is_ascii_digit))
    }

    /// `PM` right behind a time.
    pub(super) fn is_half_of_day(&self, run: &[u8]) -> bool {
        matches!(run, b"AM" | b"PM") && self.is_behind_time()
    }

    fn is_behind_time(&self) -> bool {
        self.last.is_some_and(|(kind, _, end)| kind == Kind::Time && self.out.len() == end)
    }
}
