//! A log is the same log whatever carried it: every fixture of a format that is logged by syslog, under the headers of other daemons,
//! shippers and containers; and behind two hundred lines of something else.

use std::fmt::Write as _;

use mailtally::event::Pos;
use mailtally::format::{Account, FORMATS, Format, detect};
use mailtally::source::each_record_of;

use super::{account_for, context, fixtures};

/// A line of RFC 3164 that a program of its own name wrote.
struct Line<'a> {
    whole: &'a str,
    host: &'a str,
    tag: &'a str,
    pid: &'a str,
    text: &'a str,
}

impl<'a> Line<'a> {
    /// `Oct  1 08:00:00 host tag[pid]: text`, without a further header in the text.
    fn of(whole: &'a str) -> Option<Self> {
        let (stamp, rest) = whole.split_at_checked(15)?;
        let is_stamp =
            stamp.as_bytes().first()?.is_ascii_uppercase() && stamp.bytes().filter(|byte| *byte == b':').count() == 2;
        let (host, rest) = rest.strip_prefix(' ')?.split_once(' ')?;
        let (tag, text) = rest.split_once(": ")?;
        let (tag, pid) = tag.strip_suffix(']')?.split_once('[')?;
        let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte));
        let is_plain = !text.starts_with([' ', '[']) && !text.contains('\t');
        (is_stamp && is_name(host) && is_name(tag) && is_name(pid) && is_plain).then_some(Self { whole, host, tag, pid, text })
    }
}

/// A text as a string of JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

type Framing = (&'static str, fn(&Line<'_>) -> String);

