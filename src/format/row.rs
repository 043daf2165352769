//! The cells of one row of CSV, RFC 4180.
//!
//! What cut the file into rows took care of line ends within quotes; here is one row, whole. Nearly every row of a log can be cut where
//! it stands, without a copy: no quotes, or quoted cells without quotes within. Whatever is odd goes to csv-core, which is what the
//! cells mean in either case: a test holds the two against each other.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};
use memchr::{memchr, memchr_iter};

use super::cursor::skip_blanks;

/// Cuts rows. Its buffers are used again from row to row.
pub(crate) struct Row {
    /// Where each cell begins and ends.
    spans: Vec<Span>,
    /// Cells of a row that had to be copied.
    text: Vec<u8>,
    ends: Vec<usize>,
    core: Reader,
    /// What stands between cells.
    separator: u8,
}

/// What stands between cells in tables of logs that have a header; where a country writes decimals with a comma, spreadsheets and
/// PowerShell take the semicolon.
pub(crate) const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// First byte, and one more than the last.
pub(crate) type Span = (usize, usize);

/// The cells of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cells<'a> {
    text: &'a [u8],
    spans: &'a [Span],
    /// In the order of columns.
    spilt: [Spilt; 2],
}

/// A column that takes more than one cell, because it holds commas and its quotes were lost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spilt {
    pub(crate) column: usize,
    /// How many cells more.
    pub(crate) extra: usize,
}

impl Row {
    pub(crate) fn new() -> Self {
        Self::separated(b',')
    }

    /// The same for cells between which another byte stands: a semicolon, a tab.
    pub(crate) fn separated(separator: u8) -> Self {
        // What cut the rows knows where they end: a carriage return within a cell is a byte like others.
        let core = ReaderBuilder::new().delimiter(separator).terminator(Terminator::Any(b'\n')).build();
        Self { spans: Vec::new(), text: Vec::new(), ends: Vec::new(), core, separator }
    }

    /// Cuts `record`, a row without its line end.
    pub(crate) fn read<'a>(&'a mut self, record: &'a [u8]) -> Cells<'a> {
        self.spans.clear();
        let is_plain = memchr(b'"', record).is_none();
        if is_plain {
            cut(record, self.separator, &mut self.spans);
        } else if quoted(record, self.separator, &mut self.spans).is_none() {
            self.copied(record);
            return Cells::new(&self.text, &self.spans);
        }
        Cells::new(record, &self.spans)
    }

    /// The way of csv-core: copies the cells, with what quotes hide taken out.
    fn copied(&mut self, record: &[u8]) {
        self.core.reset();
        self.text.resize(record.len().max(1), 0);
        self.ends.resize(memchr_iter(self.separator, record).count() + 1, 0);
        let (mut input, mut written, mut ended) = (record, 0, 0);
        loop {
            let text = self.text.get_mut(written..).unwrap_or_default();
            let ends = self.ends.get_mut(ended..).unwrap_or_default();
            let (result, read, wrote, cells) = self.core.read_record(input, text, ends);
            input = input.get(read..).unwrap_or_default();
            written += wrote;
            ended += cells;
            match result {
                // No input is left: an empty one tells that the record ends here.
                ReadRecordResult::InputEmpty => {}
                // Room is never short: cells take no more than the record, and there are no more than commas and one.
                ReadRecordResult::Record
                | ReadRecordResult::End
                | ReadRecordResult::OutputFull
                | ReadRecordResult::OutputEndsFull => break,
            }
        }
        self.spans.clear();
        let mut start = 0;
        for &end in self.ends.iter().take(ended) {
            self.spans.push((start, end));
            start = end;
        }
    }
}

/// Cuts a row without quotes.
fn cut(record: &[u8], separator: u8, spans: &mut Vec<Span>) {
    let mut start = 0;
    for end in memchr_iter(separator, record) {
        spans.push((start, end));
        start = end + 1;
    }
    spans.push((start, record.len()));
}

/// Cuts a row whose quotes stand around whole cells. None: some do not.
fn quoted(record: &[u8], separator: u8, spans: &mut Vec<Span>) -> Option<()> {
    let mut start = 0;
    loop {
        let rest = record.get(start..)?;
        let Some(inside) = rest.strip_prefix(b"\"") else {
            let Some(length) = memchr(separator, rest) else {
                spans.push((start, record.len()));
                return Some(());
            };
            spans.push((start, start + length));
            start += length + 1;
            continue;
        };
        let length = memchr(b'"', inside)?;
        spans.push((start + 1, start + 1 + length));
        match inside.get(length + 1) {
            None => return Some(()),
            Some(&next) if next == separator => start += length + 3,
            Some(_) => return None,
        }
    }
}

impl<'a> Cells<'a> {
    /// Cells of `text`.
    pub(crate) fn new(text: &'a [u8], spans: &'a [Span]) -> Self {
        Self { text, spans, spilt: [Spilt::default(); 2] }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The cell of a column without blanks around it; empty where the row is too short.
    pub(crate) fn get(&self, column: usize) -> &'a [u8] {
        let before = self.spilt.iter().filter(|spilt| spilt.column < column).map(|spilt| spilt.extra).sum::<usize>();
        let here = self.spilt.iter().filter(|spilt| spilt.column == column).map(|spilt| spilt.extra).sum::<usize>();
        let (first, last) = (column + before, column + before + here);
        let start = self.spans.get(first).map_or(0, |span| span.0);
        let end = self.spans.get(last).map_or(0, |span| span.1);
        trim(self.text.get(start..end).unwrap_or_default())
    }

