//! Which host a log is of, where its records name none and several such logs tell of one time.
//!
//! The records of Exim, qmail, IronPort and others name no host, and their ids are unique on one host alone. Two such logs of one name in
//! two folders that tell of one time are of two hosts, and the part of the path in which they differ names these: `mx1/exim/mainlog` and
//! `mx2/exim/mainlog`. Folders that follow each other in time (`2026-10-01/mainlog`) are of one host, which has no name. Logs of two names
//! in one folder are of one host if they say the same (see [`kin`]); else their names are the hosts': `esa1_mail`, `esa2_mail`. A log that
//! says the same as one that names its host is of that host. What is there twice is no matter here: it was dropped before.

use std::collections::{BTreeMap, BTreeSet};

use super::kin::{Kin, host_of, kin};
use super::lanes::{LATE, ZONES};
use super::told::ToldFile;
use crate::event::{Event, Framing, Head, Micros, Sink};
use crate::format::Format;

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

/// How many pairs of logs are compared at most: each may take a tenth of a second.
const PAIRS: usize = 256;

/// Names the hosts of `files` whose records name none, as far as paths tell them apart, and says which have another log of their host
/// beside them.
pub(super) fn name(files: &mut [ToldFile]) {
    let mut logs: BTreeMap<&[u8], BTreeMap<Vec<&str>, Span>> = BTreeMap::new();
    for told in files.iter().filter(|told| is_nameless(told)) {
        let Some(span) = span(told) else { continue };
        let known = logs.entry(base(told)).or_default().entry(parts(told)).or_insert(span);
        *known = known.with(span);
    }
    let places: BTreeSet<usize> = logs.values().flat_map(differences).collect();
    let (beside, known) = (Beside::of(files), known_hosts(files));
    let named: Vec<(Vec<u8>, bool)> = files
        .iter()
        .map(|told| match told.format {
            Some(format) if is_nameless(told) => {
                if let Some(host) = known.get(place(told, format)) {
                    return (host.clone(), true);
                }
                let name = if format.repeats_in_folder() { None } else { beside.name(base(told)) };
                let is_beside = format.repeats_in_folder() || beside.has_kin(base(told));
                (host(&parts(told), &places, name), is_beside)
            }
            Some(_) | None => (Vec::new(), false),
        })
        .collect();
    files.iter_mut().zip(named).for_each(|(told, named)| (told.host, told.is_beside) = named);
}

/// What is of one host for certain: a folder, where its host writes several logs there, else one log.
fn place<'a>(told: &'a ToldFile, format: &dyn Format) -> &'a [u8] {
    if format.repeats_in_folder() { told.folder().as_bytes() } else { &told.file.rotation.family }
}

/// The hosts of logs that name none, by their [`place`], where another log names its host and says the same: Exim's `mainlog` beside what
/// went to syslog.
fn known_hosts(files: &[ToldFile]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut logs: BTreeMap<(bool, &str, &[u8]), Files<'_>> = BTreeMap::new();
    for told in files.iter().filter(|told| told.framing == Framing::Lines) {
        if let (Some(format), Some(span)) = (told.format, span(told)) {
            logs.entry((is_nameless(told), format.name(), &told.file.rotation.family)).or_default().push((told, span));
        }
    }
    let (nameless, named): (Vec<_>, Vec<_>) = logs.iter().partition(|((is_nameless, ..), _)| *is_nameless);
    let pairs = nameless.iter().flat_map(|one| {
        let others = named.iter().filter(|other| one.0.1 == other.0.1);
        others.filter_map(|other| closest(one.1, other.1))
    });
    let mut hosts = BTreeMap::new();
    for (told, other) in pairs.take(PAIRS) {
        let Some(place) = told.format.map(|format| place(told, format)) else { continue };
        if !hosts.contains_key(place)
            && let Some(host) = host_of(told, other)
        {
            hosts.insert(place.to_vec(), host);
        }
    }
    hosts
}

/// The files of a log, in their order.
type Files<'a> = Vec<(&'a ToldFile, Span)>;

/// The files of each log of a folder, by the log's name.
type Logs<'a> = BTreeMap<&'a [u8], Files<'a>>;

/// What the logs that lie beside each other in a folder show of their hosts, by their names.
#[derive(Debug, Default)]
struct Beside<'a> {
    /// The shortest name of the logs that are of one host, of those that are with another.
    shortest: BTreeMap<&'a [u8], &'a [u8]>,
    /// Whether some are of different hosts.
    differ: bool,
}

