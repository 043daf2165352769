//! What must hold for any format of lines, wherever its records or its files are cut.

use std::collections::BTreeMap;

use bstr::BStr;
use mailtally::event::{Attempt, Event, Kind, Pos, Sink, Status, Target, What};
use mailtally::format::{Account, by_name};
use mailtally::rows::RowSink;
use mailtally::stitch::{Lexicon, Segment};

use super::events::Rendering;
use super::{account_for, context, fixtures, records};

/// All records of a log, counted from a given record on with a reader of their own.
pub(super) fn count<'a>(format: &str, log: &[u8], records: impl Iterator<Item = (u64, &'a [u8])>) -> Account {
    let mut account = Account::default();
    let mut reader = by_name(format).unwrap().reader(log, &context());
    for (offset, record) in records {
        account_for(&mut account, &mut *reader, record, Pos { file: 0, offset });
    }
    account
}

/// The figures of two parts of a file add up to those of the whole, wherever it is cut.
pub(super) fn check_account(format: &str) {
    for path in fixtures(format) {
        let log = std::fs::read(path).unwrap();
        let whole = count(format, &log, records(&log));
        assert_eq!(whole.delivery + whole.context + whole.other + whole.unparsed, whole.lines);
        assert_eq!(whole.delivered + whole.deferred + whole.bounced + whole.expired, whole.attempts);
        for cut in 0..records(&log).count() {
            let mut back = count(format, &log, records(&log).skip(cut));
            back.absorb(&count(format, &log, records(&log).take(cut)));
            assert_eq!((&back, back.recipient_domains()), (&whole, whole.recipient_domains()), "cut at {cut}");
        }
    }
}

/// Remembers the attempts.
#[derive(Default)]
pub(super) struct Attempts(pub(super) Vec<(Status, Vec<u8>)>);

impl Sink for Attempts {
    fn event(&mut self, event: &Event<'_>) {
        if let What::Attempt(Attempt { status, target: Target::Address(address), .. }) = event.what {
            self.0.push((status, address.to_vec()));
        }
    }
}

/// The attempts of one record.
pub(super) fn attempts(format: &str, record: &[u8]) -> (Kind, Attempts) {
    let mut attempts = Attempts::default();
    let kind = by_name(format).unwrap().reader(record, &context()).read(record, Pos::default(), &mut attempts);
    (kind, attempts)
}

/// A record that is cut anywhere after `from` tells no other status than the whole does, or none.
pub(super) fn check_cut(format: &str, record: &[u8], from: usize) {
    let whole: BTreeMap<Vec<u8>, Status> =
        attempts(format, record).1.0.into_iter().map(|(status, address)| (address, status)).collect();
    for cut in from..record.len() {
        let (_, found) = attempts(format, &record[..cut]);
        for (status, address) in found.0 {
            let Some(&expected) = whole.get(&address) else { continue };
            assert!(status == expected || status == Status::Unknown, "{}", BStr::new(&record[..cut]));
        }
    }
}

/// What a reader says of a record does not depend on what it read before.
pub(super) fn check_memory(format: &str, records: &[Vec<u8>]) {
    let mut reader = by_name(format).unwrap().reader(b"", &context());
    for record in records {
        let (mut again, mut alone) = (Rendering::default(), Rendering::default());
        reader.read(record, Pos::default(), &mut again);
        by_name(format).unwrap().reader(b"", &context()).read(record, Pos::default(), &mut alone);
        assert_eq!(again.0, alone.0);
    }
}

/// A log in two parts, each read on its own and then joined.
pub(super) fn stitched<R: RowSink>(format: &str, log: &[u8], cut: usize, rows: impl Fn() -> R) -> (Lexicon, R) {
    let format = by_name(format).unwrap();
    let mut reader = format.reader(log, &context());
    let lines: Vec<_> = records(log).collect();
    let mut whole = Segment::beginning(rows());
    for part in [&lines[..cut], &lines[cut..]] {
        let mut segment = Segment::new(rows());
        for &(offset, record) in part {
            reader.read(record, Pos { file: 0, offset }, &mut segment);
            while let Some(joined) = segment.joined() {
                reader.read(&joined.record, joined.pos, &mut segment);
            }
        }
        whole.join_reading(segment, &mut |record, pos, into| {
            reader.read(record, pos, into);
        });
    }
    let (lexicon, rows, _) = whole.finish();
    (lexicon, rows)
}
