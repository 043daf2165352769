use std::path::Path;

use super::*;
use crate::event::Micros;
use crate::format::Account;
use crate::source::Progress;

/// The last second of 2026.
const YEAR: Micros = Micros(1_798_761_599_000_000);

/// A folder with files in it.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn options(inputs: &[&Path], year: Option<Micros>) -> Options {
    let inputs = inputs.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    Options { inputs, format: None, own_formats: Vec::new(), zone: jiff::tz::TimeZone::UTC, year, own_relays: Vec::new() }
}

/// The account of each file in its order, and what was said of it.
fn accounts(listed: &mut Listed, segment_bytes: u64) -> Vec<(String, Account, Vec<String>)> {
    let work = |records: &mut Records<'_>| {
        let mut account = Account::default();
        records.each(|reader, at, record| {
            let kind = reader.read(record, at, &mut account);
            account.record(kind);
        });
        account
    };
    let begin = |files: &[Told]| vec![Account::default(); files.len()];
    let read =
        listed.read((2, segment_bytes), &Progress::default(), begin, work, |all, rank, account| all[rank].absorb(&account));
    let Read { state, files } = read.unwrap();
    let said = |file: &FileRead| file.damage.iter().map(|damage| damage.what.to_string()).collect();
    let name = |told: &Told| Path::new(&told.file.name).file_name().unwrap().to_str().unwrap().to_owned();
    listed.files.iter().zip(state).zip(&files).map(|((told, account), file)| (name(told), account, said(file))).collect()
}

/// The sum of the accounts of `files`.
fn sum(files: &[(&str, &[u8])]) -> Account {
    let folder = folder(files);
    let mut listed = list(&options(&[folder.path()], Some(YEAR)));
    accounts(&mut listed, 1_000).into_iter().fold(Account::default(), |mut sum, (_, account, _)| {
        sum.absorb(&account);
        sum
    })
}

/// A few lines of a log, each behind `before`.
fn log(stamp: impl Fn(usize) -> String, end: &str) -> String {
    let texts = [
        "postfix/smtpd[11]: 5A1B2C3D4E: client=client.example.org[192.0.2.7]",
        "postfix/cleanup[12]: 5A1B2C3D4E: message-id=<1@example.org>",
        "postfix/qmgr[9]: 5A1B2C3D4E: from=<a@example.org>, size=1234, nrcpt=2 (queue active)",
        "postfix/smtp[17]: 5A1B2C3D4E: to=<b@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=0.5, \
         delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 7F00AA)",
        "opendkim[5]: 5A1B2C3D4E: DKIM-Signature field added (s=s1, d=example.org)",
        "postfix/smtp[18]: 5A1B2C3D4E: to=<c@example.net>, relay=none, delay=30, delays=0.1/0/30/0, dsn=4.4.1, \
         status=deferred (connect to mx.example.net[192.0.2.2]:25: Connection timed out)",
        "postfix/qmgr[9]: 5A1B2C3D4E: removed",
    ];
    texts.iter().enumerate().map(|(n, text)| stamp(n) + text + end).collect()
}

/// Cut at any byte and named in any order, the log comes to the same account.
#[track_caller]
fn check_cuts(log: &str) {
    let whole = sum(&[("mail.log", log.as_bytes())]);
    assert_eq!((whole.lines, whole.attempts, whole.unparsed), (7, 2, 0), "{whole:?}");
    for at in 1..log.len() {
        let (one, other) = log.as_bytes().split_at(at);
        let names = [["mail.log.1", "mail.log"], ["b", "a"]][at % 2];
        let cut = sum(&[(names[0], one), (names[1], other)]);
        let shown = String::from_utf8_lossy(other);
        assert!(cut == whole, "{names:?} cut at {at}: {:?}\n{cut:?}\n{whole:?}", shown.lines().next());
    }
}

#[test]
fn a_log_of_syslog_may_be_cut_at_any_byte() {
    check_cuts(&log(|n| format!("Oct  {} 08:00:0{n} mx1 ", n + 5), "\n"));
}