const FRAMINGS: [Framing; 39] = [
    ("a priority", |line| format!("<22>{}", line.whole)),
    ("RFC 5424", |Line { host, tag, pid, text, .. }| {
        format!("<22>1 2026-10-01T08:00:00.1+02:00 {host} {tag} {pid} - - {text}")
    }),
    ("RFC 5424 with data", |Line { host, tag, pid, text, .. }| {
        format!("<22>1 2026-10-01T08:00:00Z {host} {tag} {pid} ID1 [a b=\"c\" d=\"\\\"]\"][e f=\"g\"] \u{feff}{text}")
    }),
    ("ISO 8601", |Line { host, tag, pid, text, .. }| format!("2026-10-01T08:00:00.123456+02:00 {host} {tag}[{pid}]: {text}")),
    ("a priority and ISO 8601", |Line { host, tag, pid, text, .. }| {
        format!("<22>2026-10-01T08:00:00Z {host} {tag}[{pid}]: {text}")
    }),
    ("journalctl -o short-full", |Line { host, tag, pid, text, .. }| {
        format!("Thu 2026-10-01 08:00:00 CEST {host} {tag}[{pid}]: {text}")
    }),
    ("journalctl -o json", |Line { host, tag, pid, text, .. }| {
        format!(
            "{{\"__REALTIME_TIMESTAMP\":\"1790841600123456\",\"_HOSTNAME\":\"{host}\",\"SYSLOG_IDENTIFIER\":\"{tag}\",\
             \"_PID\":\"{pid}\",\"MESSAGE\":{}}}",
            quoted(text)
        )
    }),
    ("journalctl -o json, as bytes", |Line { host, tag, pid, text, .. }| {
        format!(
            "{{\"MESSAGE\":{:?},\"__REALTIME_TIMESTAMP\":\"1790841600123456\",\"_HOSTNAME\":\"{host}\",\
             \"SYSLOG_IDENTIFIER\":\"{tag}\",\"_PID\":\"{pid}\"}}",
            text.as_bytes()
        )
    }),
    ("journalctl -o export", |Line { host, tag, pid, text, .. }| {
        format!(
            "__CURSOR=s=7;i=4;b=6;m=4;t=5;x=d\n__REALTIME_TIMESTAMP=1790841600123456\n__MONOTONIC_TIMESTAMP=21415215982\n_TRANSPORT=syslog\n\
             SYSLOG_RAW\n\u{3}\0\0\0\0\0\0\0a\n\n\nSYSLOG_IDENTIFIER={tag}\nSYSLOG_PID={pid}\nMESSAGE={text}\n_PID=1\n_HOSTNAME={host}\n"
        )
    }),
    ("journalctl -o verbose", |Line { host, tag, pid, text, .. }| {
        format!(
            "Thu 2026-10-01 10:00:00.123456 CEST [s=7;i=4;b=6;m=4;t=65cc2cd6ca240;x=d]\n    PRIORITY=6\n    SYSLOG_IDENTIFIER={tag}\n    \
             SYSLOG_PID={pid}\n    MESSAGE={text}\n    _CMDLINE=a\n             b\n    _HOSTNAME={host}"
        )
    }),
    ("stern", |line| format!("mail-0 postfix {}", line.whole)),
    ("stern of all namespaces, with stamps", |line| {
        format!(
            "\u{1b}[36mprod\u{1b}[0m \u{1b}[36mmail-0\u{1b}[0m \u{1b}[96mpostfix\u{1b}[0m 2026-10-01T08:00:00.123456789Z {}",
            line.whole
        )
    }),
    ("kubectl logs --prefix --timestamps", |line| {
        format!("[pod/mail-0/postfix] 2026-10-01T08:00:00.123456789Z {}", line.whole)
    }),
    ("Elastic, taken apart", |Line { whole, text, .. }| {
        format!(
            "{{\"@timestamp\":\"2026-10-01T08:00:00.000Z\",\"event\":{{\"original\":{}}},\"message\":{},\"log\":{{\"offset\":9}}}}",
            quoted(whole),
            quoted(text)
        )
    }),
    ("Elastic's processor of syslog", |Line { host, tag, pid, text, .. }| {
        format!(
            "{{\"@timestamp\":\"2026-10-01T08:00:00.000Z\",\"log\":{{\"syslog\":{{\"hostname\":\"{host}\",\"appname\":\"{tag}\",\
             \"procid\":\"{pid}\"}}}},\"message\":{}}}",
            quoted(text)
        )
    }),
    ("Docker", |line| {
        let text = quoted(&format!("{}\n", line.whole));
        format!("{{\"log\":{text},\"stream\":\"stdout\",\"time\":\"2026-10-01T08:00:00.123456789Z\"}}")
    }),
    ("Kubernetes, text", |line| format!("2026-10-01T08:00:00.123456789Z stdout F {}", line.whole)),
    ("Kubernetes, shipped", |line| {
        format!(
            "{{\"@timestamp\":\"2026-10-01T08:00:00.123Z\",\"kubernetes\":{{\"pod_name\":\"mail-0\"}},\"message\":{}}}",
            quoted(line.whole)
        )
    }),
    ("rsyslog's JSON", |Line { host, tag, pid, text, .. }| {
        let text = quoted(&format!(" {text}"));
        format!("{{\"timestamp\":\"2026-10-01T08:00:00Z\",\"host\":\"{host}\",\"syslogtag\":\"{tag}[{pid}]:\",\"msg\":{text}}}")
    }),
    ("Vector", |Line { host, tag, pid, text, .. }| {
        let text = quoted(text);
        format!(
            "{{\"appname\":\"{tag}\",\"hostname\":\"{host}\",\"procid\":{pid},\"timestamp\":\"2026-10-01T08:00:00Z\",\"message\":{text}}}"
        )
    }),
    ("GELF", |Line { host, tag, pid, text, .. }| {
        let text = quoted(text);
        format!(
            "{{\"version\":\"1.1\",\"host\":\"{host}\",\"short_message\":{text},\"timestamp\":1790841600.5,\"_process_name\":\"{tag}\",\"_pid\":{pid}}}"
        )
    }),
    ("Loki", |line| format!("{{\"line\":{},\"timestamp\":\"1790841600123456789\",\"fields\":{{}}}}", quoted(line.whole))),
    ("a cloud", |line| format!("{{\"textPayload\":{},\"timestamp\":\"2026-10-01T08:00:00Z\"}}", quoted(line.whole))),
    ("AIX", |Line { whole, host, tag, pid, text }| format!("{} {host} mail:info {tag}[{pid}]: {text}", &whole[..15])),
    ("AIX, forwarded", |Line { whole, host, tag, pid, text }| {
        format!("{} loghost Message forwarded from {host}: {tag}[{pid}]: {text}", &whole[..15])
    }),
    ("Sophos UTM", |Line { host, tag, pid, text, .. }| format!("2026:10:01-08:00:00 {host} {tag}[{pid}]: {text}")),
    ("journalctl in another language", |Line { host, tag, pid, text, .. }| {
        format!("Okt 01 08:00:00 {host} {tag}[{pid}]: {text}")
    }),
    ("Kiwi", |line| format!("2026-10-01 08:00:00\tMail.Info\t192.0.2.7\t{}", line.whole)),
    ("Papertrail", |Line { host, tag, text, .. }| {
        format!("7{:017}\t2026-10-01T08:00:00Z\t2026-10-01T08:00:00Z\t1\t{host}\t192.0.2.7\tMail\tInfo\t{tag}\t{text}", 1)
    }),
    ("Fluentd", |Line { host, tag, pid, text, .. }| {
        let text = quoted(text);
        format!(
            "2026-10-01T08:00:00+00:00\tsystem.mail.info\t{{\"host\":\"{host}\",\"ident\":\"{tag}\",\"pid\":\"{pid}\",\"message\":{text}}}"
        )
    }),
    ("syslog-ng's JSON", |Line { whole, host, tag, pid, text }| {
        format!(
            "{{\"PROGRAM\":\"{tag}\",\"PRIORITY\":\"info\",\"PID\":\"{pid}\",\"MESSAGE\":{},\"HOST\":\"{host}\",\"FACILITY\":\"mail\",\
             \"DATE\":\"{}\"}}",
            quoted(text),
            &whole[..15]
        )
    }),
    ("a relay's daemon, before ISO 8601", |Line { whole, host, tag, pid, text }| {
        format!("{} loghost 2026-10-01T08:00:00.123456+02:00 {host} {tag}[{pid}]: {text}", &whole[..15])
    }),
    ("Graylog", |Line { host, tag, pid, text, .. }| {
        let text = quoted(&format!("{host} {tag}[{pid}]: {text}"));
        format!("{{\"timestamp\":\"2026-10-01T08:00:00.000Z\",\"source\":\"{host}\",\"message\":{text}}}")
    }),
    ("Graylog's export", |Line { host, tag, pid, text, .. }| {
        format!("\"2026-10-01T08:00:00.000Z\",\"{host}\",\"{host} {tag}[{pid}]: {text}\"")
    }),
    ("a terminal's colours", |line| format!("\u{1b}[32m{}\u{1b}[0m", line.whole)),
    ("the end of what grep marked", |line| format!("{}\u{1b}[m\u{1b}[K", line.whole)),
    ("Splunk's JSON", |line| {
        let text = quoted(line.whole);
        format!(
            "{{\"preview\":false,\"result\":{{\"_raw\":{text},\"_time\":\"2026-10-01T08:00:00.000+00:00\",\"host\":\"{}\"}}}}",
            line.host
        )
    }),
    ("what Splunk's collector takes", |line| {
        format!("{{\"time\":1790841600,\"host\":\"{}\",\"sourcetype\":\"syslog\",\"event\":{}}}", line.host, quoted(line.whole))
    }),
    ("BusyBox", |Line { whole, host, tag, pid, text }| format!("{} {host} mail.info {tag}[{pid}]: {text}", &whole[..15])),
];

