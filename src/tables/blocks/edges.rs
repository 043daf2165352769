//! When an episode began and ended, as well as minutes tell: between an acceptance and a refusal.

use std::ops::RangeInclusive;

use super::Sort;
use super::series::{Hour, Hours};
use crate::event::Micros;

/// So many minutes with refusals in a row, and none with an acceptance between them, are where a block begins: a single refusal is none.
const IN_A_ROW: usize = 5;

/// The edges of an episode, to the minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Edges {
    /// The last acceptance before the onset, or before the episode where there is none.
    pub onset_after: Option<Micros>,
    /// The first of the refusals in a row, in the first hour; None: acceptances came in between.
    pub onset: Option<Micros>,
    /// The first acceptance after the last refusal of the last hour.
    pub lift_before: Option<Micros>,
}

impl Edges {
    /// Those of what lies in `among` of a series.
    pub(super) fn of(hours: &Hours, sort: Sort, among: RangeInclusive<i32>) -> Self {
        let (first, last) = (*among.start(), *among.end());
        let refusing = |hour: &Hour| match sort {
            Sort::Block | Sort::RefusedDay => hour.blocking,
            Sort::Throttling => hour.throttling,
        };
        // Where it takes longer until refusals come in a row, they mark no beginning.
        let in_first_hour = |minute: &i64| hour_of(*minute) == first;
        let onset = onset(hours.range(among).flat_map(|(&at, hour)| {
            let of_minute = move |minute: i64| (is_in(hour.accepting, minute), is_in(refusing(hour), minute));
            (0..60).map(move |minute| (i64::from(at) * 60 + minute, of_minute(minute)))
        }))
        .filter(in_first_hour);
        let from = onset.unwrap_or(i64::from(first) * 60);
        // From the hours' sides: most of a month is looked at by neither.
        let before = hours.range(..=hour_of(from)).rev();
        let onset_after = before.flat_map(|(&at, hour)| accepting(at, hour).rev()).find(|minute| *minute < from);
        let last_refusal = hours.get(&last).map_or(0, refusing).checked_ilog2().map_or(59, i64::from) + i64::from(last) * 60;
        let lift_before = hours.range(last..).flat_map(|(&at, hour)| accepting(at, hour)).find(|minute| *minute > last_refusal);
        let time = |minute: i64| Micros(minute * Micros::MINUTE);
        Self { onset_after: onset_after.map(time), onset: onset.map(time), lift_before: lift_before.map(time) }
    }
}

/// Of minutes in order, each with whether anything was accepted and refused in it: the first of the first that refuse in a row. What came
/// first within a minute nobody knows: one that accepted, too, is none of them.
fn onset(minutes: impl Iterator<Item = (i64, (bool, bool))>) -> Option<i64> {
    let (mut first, mut in_a_row) = (None, 0);
    for (minute, (is_accepting, is_refusing)) in minutes {
        if is_accepting {
            (first, in_a_row) = (None, 0);
        } else if is_refusing {
            first = first.or(Some(minute));
            in_a_row += 1;
        }
        if in_a_row == IN_A_ROW {
            return first;
        }
    }
    None
}

/// The minutes of an hour in which anything was accepted, since 1970-01-01T00 UTC.
fn accepting(at: i32, hour: &Hour) -> impl DoubleEndedIterator<Item = i64> {
    let minutes = hour.accepting;
    (0..60).filter(move |minute| is_in(minutes, *minute)).map(move |minute| i64::from(at) * 60 + minute)
}

const fn is_in(minutes: u64, minute: i64) -> bool {
    minutes >> minute & 1 == 1
}

fn hour_of(minute: i64) -> i32 {
    i32::try_from(minute.div_euclid(60)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hours from 100 on, of which each letter is a minute: accepted, refused, both, or neither.
    fn hours(told: &[&str]) -> Hours {
        let hour = |told: &str| {
            let minutes = |letter: char| {
                told.chars()
                    .enumerate()
                    .filter(|(_, of)| *of == letter || *of == 'b')
                    .fold(0_u64, |bits, (at, _)| bits | 1 << at)
            };
            Hour { accepting: minutes('a'), blocking: minutes('r'), ..Hour::default() }
        };
        (100..).zip(told.iter().map(|told| hour(told))).collect()
    }

    #[track_caller]
    fn check(told: &[&str], among: RangeInclusive<i32>, wanted: [Option<i64>; 3]) {
        let edges = Edges::of(&hours(told), Sort::Block, among);
        let minute = |time: Option<Micros>| time.map(|time| time.0 / Micros::MINUTE - 6_000);
        assert_eq!([edges.onset_after, edges.onset, edges.lift_before].map(minute), wanted, "{told:?}");
    }

    #[test]
    fn a_block_begins_with_refusals_in_a_row_between_which_nothing_is_accepted() {
        // A stray refusal before it is none of it.
        check(&["aa.a", "ra.arr.rrrr", "rrr", "..a"], 101..=102, [Some(63), Some(64), Some(182)]);
        check(&["aaaa", "....rrrrr", "r.ar", "a"], 101..=102, [Some(3), Some(64), Some(180)]);
    }

    #[test]
    fn where_acceptances_come_in_between_the_hour_is_all_that_is_known() {
        check(&["aaaa", "rarrarra", "rrarrb", "a"], 101..=102, [Some(3), None, Some(180)]);
        // In a row at last, but long after the first bad hour.
        check(&["aaaa", "rarrarra", "arrrrrr", "a"], 101..=102, [Some(3), None, Some(180)]);
    }

    #[test]
    fn what_was_never_accepted_has_no_edges() {
        check(&["rrrr", "rr"], 100..=101, [None, Some(0), None]);
    }

    #[test]
    fn throttling_goes_by_its_own_refusals() {
        let mut hours = hours(&["a", "rrrrrr"]);
        for hour in hours.values_mut() {
            hour.throttling = hour.blocking << 2;
        }
        assert_eq!(Edges::of(&hours, Sort::Throttling, 101..=101).onset, Some(Micros(6_062 * Micros::MINUTE)));
    }
}
