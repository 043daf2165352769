//! Whether two logs of one folder whose records name no host are of one host: by what both say of the time that both tell of.
//!
//! `mail_logs` and a second subscription of the same appliance say the same, be it less of it; `esa1_mail` and `esa2_mail` do not. Compared
//! are the records that others complete: one that is whole by itself needs no host, and what tells of no delivery at all (connections of
//! clients, scanners) stands in one log alone.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::told::Told;
use crate::event::{Event, Framing, Key, Micros, Pos, Sink, What};
use crate::source::{Decompress, Progress, Range};

/// How much of a file is looked at, in bytes of content.
const LOOKED_AT: u64 = 64 << 20;

/// How many records of a file are compared.
const COMPARED: usize = 1 << 16;

/// One record in so many may be missing where both are of one host: a line that was cut, or that the other's clock put a second later.
const MISSED: usize = 20;

/// Whether two logs are of one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kin {
    /// What the one says the other says too.
    Same,
    /// Both tell of deliveries in one time, and not of the same.
    Others,
    /// One of them tells of no delivery in the time of both, as far as they were looked at.
    Unknown,
}

/// Compares two logs.
pub(super) fn kin(one: &Told, other: &Told) -> Kin {
    let Some(from) = one.begins.first.max(other.begins.first) else { return Kin::Unknown };
    let (Some(one), Some(other)) = (Sample::of(one, from), Sample::of(other, from)) else { return Kin::Unknown };
    // What both were seen to tell of, without the moments in which a record may stand beyond an end.
    let until = one.until.min(other.until);
    compare(&one.within(from, until), &other.within(from, until))
}

/// Compares what two logs say of one time.
fn compare(one: &HashSet<u64>, other: &HashSet<u64>) -> Kin {
    let (fewer, more) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let missed = fewer.difference(more).count();
    match fewer.len() {
        0 => Kin::Unknown,
        all if missed * MISSED <= all => Kin::Same,
        _ => Kin::Others,
    }
}

/// The records of messages in a part of a log.
struct Sample {
    /// Their stamps and hashes.
    records: Vec<(Micros, u64)>,
    /// The latest stamp of those that were looked at.
    until: Micros,
}

impl Sample {
    /// Those from a moment on. None: none of them tells of a delivery, or the file cannot be looked at in this way.
    fn of(told: &Told, from: Micros) -> Option<Self> {
        if told.framing != Framing::Lines || told.is_backwards || told.file.is_pipe() {
            return None;
        }
        let range = Range::Segment { start: 0, end: LOOKED_AT };
        let opened = told.file.open(range, Decompress::Here, &Progress::default()).ok()?;
        let (mut reader, hasher) = (told.reader()?, FixedState::with_seed(0x6b69_6e00));
        let (mut sample, mut tells_of_delivery) = (Self { records: Vec::new(), until: from }, false);
        opened.each_line(|_, record| {
            if sample.records.len() >= COMPARED {
                return;
            }
            let mut seen = Seen::default();
            reader.read(record, Pos::default(), &mut seen);
            if let Some(time) = seen.time.filter(|&time| time >= from) {
                tells_of_delivery |= seen.is_delivery;
                sample.records.push((time, hasher.hash_one(record)));
                sample.until = sample.until.max(time);
            }
        });
        tells_of_delivery.then_some(sample)
    }

    /// The hashes of those between two moments.
    fn within(&self, from: Micros, until: Micros) -> HashSet<u64> {
        self.records.iter().filter(|(time, _)| (from.0 + 1..until.0).contains(&time.0)).map(|&(_, hash)| hash).collect()
    }
}

/// What a record says that is not whole by itself.
#[derive(Default)]
struct Seen {
    time: Option<Micros>,
    is_delivery: bool,
}

impl Sink for Seen {
    fn event(&mut self, event: &Event<'_>) {
        if event.key != Key::Whole {
            self.time = event.head.time;
            self.is_delivery |= matches!(event.what, What::Attempt(_) | What::Start { .. });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_of_one_host_say_the_same_be_it_less_of_it() {
        let set = |range: std::ops::Range<u64>| range.collect::<HashSet<u64>>();
        assert_eq!(compare(&set(0..1_000), &set(0..1_000)), Kin::Same);
        assert_eq!(compare(&set(400..440), &set(0..1_000)), Kin::Same);
        assert_eq!(compare(&set(0..1_000), &set(960..1_000)), Kin::Same);
        assert_eq!(compare(&set(398..438), &set(400..1_000)), Kin::Same);
        assert_eq!(compare(&set(390..430), &set(400..1_000)), Kin::Others);
        assert_eq!(compare(&set(0..10), &set(10..20)), Kin::Others);
        assert_eq!(compare(&set(0..0), &set(10..20)), Kin::Unknown);
    }
}
