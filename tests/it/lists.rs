//! The lists of addresses, end to end: a month of three hosts with known fates, every address on the right list, however it is read.
#![cfg(feature = "tables")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use assert_cmd::Command;

/// A reply of the remote host, as Postfix logs it.
const UNKNOWN: &str = "550 5.1.1 User unknown";
const REJECTED: &str = "550 recipient rejected";
const FULL: &str = "552 5.2.2 mailbox full";
const LISTED: &str = "554 5.7.1 Service unavailable; Client host blocked using zen.spamhaus.org";
const REFUSES: &str = "550 5.7.1 rejected by the recipient";
const TAKEN: &str = "250 2.0.0 Ok";
const BUSY: &str = "451 4.3.0 Temporary server error. Please try again later";

/// Writes the logs of a month.
#[derive(Default)]
struct Month {
    lines: BTreeMap<(i64, u32), String>,
    serial: u32,
}

impl Month {
    fn line(&mut self, at: i64, program: &str, text: &str) {
        self.serial += 1;
        let stamp = jiff::Timestamp::from_second(1_790_812_800 + at).unwrap(); // 2026-10-01T00:00:00Z
        self.lines.insert((at, self.serial), format!("{stamp} HOST postfix/{program}[77]: {text}\n"));
    }

    /// A message at a minute of the month with its attempts: minutes later, and what the remote host said; a 2xx delivers, a 4xx defers,
    /// a 5xx bounces. `told` is who says so: `host said` or the words of a greeting or name service, whole.
    fn mail(&mut self, minute: i64, sender: &str, to: &str, attempts: &[(i64, &str)]) {
        let (id, at) = (format!("{:X}", 0x00A0_0000 + self.serial), minute * 60);
        let domain = to.rsplit('@').next().unwrap();
        self.line(at, "cleanup", &format!("{id}: message-id=<{id}@{sender}>"));
        self.line(at, "qmgr", &format!("{id}: from=<news@{sender}>, size=1200, nrcpt=1 (queue active)"));
        for (later, reply) in attempts {
            let (at, seconds) = (at + later * 60 + 1, later * 60 + 1);
            let relay = format!("mx.{domain}[203.0.113.9]:25");
            let enhanced =
                |default: &str| reply.split(' ').nth(1).filter(|word| word.contains('.')).unwrap_or(default).to_owned();
            let (status, dsn, said) = match reply.as_bytes()[0] {
                b'2' => ("sent", "2.0.0".to_owned(), (*reply).to_owned()),
                b'4' => (
                    "deferred",
                    enhanced("4.0.0"),
                    format!("host mx.{domain}[203.0.113.9] said: {reply} (in reply to RCPT TO command)"),
                ),
                b'5' => (
                    "bounced",
                    enhanced("5.0.0"),
                    format!("host mx.{domain}[203.0.113.9] said: {reply} (in reply to RCPT TO command)"),
                ),
                _ => ("bounced", "5.0.0".to_owned(), (*reply).to_owned()),
            };
            self.line(
                at,
                "smtp",
                &format!("{id}: to=<{to}>, relay={relay}, delay={seconds}, delays=0.1/{later}/0.2/0.3, dsn={dsn}, status={status} ({said})"),
            );
            if status != "deferred" {
                self.line(at + 1, "qmgr", &format!("{id}: removed"));
            }
        }
    }

    /// The log of one of three hosts: messages belong to one by their id.
    fn of_host(&self, host: usize) -> String {
        let mut text = String::new();
        for line in self.lines.values() {
            let id = line.split("]: ").nth(1).unwrap().split(':').next().unwrap();
            if u32::from_str_radix(id, 16).unwrap() as usize % 3 == host {
                let _ = write!(text, "{}", line.replacen("HOST", &format!("mx{host}"), 1));
            }
        }
        text
    }
}

const DAY: i64 = 24 * 60;
/// Sends to whom it likes.
const LIST: &str = "list.example";
/// On no list.
const NONE: (&str, &str) = ("", "");

