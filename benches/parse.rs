//! Reading records into events: bytes of log a second on one core, for each format. The logs are the simulator's, which the tests use
//! too: submissions, deliveries, retries, bounces and the noise of others in their usual proportions.

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
        Framing::Csv | Framing::Json | Framing::Mbox | Framing::Elements => each_record_of(log, framing, each),
    }
}

/// Events alone, and the account of `inspect` on top.
fn parse(criterion: &mut Criterion, name: &str, log: &[u8]) {
    // The end of 2026, when the simulated logs are past.
    let context = FileContext { anchor: Micros(1_798_675_200_000_000), zone: TimeZone::UTC, own_relays: Vec::new() };
    let format = by_name(name).expect("one of FORMATS");
    let framing = detect(log).map_or(Framing::Lines, |found| found.framing);
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
}

criterion_group!(benches, formats);
criterion_main!(benches);
