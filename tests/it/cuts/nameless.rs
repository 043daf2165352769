//! Logs whose records name no host: of which they are shows in their folders, in their names, and in what they say.

use std::fmt::Write as _;

use super::{Figures, figures_of_all};

/// Figures of files by name and text.
fn figures(files: &[(&str, &str)]) -> Figures {
    let files: Vec<_> = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    figures_of_all(&files)
}

#[test]
fn a_reject_log_beside_its_main_log_counts_nothing_twice() {
    let refused = |minute: u32, words: &str| {
        format!("2026-03-05 12:{minute:02}:00 H=(x) [203.0.113.5] F=<s@spam.example> rejected {words}\n")
    };
    let early =
        [refused(1, "RCPT <x@example.org>: no"), refused(1, "RCPT <x@example.org>: no"), refused(3, "EHLO or HELO x: no")];
    let dropped = "2026-03-05 12:07:00 1vyAbC-000Pg8-VO H=(x) [203.0.113.5] F=<s@spam.example> rejected after DATA: spam\n";
    let sent = "2026-03-05 12:05:00 1vyAbD-000Pg9-VO <= a@example.org U=app P=local S=1000\n\
                2026-03-05 12:06:00 1vyAbD-000Pg9-VO => b@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.2] C=\"250 ok\"\n\
                2026-03-05 12:06:00 1vyAbD-000Pg9-VO Completed\n";
    let headers = "Envelope-from: <s@spam.example>\nEnvelope-to: <x@example.org>\nP Received: from x by mx\n\tfor <x@example.org>\n\
                   F From: s@spam.example\n  Subject: 2026-03-05 12:00:07 no\n";
    let main = [early.concat(), sent.to_owned(), dropped.to_owned()].concat();
    let reject =
        [early.concat(), dropped.to_owned(), headers.to_owned(), refused(9, "RCPT <y@example.org>: told here alone")].concat();
    let figures = |files: &[(&str, &str)]| {
        let figures = figures(files);
        (figures.inbound, figures.outcomes)
    };
    let (inbound, outcomes) = figures(&[("mx1/mainlog", &main)]);
    assert_eq!((inbound, outcomes.0.len()), (4, 1));
    for names in [["mx1/mainlog", "mx1/rejectlog"], ["exim_mainlog", "exim_rejectlog"], ["mx1/z", "mx1/a"]] {
        assert_eq!(figures(&[(names[0], &main), (names[1], &reject)]), (5, outcomes.clone()), "{names:?}");
    }
    assert_eq!(figures(&[("mx1/rejectlog", &reject)]).0, 5, "alone it tells all that it holds");
    assert_eq!(figures(&[("mx1/mainlog", &main), ("mx2/mainlog", dropped)]).0, 5, "another host says so of its own");
}

#[test]
fn logs_that_name_no_host_are_of_two_if_they_lie_in_two_folders() {
    let log = |minute: u32, id: &str| {
        let at = |later: u32| format!("2026-03-05 {:02}:{:02}:00", 8 + (minute + later) / 60, (minute + later) % 60);
        format!(
            "{} {id} <= a@example.org U=app P=local S=1000\n{} {id} == b@example.com R=dnslookup T=remote_smtp defer (-44): host \
             mx.example.com [192.0.2.2]: 450 4.2.0 later\n{} {id} => b@example.com R=dnslookup T=remote_smtp H=mx.example.com \
             [192.0.2.2] C=\"250 ok\"\n{} {id} Completed\n",
            at(0),
            at(1),
            at(40),
            at(40)
        )
    };
    // The same ids on both, as small numbers are that begin anew on each host.
    let one: Vec<String> = (0..8).map(|number| log(number * 45, &format!("1vyAbC-00{number}Pg8-VO"))).collect();
    let other: Vec<String> = (0..8).map(|number| log(number * 45 + 20, &format!("1vyAbC-00{number}Pg8-VO"))).collect();
    // Where others name a host, these lines have words.
    let begin = "2026-03-05 07:59:00 exim 4.97 daemon started: pid=77, -q30m, listening for SMTP on port 25\n\
                 2026-03-05 07:59:00 daemon_notifier_socket bind: Address already in use\n";
    let (older, newer) = ([begin, &one[..4].concat()].concat(), one[4..].concat());
    let figures = |files: &[(&str, &str)]| figures(files).outcomes.0;
    let rows = figures(&[("mx1/mainlog.1", &older), ("mx1/mainlog", &newer), ("mx2/mainlog", &other.concat())]);
    let hosts: Vec<&str> = rows.keys().map(|row| row.0.as_str()).collect();
    assert_eq!((rows.len(), rows.values().sum::<u32>()), (16, 16), "{rows:?}");
    assert!(
        hosts.iter().filter(|host| **host == "mx1").count() == 8 && hosts.iter().filter(|host| **host == "mx2").count() == 8
    );
    let rows = figures(&[("2026-03-04/mainlog", &older), ("2026-03-05/mainlog", &newer)]);
    assert!(rows.len() == 8 && rows.keys().all(|row| row.0.is_empty()), "days of one host: {rows:?}");
}

