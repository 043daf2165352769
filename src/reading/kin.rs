//! Whether two logs of which at least one names no host are of one host: by what both say of the time that both tell of.
//!
//! `mail_logs` and a second subscription of the same appliance say the same, be it less of it, and so do Exim's `mainlog` and what it wrote
//! to syslog; `esa1_mail` and `esa2_mail` do not. Compared are the records that others complete, from the id that they name on: one that is
//! whole by itself needs no host, and what tells of no delivery at all (connections of clients, scanners) stands in one log alone.

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use memchr::memmem;

use super::told::ToldFile;
use crate::event::{Event, Framing, Key, Micros, Pos, Sink, What};
use crate::source::{self, Decompress, Progress};

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

/// Compares two logs that name no host.
pub(super) fn kin(one: &ToldFile, other: &ToldFile) -> Kin {
    let hosts = compared(one, other);
    hosts.first().map_or(Kin::Unknown, |(_, kin)| *kin)
}

/// The host among those that `named` tells of which is that of `nameless`, if one is.
pub(super) fn host_of(nameless: &ToldFile, named: &ToldFile) -> Option<Vec<u8>> {
    let hosts = compared(nameless, named);
    hosts.into_iter().find(|(_, kin)| *kin == Kin::Same).map(|(host, _)| host)
}

/// What the first log is to each host of the second.
fn compared(one: &ToldFile, other: &ToldFile) -> Vec<(Vec<u8>, Kin)> {
    let Some(from) = one.begins.first.max(other.begins.first) else { return Vec::new() };
    let (Some(one), Some(other)) = (Sample::of(one, from), Sample::of(other, from)) else { return Vec::new() };
    // What both were seen to tell of, without the seconds in which a record may stand beyond an end.
    let seconds = from.second() + 1..one.until.min(other.until).second();
    let all = one.hosts.values().flat_map(|records| within(records, &seconds)).collect();
    let kin = |records| compare(&all, &within(records, &seconds).collect());
    other.hosts.iter().map(|(host, records)| (host.clone(), kin(records))).collect()
}

/// The hashes of the records of some seconds.
fn within(records: &[(i64, u64)], seconds: &Range<i64>) -> impl Iterator<Item = u64> {
    records.iter().filter(|(second, _)| seconds.contains(second)).map(|&(_, hash)| hash)
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
    /// Their seconds and hashes, by the host that they name.
    hosts: BTreeMap<Vec<u8>, Vec<(i64, u64)>>,
    /// The latest stamp of those that were looked at.
    until: Micros,
}

impl Sample {
    /// Those from a moment on. None: none of them tells of a delivery, or the file cannot be looked at in this way.
    fn of(told: &ToldFile, from: Micros) -> Option<Self> {
        if told.framing != Framing::Lines || told.is_backwards || told.file.is_pipe() {
            return None;
        }
        let range = source::Range::Segment { start: 0, end: LOOKED_AT };
        let opened = told.file.open(range, Decompress::Here, &Progress::default()).ok()?;
        let mut reader = told.reader()?;
        let (mut sample, mut count, mut tells_of_delivery) = (Self { hosts: BTreeMap::new(), until: from }, 0, false);
        opened.each_line(|_, record| {
            if count >= COMPARED {
                return;
            }
            let mut seen = Seen::default();
            reader.read(record, Pos::default(), &mut seen);
            if let Some(time) = seen.time.filter(|&time| time >= from) {
                count += 1;
                tells_of_delivery |= seen.is_delivery;
                sample.hosts.entry(seen.host).or_default().push((time.second(), seen.hash));
                sample.until = sample.until.max(time);
            }
        });
        tells_of_delivery.then_some(sample)
    }
}

/// What a record says that is not whole by itself.
#[derive(Default)]
struct Seen {
    time: Option<Micros>,
    host: Vec<u8>,
    /// Of its text from the id on, and of the second.
    hash: u64,
    is_delivery: bool,
}

impl Sink for Seen {
    fn event(&mut self, event: &Event<'_>) {
        let (Key::Message(id) | Key::Slot(id), Some(time)) = (event.key, event.head.time) else { return };
        self.is_delivery |= matches!(event.what, What::Attempt(_) | What::Start { .. });
        if self.time.is_none() {
            let record = event.head.record;
            let text = memmem::find(record, id).and_then(|at| record.get(at..)).unwrap_or(record);
            self.hash = FixedState::with_seed(0x6b69_6e00).hash_one((time.second(), text));
            self.host.extend_from_slice(event.head.host);
            self.time = Some(time);
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