/// What a log's records were and said, without stamps and bytes.
pub(super) fn counts(format: &dyn Format, log: &str) -> String {
    let framing = format.recognise(log.as_bytes()).expect("it is told").1;
    let mut reader = format.reader(log.as_bytes(), &context());
    let mut account = Account::default();
    each_record_of(log.as_bytes(), framing, |offset, record| {
        account_for(&mut account, &mut *reader, record, Pos { file: 0, offset });
    });
    let Account { lines, delivery, context, other, unparsed, attempts, delivered, deferred, bounced, expired, .. } = account;
    let mut text = format!("lines {lines}: {delivery} {context} {other} {unparsed}, attempts {attempts}: ");
    write!(
        text,
        "{delivered} {deferred} {bounced} {expired}, inbound {}, domains {}",
        account.inbound_rejects,
        account.recipient_domains()
    )
    .unwrap();
    text
}

/// Formats that are logged by syslog.
pub(super) const BY_SYSLOG: [&str; 9] =
    ["postfix", "sendmail", "exim", "qmail", "opensmtpd", "courier", "ironport", "haraka", "zonemta"];

#[test]
fn every_log_of_syslog_is_the_same_under_any_header() {
    let mut carried = 0;
    for format in FORMATS.into_iter().filter(|format| BY_SYSLOG.contains(&format.name())) {
        for path in fixtures(format.name()) {
            let log = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            let lines: Vec<Line<'_>> = log.lines().filter_map(Line::of).collect();
            let plain: String = lines.iter().flat_map(|line| [line.whole, "\n"]).collect();
            if detect(plain.as_bytes()).is_none_or(|found| found.format.name() != format.name()) {
                continue;
            }
            let expected = counts(format, &plain);
            for (name, frame) in FRAMINGS {
                let framed: String = lines.iter().map(|line| frame(line) + "\n").collect();
                let found = detect(framed.as_bytes()).map(|found| found.format.name());
                assert_eq!(found, Some(format.name()), "{} under {name}", path.display());
                assert_eq!(counts(format, &framed), expected, "{} under {name}", path.display());
            }
            carried += 1;
        }
    }
    assert!(carried >= 15, "{carried} logs were carried");
}

#[test]
fn every_log_is_told_behind_lines_of_something_else() {
    let noises: [fn(usize) -> String; 3] = [
        |n| format!("Oct  1 08:00:{:02} mx1 sshd[{n}]: Failed password for root from 192.0.2.7 port {n} ssh2\n", n % 60),
        |n| format!("{{\"level\":\"info\",\"ts\":{n},\"msg\":\"tick\"}}\n"),
        |n| format!("{n},apple,{n}.50,in stock\n"),
    ];
    for format in FORMATS {
        for path in fixtures(format.name()) {
            let log = std::fs::read(&path).unwrap();
            for noise in noises {
                let before: String = (0..200).map(noise).collect();
                let found = detect(&[before.as_bytes(), &log].concat()).map(|found| found.format.name());
                assert_eq!(found, Some(format.name()), "{} behind {before:.60}", path.display());
            }
        }
    }
}
