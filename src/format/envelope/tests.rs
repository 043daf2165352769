use super::*;
use crate::format::FileContext;
use jiff::{Timestamp, tz::TimeZone};

/// `stamp|host|tag|pid|text`, with nothing for what is not there.
#[track_caller]
fn check(line: &str, expected: &str) {
    let anchor = Micros("2023-12-31T00:00:00Z".parse::<Timestamp>().unwrap().as_microsecond());
    let mut clock = Clock::new(&FileContext { anchor, zone: TimeZone::UTC, own_relays: Vec::new() });
    let found = Envelope::open(line.as_bytes(), &mut clock);
    let time = found.time.map_or(String::new(), |at| Timestamp::from_microsecond(at.0).unwrap().to_string());
    let parts = [found.host, found.tag, found.pid, found.text].map(|part| String::from_utf8_lossy(part).into_owned());
    assert_eq!(format!("{time}|{}", parts.join("|")), expected, "{line}");
}

#[test]
fn the_framings_of_syslog_daemons() {
    let expected = "2023-11-01T02:11:18Z|mx1|postfix/smtp|17|4F1A2B3C01: removed";
    for line in [
        "Nov  1 02:11:18 mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "Nov  1 02:11:18 mx1 postfix/smtp[17]:4F1A2B3C01: removed\r",
        "Nov  1 02:11:18 mx1 postfix/smtp[17]:    4F1A2B3C01: removed",
        "2023 Nov 1 02:11:18 mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "2023-11-01T03:11:18+01:00 mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "<22>Nov  1 02:11:18 mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "<mail.info>Nov  1 02:11:18 mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "Nov  1 02:11:18 <mail.info> mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "<22>1 2023-11-01T02:11:18Z mx1 postfix/smtp 17 - - 4F1A2B3C01: removed",
        "1 2023-11-01T02:11:18Z mx1 postfix/smtp 17 - [m@1 a=\"b\"] 4F1A2B3C01: removed",
        "Nov  1 02:11:18 mx1 postfix/smtp[17]: [ID 197553 mail.info] 4F1A2B3C01: removed",
        "Nov  1 02:11:18 mx1 postfix/smtp[17] <Notice>: 4F1A2B3C01: removed",
        "Nov  1 02:11:18 mx1 mail.info postfix/smtp[17]: 4F1A2B3C01: removed",
        "Wed 2023-11-01 02:11:18 UTC mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "Wed Nov  1 02:11:18 2023 mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "1698804678 mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "Nov  1 02:11:18 mx1 mail:info postfix/smtp[17]: 4F1A2B3C01: removed",
        "Nov  1 02:11:18 loghost Message forwarded from mx1: postfix/smtp[17]: 4F1A2B3C01: removed",
        "Nov  1 02:11:18 loghost mail:info Message forwarded from mx1: postfix/smtp[17]: 4F1A2B3C01: removed",
        "2023:11:01-02:11:18 mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "lis 01 02:11:18 mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "ноя 01 02:11:18 mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "11月 01 02:11:18 mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "Nov  1 02:11:18 CET mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "Nov  1 2023 02:11:18 UTC mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "Nov  1 02:11:18 UTC: mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
        "2023-11-01 02:11:18 CET mx1 postfix/smtp[17]: 4F1A2B3C01: removed",
    ] {
        check(line, expected);
    }
}

