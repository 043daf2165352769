//! Which files tell of one host at one time (`mail.log` beside `mail.warn`, `mainlog` beside `rejectlog`, a copy beside its original).
//!
//! Read one after the other, each message would be told twice. Such files are lanes: the stitch takes their records in the order of the
//! host's clock.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::told::ToldFile;
use crate::event::{Framing, Micros};

/// Stamps of one log may step back by this at a cut: an overlap that is no longer is none.
pub(super) const LATE: i64 = 10 * Micros::SECOND;

/// A file's stored time is that of its last record, but of a clock in UTC, while stamps may be of any zone.
pub(super) const ZONES: i64 = Micros::DAY;

/// What is known of a file from its name, its beginning and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Extent<'a> {
    /// Files that are parts of one log, one after the other (`mail.log.2.gz`, `mail.log.1`, `mail.log`), have the same family.
    family: &'a [u8],
    /// The hosts that its beginning names; for one that writes its logs into a folder and is named in none, its name by
    /// their path, or the folder.
    hosts: BTreeSet<Cow<'a, [u8]>>,
    first: Micros,
    /// Its last stamp, or a time that is surely not before it. None: not known.
    last: Option<Micros>,
}

/// Which files are in which lane, for the stitch.
pub struct Lanes {
    /// By rank of the file.
    of_files: Vec<Option<usize>>,
    /// By lane: its first stamp. None: not known.
    pub firsts: Vec<Option<Micros>>,
    /// By lane: the rank of its last file.
    lasts: Vec<usize>,
}

impl Lanes {
    /// The lanes of `files`, given in their order.
    #[must_use]
    pub fn of(files: &[ToldFile]) -> Self {
        let of_files: Vec<Option<usize>> = files.iter().map(|told| told.lane).collect();
        let count = of_files.iter().flatten().max().map_or(0, |lane| lane + 1);
        let (mut firsts, mut lasts) = (vec![None; count], vec![0; count]);
        for (rank, (told, lane)) in files.iter().zip(&of_files).enumerate() {
            let Some((first, last)) = lane.and_then(|lane| firsts.get_mut(lane).zip(lasts.get_mut(lane))) else { continue };
            *first = told.first().into_iter().chain(*first).min();
            *last = rank;
        }
        Self { of_files, firsts, lasts }
    }

    /// The lane of file `rank`; None if it is in none.
    #[must_use]
    pub fn of_file(&self, rank: usize) -> Option<usize> {
        self.of_files.get(rank).copied().flatten()
    }

    /// The lane in which nothing follows behind the end of file `rank`. None: something does, or the file is in none.
    #[must_use]
    pub fn over_with(&self, rank: usize) -> Option<usize> {
        self.of_file(rank).filter(|&lane| self.lasts.get(lane) == Some(&rank))
    }
}

/// Says which of `files`, given in their true order, are in a lane. Lanes are numbered from 0; what overlaps with nothing has none.
pub(super) fn place(files: &mut [ToldFile]) {
    let extents: Vec<Option<Extent<'_>>> = files.iter().map(extent).collect();
    let known: Vec<&Extent<'_>> = extents.iter().flatten().collect();
    let families = overlapping(&known);
    let families: HashMap<&[u8], usize> = families.iter().map(Vec::as_slice).zip(0..).collect();
    let lane = |extent: &Option<Extent<'_>>| families.get(extent.as_ref()?.family).copied();
    let lanes: Vec<Option<usize>> = extents.iter().map(lane).collect();
    files.iter_mut().zip(lanes).for_each(|(told, lane)| told.lane = lane);
}

/// What is known of a file; None where it tells of no host or no time.
fn extent(told: &ToldFile) -> Option<Extent<'_>> {
    let hosts = hosts(told);
    if told.framing != Framing::Lines || hosts.is_empty() {
        return None;
    }
    let first = told.begins.first?;
    let stored = || told.file.gzip_time.or(told.file.modified).map(|Micros(time)| Micros(time.saturating_add(ZONES)));
    let last = told.last.or_else(stored).map(|last| last.max(first));
    Some(Extent { family: &told.file.rotation.family, hosts, first, last })
}

