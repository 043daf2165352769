//! Which host a log is of, where its records name none and several such logs tell of one time.
//!
//! The records of Exim, qmail, IronPort and others name no host, and their ids are unique on one host alone. Two such logs of one name in
//! two folders that tell of one time are of two hosts, and the part of the path in which they differ names these: `mx1/exim/mainlog` and
//! `mx2/exim/mainlog`. Folders that follow each other in time (`2026-10-01/mainlog`) are of one host, which has no name. What is there twice
//! is no matter here: it was dropped before.

use std::collections::{BTreeMap, BTreeSet};

use super::lanes::{LATE, ZONES};
use super::told::Told;
use crate::event::{Event, Framing, Head, Micros, Sink};

/// Of which time a log tells at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    first: Micros,
    last: Micros,
}

impl Span {
    fn with(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }

    fn overlaps(self, other: Self) -> bool {
        self.last.min(other.last).0.saturating_sub(self.first.max(other.first).0) > LATE
    }
}

/// Names the hosts of `files` whose records name none, as far as paths tell them apart.
pub(super) fn name(files: &mut [Told]) {
    let mut logs: BTreeMap<&[u8], BTreeMap<Vec<&str>, Span>> = BTreeMap::new();
    for told in files.iter().filter(|told| is_nameless(told)) {
        let Some(span) = span(told) else { continue };
        let known = logs.entry(base(told)).or_default().entry(parts(told)).or_insert(span);
        *known = known.with(span);
    }
    let places: BTreeSet<usize> = logs.values().flat_map(differences).collect();
    let hosts: Vec<Vec<u8>> =
        files.iter().map(|told| if is_nameless(told) { host(&parts(told), &places) } else { Vec::new() }).collect();
    files.iter_mut().zip(hosts).for_each(|(told, host)| told.host = host);
}

/// Whether records of a file may belong together, and name no host.
fn is_nameless(told: &Told) -> bool {
    told.framing == Framing::Lines && told.format.is_some() && told.begins.hosts.is_empty()
}

/// The time of which a file surely tells.
fn span(told: &Told) -> Option<Span> {
    let first = told.begins.first?;
    let stored = told.file.gzip_time.map(|Micros(time)| Micros(time.saturating_sub(ZONES)));
    let last = told.last.or(stored).max(told.begins.latest);
    Some(Span { first, last: last.unwrap_or(first).max(first) })
}

/// The name of a log without folder, and without what rotation added.
fn base(told: &Told) -> &[u8] {
    let family = told.file.rotation.family.as_slice();
    family.rsplit(|&byte| byte == b'/').next().unwrap_or(family)
}

/// The folders above a file.
fn parts(told: &Told) -> Vec<&str> {
    told.folder().split('/').collect()
}

/// Where the paths differ of logs that tell of one time: the first part, for each two.
fn differences(logs: &BTreeMap<Vec<&str>, Span>) -> BTreeSet<usize> {
    let mut places = BTreeSet::new();
    for (number, (one, span)) in logs.iter().enumerate() {
        let others = logs.iter().skip(number + 1).filter(|(_, other)| span.overlaps(**other));
        places.extend(others.map(|(other, _)| one.iter().zip(other).take_while(|(one, other)| one == other).count()));
    }
    places
}

/// What stands at these places of a path.
fn host(parts: &[&str], places: &BTreeSet<usize>) -> Vec<u8> {
    let named: Vec<&str> = places.iter().filter_map(|&place| parts.get(place).copied()).collect();
    named.join("/").into_bytes()
}

/// Gives to `read` a sink that passes events on to `into`, with `host` where their records name none.
pub fn hosted<T>(host: &[u8], into: &mut dyn Sink, read: impl FnOnce(&mut dyn Sink) -> T) -> T {
    if host.is_empty() { read(into) } else { read(&mut Hosted { host, into }) }
}

struct Hosted<'a> {
    host: &'a [u8],
    into: &'a mut dyn Sink,
}

impl Sink for Hosted<'_> {
    fn event(&mut self, event: &Event<'_>) {
        let host = if event.head.host.is_empty() { self.host } else { event.head.host };
        self.into.event(&Event { head: Head { host, ..event.head }, ..*event });
    }

    fn unmapped(&mut self, field: &'static str, value: &[u8]) {
        self.into.unmapped(field, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = Micros::DAY;

    /// The names of logs of one name by their folders, each with its days.
    fn names(logs: &[(&str, std::ops::Range<i64>)]) -> Vec<String> {
        let known = logs.iter().map(|(folder, days)| {
            let span = Span { first: Micros(days.start * DAY), last: Micros(days.end * DAY) };
            (folder.split('/').collect::<Vec<&str>>(), span)
        });
        let places = differences(&known.collect());
        let name = |folder: &str| String::from_utf8(host(&folder.split('/').collect::<Vec<&str>>(), &places)).unwrap();
        logs.iter().map(|(folder, _)| name(folder)).collect()
    }

    #[test]
    fn what_differs_in_the_paths_of_logs_of_one_time_names_their_hosts() {
        assert_eq!(names(&[("/srv/mx1/exim4", 0..30), ("/srv/mx2/exim4", 0..30)]), ["mx1", "mx2"]);
        assert_eq!(names(&[("mx1/a", 0..30), ("mx1/b", 0..30), ("mx2/a", 0..30)]), ["mx1/a", "mx1/b", "mx2/a"]);
        assert_eq!(names(&[("logs", 0..30), ("logs/old", 10..20)]), ["", "old"]);
    }

    #[test]
    fn folders_of_days_name_no_host() {
        assert_eq!(names(&[("10-01", 0..1), ("10-02", 1..2), ("10-03", 2..3)]), ["", "", ""]);
        let all = [("10-01/mx1", 0..1), ("10-01/mx2", 0..1), ("10-02/mx1", 1..2), ("10-02/mx2", 1..2)];
        assert_eq!(names(&all), ["mx1", "mx2", "mx1", "mx2"]);
        let all = [("mx1/10-01", 0..1), ("mx2/10-01", 0..1), ("mx1/10-02", 1..2), ("mx2/10-02", 1..2)];
        assert_eq!(names(&all), ["mx1", "mx2", "mx1", "mx2"]);
    }

    #[test]
    fn one_log_names_no_host() {
        assert_eq!(names(&[("/var/log/exim4", 0..30)]), [""]);
    }
}
