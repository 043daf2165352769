//! Where a log was cut into files, how these are named and in which order they are given changes no figure.

mod nameless;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use mailtally::event::Micros;
use mailtally::format::Account;
use mailtally::reading::{Lanes, Options, Records, Sharing, ToldFile, hosted, list};
use mailtally::source::{Damage, Mishap, Progress, SEGMENT_BYTES};
use mailtally::stitch::{Overlap, Segment};
use proptest::prelude::*;

use crate::simulate::{self, simulate};
use crate::stitch::Rows;

/// All that was counted: the sum of the accounts, and every outcome.
#[derive(Clone, Debug, PartialEq)]
struct Figures {
    account: Account,
    outcomes: Rows,
    /// Mails of others that were refused.
    inbound: u64,
}

/// The last second of 2026.
const YEAR: Micros = Micros(1_798_761_599_000_000);

/// Reads files as the program does.
fn figures(inputs: Vec<String>) -> Figures {
    read_all(inputs, &mut |damage| assert_eq!(damage, [], "nothing is wrong with the files"))
}

/// Likewise; `see` is shown what is said of the files.
fn read_all(inputs: Vec<String>, see: &mut dyn FnMut(&[Damage])) -> Figures {
    let zone = jiff::tz::TimeZone::UTC;
    let options = Options { inputs, format: None, own_formats: Vec::new(), zone, year: Some(YEAR), own_relays: Vec::new() };
    let mut listed = list(&options);
    see(&listed.damage);
    let begin = |files: &[ToldFile]| {
        let lanes = Lanes::of(files);
        (Account::default(), Overlap::new(Rows::default(), &lanes.firsts), lanes)
    };
    let segment = |lane: Option<usize>| if lane.is_some() { Segment::held } else { Segment::new }(Rows::default());
    let work = |records: &mut Records<'_>| {
        let (mut account, mut segment) = (Account::default(), segment(records.told().lane));
        let host = records.told().host.clone();
        records.each(|reader, at, record| {
            hosted(&host, &mut segment, |into| reader.read(record, at, into));
            let kind = reader.read(record, at, &mut account);
            account.record(kind);
            while let Some(joined) = segment.joined() {
                hosted(&host, &mut segment, |into| reader.read(&joined.record, joined.pos, into));
            }
        });
        (account, segment, records.ends_file())
    };
    let read = listed.read(
        Sharing { threads: 2, segment_bytes: SEGMENT_BYTES },
        &Progress::default(),
        begin,
        work,
        |all, file, (account, segment, is_last)| {
            let (whole, stitch, lanes) = all;
            whole.absorb(&account);
            stitch.join(lanes.of_file(file), segment, &mut |_, _, _| {});
            if let Some(lane) = lanes.over_with(file).filter(|_| is_last) {
                stitch.close(lane);
            }
        },
    );
    let read = read.unwrap_or_else(|stopped| panic!("{stopped}"));
    let (mut account, stitch, _) = read.state;
    account.bytes = read.files.iter().map(|file| file.bytes).sum();
    for (told, file) in listed.files.iter().zip(&read.files) {
        assert!(told.format.is_some(), "{} is of a known format", told.file.name);
        assert!(file.damage.iter().all(|damage| damage.what == Mishap::NewestFirst), "{:?}", file.damage);
    }
    let (_, outcomes, noted) = stitch.finish().finish();
    Figures { account, outcomes, inbound: noted.inbound }
}

/// Writes files and reads them, named in the order given.
fn figures_of(files: &[(String, Vec<u8>)]) -> Figures {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |(name, content): &(String, Vec<u8>)| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    };
    figures(files.iter().map(write).collect())
}

/// Likewise of files of which some hold what others do.
fn figures_of_all(files: &[(String, Vec<u8>)]) -> Figures {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |(name, content): &(String, Vec<u8>)| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    };
    read_all(files.iter().map(write).collect(), &mut |_| ())
}

/// The logs of a small October on two hosts, and what they come to.
fn month() -> &'static (Vec<Vec<u8>>, Figures) {
    static MONTH: OnceLock<(Vec<Vec<u8>>, Figures)> = OnceLock::new();
    MONTH.get_or_init(|| {
        let logs: Vec<Vec<u8>> = simulate(&simulate::Options::october(7, 40)).0.iter().map(|log| log.text().unwrap()).collect();
        let files: Vec<_> =
            logs.iter().zip(["mx1/mail.log", "mx2/mail.log"]).map(|(log, name)| (name.to_owned(), log.clone())).collect();
        let whole = figures_of(&files);
        (logs, whole)
    })
}

/// The lines of a log from the last to the first.
fn turned(log: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = log.split_inclusive(|&byte| byte == b'\n').rev().collect();
    lines.concat()
}