/// Mails that an appliance delivers, two minutes apart, to `domain`: of each log line whether it tells of trouble, and the line.
fn appliance(first: u32, domain: &str, numbers: std::ops::Range<u32>) -> Vec<(bool, String)> {
    let mut lines = Vec::new();
    for number in numbers {
        let (mid, dcid) = (1_000 + number, 500 + number);
        let mut say = |second: u32, is_trouble: bool, words: String| {
            let second = first + number * 120 + second;
            let (hour, minute, second) = (8 + second / 3_600, second / 60 % 60, second % 60);
            lines.push((is_trouble, format!("Thu Mar  5 {hour:02}:{minute:02}:{second:02} 2026 {words}\n")));
        };
        say(0, false, format!("Info: MID {mid} ICID 7 From: <s@here.example>"));
        say(0, false, format!("Info: MID {mid} ICID 7 RID 0 To: <u{number}@{domain}>"));
        say(0, false, format!("Info: MID {mid} queued for delivery"));
        say(1, false, format!("Info: New SMTP DCID {dcid} interface 192.0.2.1 address 203.0.113.5 port 25"));
        say(1, false, format!("Info: Delivery start DCID {dcid} MID {mid} to RID [0]"));
        if number % 4 == 0 {
            let words = "5.1.0 - Unknown address error ('550', ['5.1.1 no such user']) []";
            say(2, true, format!("Info: Bounced: DCID {dcid} MID {mid} to RID 0 - {words}"));
        } else {
            say(2, false, format!("Info: Message done DCID {dcid} MID {mid} to RID [0]"));
        }
        say(3, false, format!("Info: Message finished MID {mid} done"));
        say(9, false, format!("Info: DCID {dcid} close"));
    }
    lines
}

fn text(lines: &[(bool, String)]) -> String {
    lines.iter().fold(String::new(), |mut text, (_, line)| {
        write!(text, "{line}").unwrap();
        text
    })
}

/// How many outcomes are of each host.
fn by_host(figures: &Figures) -> Vec<(&str, u32)> {
    let mut hosts = std::collections::BTreeMap::new();
    for (row, count) in &figures.outcomes.0 {
        *hosts.entry(row.0.as_str()).or_default() += count;
    }
    hosts.into_iter().collect()
}

#[test]
fn logs_of_one_folder_that_say_different_things_are_of_different_hosts() {
    // The same numbers on both.
    let (one, other) = (text(&appliance(0, "a.example", 0..100)), text(&appliance(30, "b.example", 0..100)));
    let newer = text(&appliance(30, "b.example", 100..140));
    let all = [
        ("esa1_mail.@20260305T080000.s", one.as_str()),
        ("esa2_mail.@20260305T080000.s", &other),
        ("esa2_mail.@20260305T112100.c", &newer),
    ];
    assert_eq!(by_host(&figures(&all)), [("esa1_mail", 100), ("esa2_mail", 140)]);
    assert_eq!(by_host(&figures(&all[1..])), [("", 140)], "one log names no host");
}

