//! Which files are the same log, rotated, and in which order they were written.
//!
//! A pure function of names and first stamps: the order in which files were named or listed never shows.

use std::cmp::Reverse;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::dated::{dated, pattern};
use super::file::File;
use crate::event::Micros;

/// Where a file stands among the rotated files of one log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rotation {
    /// The log: folder and name without what rotation and compression added (`mx1/mail.log` for `mx1/mail.log.2.gz`).
    pub family: Vec<u8>,
    /// How old it is among its family.
    pub age: Age,
}

/// How old a file is among its family; the oldest is the least.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Age {
    /// Named by a date, and the numbers behind it. Before numbered ones: who changes the scheme goes from one to the other, and
    /// first stamps decide before names do.
    Dated(Micros, Vec<u64>),
    /// `mail.log.2`: the greater, the older. `mail.log.old` counts as 1.
    Numbered(Reverse<u32>),
    /// Not rotated.
    Current,
}

/// What compressors append, which says nothing about order.
static PACKED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i-u)^(?<base>.+)\.(?:gz|z|bz2|xz|zst|zstd|lz4|lzma)$"));

/// `mail.log.2` of logrotate, newsyslog and Exim, and `mail.2.log` of those who want to keep the extension.
static NUMBERED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?s-u)^(?<base>.+)\.(?:(?<number>[0-9]{1,4})(?<extension>\.[A-Za-z]{1,8})?|old)$"));

impl Rotation {
    /// By a path, and the name at its end.
    pub(crate) fn of(path: &[u8]) -> Self {
        let (folder, name) = path.split_at(memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1));
        let name = PACKED.captures(name).and_then(|found| found.name("base")).map_or(name, |base| base.as_bytes());
        let (base, age) = age(name);
        Self { family: [folder, &base].concat(), age }
    }
}

/// A name without what rotation added, and the age that this says.
fn age(name: &[u8]) -> (Vec<u8>, Age) {
    const SEPARATORS: &[u8] = b"-._";
    if let Some(found) = dated(name) {
        let before = name.get(..found.place.start).unwrap_or_default();
        let mut after = name.get(found.place.end..).unwrap_or_default();
        let mut before = before.strip_suffix_any(SEPARATORS);
        if let Some(log) = before.strip_suffix(b"@") {
            // `mail.@20261001T000000.s` of AsyncOS, `.c` while it is written to.
            before = log.strip_suffix_any(SEPARATORS);
            after = after.strip_suffix(b".s").or_else(|| after.strip_suffix(b".c")).unwrap_or(after);
        }
        let after = if before.is_empty() { after.strip_prefix_any(SEPARATORS) } else { after };
        // multilog writes `current` and renames it to its last moment.
        let base = if before.is_empty() && after.is_empty() { b"current".to_vec() } else { [before, after].concat() };
        return (base, Age::Dated(found.begins, found.numbers));
    }
    let Some(found) = NUMBERED.captures(name) else {
        return (name.strip_suffix(b".current").unwrap_or(name).to_vec(), Age::Current);
    };
    let part = |group| found.name(group).map_or(&b""[..], |text| text.as_bytes());
    let number = std::str::from_utf8(part("number")).ok().and_then(|digits| digits.parse().ok()).unwrap_or(1);
    ([part("base"), part("extension")].concat(), Age::Numbered(Reverse(number)))
}

/// Takes one byte off an end.
trait StripAny {
    fn strip_suffix_any(&self, any: &[u8]) -> &[u8];
    fn strip_prefix_any(&self, any: &[u8]) -> &[u8];
}

impl StripAny for [u8] {
    fn strip_suffix_any(&self, any: &[u8]) -> &[u8] {
        self.split_last().filter(|(last, _)| any.contains(last)).map_or(self, |(_, rest)| rest)
    }

    fn strip_prefix_any(&self, any: &[u8]) -> &[u8] {
        self.split_first().filter(|(first, _)| any.contains(first)).map_or(self, |(_, rest)| rest)
    }
}

/// What one file tells about its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place<'a> {
    family: &'a [u8],
    age: &'a Age,
    name: &'a str,
}

/// On which side of another file one stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Before,
    Itself,
    After,
}

/// What the head of a file shows of its time. The order of spans is that in which files were written, as far as heads tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The stamp of the first whole record.
    pub first: Micros,
    /// The latest stamp of the head: of two files that begin within one second, the one that ends in it comes first.
    pub latest: Micros,
    /// Whether its first line is the end of one that another file began.
    pub is_continued: bool,
}