#[test]
fn a_log_without_its_last_line_end_may_be_cut_at_any_byte() {
    check_cuts(log(|n| format!("Oct  1 08:00:0{n} mx1 "), "\n").trim_end());
}

#[test]
fn a_log_with_line_ends_of_two_bytes_may_be_cut_at_any_byte() {
    check_cuts(&log(|n| format!("2026-10-01T08:00:0{n}.123456+00:00 mx1 "), "\r\n"));
}

#[test]
fn a_log_with_priorities_may_be_cut_at_any_byte() {
    check_cuts(&log(|n| format!("<22>Oct  1 08:00:0{n} mx1 "), "\n"));
}

#[test]
fn a_log_of_a_container_may_be_cut_at_any_byte() {
    check_cuts(&log(|n| format!("2026-10-01T08:00:0{n}.123456789Z stdout F Oct  1 08:00:0{n} mx1 "), "\n"));
}

#[test]
fn a_log_of_which_all_lines_are_of_one_second_may_be_cut_at_any_byte() {
    let log = log(|_| "Oct  1 08:00:00 mx1 ".to_owned(), "\n");
    let whole = sum(&[("mail.log", log.as_bytes())]);
    for at in 1..log.len() {
        let (one, other) = log.as_bytes().split_at(at);
        assert!(sum(&[("mail.log.1", one), ("mail.log", other)]) == whole, "cut at {at}");
    }
}

#[test]
fn a_log_may_be_cut_into_very_many_pieces() {
    // Each is cut within the text of one of its lines: halves of stamps would fit many.
    let stamp = |n: usize| format!("2026-10-{:02}T{:02}:{:02}", n / 1_440 + 1, n / 60 % 24, n % 60);
    let parts: Vec<String> = (0..2_000).map(|n| log(|m| format!("{}:0{m}Z mx1 ", stamp(n)), "\n")).collect();
    let (log, part) = (parts.concat().into_bytes(), parts[0].len());
    let (first, rest) = log.split_at(part / 2);
    let pieces = std::iter::once(first).chain(rest.chunks(part)).enumerate();
    let pieces: Vec<(String, &[u8])> = pieces.map(|(n, piece)| (format!("mail.log.{n:04}"), piece)).collect();
    let pieces: Vec<(&str, &[u8])> = pieces.iter().map(|(name, piece)| (name.as_str(), *piece)).collect();
    assert_eq!(sum(&pieces), sum(&[("mail.log", &log)]));
}

/// Rows of an accounting file.
const ROWS: &str = "d,2026-10-05 08:15:31+0200,s@example.org,a@example.com,2.0.0 (success),smtp;250 OK\n\
                    b,2026-10-05 08:15:32+0200,s@example.org,b@example.com,5.1.1 (bad),smtp;550 5.1.1 no such user\n";
const HEADER: &str = "type,timeLogged,orig,rcpt,dsnStatus,dsnDiag\n";

#[test]
fn a_piece_without_a_header_is_read_by_that_of_the_files_beside_it() {
    let first = HEADER.to_owned() + ROWS;
    let counted = |files: &[(&str, &[u8])]| {
        let sum = sum(files);
        (sum.delivered, sum.bounced, sum.unparsed)
    };
    let again = ROWS.replace("08:15", "09:15");
    assert_eq!(counted(&[("acct.csv.aa", first.as_bytes()), ("acct.csv.ab", again.as_bytes())]), (2, 2, 0));
    assert_eq!(counted(&[("acct.csv.ab", again.as_bytes())]), (0, 0, 2), "none beside it");
    // Columns in another order, and as many: which of both it is cannot be told.
    let other = HEADER.replace("orig,rcpt", "rcpt,orig") + &ROWS.replace("08:15", "10:15");
    let files = [("a.csv", first.as_bytes()), ("b.csv", other.as_bytes()), ("c.csv", again.as_bytes())];
    assert_eq!(counted(&files), (2, 2, 2));
    // More columns: it does not fit, and the other does.
    let other = HEADER.replace("orig", "orig,vmta") + &ROWS.replace("s@", "vmta1,s@");
    let files = [("a.csv", first.as_bytes()), ("b.csv", other.as_bytes()), ("c.csv", again.as_bytes())];
    assert_eq!(counted(&files), (3, 3, 0));
}

