//! Reading records into events: bytes of log a second on one core, for each format. The logs are the simulator's, which the tests use
//! too: submissions, deliveries, retries, bounces and the noise of others in their usual proportions.

use std::hint::black_box;

use bstr::ByteSlice;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use mailtally::event::{Event, Micros, Pos, Sink};
use mailtally::format::{Account, FileContext, by_name};

#[path = "../tests/simulate/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests and the sample logs use other parts of the simulator")]
mod simulate;

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

/// Events alone, and the account of `inspect` on top.
fn parse(criterion: &mut Criterion, name: &str, log: &[u8]) {
    // The end of 2026, when the simulated logs are past.
    let context = FileContext { anchor: Micros(1_798_675_200_000_000), zone: TimeZone::UTC, own_relays: Vec::new() };
    let format = by_name(name).expect("one of FORMATS");
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(log.len() as u64)).sample_size(20);
    group.bench_function(name, |bencher| {
        let mut reader = format.reader(log, &context);
        bencher.iter(|| {
            let mut sink = Counting::default();
            for (offset, record) in (0..).zip(log.lines()) {
                reader.read(record, Pos { file: 0, offset }, &mut sink);
            }
            sink.0
        });
    });
    group.bench_function(format!("{name}, counted"), |bencher| {
        let mut reader = format.reader(log, &context);
        bencher.iter(|| {
            let mut account = Account::default();
            for (offset, record) in (0..).zip(log.lines()) {
                let kind = reader.read(record, Pos { file: 0, offset }, &mut account);
                account.record(kind);
            }
            account.attempts
        });
    });
    group.finish();
}

fn formats(criterion: &mut Criterion) {
    parse(criterion, "postfix", &simulate::postfix_month(BYTES, 1));
    parse(criterion, "sendmail", &simulate::relay_month(Mta::Sendmail { says_done: true }, Stamps::Rfc3164, BYTES, 1));
    parse(criterion, "exim", &simulate::relay_month(Mta::Exim { names_recipients: true }, Stamps::Exim, BYTES, 1));
}

criterion_group!(benches, formats);
criterion_main!(benches);