impl<'a> Beside<'a> {
    fn of(files: &'a [ToldFile]) -> Self {
        let mut folders: BTreeMap<(&str, &str), Logs<'_>> = BTreeMap::new();
        for told in files.iter().filter(|told| is_nameless(told)) {
            if let (Some(format), Some(span)) = (told.format.filter(|format| !format.repeats_in_folder()), span(told)) {
                folders.entry((told.folder(), format.name())).or_default().entry(base(told)).or_default().push((told, span));
            }
        }
        let mut beside = Self::default();
        let logs = folders.values().flat_map(|logs| {
            let pairs = logs.iter().enumerate();
            pairs.flat_map(move |(number, one)| logs.iter().skip(number + 1).map(move |other| (one, other)))
        });
        let of_one_time = logs.filter_map(|((one, ones), (other, others))| Some((*one, *other, closest(ones, others)?)));
        for (one, other, files) in of_one_time.take(PAIRS) {
            if beside.shortest(one) != beside.shortest(other) {
                beside.learn(one, other, kin(files.0, files.1));
            }
        }
        beside
    }

    /// Takes what two logs are to each other.
    fn learn(&mut self, one: &'a [u8], other: &'a [u8], kin: Kin) {
        match kin {
            Kin::Same => {
                let (one, other) = (self.shortest(one), self.shortest(other));
                let shorter = if (one.len(), one) < (other.len(), other) { one } else { other };
                self.shortest.values_mut().filter(|of| [one, other].contains(of)).for_each(|of| *of = shorter);
                self.shortest.extend([(one, shorter), (other, shorter)]);
            }
            Kin::Others => self.differ = true,
            Kin::Unknown => {}
        }
    }

    /// The shortest name of the logs of its host.
    fn shortest(&self, base: &'a [u8]) -> &'a [u8] {
        self.shortest.get(base).copied().unwrap_or(base)
    }

    /// What names the host of the log of this name. None: nothing but its folder.
    fn name(&self, base: &'a [u8]) -> Option<&'a [u8]> {
        self.differ.then(|| self.shortest(base))
    }

    /// Whether there is another log of its host.
    fn has_kin(&self, base: &[u8]) -> bool {
        self.shortest.contains_key(base)
    }
}

/// Of two logs, each in the order of its files, two files that tell of one time: of those of which the one begins next to the other
/// the two that begin nearest to each other.
fn closest<'a>(ones: &[(&'a ToldFile, Span)], others: &[(&'a ToldFile, Span)]) -> Option<(&'a ToldFile, &'a ToldFile)> {
    let apart = |one: Span, other: Span| one.first.0.abs_diff(other.first.0);
    let pairs = ones.iter().flat_map(|one| {
        let place = others.partition_point(|other| other.1.first <= one.1.first);
        let next = others.iter().skip(place.saturating_sub(1)).take(2);
        next.filter(|other| one.1.overlaps(other.1)).map(move |other| (one, other))
    });
    pairs.min_by_key(|(one, other)| apart(one.1, other.1)).map(|(one, other)| (one.0, other.0))
}

/// Whether records of a file may belong together, and name no host.
fn is_nameless(told: &ToldFile) -> bool {
    told.framing == Framing::Lines && told.format.is_some() && told.begins.hosts.is_empty()
}

/// The time of which a file surely tells.
fn span(told: &ToldFile) -> Option<Span> {
    let first = told.begins.first?;
    let stored = told.file.gzip_time.map(|Micros(time)| Micros(time.saturating_sub(ZONES)));
    let last = told.last.or(stored).max(told.begins.latest);
    Some(Span { first, last: last.unwrap_or(first).max(first) })
}

/// The name of a log without folder, and without what rotation added.
fn base(told: &ToldFile) -> &[u8] {
    let family = told.file.rotation.family.as_slice();
    family.rsplit(|&byte| byte == b'/').next().unwrap_or(family)
}

/// The folders above a file.
fn parts(told: &ToldFile) -> Vec<&str> {
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

/// What stands at these places of a path, and the name of the log if that names its host too.
fn host(parts: &[&str], places: &BTreeSet<usize>, name: Option<&[u8]>) -> Vec<u8> {
    let folders = places.iter().filter_map(|&place| parts.get(place)).map(|part| part.as_bytes());
    folders.chain(name).collect::<Vec<_>>().join(&b'/')
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
        let name = |folder: &str| String::from_utf8(host(&folder.split('/').collect::<Vec<&str>>(), &places, None)).unwrap();
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
    fn logs_of_one_host_have_the_name_of_one_of_them() {
        let mut beside = Beside::default();
        assert_eq!((beside.name(b"a"), beside.has_kin(b"a")), (None, false));
        beside.learn(b"b", b"c", Kin::Same);
        assert_eq!((beside.name(b"b"), beside.has_kin(b"b"), beside.has_kin(b"a")), (None, true, false));
        beside.learn(b"b", b"d", Kin::Others);
        beside.learn(b"a", b"c", Kin::Same);
        beside.learn(b"a", b"e", Kin::Unknown);
        let names = [b"a", b"b", b"c", b"d", b"e"].map(|base| beside.name(base));
        assert_eq!(names, [b"a", b"a", b"a", b"d", b"e"].map(|name| Some(&name[..])));
    }

    #[test]
    fn one_log_names_no_host() {
        assert_eq!(names(&[("/var/log/exim4", 0..30)]), [""]);
    }
}