/// `2026-11-24T12:00:00Z` as microseconds.
#[test]
fn of_many_compressed_files_only_the_last_are_shared() {
    let log =
        |day: usize| -> String { (10..60).map(|minute| log(|n| format!("Oct  {day} 08:{minute}:0{n} mx1 "), "\n")).collect() };
    let files: Vec<(String, Vec<u8>)> =
        (1..9).map(|day| (format!("mail.log.{}.gz", 9 - day), gzip(log(day).as_bytes()))).collect();
    let named: Vec<(&str, &[u8])> = files.iter().map(|(name, packed)| (name.as_str(), packed.as_slice())).collect();
    let folder = folder(&named);
    for threads in [1, 3] {
        let mut listed = list(&options(&[folder.path()], Some(YEAR)));
        let units = |units: &mut Vec<usize>, rank: usize, ()| units[rank] += 1;
        let begin = |files: &[Told]| vec![0; files.len()];
        let read =
            listed.read((threads, 1_000), &Progress::default(), begin, |records| records.each(|_, _, _| ()), units).unwrap();
        let (last, others) = read.state.split_last().unwrap();
        assert!(*last > 10 && others == [1; 7], "{:?} with {threads} threads", read.state);
    }
}

fn moment(text: &str) -> Micros {
    Micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

/// What a file of `lines` with their stamps is dated: first and last stamp, and what gave the year.
fn dated(name: &str, content: &[u8], modified: &str, year: Option<&str>) -> (String, Option<YearFrom>, Vec<String>) {
    let folder = folder(&[(name, content)]);
    let file = std::fs::File::options().append(true).open(folder.path().join(name)).unwrap();
    let since = std::time::Duration::from_micros(moment(modified).0 as u64);
    file.set_modified(std::time::UNIX_EPOCH + since).unwrap();
    let mut listed = list(&options(&[folder.path()], year.map(moment)));
    let (_, account, said) = accounts(&mut listed, 300).remove(0);
    let shown = |time: Option<Micros>| jiff::Timestamp::from_microsecond(time.unwrap().0).unwrap().strftime("%F").to_string();
    (format!("{}..{}", shown(account.first), shown(account.last)), listed.files[0].year, said)
}

/// One line of a log for each of `stamps`.
fn lines(stamps: &[&str]) -> String {
    stamps.iter().fold(String::new(), |log, stamp| log + stamp + " 08:00:00 mx1 postfix/qmgr[9]: 5A1B2C3D4E: removed\n")
}

fn gzip(content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(content).unwrap();
    packer.finish().unwrap()
}

#[test]
fn a_compressed_log_that_threads_share_is_read_alike() {
    let log: String = (10..60).map(|minute| log(|n| format!("Oct  1 08:{minute}:0{n} mx1 "), "\n")).collect();
    for end in ["\n", "", "\nOct  1 09"] {
        let log = log.trim_end().to_owned() + end;
        let packed = gzip(log.as_bytes());
        let whole = sum(&[("mail.log", log.as_bytes())]);
        assert!(whole.attempts == 100, "{whole:?}");
        assert!(sum(&[("mail.log.gz", &packed)]) == whole, "{end:?}");
        // Beside others that are as large, all but the last are read alone.
        let names = ["a", "b", "c", "d", "e", "f", "g"].map(|name| (name.to_owned() + ".log.gz", name));
        let others = names.each_ref().map(|(name, end)| (name, gzip(format!("{log} {end}").as_bytes())));
        let files = others.each_ref().map(|(name, packed)| (name.as_str(), packed.as_slice()));
        let plain = names.each_ref().map(|(name, end)| (name.trim_end_matches(".gz"), format!("{log} {end}")));
        let plain = plain.each_ref().map(|(name, log)| (*name, log.as_bytes()));
        assert!(sum(&files) == sum(&plain), "{end:?}");
    }
}

#[test]
fn a_log_of_the_months_before_its_time_is_dated_by_it() {
    let log = lines(&["Nov 20", "Nov 22", "Nov 24"]);
    let file = Some(YearFrom::FileTime);
    assert_eq!(
        dated("mail.log", log.as_bytes(), "2026-11-24T12:00:00Z", None),
        ("2026-11-20..2026-11-24".into(), file, vec![])
    );
    let log = lines(&["Dec 30", "Jan  2"]);
    assert_eq!(
        dated("mail.log", log.as_bytes(), "2026-01-02T12:00:00Z", None),
        ("2025-12-30..2026-01-02".into(), file, vec![])
    );
}

#[test]
fn a_log_whose_order_contradicts_its_time_is_older() {
    let log = lines(&["Nov 20", "Nov 22", "Nov 24", "Nov 26", "Nov 28"]);
    let expected = ("2025-11-20..2025-11-28".to_owned(), Some(YearFrom::Order), vec![]);
    // A copy that lost its time: plain, where the end shows it, and compressed, where all has to be read twice.
    assert_eq!(dated("mail.log", log.as_bytes(), "2026-11-24T12:00:00Z", None), expected);
    let filler = lines(&vec!["Nov 20"; 2_000]);
    let log = format!("{}{}{}", filler, filler.replace("Nov 20", "Nov 24"), filler.replace("Nov 20", "Nov 28"));
    assert_eq!(dated("mail.log.gz", &gzip(log.as_bytes()), "2026-11-24T12:00:00Z", None), expected);
    assert_eq!(dated("mail.log", log.as_bytes(), "2026-11-24T12:00:00Z", None), expected);
}

#[test]
fn a_log_that_stands_from_the_newest_line_to_the_oldest_is_dated_by_its_first() {
    let log = lines(&["Jan  5", "Jan  4", "Jan  3", "Jan  2", "Dec 30", "Dec 29"]);
    let (dates, from, said) = dated("mail.log", log.as_bytes(), "2026-01-05T12:00:00Z", None);
    assert_eq!((dates.as_str(), from), ("2025-12-29..2026-01-05", Some(YearFrom::FileTime)));
    assert!(said.len() == 1 && said[0].contains("newest to the oldest"), "{said:?}");
    // A copy of a day between its dates.
    let log = lines(&["Dec  5", "Dec  4", "Dec  2", "Dec  1", "Nov 23", "Nov 20"]);
    let (dates, ..) = dated("mail.log", log.as_bytes(), "2026-11-24T12:00:00Z", None);
    assert_eq!(dates, "2025-11-20..2025-12-05");
}

#[test]
fn records_that_stand_from_the_newest_to_the_oldest_are_read_from_the_end() {
    let object = |second: usize| {
        format!("{{\"time\":\"{}\",\"program\":\"postfix/qmgr\",\"message\":\"5A1B2C3D4E: removed\"}}", 1_790_000_000 + second)
    };
    let seconds = [9, 8, 7, 5, 3, 1];
    let line = |second: usize| format!("2026-10-01T08:00:0{second}Z mx1 postfix/qmgr[9]: 5A1B2C3D4E: removed");
    let list_of = |objects: Vec<String>| format!("[{}]", objects.join(",\n"));
    for log in [list_of(seconds.map(object).to_vec()), seconds.map(line).join("\n"), seconds.map(line).join("\r\n") + "\r\n"] {
        let folder = folder(&[("mail", log.as_bytes())]);
        let work = |records: &mut Records<'_>| {
            let mut times = Vec::new();
            records.each(|reader, _, record| times.extend(reader.opening(record).map(|opening| opening.time)));
            times
        };
        let read = list(&options(&[folder.path()], Some(YEAR))).read(
            (2, 100),
            &Progress::default(),
            |_| Vec::new(),
            work,
            |all: &mut Vec<Micros>, _, times| all.extend(times),
        );
        let times = read.unwrap().state;
        assert!(times.len() == 6 && times.is_sorted(), "{times:?} of {log}");
    }
}