#[test]
fn a_month_that_stands_from_the_newest_line_to_the_oldest_is_the_same_month() {
    let (logs, whole) = month();
    let files: Vec<_> =
        logs.iter().zip(["mx1/mail.log", "mx2/mail.log"]).map(|(log, name)| (name.to_owned(), turned(log))).collect();
    let got = figures_of(&files);
    assert!(got == *whole, "{}", differences(&got, whole));
}

#[test]
fn pages_of_a_month_each_from_the_newest_line_to_the_oldest_are_the_same_month() {
    let (logs, whole) = month();
    let pages = logs.iter().zip(["mx1", "mx2"]).flat_map(|(log, host)| {
        let turned = turned(log);
        let lines: Vec<&[u8]> = turned.split_inclusive(|&byte| byte == b'\n').collect();
        let page = lines.len().div_ceil(3).max(1);
        lines.chunks(page).enumerate().map(|(n, page)| (format!("{host}/page-{n}.log"), page.concat())).collect::<Vec<_>>()
    });
    let got = figures_of(&pages.collect::<Vec<_>>());
    assert!(got == *whole, "{}", differences(&got, whole));
}

/// What differs, in short.
fn differences(got: &Figures, expected: &Figures) -> String {
    let mut text = String::new();
    if got.account != expected.account {
        let _ = writeln!(text, "got {:?}\nexpected {:?}", got.account, expected.account);
    }
    if got.outcomes != expected.outcomes {
        text += &crate::stitch::differences(&got.outcomes.0, &expected.outcomes.0);
    }
    text
}

/// A place to cut: any byte, a line end or a byte beside one, within a stamp, near an end of the file.
#[derive(Clone, Debug)]
enum Place {
    Anywhere(prop::sample::Index),
    /// So many bytes behind the beginning of some line.
    InLine(prop::sample::Index, usize),
    /// So many bytes before the end.
    NearEnd(usize),
    NearBeginning(usize),
}

impl Place {
    fn of(&self, log: &[u8]) -> usize {
        match self {
            Self::Anywhere(index) => index.index(log.len() + 1),
            Self::InLine(index, within) => {
                let lines: Vec<usize> = memchr::memchr_iter(b'\n', log).collect();
                (lines[index.index(lines.len())] + within).min(log.len())
            }
            Self::NearEnd(before) => log.len().saturating_sub(*before),
            Self::NearBeginning(behind) => *behind,
        }
    }
}

fn some_place() -> impl Strategy<Value = Place> {
    prop_oneof![
        any::<prop::sample::Index>().prop_map(Place::Anywhere),
        (any::<prop::sample::Index>(), 0..40_usize).prop_map(|(line, within)| Place::InLine(line, within)),
        (0..400_usize).prop_map(Place::NearEnd),
        (0..400_usize).prop_map(Place::NearBeginning),
    ]
}

/// Names for the four halves: as logrotate gives them, the other way round, and any.
fn some_names() -> impl Strategy<Value = [&'static str; 4]> {
    prop_oneof![
        Just(["mx1/mail.log.1", "mx1/mail.log", "mx2/mail.log.1", "mx2/mail.log"]),
        Just(["mx1/mail.log", "mx1/mail.log.1", "mx2/mail.log", "mx2/mail.log.1"]),
        Just(["mx1-a", "mx1-b", "mx2-a", "mx2-b"]),
        Just(["d", "b", "a", "c"]),
        Just(["a", "b", "c", "d"]),
    ]
}

fn gzip(content: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).and_then(|()| encoder.finish()).expect("memory")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn cutting_files_at_any_byte_and_naming_them_in_any_order_changes_no_figure(
        places in (some_place(), some_place()),
        names in some_names(),
        order in Just([0, 1, 2, 3]).prop_shuffle(),
        packed in any::<[bool; 4]>(),
    ) {
        let (logs, whole) = month();
        let (one, other) = (logs[0].split_at(places.0.of(&logs[0])), logs[1].split_at(places.1.of(&logs[1])));
        let halves = [one.0, one.1, other.0, other.1];
        let files: Vec<(String, Vec<u8>)> = order.into_iter().filter(|&n| !halves[n].is_empty()).map(|n| {
            (names[n].to_owned(), if packed[n] { gzip(halves[n]) } else { halves[n].to_vec() })
        }).collect();
        let cut = figures_of(&files);
        prop_assert!(cut == *whole, "{:?}\n{}", halves.map(<[u8]>::len), differences(&cut, whole));
    }
}

#[test]
fn a_month_cut_into_many_pieces_is_the_same_month() {
    let (logs, whole) = month();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (host, log) in logs.iter().enumerate() {
        let pieces = log.chunks(log.len() / 37 + 1).enumerate();
        files.extend(pieces.map(|(n, piece)| (format!("mx{host}/{}", names_of_split(n)), piece.to_vec())));
    }
    let cut = figures_of(&files);
    assert!(cut == *whole, "{}", differences(&cut, whole));
}

/// `xaa`, `xab` … of `split`.
fn names_of_split(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    format!("x{}{}", letter(n / 26), letter(n))
}

