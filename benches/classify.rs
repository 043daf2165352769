//! How many distinct replies a core classifies in a second: the goal is 500,000.
//!
//! `signatures` is what a run of the program does: each distinct masked reply is asked once. `replies` masks them too, `mask` does only
//! that. The replies are the examples of all rules, each with many tails, so that no text comes twice.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mailtally::classify::{Classifier, Scratch, mask};

/// Words that say nothing, so that a reply stays what it is.
const TAILS: [&str; 32] = [
    "",
    "Ref alpha",
    "see the page of our house",
    "id bravo",
    "Thank you.",
    "node charlie",
    "(delta)",
    "[echo]",
    "code foxtrot",
    "mx golf",
    "Have a nice day",
    "hotel india",
    "juliet",
    "from kilo to lima",
    "mike",
    "november of oscar",
    "papa",
    "quebec (romeo)",
    "sierra",
    "tango",
    "uniform",
    "victor",
    "whiskey",
    "x-ray",
    "yankee",
    "zulu",
    "one",
    "two and three",
    "four",
    "five",
    "six",
    "seven",
];

/// Distinct replies, no two of them with the same signature.
fn replies() -> Vec<Vec<u8>> {
    let examples = Classifier::builtin().rules().iter().flat_map(|rule| &rule.examples);
    examples.flat_map(|example| TAILS.iter().map(move |tail| format!("{example} {tail}").into_bytes())).collect()
}

fn signature(reply: &[u8]) -> Vec<u8> {
    let mut signature = Vec::new();
    mask(reply, &mut signature);
    signature
}

fn classify(criterion: &mut Criterion) {
    let classifier = Classifier::builtin();
    let replies = replies();
    let mut signatures: Vec<Vec<u8>> = replies.iter().map(|reply| signature(reply)).collect();
    signatures.sort();
    signatures.dedup();
    let mut scratch = Scratch::default();
    let mut group = criterion.benchmark_group("classify");
    group.throughput(Throughput::Elements(signatures.len() as u64));
    group.bench_function("signatures", |bencher| {
        bencher.iter(|| {
            for signature in &signatures {
                black_box(classifier.classify_signature(signature, None, &mut scratch));
            }
        });
    });
    group.throughput(Throughput::Elements(replies.len() as u64));
    group.bench_function("replies", |bencher| {
        bencher.iter(|| {
            for reply in &replies {
                black_box(classifier.classify_with(reply, None, &mut scratch));
            }
        });
    });
    group.bench_function("mask", |bencher| {
        let mut into = Vec::new();
        bencher.iter(|| {
            for reply in &replies {
                mask(reply, &mut into);
                black_box(&into);
            }
        });
    });
    group.finish();
}

criterion_group!(benches, classify);
criterion_main!(benches);