#[test]
fn an_option_and_a_name_come_before_the_files_time() {
    let log = lines(&["Dec 30", "Jan  2"]);
    let log = log.as_bytes();
    let (year, name) = (Some(YearFrom::Option), Some(YearFrom::Name));
    let (span, old) = ("2023-12-30..2024-01-02".to_owned(), "2026-11-24T12:00:00Z");
    assert_eq!(dated("mail.log-20240103", log, old, None), (span.clone(), name, vec![]));
    // The year of the last record; the one before it lies in the year before.
    let (dates, from, said) = dated("mail.log-20300103", log, old, Some("2024-12-31T23:59:59Z"));
    assert_eq!((dates, said), (span, vec![]));
    assert!(from == year || from == Some(YearFrom::Order), "{from:?}");
}

#[test]
fn long_queue_ids_prove_an_old_log() {
    // Postfix's long ids begin with the second of arrival: this one is of 2021-10-05.
    let line = "Oct  5 08:00:00 mx1 postfix/qmgr[9]: 4HNqvS2tBhz9sXK: from=<a@example.org>, size=1, nrcpt=1 (queue active)\n";
    let (dates, from, _) = dated("mail.log", line.as_bytes(), "2026-11-24T12:00:00Z", None);
    assert_eq!((dates.as_str(), from), ("2021-10-05..2021-10-05", Some(YearFrom::QueueIds)));
}

