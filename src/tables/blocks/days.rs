//! Days on which half of the attempts or more were refused, and of which no episode tells.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::edges::Edges;
use super::series::{Hours, Who, beyond};
use super::{Found, Sort};
use crate::intern::Id;
use crate::stats::Rate;
use crate::stats::episodes::{Episode, refused_day, usual};

/// Such days: of a source, or of all together where several were refused.
pub(super) fn refused_days(series: &HashMap<Who, Hours>, found: &[Found]) -> Vec<Found> {
    let mut blocks: HashMap<Id, Vec<&Found>> = HashMap::new();
    for one in found.iter().filter(|one| one.sort == Sort::Block) {
        blocks.entry(one.who.0).or_default().push(one);
    }
    let blocks_of = |route: Id| blocks.get(&route).into_iter().flatten();
    let is_told = |(route, source): Who, day: i32| {
        let mut blocks = blocks_of(route);
        blocks.any(|block| block.covers(day) && (source.is_none() || block.who.1.is_none() || block.who.1 == source))
    };
    let mut of_day: HashMap<(Id, i32), Vec<Found>> = HashMap::new();
    for (&who, hours) in series {
        let days = days(hours);
        let blocks = blocks_of(who.0).filter(|block| block.who == who).map(|block| block.hours());
        let bad: Vec<RangeInclusive<i32>> = days.iter().map(|episode| whole(episode.first_hour)).chain(blocks).collect();
        for episode in days {
            let day = episode.first_hour.div_euclid(24);
            if !is_told(who, day) {
                let excess = beyond(hours, Sort::RefusedDay, whole(episode.first_hour), &bad);
                let found = Found { who, sort: Sort::RefusedDay, episode, edges: Edges::default(), excess };
                of_day.entry((who.0, day)).or_default().push(found);
            }
        }
    }
    of_day.into_values().flat_map(told_once).collect()
}

/// The hours of the day of an hour.
pub(super) const fn whole(hour: i32) -> RangeInclusive<i32> {
    let first = hour.div_euclid(24) * 24;
    first..=first + 23
}

/// The days of a series on which it was refused.
fn days(hours: &Hours) -> Vec<Episode> {
    let rates: Vec<(i32, Rate)> = hours.iter().map(|(&hour, counts)| (hour, counts.rate(Sort::RefusedDay))).collect();
    let baseline = usual(&rates.iter().map(|&(_, rate)| rate).collect::<Vec<_>>());
    let days = rates.chunk_by(|one, next| one.0.div_euclid(24) == next.0.div_euclid(24));
    days.filter_map(|day| refused_day(day, baseline)).collect()
}

/// Of a day at a route: that of all sources, which says more than that of a single one only if others were refused too; else each source's.
fn told_once(mut of_day: Vec<Found>) -> Vec<Found> {
    let refused = |is_of_all: bool| {
        let some = of_day.iter().filter(|found| found.who.1.is_none() == is_of_all);
        some.map(|found| found.episode.refused).max()
    };
    let is_of_all = refused(true) > refused(false);
    of_day.retain(|found| found.who.1.is_none() == is_of_all);
    of_day
}
