//! Reading records into events: bytes of log a second on one core, for each format. The logs are the simulator's, which the tests use
//! too: submissions, deliveries, retries, bounces and the noise of others in their usual proportions.

use std::hint::black_box;

use bstr::ByteSlice;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use mailtally::event::{Event, Framing, Micros, Pos, Sink};
use mailtally::format::{Account, FileContext, Format, Mapping, WrittenMapping, by_name};
use mailtally::source::each_record_of;

#[path = "../tests/simulate/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests and the sample logs use other parts of the simulator")]
mod simulate;

#[expect(clippy::indexing_slicing, reason = "the logs are our own")]
mod logs;

use simulate::relay::Mta;
use simulate::render::Stamps;

/// Fits no cache, as a log does not.
const BYTES: usize = 16 << 20;

/// Takes events and counts them, so that making them is not optimised away.
#[derive(Default)]
struct Counting(u64);

impl Sink for Counting {
    fn event(&mut self, event: &Event<'_>) {
        self.0 += 1;
        black_box(event);
    }
}

/// Lines cost nothing to cut; other records are cut as the program cuts them.
fn each_record(log: &[u8], framing: Framing, mut each: impl FnMut(u64, &[u8])) {
    match framing {
        Framing::Lines => (0..).zip(log.lines()).for_each(|(offset, record)| each(offset, record)),
        Framing::Csv | Framing::Json | Framing::Mbox | Framing::Elements | Framing::Entries => {
            each_record_of(log, framing, each);
        }
    }
}

/// A format that is built in.
fn parse(criterion: &mut Criterion, name: &str, log: &[u8]) {
    parse_as(criterion, by_name(name).expect("one of FORMATS"), log);
}

/// Events alone, and the account of `inspect` on top.
fn parse_as(criterion: &mut Criterion, format: &dyn Format, log: &[u8]) {
    let name = format.name();
    // The end of 2026, when the simulated logs are past.
    let context = FileContext { anchor: Micros(1_798_675_200_000_000), zone: TimeZone::UTC, own_relays: Vec::new() };
    let framing = format.recognise(log).map_or(Framing::Lines, |(_, framing)| framing);
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(log.len() as u64)).sample_size(20);
    group.bench_function(name, |bencher| {
        let mut reader = format.reader(log, &context);
        bencher.iter(|| {
            let mut sink = Counting::default();
            each_record(log, framing, |offset, record| {
                reader.read(record, Pos { file: 0, offset }, &mut sink);
            });
            sink.0
        });
    });
    group.bench_function(format!("{name}, counted"), |bencher| {
        let mut reader = format.reader(log, &context);
        bencher.iter(|| {
            let mut account = Account::default();
            each_record(log, framing, |offset, record| {
                let kind = reader.read(record, Pos { file: 0, offset }, &mut account);
                account.record(kind);
            });
            account.attempts
        });
    });
    group.finish();
}

fn formats(criterion: &mut Criterion) {
    parse(criterion, "postfix", &simulate::postfix_month(BYTES, 1));
    parse(criterion, "sendmail", &simulate::relay_month(Mta::Sendmail { says_done: true }, Stamps::Rfc3164, BYTES, 1));
    parse(criterion, "exim", &simulate::relay_month(Mta::Exim { names_recipients: true }, Stamps::Exim, BYTES, 1));
    parse(criterion, "qmail", &logs::again(include_bytes!("../tests/fixtures/qmail/multilog.log"), 0, BYTES));
    parse(criterion, "opensmtpd", &logs::again(include_bytes!("../tests/fixtures/opensmtpd/current.log"), 0, BYTES));
    parse(criterion, "courier", &logs::again(include_bytes!("../tests/fixtures/courier/courier.log"), 0, BYTES));
    parse(criterion, "ironport", &logs::again(include_bytes!("../tests/fixtures/ironport/mail_logs.log"), 3, BYTES));
    parse(criterion, "powermta", &logs::accounting(BYTES));
    parse(criterion, "exchange", &logs::again(include_bytes!("../tests/fixtures/exchange/transport.log"), 5, BYTES));
    services(criterion);
}