/// What files are sorted by: first the span and the place of the file beside which one stands (its own, if it has stamps), then its own
/// place. Files without a stamp in a family without any come last: nothing in them can be told apart in time.
type SortKey<'a> = (bool, Option<Span>, Place<'a>, Side, Place<'a>);

/// The indices of `files` in their true order: by the stamps of their heads, then age within the family, then name. `spans` stand in
/// the order of `files`. A file without stamps stands where its age puts it in its family: right behind the next older file that has
/// some, else right before the next younger.
#[must_use]
pub fn rank(files: &[&File], spans: &[Option<Span>]) -> Vec<usize> {
    let spans = spans.iter().copied().chain(std::iter::repeat(None));
    let places: Vec<_> = files.iter().map(|file| place(file)).zip(spans).collect();
    rank_places(&places)
}

fn place(file: &File) -> Place<'_> {
    Place { family: &file.rotation.family, age: &file.rotation.age, name: &file.name }
}

/// [`rank`] of what matters of each file.
fn rank_places(places: &[(Place<'_>, Option<Span>)]) -> Vec<usize> {
    let mut dated: Vec<(Place<'_>, Span)> = places.iter().filter_map(|&(place, span)| Some((place, span?))).collect();
    dated.sort();
    let mut order: Vec<(SortKey<'_>, usize)> =
        places.iter().map(|&(place, span)| sort_key(place, span, &dated)).zip(0..).collect();
    order.sort();
    order.into_iter().map(|(_, index)| index).collect()
}

/// The key of the file at `place`, with all files that have a `span` in the order of their places.
fn sort_key<'a>(place: Place<'a>, span: Option<Span>, dated: &[(Place<'a>, Span)]) -> SortKey<'a> {
    if span.is_some() {
        return (false, span, place, Side::Itself, place);
    }
    let (older, younger) = dated.split_at(dated.partition_point(|(other, _)| *other < place));
    let of_family = |(other, _): &&(Place<'a>, Span)| other.family == place.family;
    if let Some(&(other, span)) = older.last().filter(of_family) {
        return (false, Some(span), other, Side::After, place);
    }
    if let Some(&(other, span)) = younger.first().filter(of_family) {
        return (false, Some(span), other, Side::Before, place);
    }
    (true, None, place, Side::Itself, place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn family(path: &str) -> String {
        String::from_utf8(Rotation::of(path.as_bytes()).family).unwrap()
    }

    #[test]
    fn rotation_and_compression_leave_the_family() {
        let names = [
            "mail.log",
            "mail.log.0",
            "mail.log.1",
            "mail.log.2.gz",
            "mail.log.1.bz2",
            "mail.1.log",
            "mail.log.old",
            "mail.log.xz",
        ];
        let dated =
            ["mail.log-20261001.gz", "mail.log-2026-10-01", "mail.log.2026.10.01.gz", "mail-20261001.log", "20261001-mail.log"];
        for name in names.into_iter().chain(dated) {
            assert_eq!(family(name), "mail.log", "{name}");
            assert_eq!(family(&format!("/srv/mx1.1/{name}")), "/srv/mx1.1/mail.log", "{name}");
        }
        assert_eq!(family("maillog-20261001"), "maillog");
        assert_eq!(family("acct-2026-10-01-0003.csv"), "acct.csv");
        assert_eq!(family("mainlog.01.Z"), "mainlog");
        assert_eq!(family("smtp/@400000006abdae0a00000000.s"), family("smtp/current"));
        for name in ["mail.@20261001T000000.s", "mail.@20261002T000000.c", "mail.@20261001T000000.s.gz", "mail.current"] {
            assert_eq!(family(name), "mail", "{name}");
        }
    }

    /// The ages of `names`, which stand from the oldest to the youngest, rise.
    #[track_caller]
    fn rising(names: &[&str]) {
        let ages: Vec<_> = names.iter().map(|name| Rotation::of(name.as_bytes())).collect();
        assert!(ages.is_sorted_by(|one, next| one.family == next.family && one.age < next.age), "{ages:#?}");
    }

    #[test]
    fn the_oldest_comes_first() {
        rising(&["mail.log.10.gz", "mail.log.9.gz", "mail.log.2.gz", "mail.log.1", "mail.log.0", "mail.log"]);
        rising(&["maillog-20260927.gz", "maillog-20261001", "maillog-2026100203", "maillog"]);
        rising(&["acct-2026-10-01-0009.csv", "acct-2026-10-01-0010.csv", "acct-2026-10-02-0000.csv"]);
        rising(&["mail.log-20260901.gz", "mail.log.1", "mail.log"]);
        rising(&["@400000006abc000000000000.s", "@400000006abdae0a00000000.s", "current"]);
        rising(&["maillog.old", "maillog"]);
    }

    /// A file whose head has one stamp.
    fn at(stamp: i64) -> Span {
        Span { first: Micros(stamp), latest: Micros(stamp), is_continued: false }
    }

    /// The order of `name@stamp` (or `name@` without), written as the names.
    fn ranked(files: &[(&str, Option<i64>)]) -> Vec<String> {
        let rotations: Vec<_> = files.iter().map(|(name, _)| Rotation::of(name.as_bytes())).collect();
        let places: Vec<_> = files
            .iter()
            .zip(&rotations)
            .map(|(&(name, stamp), Rotation { family, age })| (Place { family, age, name }, stamp.map(at)))
            .collect();
        rank_places(&places).into_iter().map(|index| files[index].0.to_owned()).collect()
    }

    #[test]
    fn stamps_decide_then_age_then_names() {
        assert_eq!(ranked(&[("mail.log", Some(9)), ("mail.log.1", Some(4)), ("a", Some(7))]), ["mail.log.1", "a", "mail.log"]);
        assert_eq!(
            ranked(&[("mail.log", Some(1)), ("mail.log.1", Some(4))]),
            ["mail.log", "mail.log.1"],
            "names lie, stamps do not"
        );
        assert_eq!(
            ranked(&[("mail.log", Some(1)), ("mail.log.1", Some(1)), ("mail.log.2", Some(1))]),
            ["mail.log.2", "mail.log.1", "mail.log"]
        );
        assert_eq!(ranked(&[("b", Some(1)), ("a", Some(1))]), ["a", "b"]);
    }

    #[test]
    fn of_two_files_that_begin_alike_the_one_that_ends_first_comes_first() {
        let names = [&b"m.1"[..], b"m", b"m.2"].map(Rotation::of);
        let place = |index: usize| Place { family: &names[index].family, age: &names[index].age, name: "" };
        let (short, long) = (at(1), Span { latest: Micros(2), ..at(1) });
        assert_eq!(rank_places(&[(place(0), Some(long)), (place(1), Some(short))]), [1, 0]);
        let continued = Span { is_continued: true, ..short };
        assert_eq!(rank_places(&[(place(0), Some(continued)), (place(1), Some(short)), (place(2), Some(long))]), [1, 0, 2]);
    }

    #[test]
    fn a_file_without_stamps_stands_beside_its_family() {
        assert_eq!(ranked(&[("m", Some(9)), ("m.1", None), ("m.2", Some(3)), ("x", Some(5))]), ["m.2", "m.1", "x", "m"]);
        assert_eq!(ranked(&[("m", Some(9)), ("m.1", None), ("x", Some(5))]), ["x", "m.1", "m"]);
        assert_eq!(ranked(&[("m", None), ("m.1", None), ("m.2", Some(3)), ("x", Some(5))]), ["m.2", "m.1", "m", "x"]);
        assert_eq!(ranked(&[("z", None), ("b", None), ("x", Some(5))]), ["x", "b", "z"]);
    }

    proptest! {
        #[test]
        fn the_order_of_arguments_never_shows(
            (files, shuffled) in proptest::collection::btree_map(
                proptest::sample::select(vec!["m", "m.1", "m.2", "m.3.gz", "m-20261001", "m.log", "m.1.log", "x/m", "x/m.1", "y", "z"]),
                proptest::option::of(0_i64..4),
                0..11,
            ).prop_map(|files| files.into_iter().collect::<Vec<_>>()).prop_flat_map(|files| (Just(files.clone()), Just(files).prop_shuffle()))
        ) {
            let order = ranked(&files);
            prop_assert_eq!(&order, &ranked(&shuffled));
            let stamp = |name: &String| files.iter().find(|(other, _)| other == name).and_then(|file| file.1);
            let stamps: Vec<_> = order.iter().filter_map(stamp).collect();
            prop_assert!(stamps.is_sorted());
        }
    }
}
