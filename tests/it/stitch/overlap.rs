//! Files that overlap tell nothing twice: a month fed once is the month fed twice side by side, and the month parted into two files.

use mailtally::event::{Kind, Micros, Pos};
use mailtally::format::{FileContext, Reader, detect};
use mailtally::rows::RowSink;
use mailtally::stitch::{Noted, Overlap, Segment};
use proptest::prelude::*;

use super::collect::Everything;
use super::script::{Said, feed_text};
use crate::simulate::{Options, simulate};

/// A file whose records are read one after the other.
struct File<'a> {
    number: u32,
    reader: Box<dyn Reader>,
    lines: Vec<&'a [u8]>,
    next: usize,
    offset: u64,
}

impl<'a> File<'a> {
    fn new(number: u32, text: &'a [u8]) -> Self {
        let context =
            FileContext { anchor: Micros(1_796_083_200_000_000), zone: jiff::tz::TimeZone::UTC, own_relays: Vec::new() };
        let reader = detect(&text[..text.len().min(65_536)]).expect("a Postfix log").format.reader(text, &context);
        let lines = text.split_inclusive(|&byte| byte == b'\n').collect();
        Self { number, reader, lines, next: 0, offset: 0 }
    }

    fn is_over(&self) -> bool {
        self.next == self.lines.len()
    }

    /// Reads some lines into a segment.
    fn read<R: RowSink>(&mut self, count: usize, into: &mut Segment<R>) {
        for line in self.lines.iter().skip(self.next).take(count) {
            let record = line.strip_suffix(b"\n").unwrap_or(line);
            let pos = Pos { file: self.number, offset: self.offset };
            assert_ne!(self.reader.read(record, pos, into), Kind::Unparsed, "{}", String::from_utf8_lossy(record));
            self.offset += line.len() as u64;
        }
        self.next = (self.next + count).min(self.lines.len());
    }
}

/// Reads one file, whole.
fn once(text: &[u8]) -> (Everything, Noted) {
    let mut whole = Segment::beginning(Everything::default());
    let mut segment = Segment::new(Everything::default());
    File::new(0, text).read(usize::MAX / 2, &mut segment);
    whole.join(segment);
    let (_, rows, noted) = whole.finish();
    (rows, noted)
}

/// Reads files side by side, so many lines of each at a time.
fn side_by_side(texts: &[&[u8]], lines: usize) -> (Everything, Noted, usize) {
    let mut overlap = Overlap::new(Everything::default(), &vec![None; texts.len()]);
    let mut files: Vec<File<'_>> = (0..).zip(texts).map(|(number, text)| File::new(number, text)).collect();
    let mut most = 0;
    while files.iter().any(|file| !file.is_over()) {
        for (lane, file) in files.iter_mut().enumerate().filter(|(_, file)| !file.is_over()) {
            let mut segment = Segment::held(Everything::default());
            file.read(lines, &mut segment);
            overlap.join(Some(lane), segment, &mut |_, _, _| {});
            most = most.max(overlap.capacity_bytes());
            if file.is_over() {
                overlap.close(lane);
            }
        }
    }
    let mut whole = Segment::beginning(Everything::default());
    whole.join(overlap.finish());
    let (_, rows, noted) = whole.finish();
    (rows, noted, most)
}

/// Without the evidence and the places: those of two files differ.
fn outcomes(all: &Everything) -> Everything {
    let is_outcome = |row: &&String| !row.starts_with("evidence");
    // `SECOND@FILE:OFFSET STATUS/…` of each attempt.
    let word = |word: &str| match word.split_once('@') {
        Some((second, _)) if second.trim_start_matches('[').bytes().all(|byte| byte.is_ascii_digit()) => second.to_owned(),
        Some(_) | None => word.to_owned(),
    };
    // Which recipient of a message is the first, and which of two connections in a second was used, is not told by records of two
    // files that have the same stamp.
    let is_told = |word: &&str| ["no=", "first=", "tls="].iter().all(|name| !word.starts_with(name));
    let without_place = |row: &String| row.split(' ').filter(is_told).map(word).collect::<Vec<_>>().join(" ");
    let mut found = Everything::default();
    for (row, count) in all.0.iter().filter(|(row, _)| is_outcome(row)) {
        *found.0.entry(without_place(row)).or_default() += count;
    }
    found
}

#[track_caller]
fn check(one: &(Everything, Noted), other: &(Everything, Noted, usize)) {
    let (rows, others) = (outcomes(&one.0), outcomes(&other.0));
    assert!(rows == others, "{}", rows.differences(&others));
    assert_eq!(Noted { overlapped: 0, ..other.1 }, one.1);
}

fn logs(seed: u64, messages: u64) -> Vec<Vec<u8>> {
    simulate(&Options::october(seed, messages)).0.iter().map(|log| log.text().expect("a log")).collect()
}