/// The hosts of which a file tells.
fn hosts(told: &ToldFile) -> BTreeSet<Cow<'_, [u8]>> {
    if told.is_beside {
        if !told.host.is_empty() {
            return [Cow::Borrowed(told.host.as_slice())].into();
        }
        // No host's name begins so.
        return [Cow::Owned([b"/", told.folder().as_bytes()].concat())].into();
    }
    told.begins.hosts.iter().map(|host| Cow::Borrowed(host.as_slice())).collect()
}

/// The families that overlap with another, in order. There may be very many files: only those of one host are compared.
fn overlapping(extents: &[&Extent<'_>]) -> Vec<Vec<u8>> {
    let mut numbers: HashMap<&[u8], usize> = HashMap::new();
    let mut hosts: HashMap<&[u8], Vec<(usize, &Extent<'_>)>> = HashMap::new();
    for extent in extents {
        let next = numbers.len();
        let number = *numbers.entry(extent.family).or_insert(next);
        for host in &extent.hosts {
            hosts.entry(host).or_default().push((number, extent));
        }
    }
    let is_in_lane = |one: &Extent<'_>| {
        let number = numbers.get(one.family);
        let beside = one.hosts.iter().filter_map(|host| hosts.get(&**host)).flatten();
        beside.filter(|(other, _)| Some(other) != number).any(|(_, other)| one.overlaps(other))
    };
    let mut found: Vec<Vec<u8>> = Vec::new();
    let mut known: HashSet<&[u8]> = HashSet::new();
    for one in extents {
        if !known.contains(one.family) && is_in_lane(one) {
            known.insert(one.family);
            found.push(one.family.to_vec());
        }
    }
    found
}

impl Extent<'_> {
    fn overlaps(&self, other: &Self) -> bool {
        !self.hosts.is_disjoint(&other.hosts) && !self.precedes(other) && !other.precedes(self)
    }

    /// Whether the other begins where this one ends.
    fn precedes(&self, other: &Self) -> bool {
        let Some(last) = self.last else { return false };
        let is_copy = self.first == other.first && other.last == Some(last) && last > self.first;
        last.0 - other.first.0 <= LATE
            && self.first.0 - other.first.0 <= LATE
            && other.last.is_none_or(|other| other >= last)
            && !is_copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    fn extent<'a>(family: &'a str, host: &'a str, first: i64, last: impl Into<Option<i64>>) -> Extent<'a> {
        let stamp = |seconds: i64| Micros(seconds * Micros::SECOND);
        Extent {
            family: family.as_bytes(),
            hosts: [host.as_bytes().into()].into(),
            first: stamp(first),
            last: last.into().map(stamp),
        }
    }

    #[track_caller]
    fn check(extents: &[Extent<'_>], expected: &[&str]) {
        let extents: Vec<&Extent<'_>> = extents.iter().collect();
        let found = overlapping(&extents);
        let found: Vec<_> = found.iter().map(|family| String::from_utf8_lossy(family)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn parts_of_one_log_follow_each_other() {
        check(&[extent("a", "mx1", 0, HOUR), extent("a", "mx1", 0, 2 * HOUR), extent("b", "mx2", 0, HOUR)], &[]);
    }

    #[test]
    fn families_that_name_one_host_at_one_time_overlap() {
        let all = [extent("a", "mx1", 0, 2 * HOUR), extent("b", "mx1", HOUR, 3 * HOUR), extent("c", "mx1", 4 * HOUR, 5 * HOUR)];
        check(&all, &["a", "b"]);
    }

    #[test]
    fn a_file_within_another_overlaps_it_however_short() {
        check(&[extent("a", "mx1", 0, HOUR), extent("b", "mx1", HOUR - 2, HOUR - 1)], &["a", "b"]);
        check(&[extent("a", "mx1", 0, 3), extent("b", "mx1", 0, 3)], &["a", "b"]);
    }

    #[test]
    fn a_log_that_was_cut_within_a_second_does_not_overlap_itself() {
        check(&[extent("a", "mx1", 0, HOUR), extent("b", "mx1", HOUR, HOUR), extent("c", "mx1", HOUR - 3, 2 * HOUR)], &[]);
    }

    #[test]
    fn what_is_not_known_may_overlap() {
        check(&[extent("a", "mx1", 0, None), extent("b", "mx1", 500, 600)], &["a", "b"]);
    }
}
