//! The hours of each provider and source: what was tried, accepted, blocked and throttled.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::RangeInclusive;

use super::Sort;
use crate::cubes::keys::HourCounts;
use crate::cubes::{AttemptHour, AttemptReply, Cube};
use crate::event::{Speaker, Status};
use crate::intern::Id;
use crate::stats::Rate;
use crate::stats::excess::{Excess, excess};

/// What an hour of a series counted.
#[derive(Clone, Copy, Default)]
pub(super) struct Hour {
    pub(super) attempts: u64,
    pub(super) accepted: u64,
    pub(super) blocked: u64,
    pub(super) throttled: u64,
    /// The minutes in which any was accepted, blocked, throttled.
    pub(super) accepting: u64,
    pub(super) blocking: u64,
    pub(super) throttling: u64,
    /// Those in which any was tried, whether or not anybody answered.
    pub(super) trying: u64,
}

/// A route and a source; None: all its sources.
pub(super) type Who = (Id, Option<Id>);
/// The hours of a series that have attempts.
pub(super) type Hours = BTreeMap<i32, Hour>;

/// The series of each route and source, and of each route with more than one source: of routes that refused anything in this way, since
/// most of very many never did.
pub(super) fn series(cube: &Cube<AttemptHour, HourCounts>) -> HashMap<Who, Hours> {
    let mut series: HashMap<Who, Hours> = HashMap::new();
    let mut sources: HashMap<Id, Vec<Id>> = HashMap::new();
    let is_answered = |key: &AttemptHour| key.speaker == Speaker::Remote;
    let is = |key: &AttemptHour, sort: Sort| {
        key.status != Status::Delivered && key.reason.is_some_and(|reason| sort.is_of(reason.category))
    };
    let refusing =
        cube.iter().filter(|(key, _)| is_answered(key)).filter(|(key, _)| is(key, Sort::Block) || is(key, Sort::Throttling));
    let refusing: HashSet<Id> = refusing.map(|(key, _)| key.route).collect();
    for (key, counts) in cube.iter().filter(|(key, _)| refusing.contains(&key.route)) {
        for who in [(key.route, Some(key.source)), (key.route, None)] {
            series.entry(who).or_default().entry(key.hour).or_default().trying |= counts.minutes;
        }
        if !is_answered(key) {
            continue;
        }
        let counted = |is: bool| if is { (counts.attempts, counts.minutes) } else { (0, 0) };
        let (accepted, blocked, throttled) =
            (counted(key.status == Status::Delivered), counted(is(key, Sort::Block)), counted(is(key, Sort::Throttling)));
        for who in [(key.route, Some(key.source)), (key.route, None)] {
            let hour = series.entry(who).or_default().entry(key.hour).or_default();
            hour.attempts += counts.attempts;
            hour.accepted += accepted.0;
            hour.blocked += blocked.0;
            hour.throttled += throttled.0;
            hour.accepting |= accepted.1;
            hour.blocking |= blocked.1;
            hour.throttling |= throttled.1;
        }
        let known = sources.entry(key.route).or_default();
        if !known.contains(&key.source) && known.len() < 2 {
            known.push(key.source);
        }
    }
    series.retain(|(route, source), _| source.is_some() || sources.get(route).is_some_and(|sources| sources.len() > 1));
    series
}

/// Takes back refusals that are no opinion of the provider: those by a rule of the recipient's own organisation.
pub(super) fn take_back(series: &mut HashMap<Who, Hours>, key: &AttemptReply, attempts: u64) {
    for who in [(key.route, Some(key.source)), (key.route, None)] {
        if let Some(hour) = series.get_mut(&who).and_then(|hours| hours.get_mut(&key.hour)) {
            hour.blocked = hour.blocked.saturating_sub(attempts);
            if hour.blocked == 0 {
                hour.blocking = 0;
            }
        }
    }
}

/// What was refused in some hours of a series beyond what is usual outside of `bad` ones.
pub(super) fn beyond(hours: &Hours, sort: Sort, among: RangeInclusive<i32>, bad: &[RangeInclusive<i32>]) -> Option<Excess> {
    let rate = |(&at, hour): (&i32, &Hour)| (at, hour.rate(sort));
    let outside = hours.iter().filter(|(at, _)| !bad.iter().any(|bad| bad.contains(at)));
    excess(&hours.range(among).map(rate).collect::<Vec<_>>(), &outside.map(rate).collect::<Vec<_>>())
}

impl Hour {
    pub(super) const fn rate(&self, sort: Sort) -> Rate {
        match sort {
            Sort::Block | Sort::RefusedDay => Rate::new(self.blocked, self.attempts),
            Sort::Throttling => Rate::new(self.throttled, self.attempts),
        }
    }
}

impl Sort {
    /// Refused in this way, of attempts, in some hours of a series.
    pub(super) fn rate_in(self, hours: &Hours, among: RangeInclusive<i32>) -> Rate {
        hours.range(among).fold(Rate::default(), |sum, (_, hour)| Rate::sum(&[sum, hour.rate(self)]))
    }
}
