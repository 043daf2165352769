//! Block and throttling episodes: provider and source, from when to when, and what they cost.
//!
//! A series is one route and one source, or one route over all its sources; its hours count real attempts with a remote reply. That
//! a series has episodes, `stats` decides; here it is laid out, and what happened in an episode is looked up in the other cubes.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::column::{Row, row};
use super::dimensions::Verdicts;
use super::frames::count;
use super::names::Names;
use super::reconcile::Identity;
use super::{ALL, Table, each};
use crate::classify::Category;
use crate::cubes::keys::{BlockCounts, ReplyCounts};
use crate::cubes::{AttemptHour, AttemptReply, Cube, OutcomeBlock, State, Tally};
use crate::event::{Micros, Speaker, Status};
use crate::intern::Id;
use crate::stats::Rate;
use crate::stats::episodes::{Episode, episodes};

row! {
/// One row of `blocks`; counts are real attempts with a remote reply; lost and delayed are outcomes.
pub struct Block {
    /// Route: who refused.
    pub provider: String => "",
    /// Who was refused; `(all)` for an episode of all sources together.
    pub source: String => "",
    /// Block or throttling.
    pub kind: String => "",
    /// Hour of the last acceptance before the onset; null if none was seen.
    pub onset_after: Option<Micros> => "",
    /// First bad hour.
    pub first_hour: Micros => "",
    /// Last bad hour.
    pub last_hour: Micros => "",
    /// Hour of the first acceptance after it; null while the log ends in it.
    pub lift_before: Option<Micros> => "",
    /// First to last bad hour, inclusive.
    pub hours: i64 => "hours",
    /// Real attempts with a remote reply in it.
    pub attempts: i64 => "attempts",
    /// Of these, refused by policy (block) or for their number (throttling).
    pub refused: i64 => "attempts",
    /// Median hourly rate of the series, 0.001 to 0.05.
    pub baseline: f64 => "share",
    /// The commonest refusal in it.
    pub signature: String => "",
    /// What that means.
    pub category: String => "",
    /// First refused in it, and ended blocked or expired.
    pub lost: i64 => "outcomes",
    /// First refused in it, and delivered after all.
    pub delayed: i64 => "outcomes",
    /// What the delayed and lost waited from their first refusal on, added up.
    pub waited_ms: i64 => "ms",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "blocks",
    about: "Episodes in which a provider blocked or throttled a source: from when to when, with which words, and what it cost.",
    counts: "attempts",
    sql: None,
    columns: Block::COLUMNS,
    derived: &[],
    reconciles: &[Identity::AtMost { part: "refused", whole: "attempts" }],
    rows: |tables, take| each(&tables.blocks, take),
};

/// The two sorts of episodes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Sort {
    Block,
    Throttling,
}

impl Sort {
    const fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Throttling => "throttling",
        }
    }

    const fn is_of(self, category: Category) -> bool {
        match self {
            Self::Block => category.is_block(),
            Self::Throttling => matches!(category, Category::RateLimit),
        }
    }
}

/// What an hour of a series counted.
#[derive(Clone, Copy, Default)]
struct Hour {
    attempts: u64,
    accepted: u64,
    blocked: u64,
    throttled: u64,
}

/// A route and a source; None: all its sources.
type Who = (Id, Option<Id>);
/// The hours of a series that have attempts.
type Hours = BTreeMap<i32, Hour>;

/// The rows, in order of time; equals by provider, source and kind.
pub(super) fn rows(tally: &Tally, names: &Names<'_>, verdicts: &Verdicts<'_>) -> Vec<Block> {
    let found: Vec<Found> = series(&tally.attempt_hours).into_iter().flat_map(|(who, hours)| find(who, &hours)).collect();
    let lookup = Lookup { names, verdicts, replies: by_route(&tally.attempt_replies, &found), outcomes: &tally.outcome_blocks };
    let of_one_source: HashSet<Extent> = found.iter().filter(|one| one.who.1.is_some()).map(Found::extent).collect();
    // One of all sources that is but that of a single source says nothing more.
    let is_alone = |one: &&Found| one.who.1.is_some() || !of_one_source.contains(&one.extent());
    let mut rows: Vec<Block> = found.iter().filter(is_alone).map(|found| lookup.row(found)).collect();
    rows.sort_by(|a, b| {
        let order = |row: &Block| (row.first_hour, row.provider.clone(), row.source.clone(), row.kind.clone());
        order(a).cmp(&order(b))
    });
    rows
}