/// A mail: at which minute of the month, and its attempts.
type Mail<'a> = (i64, &'a [(i64, &'a str)]);

/// The month, and the list and rule of every address that is on one.
#[derive(Default)]
struct Fates {
    month: Month,
    wanted: BTreeMap<String, (&'static str, &'static str)>,
}

impl Fates {
    /// An address with its mails, and the list on which it belongs; none: ("", "").
    fn fate(&mut self, address: &str, sender: &str, mails: &[Mail<'_>], list: (&'static str, &'static str)) {
        for (minute, attempts) in mails {
            self.month.mail(*minute, sender, address, attempts);
        }
        if list != NONE {
            self.wanted.insert(address.to_owned(), list);
        }
    }

    /// An address that gets the same answer on these days.
    fn each(&mut self, address: &str, sender: &str, (days, reply): (&[i64], &str), list: (&'static str, &'static str)) {
        let attempts = [(0, reply)];
        let mails: Vec<Mail<'_>> = days.iter().map(|day| (day * DAY + 600, attempts.as_slice())).collect();
        self.fate(address, sender, &mails, list);
    }

    /// A sender of every third day, a daily and a monthly one, kept busy by an address that takes everything.
    fn senders(&mut self) {
        let every: Vec<i64> = (0..30).collect();
        let third: Vec<i64> = (0..10).map(|day| 3 * day).collect();
        self.each("fine@good.example", "daily.example", (&every, TAKEN), NONE);
        self.each("Fine@good.example", "often.example", (&third, TAKEN), NONE);
        self.each("fine@good.example", "monthly.example", (&[3], TAKEN), NONE);
    }

    fn dead(&mut self) {
        self.each("gone@a.example", LIST, (&[0], UNKNOWN), ("suppress", "explicit"));
        self.each("Gone.Twice@a.example", LIST, (&[0, 2], UNKNOWN), ("suppress", "explicit"));
        self.fate("back@a.example", LIST, &[(100, &[(0, UNKNOWN)]), (2 * DAY, &[(0, TAKEN)])], NONE);
        self.fate("died@a.example", LIST, &[(100, &[(0, TAKEN)]), (2 * DAY, &[(0, UNKNOWN)])], ("suppress", "explicit"));
        // Within the hour, what came last decides.
        self.fate("lost@a.example", LIST, &[(120, &[(0, TAKEN)]), (165, &[(0, LISTED)])], ("fix", "cause"));
        self.fate("passed@a.example", LIST, &[(120, &[(0, LISTED)]), (165, &[(0, TAKEN)])], NONE);
        self.each("maybe@a.example", LIST, (&[0], REJECTED), ("retry", "not-yet"));
        self.fate("soon@a.example", LIST, &[(100, &[(0, REJECTED)]), (100 + 71 * 60, &[(0, REJECTED)])], ("retry", "not-yet"));
        self.each("surely@a.example", LIST, (&[0, 3], REJECTED), ("suppress", "repeated"));
        let taken_late: Mail<'_> = (5 * DAY, &[(60, BUSY), (90, TAKEN)]);
        self.fate("alive@a.example", LIST, &[(100, &[(0, REJECTED)]), (4 * DAY, &[(0, REJECTED)]), taken_late], NONE);
        let null_mx = "Domain no-mx.example does not accept mail (nullMX)";
        self.each("nowhere@no-mx.example", LIST, (&[0], null_mx), ("suppress", "explicit"));
        let nxdomain = "Host or domain name not found. Name service error for name=typo.example type=A: Host not found";
        self.each("once@typo.example", LIST, (&[0], nxdomain), ("retry", "not-yet"));
        self.each("twice@typo.example", LIST, (&[0, 5], nxdomain), ("suppress", "repeated"));
    }

    fn full(&mut self) {
        let often = "often.example";
        self.each("full3@b.example", often, (&[1, 2, 3], FULL), ("retry", "not-yet"));
        self.each("full4@b.example", often, (&[1, 2, 3, 20], FULL), ("suppress", "often-failed"));
        self.each("fullday@b.example", often, (&[1, 2, 3, 3], FULL), ("retry", "not-yet"));
        self.each("daily4@b.example", "daily.example", (&[1, 2, 3, 4], FULL), ("retry", "not-yet"));
        self.each("daily14@b.example", "daily.example", (&[1, 2, 3, 15], FULL), ("suppress", "often-failed"));
        self.each("monthly@b.example", "monthly.example", (&[3], FULL), ("retry", "not-yet"));
        // A message that is full, tried again and taken is no failure.
        self.fate("emptied@b.example", LIST, &[(100, &[(0, "452 4.2.2 mailbox full"), (300, TAKEN)])], NONE);
    }

    fn refused(&mut self) {
        let every_second: Vec<i64> = (0..12).map(|day| 2 * day).collect();
        self.each("blocked@c.example", LIST, (&every_second, LISTED), ("fix", "cause"));
        self.each("refused@c.example", LIST, (&[0], REFUSES), ("retry", "not-yet"));
        self.each("refuses@c.example", LIST, (&[0, 3], REFUSES), ("suppress", "refuses-us"));
        let greeting = "host mx.c.example[203.0.113.9] refused to talk to me: 550 5.1.1 User unknown";
        self.each("greeting@c.example", LIST, (&[0], greeting), ("fix", "early"));
        let sender = "host mx.c.example[203.0.113.9] said: 550 5.1.1 User unknown (in reply to MAIL FROM command)";
        self.each("sender@c.example", LIST, (&[0], sender), ("fix", "early"));
        self.fate("waiting@c.example", LIST, &[(29 * DAY, &[(0, BUSY), (30, BUSY)])], NONE);
    }

    /// 25 that took mail turn unknown within an hour; one of them still is the week after, one was never good. Elsewhere all but a few
    /// of them are known again two days later.
    fn incident(&mut self) {
        for number in 0..25 {
            let address = format!("good{number}@incident.example");
            let mut mails: Vec<Mail<'_>> = vec![(DAY + number, &[(0, TAKEN)]), (10 * DAY + 2 * number, &[(0, UNKNOWN)])];
            if number == 7 {
                mails.push((17 * DAY, &[(0, UNKNOWN)]));
            }
            let list = if number == 7 { ("suppress", "explicit") } else { ("retry", "held-back") };
            self.fate(&address, LIST, &mails, list);
        }
        for number in 0..25 {
            let address = format!("good{number}@brief.example");
            let turned: Mail<'_> = (10 * DAY + 2 * number, &[(0, UNKNOWN)]);
            let (before, after): (Mail<'_>, Mail<'_>) = ((DAY + number, &[(0, TAKEN)]), (12 * DAY + number, &[(0, TAKEN)]));
            if number < 22 {
                self.fate(&address, LIST, &[before, turned, after], NONE);
            } else {
                self.fate(&address, LIST, &[before, turned], ("retry", "held-back"));
            }
        }
        self.each("never@incident.example", LIST, (&[10], UNKNOWN), ("suppress", "explicit"));
    }
}

fn october() -> Fates {
    let mut fates = Fates::default();
    fates.senders();
    fates.dead();
    fates.full();
    fates.refused();
    fates.incident();
    fates
}

fn mailtally(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("mailtally").expect("the program is built for its tests");
    command.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_TZ").env_remove("MAILTALLY_CONFIG").args(arguments);
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Runs `lists` and gives the list, the rule and the failures of each address; where a record stands is left aside.
fn lists(inputs: &[&Path], more: &[&str]) -> BTreeMap<String, (String, String, Vec<String>)> {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("lists");
    let mut arguments = vec!["lists", "--quiet"];
    arguments.extend(inputs.iter().map(|path| path.to_str().unwrap()));
    arguments.extend(["--into", into.to_str().unwrap()]);
    arguments.extend(more);
    let (code, told, errors) = mailtally(&arguments);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let mut all = BTreeMap::new();
    for list in ["suppress", "retry", "fix"] {
        let mut reader = csv::Reader::from_path(into.join(list).with_extension("csv")).unwrap();
        let names = reader.headers().unwrap().clone();
        let place = |name: &str| names.iter().position(|other| other == name).unwrap();
        for row in reader.records().map(Result::unwrap) {
            let rest =
                names.iter().zip(&row).filter(|(name, _)| !["path", "place"].contains(name)).map(|(_, cell)| cell.to_owned());
            let was =
                all.insert(row[place("address")].to_owned(), (list.to_owned(), row[place("basis")].to_owned(), rest.collect()));
            assert_eq!(was, None, "an address is on one list only");
        }
        let counted = all.values().filter(|(of, ..)| of == list).count();
        assert!(told.contains(&format!("{list}.csv  {counted} address")), "{told}");
    }
    all
}

fn write(folder: &Path, files: &[(&str, &[u8])]) -> Vec<std::path::PathBuf> {
    let write = |(name, content): &(&str, &[u8])| {
        std::fs::write(folder.join(name), content).unwrap();
        folder.join(name)
    };
    files.iter().map(write).collect()
}

#[test]
fn every_address_is_on_the_right_list_however_the_month_is_read() {
    let Fates { month, wanted } = october();
    let folder = tempfile::tempdir().unwrap();
    let logs = [0, 1, 2].map(|host| month.of_host(host).into_bytes());
    let files = write(folder.path(), &[("mx0.log", &logs[0]), ("mx1.log", &logs[1]), ("mx2.log", &logs[2])]);
    let paths: Vec<&Path> = files.iter().map(std::path::PathBuf::as_path).collect();
    let whole = lists(&paths, &[]);
    let got: BTreeMap<String, (&str, &str)> =
        whole.iter().map(|(address, (list, basis, _))| (address.clone(), (list.as_str(), basis.as_str()))).collect();
    assert_eq!(got, wanted);

    let (third, half) = (logs[0].len() / 3, logs[1].len() / 2);
    let pieces: [(&str, &[u8]); 6] = [
        ("f", &logs[0][..third]),
        ("a", &logs[0][third..2 * third]),
        ("c", &logs[0][2 * third..]),
        ("b", &logs[1][half..]),
        ("e", &logs[1][..half]),
        ("d", &logs[2]),
    ];
    let cut = tempfile::tempdir().unwrap();
    let pieces = write(cut.path(), &pieces);
    let pieces: Vec<&Path> = pieces.iter().rev().map(std::path::PathBuf::as_path).collect();
    assert_eq!(lists(&pieces, &["--threads", "1"]), whole);
    let twice: Vec<&Path> = paths.iter().chain(&paths).copied().collect();
    assert_eq!(lists(&twice, &["--threads", "2"]), whole);
}

#[test]
fn a_delivery_after_the_period_proves_that_an_address_lives() {
    let mut month = Month::default();
    month.mail(10 * DAY, "often.example", "back@a.example", &[(0, UNKNOWN)]);
    month.mail(11 * DAY, "often.example", "gone@a.example", &[(0, UNKNOWN)]);
    month.mail(40 * DAY, "often.example", "Back@a.example", &[(0, TAKEN)]);
    let folder = tempfile::tempdir().unwrap();
    let logs = [0, 1, 2].map(|host| month.of_host(host)).concat();
    let files = write(folder.path(), &[("mail.log", logs.as_bytes())]);
    let got = lists(&[&files[0]], &["--period", "2026-10"]);
    assert_eq!(got.keys().collect::<Vec<_>>(), ["gone@a.example"]);
}

#[test]
fn a_configuration_sets_the_numbers_and_what_is_kept() {
    let Fates { month, .. } = october();
    let folder = tempfile::tempdir().unwrap();
    let logs = [0, 1, 2].map(|host| month.of_host(host)).concat();
    let config = b"[actions.full]\nfailures = 3\n[actions.wave]\naddresses = 26\n[lists]\nkeep = [\"GONE@a.example\"]\n";
    let files = write(
        folder.path(),
        &[("mail.log", logs.as_bytes()), ("mailtally.toml", config), ("wrong.toml", b"[lists]\nkeeps = []\n")],
    );
    let got = lists(&[&files[0]], &["--config", files[1].to_str().unwrap()]);
    let of = |address: &str| (got[address].0.as_str(), got[address].1.as_str());
    assert_eq!(of("full3@b.example"), ("suppress", "often-failed"));
    assert_eq!(of("gone@a.example"), ("fix", "kept"));
    assert_eq!(of("good3@incident.example"), ("suppress", "explicit"));
    let into = folder.path().join("none");
    let arguments =
        ["lists", files[0].to_str().unwrap(), "--into", into.to_str().unwrap(), "--config", files[2].to_str().unwrap()];
    let (code, _, errors) = mailtally(&arguments);
    assert_eq!(code, Some(2), "{errors}");
    assert!(
        errors.contains("wrong.toml") && errors.contains("[lists]") && errors.contains("keeps") && !into.exists(),
        "{errors}"
    );
}

#[test]
fn the_page_tells_of_an_incident_and_names_no_address() {
    let Fates { month, .. } = october();
    let folder = tempfile::tempdir().unwrap();
    let logs = [0, 1, 2].map(|host| month.of_host(host)).concat();
    let files = write(folder.path(), &[("mail.log", logs.as_bytes())]);
    let page = folder.path().join("r.html");
    let (code, _, errors) = mailtally(&["report", files[0].to_str().unwrap(), "-o", page.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{errors}");
    let html = std::fs::read_to_string(page).unwrap().replace('\u{a0}', " ");
    assert!(html.contains("incident.example called 25 addresses unknown that had just taken mail"));
    assert!(html.contains("for 24 this was the last word, between "));
    assert!(html.contains("brief.example called 25 addresses unknown that had just taken mail"));
    let (_, section) = html.split_once("<section id=\"lists\"").unwrap();
    let (section, _) = section.split_once("</section>").unwrap();
    assert!(section.contains("11 addresses must leave the list") && !section.contains('@'), "{section}");
}