#[test]
fn a_folder_that_holds_the_pieces_is_enough() {
    let folder = tempfile::tempdir().expect("a folder");
    let (logs, whole) = month();
    for (log, host) in logs.iter().zip(["mx1", "mx2"]) {
        std::fs::create_dir(folder.path().join(host)).expect("a folder");
        let (old, new) = log.split_at(log.len() * 2 / 3);
        std::fs::write(folder.path().join(host).join("mail.log.1.gz"), gzip(old)).expect("a file");
        std::fs::write(folder.path().join(host).join("mail.log"), new).expect("a file");
    }
    let path: &Path = folder.path();
    let cut = figures(vec![path.to_str().expect("UTF-8").to_owned()]);
    assert!(cut == *whole, "{}", differences(&cut, whole));
}

#[test]
fn a_cut_near_the_beginning_changes_no_figure() {
    let (logs, whole) = month();
    for host in [0, 1] {
        for cut in (0..400).step_by(3) {
            let (one, other) = logs[host].split_at(cut);
            let mut files = vec![("b".to_owned(), logs[1 - host].clone()), ("c".to_owned(), other.to_vec())];
            if cut > 0 {
                files.push(("a".to_owned(), one.to_vec()));
            }
            let got = figures_of(&files);
            assert!(
                got == *whole,
                "host {host}, cut at {cut}: {:?}\n{}",
                String::from_utf8_lossy(one),
                differences(&got, whole)
            );
        }
    }
}

#[test]
fn files_of_one_host_that_overlap_count_once() {
    let (logs, whole) = month();
    let [one, two] = logs.as_slice() else { panic!("two hosts") };
    let lines = |log: &[u8], is_wanted: fn(&str) -> bool| -> Vec<u8> {
        let wanted = |line: &&[u8]| is_wanted(&String::from_utf8_lossy(line));
        log.split_inclusive(|&byte| byte == b'\n').filter(wanted).flatten().copied().collect()
    };
    let warnings = lines(one, |line| line.contains("warning:") || line.contains("status=deferred"));
    let rest = lines(one, |line| !line.contains("warning:") && !line.contains("status=deferred"));
    let line_behind = |place: usize| place + one[place..].iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let (third, middle) = (line_behind(one.len() / 3), line_behind(one.len() / 2));
    let cases: [&[(&str, &[u8])]; 4] = [
        &[("mx1/mail.log", one), ("mx1/mail.warn", &warnings), ("mx2/mail.log", two)],
        &[("mx1/mail.info", &rest), ("mx1/mail.warn", &warnings), ("mx2/mail.log", two)],
        &[("mx1/mail.log", one), ("copy/of-the-third-week", &one[third..middle]), ("mx2/mail.log", two)],
        &[("mx1/mail.log.1", &one[..middle]), ("mx1/mail.log", &one[middle..]), ("copy", &one[third..]), ("mx2/mail.log", two)],
    ];
    for files in cases {
        let files: Vec<_> = files.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec())).collect();
        let got = figures_of(&files).outcomes;
        assert!(got == whole.outcomes, "{}", crate::stitch::differences(&got.0, &whole.outcomes.0));
    }
}

/// Some lines of a log that begin and end with an attempt, and one of some hours later: files that overlap by seconds alone are taken
/// for parts of one log.
fn lines_of_attempts() -> Vec<u8> {
    let lines: Vec<&[u8]> = month().0[0].split_inclusive(|&byte| byte == b'\n').collect();
    let is_attempt = |line: &&[u8]| String::from_utf8_lossy(line).contains("status=");
    let next = |from: usize| from + lines[from..].iter().position(is_attempt).unwrap();
    let first = next(0);
    [&lines[first..=next(first + 6)], &lines[first + 200..=first + 200]].concat().concat()
}

#[test]
fn the_halves_of_a_file_beside_a_whole_copy_of_it_count_once() {
    let log = lines_of_attempts();
    let whole = figures_of_all(&[("mail.log".to_owned(), log.clone())]).outcomes;
    let names =
        [["copy", "a", "b"], ["mail.log", "old/a", "old/b"], ["mail.log", "x/mail.log.1", "x/mail.log"], ["m", "z", "n"]];
    for cut in 1..log.len() {
        // The piece before the cut goes, since the copy has all of it: the half line behind the cut is no line.
        let (one, other) = log.split_at(cut);
        let copy = if cut % 3 == 0 { gzip(&log) } else { log.clone() };
        let contents = [copy, one.to_vec(), other.to_vec()];
        let names = names[cut % names.len()];
        let files: Vec<_> = names.iter().map(|name| (*name).to_owned()).zip(contents).collect();
        let got = figures_of_all(&files).outcomes;
        let shown = String::from_utf8_lossy(other).chars().take(40).collect::<String>();
        assert!(got == whole, "cut at {cut}, {names:?}: {shown:?}\n{}", crate::stitch::differences(&got.0, &whole.0));
    }
}