/// Services and MTAs whose records are mostly objects.
fn services(criterion: &mut Criterion) {
    parse(criterion, "haraka", &logs::again(include_bytes!("../tests/fixtures/haraka/default.log"), 0, BYTES));
    parse(criterion, "zonemta", &logs::again(include_bytes!("../tests/fixtures/zonemta/sender.log"), 0, BYTES));
    parse(criterion, "momentum", &logs::again(include_bytes!("../tests/fixtures/momentum/mainlog.log"), 0, BYTES));
    parse(criterion, "mailerq", &logs::again(include_bytes!("../tests/fixtures/mailerq/results.log"), 0, BYTES));
    parse(criterion, "kumomta", &logs::again(include_bytes!("../tests/fixtures/kumomta/lives.log"), 0, BYTES));
    parse(criterion, "sparkpost", &logs::again(include_bytes!("../tests/fixtures/sparkpost/webhooks.log"), 0, BYTES));
    parse(criterion, "ses", &logs::again(include_bytes!("../tests/fixtures/ses/published.log"), 0, BYTES));
    parse(criterion, "sendgrid", &logs::again(include_bytes!("../tests/fixtures/sendgrid/events.log"), 0, BYTES));
    parse(criterion, "mailgun", &logs::again(include_bytes!("../tests/fixtures/mailgun/events.log"), 0, BYTES));
    parse(criterion, "postmark", &logs::again(include_bytes!("../tests/fixtures/postmark/webhooks.log"), 0, BYTES));
    parse(criterion, "mandrill", &logs::again(include_bytes!("../tests/fixtures/mandrill/events.log"), 0, BYTES));
    parse(criterion, "mailjet", &logs::again(include_bytes!("../tests/fixtures/mailjet/events.log"), 0, BYTES));
    parse(criterion, "brevo", &logs::again(include_bytes!("../tests/fixtures/brevo/events.log"), 0, BYTES));
    parse(criterion, "mailtrap", &logs::again(include_bytes!("../tests/fixtures/mailtrap/events.log"), 0, BYTES));
    parse(criterion, "postal", &logs::again(include_bytes!("../tests/fixtures/postal/webhooks.log"), 0, BYTES));
    parse(criterion, "resend", &logs::again(include_bytes!("../tests/fixtures/resend/webhooks.log"), 0, BYTES));
    parse(criterion, "mailersend", &logs::again(include_bytes!("../tests/fixtures/mailersend/webhooks.log"), 0, BYTES));
}

/// A table and objects whose meaning a configuration tells.
fn mapped(criterion: &mut Criterion) {
    #[derive(serde::Deserialize)]
    struct Config {
        format: Vec<WrittenMapping>,
    }
    let config: Config = toml::from_str(include_str!("mapped.toml")).expect("the configuration is our own");
    let table = "logged_at,rcpt,sender,result,smtp_response,mx,ip,campaign\n".to_owned()
        + &"2026-10-07T18:30:00Z,anna@example.com,news@example.org,delivered,250 2.0.0 OK 1791390600 x7-20020a - gsmtp,\
            gmail-smtp-in.l.google.com,192.0.2.25,october\n2026-10-07T18:30:01Z,bert@example.net,news@example.org,bounced,\
            \"550 5.1.1 <bert@example.net>: Recipient address rejected, user unknown\",mx.example.net,192.0.2.25,october\n"
            .repeat(BYTES / 270);
    let objects = concat!(
        r#"{"ts":1791390600123,"event":"delivered","mail":{"id":"4f1c-a9","to":"anna@example.com","from":"news@example.org"},"#,
        r#""smtp":{"reply":"250 2.0.0 OK 1791390600 x7-20020a - gsmtp","mx":"gmail-smtp-in.l.google.com"},"level":"info"}"#,
        "\n"
    )
    .repeat(BYTES / 220);
    for (written, log) in config.format.iter().zip([table, objects]) {
        let mapping = Mapping::new(written, &[]).expect("the mapping is our own");
        parse_as(criterion, &mapping, log.as_bytes());
    }
}

criterion_group!(benches, formats, mapped);
criterion_main!(benches);