/// The series of each route and source, and of each route with more than one source: of routes that refused anything in this way, since
/// most of very many never did.
fn series(cube: &Cube<AttemptHour, u64>) -> HashMap<Who, Hours> {
    let mut series: HashMap<Who, Hours> = HashMap::new();
    let mut sources: HashMap<Id, Vec<Id>> = HashMap::new();
    let remote = || cube.iter().filter(|(key, _)| key.speaker == Speaker::Remote);
    let is = |key: &AttemptHour, sort: Sort| {
        key.status != Status::Delivered && key.reason.is_some_and(|reason| sort.is_of(reason.category))
    };
    let refusing = remote().filter(|(key, _)| is(key, Sort::Block) || is(key, Sort::Throttling));
    let refusing: HashSet<Id> = refusing.map(|(key, _)| key.route).collect();
    for (key, &attempts) in remote().filter(|(key, _)| refusing.contains(&key.route)) {
        let counted = |is: bool| if is { attempts } else { 0 };
        for who in [(key.route, Some(key.source)), (key.route, None)] {
            let hour = series.entry(who).or_default().entry(key.hour).or_default();
            hour.attempts += attempts;
            hour.accepted += counted(key.status == Status::Delivered);
            hour.blocked += counted(is(key, Sort::Block));
            hour.throttled += counted(is(key, Sort::Throttling));
        }
        let known = sources.entry(key.route).or_default();
        if !known.contains(&key.source) && known.len() < 2 {
            known.push(key.source);
        }
    }
    series.retain(|(route, source), _| source.is_some() || sources.get(route).is_some_and(|sources| sources.len() > 1));
    series
}

/// An episode and the hours round it, since 1970-01-01T00 UTC.
struct Found {
    who: Who,
    sort: Sort,
    episode: Episode,
    first: i32,
    last: i32,
    onset_after: Option<i32>,
    lift_before: Option<i32>,
}

/// Route, sort, first and last hour, and attempts refused.
type Extent = (Id, Sort, i32, i32, u64);

impl Found {
    /// What it has in common with the same episode of other sources.
    fn extent(&self) -> Extent {
        (self.who.0, self.sort, self.first, self.last, self.episode.refused)
    }
}

/// The episodes of a series.
fn find(who: Who, hours: &Hours) -> Vec<Found> {
    let axis = axis(hours);
    let of = |sort: Sort| {
        let rates: Vec<Rate> = axis.iter().map(|hour| rate(hours.get(hour), sort)).collect();
        let axis = &axis;
        episodes(&rates).into_iter().filter_map(move |episode| {
            let (first, last) = (*axis.get(episode.first_hour)?, *axis.get(episode.last_hour)?);
            let is_accepting = |(hour, counts): (&i32, &Hour)| (counts.accepted > 0).then_some(*hour);
            let onset_after = hours.range(..first).rev().find_map(is_accepting);
            let lift_before = hours.range(last.saturating_add(1)..).find_map(is_accepting);
            Some(Found { who, sort, episode, first, last, onset_after, lift_before })
        })
    };
    of(Sort::Block).chain(of(Sort::Throttling)).collect()
}

fn rate(hour: Option<&Hour>, sort: Sort) -> Rate {
    let hour = hour.copied().unwrap_or_default();
    match sort {
        Sort::Block => Rate::new(hour.blocked, hour.attempts),
        Sort::Throttling => Rate::new(hour.throttled, hour.attempts),
    }
}

/// The hours with attempts and, after each, up to three without. Longer silence means no more than that to an episode, and a stamp
/// that is decades off must not cost memory.
fn axis(hours: &Hours) -> Vec<i32> {
    const SILENCE: i32 = 3;
    let mut axis = Vec::with_capacity(hours.len());
    for &hour in hours.keys() {
        if let Some(&last) = axis.last() {
            axis.extend((i64::from(last) + 1..i64::from(hour)).take(SILENCE as usize).map(|silent| silent as i32));
        }
        axis.push(hour);
    }
    axis
}