#[test]
fn what_shippers_and_searches_put_before_a_line() {
    let expected = "2023-11-01T02:11:18Z|mx1|postfix/smtp|17|text";
    for line in [
        "mail.log.1:Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "/var/log/mail.log:217:Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "C:/logs/mail.log:2023-11-01T02:11:18Z mx1 postfix/smtp[17]: text",
        "\"Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "\u{feff}Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "> Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "   Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "host1: Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "mail-1  | Nov 01 02:11:18 mx1 postfix/smtp[17]: text",
        "[pod/mail/postfix] Nov 01 02:11:18 mx1 postfix/smtp[17]: text",
        "2023-11-01T02:11:19.1Z Nov 01 02:11:18 mx1 postfix/smtp[17]: text",
        "mail-1  | 2023-11-01T02:11:19.1Z Nov 01 02:11:18 mx1 postfix/smtp[17]: text",
        "- 1698804678 2023.11.01 mx1 Nov 1 02:11:18 mx1 postfix/smtp[17]: text",
        "    42\tNov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "\u{1b}[36mmail-1  | \u{1b}[0mNov 01 02:11:18 mx1 postfix/smtp[17]: text",
        "[pod/mail-0/postfix] 2023-11-01T02:11:19.1Z Nov 01 02:11:18 mx1 postfix/smtp[17]: text",
        "mail.1.k2v5@node7    | Nov 01 02:11:18 mx1 postfix/smtp[17]: text",
        "mail-0 postfix Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "mail-5d4f7c.v1 postfix 2023-11-01T02:11:19.1Z Nov 01 02:11:18 mx1 postfix/smtp[17]: text",
        "prod mail-0 postfix 2023-11-01T02:11:18Z mx1 postfix/smtp[17]: text",
        "\u{1b}[36mmail-0\u{1b}[0m \u{1b}[96mpostfix\u{1b}[0m Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "\u{1b}[33;1mmail_1  |\u{1b}[0m Nov 01 02:11:18 mx1 postfix/smtp[17]: text",
        "\"2023-11-01T02:11:18.000Z\",\"mx1\",\"postfix/smtp[17]: text\"",
        "217-Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "/var/log/mail-old.log-2023-11-01T02:11:18Z mx1 postfix/smtp[17]: text",
        "mail.log-217-Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "\"Nov 1, 2023 @ 02:11:18.000\",mx1,\"Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "2023-11-01T02:11:19.000+0000,mx1,\"Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "7001\t2023-11-01T02:11:18Z\t2023-11-01T02:11:19Z\t123\tmx1\t192.0.2.7\tMail\tInfo\tpostfix/smtp[17]\ttext",
    ] {
        check(line, expected);
    }
    let forwarded = "2023-11-01T02:11:18.5+00:00 mx1 postfix/smtp[17]: text";
    check(&format!("Nov  1 02:11:19 192.0.2.7 {forwarded}"), &format!("2023-11-01T02:11:19Z|192.0.2.7|||{forwarded}"));
    check("2023-11-01 02:11:18\tMail.Info\t192.0.2.7\tNov  1 x", "2023-11-01T02:11:18Z|192.0.2.7|||Nov  1 x");
    check("2023-11-01T02:11:18Z [1:mail1:postfix/smtp] text", "2023-11-01T02:11:18Z|mail1|postfix/smtp||text");
    check("2023-11-01T02:11:18Z [1:2 x] text", "2023-11-01T02:11:18Z|[1:2|||x] text");
    let unified = "2023-11-01 02:11:18.000000+0000 0x1a2b3    Info        0x0                  17     0    smtp: text";
    check(unified, "2023-11-01T02:11:18Z||smtp|17|text");
    check("2023-11-01T02:11:18Z stdout F Nov 01 02:11:18 x", "2023-11-01T02:11:18Z||||Nov 01 02:11:18 x");
}

#[test]
fn a_stamp_without_a_year_is_of_the_one_before_it() {
    for line in [
        "2021-11-01T02:11:19.1Z Nov 01 02:11:18 mx1 postfix/smtp[17]: text",
        "mail-1  | 2021-11-01T02:11:19.1Z Nov 01 02:11:18 mx1 postfix/smtp[17]: text",
        "@40000000617f4db600000000 Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
        "@40000000617f4db600000000 mail.info: Nov  1 02:11:18 mx1 postfix/smtp[17]: text",
    ] {
        check(line, "2021-11-01T02:11:18Z|mx1|postfix/smtp|17|text");
    }
    check(
        "2021-11-01T02:11:19.1Z 2023-11-01 02:11:18 mx1 postfix/smtp[17]: text",
        "2023-11-01T02:11:18Z|mx1|postfix/smtp|17|text",
    );
}

#[test]
fn a_length_in_front_is_of_one_record() {
    let expected = "2023-11-01T02:11:18Z|mx1|postfix/smtp|17|text";
    for record in ["<22>1 2023-11-01T02:11:18Z mx1 postfix/smtp 17 - - text", "<22>Nov  1 02:11:18 mx1 postfix/smtp[17]: text"]
    {
        check(&format!("{} {record}", record.len()), expected);
        check(&format!("{} {record}", record.len() + 1), expected);
        let two = format!("{0} {record}{0} {record}", record.len());
        check(&two, &format!("||||{two}"));
    }
}

#[test]
fn collectors_name_the_agent_and_the_file() {
    let text = "Nov  1 02:11:18 mx1 postfix/smtp[17]: text";
    for (front, host) in [
        ("(mail) 192.0.2.7->/var/log/mail.log", "mail"),
        ("(mail) any->/var/log/mail.log", "mail"),
        ("mail->/var/log/mail.log", "mail"),
        ("{host=\"mx1\", job=\"mail\"}", ""),
    ] {
        check(&format!("2021 Nov 01 02:11:18 {front} {text}"), &format!("2021-11-01T02:11:18Z|{host}|||{text}"));
    }
}

#[test]
fn a_header_may_lack_its_parts() {
    check("Aug 31 00:21:33  dovecot: last message repeated", "2023-08-31T00:21:33Z||dovecot||last message repeated");
    check("Aug 31 00:21:33 last message repeated 2 times", "2023-08-31T00:21:33Z||||last message repeated 2 times");
    check("Aug 31 00:21:33 postfix/qmgr[7]: x", "2023-08-31T00:21:33Z||postfix/qmgr|7|x");
    check("Aug 31 00:21:33 mx1 last message repeated 2 times", "2023-08-31T00:21:33Z|mx1|||last message repeated 2 times");
    check("Aug 31 00:21:33 mx1 4F1A2B3C01: removed", "2023-08-31T00:21:33Z|mx1|||4F1A2B3C01: removed");
    check("postfix/discard[1435]: [ID 897546 mail.info] x", "||postfix/discard|1435|x");
    check("smtp\t4F1A2B3C01: removed", "||smtp||4F1A2B3C01: removed");
    check("Aug 31 00:21:33", "2023-08-31T00:21:33Z||||");
    check("Aug 31 00:21:33 mx1", "2023-08-31T00:21:33Z|mx1|||");
}

#[test]
fn a_line_without_a_header_is_all_text() {
    for line in [
        "",
        "4F1A2B3C01: removed",
        "**** title ****",
        "warning: x",
        "<a@b.example>: x",
        "\"",
        "1 x",
        "-",
        "mail-0 postfix text",
    ] {
        check(line, &format!("||||{line}"));
    }
}