#[test]
fn stamps_with_a_year_need_none() {
    let log = lines(&["Nov 20"]).replace("Nov 20 08:00:00", "2024-11-20T08:00:00+00:00");
    assert_eq!(dated("mail.log", log.as_bytes(), "2026-11-24T12:00:00Z", None).1, None);
}

#[test]
fn a_log_of_more_than_a_year_is_said_to_be_dated_wrong() {
    let filler = |stamp: &str| lines(&[stamp; 600]);
    let months = ["Jul  1", "Sep  1", "Nov  1", "Jan  1", "Mar  1", "May  1", "Jul  1", "Sep  1", "Oct  1"];
    let log = months.map(filler).concat();
    let (_, _, said) = dated("mail.log.gz", &gzip(log.as_bytes()), "2026-11-24T12:00:00Z", None);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("go back by months"), "{said:?}");
}

#[test]
fn lanes_are_read_side_by_side_however_long_their_files_are() {
    let line = |second: usize| {
        let (minute, second) = (second / 60, second % 60);
        format!("2026-10-01T08:{minute:02}:{second:02}Z mx1 postfix/qmgr[9]: 5A1B2C3D4E: removed\n")
    };
    let every = |step: usize, seconds: std::ops::Range<usize>| seconds.step_by(step).map(line).collect::<String>();
    let older = gzip(every(2, 0..900).as_bytes());
    let (main, warn) = (every(2, 900..3_000), every(2, 1..1_801));
    let folder = folder(&[("mail.log.1.gz", &older), ("mail.log", main.as_bytes()), ("mail.warn", warn.as_bytes())]);
    let work = |records: &mut Records<'_>| {
        let mut first = None;
        records.each(|reader, _, record| first = first.or_else(|| reader.opening(record).map(|opening| opening.time)));
        (first, records.ends_file())
    };
    for threads in [1, 3] {
        let mut listed = list(&options(&[folder.path()], Some(YEAR)));
        assert!(listed.files.iter().all(|told| told.lane.is_some()));
        let read = listed.read(
            (threads, 1_000),
            &Progress::default(),
            |_| Vec::new(),
            work,
            |all: &mut Vec<_>, rank, (first, is_last)| all.push((first, rank, is_last)),
        );
        let units = read.unwrap().state;
        assert!(units.len() > 100 && units.is_sorted_by_key(|(first, ..)| *first), "{units:?}");
        let ends = units.iter().enumerate().filter(|(_, (_, _, is_last))| *is_last);
        let ends: Vec<(usize, bool)> =
            ends.map(|(at, (_, rank, _))| (*rank, units[at + 1..].iter().all(|(_, other, _)| other != rank))).collect();
        let mut ranks: Vec<usize> = ends.iter().map(|(rank, _)| *rank).collect();
        ranks.sort_unstable();
        assert!(ranks == [0, 1, 2] && ends.iter().all(|(_, is_true)| *is_true), "{ends:?}");
    }
}
