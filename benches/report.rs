//! The program whole, from files to the report: bytes of log a second on one thread. Each run starts the program anew, as people do, so
//! what it needs before the first line counts too. `inspect` is the same without stitching, counting and the page.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

#[path = "../tests/simulate/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests and the sample logs use other parts of the simulator")]
mod simulate;

use simulate::relay::Mta;
use simulate::render::Stamps;

/// Bytes of log: a month of some 200,000 messages.
const BYTES: usize = 64 << 20;

/// Runs the program on a file; it has to succeed.
fn run(arguments: &[&str], input: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailtally"));
    command.args(arguments).args(["--threads", "1", "--quiet", "--year", "2026"]).arg(input);
    command.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_CONFIG").env_remove("MAILTALLY_TZ");
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the program runs");
    assert!(status.success(), "{arguments:?} {}: {status}", input.display());
}

/// The files of a log: plain, and in the compressions that rotated logs mostly have.
fn files(folder: &Path, name: &str, log: &[u8]) -> Vec<(&'static str, PathBuf)> {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(log).expect("memory");
    let all = [
        ("plain", log.to_vec()),
        ("gzip", gzip.finish().expect("memory")),
        ("zstd", zstd::encode_all(log, 3).expect("memory")),
    ];
    let write = |(form, content): (&'static str, Vec<u8>)| {
        let path = folder.join(format!("{name}.{form}"));
        std::fs::write(&path, content).expect("a file");
        (form, path)
    };
    all.into_iter().map(write).collect()
}

fn bench(criterion: &mut Criterion, name: &str, log: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("report.html");
    let page = page.to_str().expect("UTF-8");
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(log.len() as u64)).sample_size(10);
    for (form, path) in files(folder.path(), name, log) {
        group.bench_function(format!("inspect, {form}"), |bencher| bencher.iter(|| run(&["inspect"], &path)));
        group.bench_function(format!("report, {form}"), |bencher| bencher.iter(|| run(&["report", "-o", page], &path)));
    }
    group.finish();
}

fn postfix(criterion: &mut Criterion) {
    bench(criterion, "postfix", &simulate::postfix_month(BYTES, 1));
}

fn sendmail(criterion: &mut Criterion) {
    bench(criterion, "sendmail", &simulate::relay_month(Mta::Sendmail { says_done: true }, Stamps::Rfc3164, BYTES, 1));
}

fn exim(criterion: &mut Criterion) {
    bench(criterion, "exim", &simulate::relay_month(Mta::Exim { names_recipients: true }, Stamps::Exim, BYTES, 1));
}

criterion_group!(benches, postfix, sendmail, exim);
criterion_main!(benches);