#[test]
fn a_month_fed_twice_side_by_side_is_the_month() {
    for log in &logs(3, 600) {
        let month = once(log);
        let twice = side_by_side(&[log, log], 500);
        check(&month, &twice);
        assert!(twice.1.overlapped > 600, "{:?}", twice.1);
        // Far apart, they are joined all the same; only more has to wait.
        let apart = side_by_side(&[log, log], 1_000_000);
        check(&month, &apart);
        assert!(twice.2 < apart.2, "{} {}", twice.2, apart.2);
    }
}

#[test]
fn a_month_under_two_kinds_of_stamps_is_the_month() {
    // The same log as one daemon wrote it with fractions of seconds and another, a moment later, without.
    let fine = logs(5, 400).pop().expect("the second host");
    let mut coarse = Vec::new();
    for line in fine.split_inclusive(|&byte| byte == b'\n') {
        let blank = line.iter().position(|&byte| byte == b' ').expect("a stamp");
        let stamp: jiff::Timestamp = str::from_utf8(&line[..blank]).unwrap().parse().unwrap();
        let later = stamp + jiff::SignedDuration::from_millis(400);
        coarse.extend_from_slice(later.strftime("%FT%T+00:00").to_string().as_bytes());
        coarse.extend_from_slice(&line[blank..]);
    }
    let month = once(&fine);
    check(&month, &side_by_side(&[&fine, &coarse], 300));
    check(&month, &side_by_side(&[&coarse, &fine], 700));
}

#[test]
fn a_month_parted_by_severity_is_the_month() {
    for log in &logs(4, 600) {
        // What a syslog daemon would write as warnings: failures of all sorts.
        let is_warning = |line: &&[u8]| {
            let line = String::from_utf8_lossy(line);
            ["status=deferred", "status=bounced", "status=expired", "warning:", "reject:"]
                .iter()
                .any(|word| line.contains(word))
        };
        let lines = || log.split_inclusive(|&byte| byte == b'\n');
        let warnings: Vec<u8> = lines().filter(is_warning).flatten().copied().collect();
        let rest: Vec<u8> = lines().filter(|line| !is_warning(line)).flatten().copied().collect();
        let month = once(log);
        check(&month, &side_by_side(&[&rest, &warnings], 300));
        check(&month, &side_by_side(&[&warnings, &rest], 300));
        // All in one file, and the warnings in another one again.
        check(&month, &side_by_side(&[log, &warnings], 300));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_month_parted_at_random_is_the_month(seed in 0..1_000_u64, lines in 20..2_000_usize, shares in prop::collection::vec(0..4_u8, 97)) {
        // The stamps of this host are fine enough to tell the order of a message's records.
        let log = logs(seed, 200).pop().expect("the second host");
        let (mut one, mut two) = (Vec::new(), Vec::new());
        for (number, line) in log.split_inclusive(|&byte| byte == b'\n').enumerate() {
            let share = shares[number % shares.len()];
            // A line in one file, in the other, or in both.
            if share != 1 {
                one.extend_from_slice(line);
            }
            if share != 2 {
                two.extend_from_slice(line);
            }
        }
        check(&once(&log), &side_by_side(&[&one, &two], lines));
    }
}

#[test]
fn what_one_file_says_twice_is_said_twice() {
    use super::script::{failed, message, to, whole};
    use mailtally::event::{Status, What};
    let deferred = |id, second| message(second, id, What::Attempt(failed(to("a@x.example"), Status::Deferred, "450 later")));
    let accounted = |second| whole(second, What::Attempt(failed(to("b@x.example"), Status::Failed, "550 no")));
    let run = |lanes: &[&[Said]]| {
        let mut overlap = Overlap::new(Everything::default(), &vec![None; lanes.len()]);
        for (lane, events) in lanes.iter().enumerate() {
            let mut segment = Segment::held(Everything::default());
            for (number, said) in events.iter().enumerate() {
                // Equal records have equal texts.
                feed_text(said, number, &format!("record of second {}", said.second), &mut segment);
            }
            overlap.join(Some(lane), segment, &mut |_, _, _| {});
        }
        let (_, rows, noted) = overlap.finish().finish();
        (rows.0.iter().filter(|(row, _)| !row.starts_with("evidence")).map(|(_, count)| *count).sum::<u32>(), rows, noted)
    };
    let one: &[Said] = &[deferred("A1", 1), deferred("A1", 1), deferred("A1", 2), accounted(5), accounted(5)];
    let two: &[Said] = &[deferred("A1", 1), deferred("A1", 2), deferred("A1", 3), accounted(5), accounted(6)];
    let (count, rows, noted) = run(&[one, two]);
    // One message with four attempts; the accounting record of second 5 twice, that of second 6 once.
    assert_eq!(count, 4, "{rows:#?}");
    let attempts = rows.0.keys().find(|row| row.starts_with("A1")).map(|row| row.matches("Deferred/Real").count());
    assert_eq!(attempts, Some(4), "{rows:#?}");
    assert_eq!(noted.overlapped, 3);
}