/// Failed attempts of the routes that have an episode.
fn by_route<'a>(
    cube: &'a Cube<AttemptReply, ReplyCounts>,
    found: &[Found],
) -> HashMap<Id, Vec<(&'a AttemptReply, &'a ReplyCounts)>> {
    let mut replies: HashMap<Id, Vec<_>> = found.iter().map(|found| (found.who.0, Vec::new())).collect();
    for (key, counts) in cube.iter() {
        if let Some(of_route) = replies.get_mut(&key.route) {
            of_route.push((key, counts));
        }
    }
    replies
}

/// What an episode is told with.
struct Lookup<'a> {
    names: &'a Names<'a>,
    verdicts: &'a Verdicts<'a>,
    replies: HashMap<Id, Vec<(&'a AttemptReply, &'a ReplyCounts)>>,
    outcomes: &'a Cube<OutcomeBlock, BlockCounts>,
}

impl Lookup<'_> {
    fn row(&self, found: &Found) -> Block {
        let (route, source) = found.who;
        let time = |hour: i32| Micros(i64::from(hour) * Micros::HOUR);
        let (signature, category) = self.commonest(found);
        let (lost, delayed, waited_ms) = self.cost(found);
        Block {
            provider: self.names.text(route).to_owned(),
            source: source.map_or(ALL, |source| self.names.text(source)).to_owned(),
            kind: found.sort.name().to_owned(),
            onset_after: found.onset_after.map(time),
            first_hour: time(found.first),
            last_hour: time(found.last),
            lift_before: found.lift_before.map(time),
            hours: i64::from(found.last) - i64::from(found.first) + 1,
            attempts: count(found.episode.attempts),
            refused: count(found.episode.refused),
            baseline: found.episode.baseline,
            signature,
            category,
            lost,
            delayed,
            waited_ms,
        }
    }

    /// The commonest refusal of this sort, and its category; the name decides between equals. Empty where the cube has none left.
    fn commonest(&self, found: &Found) -> (String, String) {
        let mut attempts: HashMap<Id, u64> = HashMap::new();
        for (key, counts) in self.replies.get(&found.who.0).into_iter().flatten() {
            if found.holds(key.source, key.hour) {
                *attempts.entry(key.signature).or_default() += counts.attempts;
            }
        }
        let route = found.who.0;
        let category_of = |signature: Id| self.verdicts.category(route, signature);
        let of_sort =
            attempts.into_iter().filter(|&(id, _)| category_of(id).is_some_and(|category| found.sort.is_of(category)));
        let best = of_sort.min_by_key(|&(id, attempts)| (std::cmp::Reverse(attempts), self.names.rank(id)));
        best.map_or_else(Default::default, |(id, _)| {
            (self.names.text(id).to_owned(), category_of(id).map_or("", Category::name).to_owned())
        })
    }

    /// Outcomes lost and delayed, and how long they waited.
    fn cost(&self, found: &Found) -> (i64, i64, i64) {
        let (mut lost, mut delayed, mut waited_ms) = (0, 0, 0);
        for (key, counts) in self.outcomes.iter() {
            let is_throttle = found.sort == Sort::Throttling;
            if key.route != found.who.0 || key.is_throttle != is_throttle || !found.holds(key.source, key.hour) {
                continue;
            }
            match key.state {
                State::Blocked | State::Expired => lost += counts.outcomes,
                State::Delivered => delayed += counts.outcomes,
                State::BouncedLater | State::Bounced | State::Deferred | State::Queued | State::Cancelled | State::Unknown => {
                    continue;
                }
            }
            waited_ms += counts.waited_ms;
        }
        (count(lost), count(delayed), count(waited_ms))
    }
}

impl Found {
    fn holds(&self, source: Id, hour: i32) -> bool {
        self.who.1.is_none_or(|own| own == source) && (self.first..=self.last).contains(&hour)
    }
}
