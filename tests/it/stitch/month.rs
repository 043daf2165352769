//! The stitch against a simulated month whose every outcome is known.

use std::collections::BTreeMap;

use mailtally::event::{Micros, Pos, Sort};
use mailtally::format::{FileContext, detect};
use mailtally::intern::{Interner, Translation};
use mailtally::rows::{AttemptRow, End, OutcomeRow, RowSink, Traffic};
use mailtally::stitch::Segment;
use proptest::prelude::*;

use crate::simulate::truth::Truth;
use crate::simulate::{Options, simulate};

/// What matters of an outcome: host, queue id, recipient, end, real attempts, suspended rows, whether it is a notification of ours.
pub(crate) type Row = (String, String, String, End, u32, u32, bool);

/// Counts equal outcomes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rows(pub(crate) BTreeMap<Row, u32>);

impl RowSink for Rows {
    fn outcome(&mut self, texts: &Interner, outcome: &OutcomeRow<'_>, attempts: &[AttemptRow]) {
        let count = |sort: Sort| attempts.iter().filter(|row| row.sort == sort).count() as u32;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let row = (
            text(texts.text(outcome.host)),
            text(outcome.queue_id),
            text(outcome.recipient),
            outcome.end,
            count(Sort::Real),
            count(Sort::Suspended),
            outcome.traffic == Traffic::OwnBounce,
        );
        *self.0.entry(row).or_default() += 1;
    }

    fn evidence(&mut self, _: &AttemptRow, _: &[u8]) {}

    fn absorb(&mut self, other: Self, _: &Translation) {
        for (row, count) in other.0 {
            *self.0.entry(row).or_default() += count;
        }
    }
}

/// The numbers of the recipients that each message has outcomes for.
#[derive(Debug, Default, PartialEq)]
struct Recipients(BTreeMap<u64, Vec<u32>>);

impl RowSink for Recipients {
    fn outcome(&mut self, _: &Interner, outcome: &OutcomeRow<'_>, _: &[AttemptRow]) {
        self.0.entry(outcome.message).or_default().push(outcome.recipient_no);
    }

    fn evidence(&mut self, _: &AttemptRow, _: &[u8]) {}

    fn absorb(&mut self, other: Self, _: &Translation) {
        for (message, numbers) in other.0 {
            self.0.entry(message).or_default().extend(numbers);
        }
    }
}

/// Reads files, each cut into segments at the given lines, and joins all.
pub(crate) fn read(files: &[Vec<u8>], cuts: &[usize]) -> Rows {
    read_into(files, cuts)
}

fn read_into<R: RowSink + Default>(files: &[Vec<u8>], cuts: &[usize]) -> R {
    let mut whole = Segment::beginning(R::default());
    for (number, text) in files.iter().enumerate() {
        let context =
            FileContext { anchor: Micros(1_796_083_200_000_000), zone: jiff::tz::TimeZone::UTC, own_relays: Vec::new() };
        let format = detect(&text[..text.len().min(65_536)]).expect("a Postfix log").format;
        let mut reader = format.reader(text, &context);
        let mut segment = Segment::new(R::default());
        let mut offset = 0;
        for (index, line) in text.split_inclusive(|&byte| byte == b'\n').enumerate() {
            if cuts.contains(&index) {
                whole.join(std::mem::replace(&mut segment, Segment::new(R::default())));
            }
            let record = line.strip_suffix(b"\n").unwrap_or(line);
            reader.read(record, Pos { file: number as u32, offset }, &mut segment);
            offset += line.len() as u64;
        }
        whole.join(segment);
    }
    whole.finish().1
}

/// The logs of a simulated October, host by host, oldest first.
fn month(seed: u64, messages: u64) -> (Vec<Vec<u8>>, BTreeMap<Row, u32>) {
    let (logs, truth) = simulate(&Options::october(seed, messages));
    (logs.iter().map(|log| log.text().expect("a log")).collect(), known(&truth))
}

/// What the stitch should say.
pub(crate) fn known(truth: &Truth) -> BTreeMap<Row, u32> {
    let mut known = BTreeMap::new();
    for outcome in &truth.outcomes {
        let recipient = if outcome.is_named { outcome.recipient.to_string() } else { String::new() };
        let row = (
            outcome.host.to_string(),
            outcome.queue_id.to_string(),
            recipient,
            outcome.end,
            outcome.attempts,
            outcome.suspended,
            outcome.is_own_bounce,
        );
        *known.entry(row).or_default() += 1;
    }
    known
}

pub(crate) fn differences(got: &BTreeMap<Row, u32>, known: &BTreeMap<Row, u32>) -> String {
    let missing = known.iter().filter(|(row, count)| got.get(*row) != Some(count)).map(|row| format!("- {row:?}"));
    let added = got.iter().filter(|(row, count)| known.get(*row) != Some(count)).map(|row| format!("+ {row:?}"));
    let mut all: Vec<_> = missing.chain(added).collect();
    all.sort_by_key(|line| line.chars().skip(2).take(30).collect::<String>());
    format!("{} differences\n{}", all.len(), all.iter().take(30).cloned().collect::<Vec<_>>().join("\n"))
}

#[test]
fn every_outcome_of_a_simulated_month_is_right() {
    let (logs, known) = month(1, 3_000);
    let got = read(&logs, &[]).0;
    assert!(got == known, "{}", differences(&got, &known));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn cutting_the_input_anywhere_changes_no_outcome(
        seed in 0..1_000_u64,
        cuts in prop::collection::vec(0..12_000_usize, 1..6),
    ) {
        let (logs, _) = month(seed, 300);
        let (whole, cut) = (read(&logs, &[]).0, read(&logs, &cuts).0);
        prop_assert!(whole == cut, "{}", differences(&cut, &whole));
    }
    #[test]
    fn a_message_has_one_outcome_for_each_of_its_recipients(
        seed in 0..1_000_u64,
        cuts in prop::collection::vec(0..12_000_usize, 0..6),
    ) {
        let (logs, truth) = simulate(&Options::october(seed, 300));
        let logs: Vec<Vec<u8>> = logs.iter().map(|log| log.text().expect("a log")).collect();
        let got: Recipients = read_into(&logs, &cuts);
        for (message, mut numbers) in got.0 {
            numbers.sort_unstable();
            prop_assert!(numbers.iter().copied().eq(0..numbers.len() as u32), "message {message}: recipients {numbers:?}");
        }
        let outcomes: usize = read_into::<Recipients>(&logs, &cuts).0.values().map(Vec::len).sum();
        prop_assert_eq!(outcomes, truth.outcomes.len());
    }
}