    /// All cells in order, without blanks around them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        let text = self.text;
        self.spans.iter().map(move |&(start, end)| trim(text.get(start..end).unwrap_or_default()))
    }

    /// The same cells without the first `count`.
    pub(crate) fn skip(self, count: usize) -> Self {
        Self { spans: self.spans.get(count..).unwrap_or_default(), ..self }
    }

    /// The same cells, of which each column of `spilt` takes more than one.
    pub(crate) fn spilt(self, spilt: [Spilt; 2]) -> Self {
        Self { spilt, ..self }
    }
}

/// Whether a cell may be the name of a column, behind nothing that passed the table on.
pub(crate) fn is_name(cell: &[u8]) -> bool {
    cell.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// Without blanks at either end.
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let mut text = skip_blanks(text);
    while let [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] = text {
        text = rest;
    }
    text
}

/// Which of a table's columns `N` stand where, as its header says.
#[derive(Clone, Debug)]
pub(crate) struct Columns<const N: usize> {
    /// Per known column; `ABSENT` where the header has no such name.
    at: [usize; N],
    /// Columns of the header, the unknown ones too.
    count: usize,
}

/// No column.
const ABSENT: usize = usize::MAX;

impl<const N: usize> Columns<N> {
    /// Finds the known columns among the `names` of a header. A name that stands twice counts at its first place.
    pub(crate) fn read<'a>(names: impl Iterator<Item = &'a [u8]>, known: impl Fn(&[u8]) -> Option<usize>) -> Self {
        let mut columns = Self { at: [ABSENT; N], count: 0 };
        for name in names {
            if let Some(place) = known(trim(name)).and_then(|column| columns.at.get_mut(column))
                && *place == ABSENT
            {
                *place = columns.count;
            }
            columns.count += 1;
        }
        columns
    }

    /// Columns of the header.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Where a column stands, if the header has it.
    pub(crate) fn place(&self, column: usize) -> Option<usize> {
        self.at.get(column).copied().filter(|&place| place != ABSENT)
    }

    /// A cell of a row; empty where there is no such column.
    pub(crate) fn cell<'a>(&self, cells: &Cells<'a>, column: usize) -> &'a [u8] {
        self.place(column).map_or(b"", |place| cells.get(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(record: &[u8]) -> Vec<Vec<u8>> {
        Row::new().read(record).iter().map(<[u8]>::to_vec).collect()
    }

    #[track_caller]
    fn check(record: &str, expected: &[&str]) {
        let expected: Vec<_> = expected.iter().map(|cell| cell.as_bytes().to_vec()).collect();
        assert_eq!(cells(record.as_bytes()), expected, "{record}");
    }

    #[test]
    fn cells_are_cut_at_commas_outside_of_quotes() {
        check("d,1,,x", &["d", "1", "", "x"]);
        check("d,\"a,b\",c", &["d", "a,b", "c"]);
        check("\"a,b\"", &["a,b"]);
        check("a,", &["a", ""]);
        check("", &[""]);
        check("\"\",\"\"", &["", ""]);
    }

    #[test]
    fn quotes_within_quotes_are_doubled() {
        check("\"\"\"a, b\"\"@example.com\",x", &["\"a, b\"@example.com", "x"]);
        check("a,\"two inches,2\"\"\"", &["a", "two inches,2\""]);
        check("\"line one\r\nline two\",x", &["line one\r\nline two", "x"]);
    }

    #[test]
    fn quotes_in_odd_places_are_read_as_csv_core_reads_them() {
        check("a\"b,c", &["a\"b", "c"]);
        check("\"a\"b,c", &["ab", "c"]);
        check("\"never closed,c", &["never closed,c"]);
    }

    #[test]
    fn blanks_around_cells_are_none_of_theirs() {
        check("d, 1178807903,, a@b ,\tx", &["d", "1178807903", "", "a@b", "x"]);
    }

    #[test]
    fn a_cell_that_lost_its_quotes_takes_what_is_too_much() {
        let mut row = Row::new();
        let cells = row.read(b"b,550 no, really, no,mx1,SIZE,DSN,x");
        let cells = cells.spilt([Spilt { column: 1, extra: 2 }, Spilt { column: 3, extra: 1 }]);
        let expected = [&b"b"[..], b"550 no, really, no", b"mx1", b"SIZE,DSN", b"x", b""];
        assert_eq!([0, 1, 2, 3, 4, 5].map(|column| cells.get(column)), expected);
    }

    #[test]
    fn the_header_says_where_a_column_stands() {
        let known = |name: &[u8]| [&b"rcpt"[..], b"orig", b"vmta"].iter().position(|known| known.eq_ignore_ascii_case(name));
        let columns = Columns::<3>::read([&b"type"[..], b"RCPT", b"rcpt ", b"orig"].into_iter(), known);
        assert_eq!((columns.count(), columns.place(0), columns.place(1), columns.place(2)), (4, Some(1), Some(3), None));
        let mut row = Row::new();
        let cells = row.read(b"d,a@b.example");
        assert_eq!((columns.cell(&cells, 0), columns.cell(&cells, 1)), (&b"a@b.example"[..], &b""[..]));
    }

    proptest! {
        #[test]
        fn cutting_in_place_gives_what_csv_core_gives(record in "[a,\" \\r]{0,24}") {
            let mut core = Row::new();
            core.copied(record.as_bytes());
            let text = core.text.clone();
            let expected: Vec<_> = core.spans.iter().map(|&(start, end)| trim(&text[start..end]).to_vec()).collect();
            // A row of nothing is no row for csv-core, and one empty cell for us.
            let expected = if expected.is_empty() { vec![Vec::new()] } else { expected };
            prop_assert_eq!(cells(record.as_bytes()), expected);
        }

        #[test]
        fn any_bytes_are_cut(record in prop::collection::vec(any::<u8>(), 0..200)) {
            cells(&record);
        }
    }
}