#[test]
fn logs_of_one_folder_that_say_the_same_are_of_one_host() {
    let lines = appliance(0, "a.example", 0..100);
    let trouble: Vec<_> = lines.iter().filter(|(is_trouble, _)| *is_trouble).cloned().collect();
    let (whole, part) = (text(&lines), text(lines.split_at(lines.len() / 2).1));
    let expected = figures(&[("mail.current", &whole)]);
    assert_eq!(by_host(&expected), [("", 100)]);
    for (beside, what) in [(text(&trouble), "failures alone"), (part, "the later half")] {
        let got = figures(&[("mail.current", &whole), ("debug.current", &beside)]);
        assert!(got.outcomes == expected.outcomes, "{what}: {:?}", by_host(&got));
    }
    // Beside another host's both have one name.
    let other = text(&appliance(30, "b.example", 0..100));
    let got = figures(&[("esa1.log", &whole), ("esa1-warn.log", &text(&trouble)), ("esa2.log", &other)]);
    assert_eq!(by_host(&got), [("esa1.log", 100), ("esa2.log", 100)]);
}

#[test]
fn a_log_that_names_no_host_is_of_the_host_whose_log_says_the_same() {
    // What Exim writes to its main log and to syslog: the same lines, one of them with host and process, and without a year.
    let mut main = "2026-03-05 07:59:00 daemon_notifier_socket bind: Address already in use\n".to_owned();
    let mut syslog = String::new();
    for number in 0..60 {
        let (hour, minute) = (8 + number / 20, number % 20 * 3);
        let mut say = |second: u32, words: &str| {
            writeln!(main, "2026-03-05 {hour:02}:{minute:02}:{second:02} {words}").unwrap();
            // What is too long for syslog comes in pieces, and other lines stand there alone.
            let pieces = if number == 5 { words.split_once("P=local") } else { None };
            let pieces = pieces
                .map_or(vec![words.to_owned()], |(one, other)| vec![format!("[1/2] {one}P=lo"), format!("[2/2] cal{other}")]);
            let alone = "H=(y) [203.0.113.6] F=<t@spam.example> rejected RCPT <z@example.org>: told here alone".to_owned();
            for piece in Some(alone).filter(|_| pieces.len() > 1).into_iter().chain(pieces) {
                writeln!(syslog, "Mar  5 {hour:02}:{minute:02}:{second:02} mx1 exim[{}]: {piece}", 400 + number).unwrap();
            }
        };
        let id = format!("1vyAbC-0{number:02}Pg8-VO");
        say(0, &format!("{id} <= a@example.org U=app P=local S=1000 for u{number}@example.com"));
        let way = "R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.2]";
        say(2, &format!("{id} => u{number}@example.com {way} C=\"250 ok\""));
        say(2, &format!("{id} Completed"));
        if number % 10 == 0 {
            say(7, "H=(x) [203.0.113.5] F=<s@spam.example> rejected RCPT <x@example.org>: no");
        }
    }
    let reject: String = main.split_inclusive('\n').filter(|line| line.contains("rejected")).map(str::to_owned).collect();
    let expected = figures(&[("syslog", &syslog)]);
    assert_eq!((by_host(&expected).as_slice(), expected.inbound), ([("mx1", 60)].as_slice(), 7));
    for names in [["exim/mainlog", "exim/rejectlog", "mail.log"], ["z", "y", "a"], ["a", "b", "z"]] {
        let got = figures(&[(names[0], &main), (names[1], &reject), (names[2], &syslog)]);
        assert_eq!((by_host(&got).as_slice(), got.inbound), ([("mx1", 60)].as_slice(), 7), "{names:?}");
        assert!(got.outcomes == expected.outcomes, "{names:?}");
    }
    // Another host's main log is not that of mx1, but of a host without a name.
    let other = main.replace("AbC-0", "AbC-1").replace("@example.com", "@example.net");
    let got = figures(&[("exim/mainlog", &other), ("mail.log", &syslog)]);
    assert_eq!(by_host(&got), [("", 60), ("mx1", 60)]);
}
