//! Reading records into events: bytes of log a second on one core, for each format.
//!
//! The log is made here: the lines of messages that are submitted, queued, tried and removed, in the proportions of a sending host,
//! with some of the noise that such a host logs beside them.

use std::fmt::Write;
use std::hint::black_box;

use bstr::ByteSlice;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use mailtally::event::{Event, Micros, Pos, Sink};
use mailtally::format::{Account, FileContext, by_name};

/// Messages in the log; about 5 MB.
const MESSAGES: u32 = 4_000;

/// Takes events and counts them, so that making them is not optimised away.
#[derive(Default)]
struct Counting(u64);

impl Sink for Counting {
    fn event(&mut self, event: &Event<'_>) {
        self.0 += 1;
        black_box(event);
    }
}

/// One message: who submits it, the two attempts of its recipient, or one, and what stands between.
fn message(log: &mut String, number: u32) {
    let second = number * 2 % 86_400;
    let (day, time) = (1 + number / 43_200, format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60));
    let id = format!("{:05X}{:05X}", number.wrapping_mul(7_919) & 0xf_ffff, number);
    let (user, host, pid) = (number % 977, number % 89, 2_000 + number % 40);
    let mut line = |program: &str, text: &str| {
        writeln!(log, "Oct {day:2} {time} mx1 {program}[{pid}]: {text}").expect("a String takes all");
    };
    let client = format!("app{}.int.example.net[192.0.2.{}]", number % 9, number % 250);
    let relay = format!("mx{host}.example.com[198.51.100.{host}]");
    line("postfix/submission/smtpd", &format!("connect from {client}"));
    line("postfix/submission/smtpd", &format!("{id}: client={client}, sasl_method=PLAIN, sasl_username=app{}", number % 9));
    line("postfix/cleanup", &format!("{id}: message-id=<{number:016x}.{second}@news.example.org>"));
    line("opendkim", &format!("{id}: DKIM-Signature field added (s=mail, d=news.example.org)"));
    line(
        "postfix/qmgr",
        &format!("{id}: from=<bounces+c{}@news.example.org>, size={}, nrcpt=1 (queue active)", number % 30, 9_000 + user),
    );
    line(
        "postfix/submission/smtpd",
        &format!("disconnect from {client} ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8"),
    );
    line(
        "postfix/smtp",
        &format!(
            "Trusted TLS connection established to {relay}:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature ECDSA (prime256v1) server-digest SHA256"
        ),
    );
    let to = format!("{id}: to=<user{user}@example{host}.com>, relay={relay}:25");
    if number.is_multiple_of(5) {
        line(
            "postfix/smtp",
            &format!(
                "{to}, delay=1.4, delays=0.02/0.01/0.4/0.97, dsn=4.2.2, status=deferred (host {relay} said: 452 4.2.2 <user{user}@example{host}.com>: mailbox is over quota (in reply to RCPT TO command))"
            ),
        );
    }
    line(
        "postfix/smtp",
        &format!("{to}, delay=0.83, delays=0.02/0.01/0.09/0.7, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {user:010X})"),
    );
    line("postfix/qmgr", &format!("{id}: removed"));
    if number.is_multiple_of(3) {
        line("postfix/postscreen", &format!("CONNECT from [203.0.113.{}]:61908 to [192.0.2.1]:25", number % 250));
        line(
            "postfix/smtpd",
            &format!(
                "NOQUEUE: reject: RCPT from unknown[203.0.113.{}]: 554 5.7.1 Service unavailable; Client host blocked using dnsbl.example.net; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
                number % 250
            ),
        );
    }
}

fn postfix(criterion: &mut Criterion) {
    let mut log = String::new();
    for number in 0..MESSAGES {
        message(&mut log, number);
    }
    let log = log.into_bytes();
    let context = FileContext { anchor: Micros(1_790_000_000_000_000), zone: TimeZone::UTC, own_relays: Vec::new() };
    let format = by_name("postfix").expect("postfix is a format");
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(log.len() as u64));
    group.bench_function("postfix", |bencher| {
        let mut reader = format.reader(&log, &context);
        bencher.iter(|| {
            let mut sink = Counting::default();
            for (offset, record) in (0..).zip(log.lines()) {
                reader.read(record, Pos { file: 0, offset }, &mut sink);
            }
            sink.0
        });
    });
    group.bench_function("postfix counted", |bencher| {
        let mut reader = format.reader(&log, &context);
        bencher.iter(|| {
            let mut account = Account::default();
            for (offset, record) in (0..).zip(log.lines()) {
                account.read(&mut *reader, record, Pos { file: 0, offset });
            }
            account.attempts
        });
    });
    group.finish();
}

criterion_group!(benches, postfix);
criterion_main!(benches);
