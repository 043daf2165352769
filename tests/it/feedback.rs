//! Mails that came back, each told for what it is. `tests/fixtures/mails` holds one of each kind.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use mailtally::classify::Classifier;
use mailtally::feedback::{About, Action, Mail, Notice};
use proptest::prelude::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mails")
}

/// The mails, by name.
fn mails() -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect();
    paths.sort();
    paths.iter().map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap())).collect()
}

fn mail(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name).with_extension("eml")).unwrap()
}

/// What a mail is, in lines.
fn told(mail: &Mail) -> String {
    let mut text = String::new();
    let kind = match &mail.about {
        About::Bounce(_) => "bounce",
        About::Delay(_) => "delay",
        About::Positive(_) => "positive",
        About::Complaint(_) => "complaint",
        About::AutoReply => "automatic reply",
        About::Challenge => "challenge",
        About::Receipt => "receipt",
        About::Aggregate => "aggregate report",
        About::Other => "other",
        About::NoMail => "no mail",
    };
    let time = mail.time.map(|time| jiff::Timestamp::from_microsecond(time.0).unwrap().to_string()).unwrap_or_default();
    let _ = writeln!(text, "{kind} {} {time} {}", mail.family, mail.reporter);
    let original = &mail.original;
    let ids = [&original.envelope_id, &original.message_id, &original.queue_id, &original.sender];
    let _ = writeln!(text, "  of [{}] to {:?}", ids.map(String::as_str).join("] ["), original.returned_to);
    match &mail.about {
        About::Bounce(notices) | About::Delay(notices) | About::Positive(notices) => {
            for notice in notices {
                let verdict = Classifier::builtin().classify(notice.words().as_bytes());
                let Notice { action, recipient, tried, relay, .. } = notice;
                let _ = writeln!(text, "  {action:?} {recipient} [{tried}] [{relay}] {}: {}", verdict.category, notice.words());
            }
        }
        About::Complaint(complaint) => {
            let _ = writeln!(text, "  {complaint:?}");
        }
        About::AutoReply | About::Challenge | About::Receipt | About::Aggregate | About::Other | About::NoMail => {}
    }
    text
}

#[test]
fn each_mail_is_told_for_what_it_is() {
    let mut all = String::new();
    for (name, mail) in mails() {
        let _ = writeln!(all, "{name}: {}", told(&Mail::read(&mail)));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn line_ends_and_what_stands_before_the_header_change_nothing() {
    for (name, mail) in mails() {
        let plain = mail.iter().copied().filter(|&byte| byte != b'\r').collect::<Vec<u8>>();
        let expected = Mail::read(&plain);
        let with = |end: &[u8]| plain.split(|&byte| byte == b'\n').collect::<Vec<_>>().join(end);
        for other in [with(b"\r\n"), with(b"\r"), [b"\xef\xbb\xbf\n\nFrom a Thu Oct  1 08:00:01 2026\n", &plain[..]].concat()] {
            assert_eq!(Mail::read(&other), expected, "{name}");
        }
    }
}

#[test]
fn nothing_in_a_returned_message_is_a_bounce() {
    // The letter that came back quotes bounces of every family.
    for (name, quoted) in mails().into_iter().filter(|(name, _)| !name.starts_with("report") && !name.contains("complaint")) {
        let body = String::from_utf8_lossy(&quoted).replace('\r', "");
        let mail =
            String::from_utf8(mail("qmail")).unwrap().replace("550 5.1.1 this stands in the letter and is no reply", &body);
        let About::Bounce(notices) = Mail::read(mail.as_bytes()).about else { panic!("{name}") };
        assert_eq!(notices.len(), 2, "{name}: {notices:?}");
    }
}

#[test]
fn a_mail_that_is_cut_short_still_names_who_failed() {
    let whole = mail("report-postfix");
    let end = whole.windows(14).position(|window| window == b"message/rfc822").unwrap();
    let About::Bounce(notices) = Mail::read(&whole[..end]).about else { panic!() };
    assert_eq!((notices[0].action, notices[0].recipient.as_str()), (Action::Failed, "kim@example.net"));
}

#[test]
fn inspect_shows_what_each_mail_of_a_folder_is() {
    let inspect = |path: &Path| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("mailtally"));
        command.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_TZ");
        let output = command.args(["inspect", "--json"]).arg(path).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        json["files"].as_array().unwrap().clone()
    };
    let names = ["files_bounce", "files_delay_only", "complaints", "files_not_a_bounce", "files_other_feedback"];
    let sums =
        |files: &[serde_json::Value]| names.map(|name| files.iter().map(|file| file[name].as_u64().unwrap()).sum::<u64>());
    let files = inspect(&folder());
    let (boxes, single): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| file["path"].as_str().unwrap().ends_with("mbox"));
    assert_eq!(single.len(), mails().len());
    assert!(single.iter().all(|file| sums(std::slice::from_ref(file)).iter().sum::<u64>() == 1), "each is one thing");
    assert_eq!(sums(&single), [44, 4, 4, 7, 1]);
    // One bounce came twice: both are mails of the box, as logged.
    assert_eq!((sums(&boxes), boxes[0]["lines"].as_u64()), ([2, 0, 0, 1, 0], Some(3)));
}

proptest! {
    #[test]
    fn no_mail_is_too_broken(index in any::<prop::sample::Index>(), cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20)) {
        let all = mails();
        let mut mail = index.get(&all).1.clone();
        for (at, byte) in cuts {
            let at = at.index(mail.len());
            match byte % 4 {
                0 => mail.truncate(at.max(1)),
                1 => { mail.remove(at); if mail.is_empty() { mail.push(b'\n'); } }
                2 => mail.insert(at, b'\n'),
                _ => mail[at] = byte,
            }
        }
        let read = Mail::read(&mail);
        prop_assert_eq!(&read, &Mail::read(&mail));
        if let About::Bounce(notices) = read.about {
            prop_assert!(!notices.is_empty());
        }
    }
}
