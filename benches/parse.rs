//! Reading records into events: bytes of log a second on one core, for each format. Postfix's log is the simulator's, which the tests use
//! too: submissions, deliveries, retries, bounces and the noise of others in their usual proportions. The others are their fixtures.

use std::hint::black_box;

use bstr::ByteSlice;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use mailtally::event::{Event, Framing, Micros, Pos, Sink};
use mailtally::format::{Account, FileContext, by_name, detect};
use mailtally::source::each_record_of;

#[path = "../tests/simulate/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests and the sample logs use other parts of the simulator")]
mod simulate;

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

/// Events alone, and the account of `inspect` on top.
fn parse(criterion: &mut Criterion, name: &str, head: &[u8], records: &[&[u8]]) {
    // The end of 2026, when the simulated logs are past.
    let context = FileContext { anchor: Micros(1_798_675_200_000_000), zone: TimeZone::UTC, own_relays: Vec::new() };
    let format = by_name(name).expect("one of FORMATS");
    let bytes: usize = records.iter().map(|record| record.len() + 1).sum();
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(bytes as u64)).sample_size(20);
    group.bench_function(name, |bencher| {
        let mut reader = format.reader(head, &context);
        bencher.iter(|| {
            let mut sink = Counting::default();
            for (offset, record) in (0..).zip(records) {
                reader.read(record, Pos { file: 0, offset }, &mut sink);
            }
            sink.0
        });
    });
    group.bench_function(format!("{name}, counted"), |bencher| {
        let mut reader = format.reader(head, &context);
        bencher.iter(|| {
            let mut account = Account::default();
            for (offset, record) in (0..).zip(records) {
                let kind = reader.read(record, Pos { file: 0, offset }, &mut account);
                account.record(kind);
            }
            account.attempts
        });
    });
    group.finish();
}

/// The records of a format's fixtures over and over: each kind of record is as frequent as the next.
fn parse_fixtures(criterion: &mut Criterion, name: &str) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let paths = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    let logs = paths.filter(|path| path.extension() == Some("log".as_ref())).map(|path| std::fs::read(path).expect("a file"));
    let logs: Vec<Vec<u8>> = logs.collect();
    let mut once = Vec::new();
    for log in &logs {
        let framing = detect(log).map_or(Framing::Lines, |found| found.framing);
        each_record_of(log, framing, |_, record| once.push(record.to_vec()));
    }
    let times = BYTES / once.iter().map(Vec::len).sum::<usize>().max(1);
    let text = once.concat().repeat(times);
    let mut records: Vec<&[u8]> = Vec::with_capacity(once.len() * times);
    let mut rest = &*text;
    for length in once.iter().map(Vec::len).cycle().take(once.len() * times) {
        let (record, after) = rest.split_at(length);
        records.push(record);
        rest = after;
    }
    parse(criterion, name, &text, &records);
}

fn formats(criterion: &mut Criterion) {
    let month = simulate::postfix_month(BYTES, 1);
    parse(criterion, "postfix", &month, &month.lines().collect::<Vec<_>>());
    for name in ["haraka", "zonemta", "momentum", "mailerq", "kumomta", "sparkpost", "ses", "sendgrid", "mailgun"] {
        parse_fixtures(criterion, name);
    }
    for name in ["postmark", "mandrill", "mailjet", "brevo", "mailtrap", "postal", "resend", "mailersend"] {
        parse_fixtures(criterion, name);
    }
}

criterion_group!(benches, formats);
criterion_main!(benches);
