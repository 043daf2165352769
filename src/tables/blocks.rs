//! Block and throttling episodes: provider and source, from when to when, and what they cost; and single days of refusals.
//!
//! A series is one route and one source, or one route over all its sources; its hours count real attempts with a remote reply. That
//! a series has episodes, `stats` decides; here it is laid out, and what happened in an episode is looked up in the other cubes. What is
//! too short or too sparse for an episode is told by the day, if half of the attempts or more were refused.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use self::edges::Edges;
use self::pause::longest_pause;
use self::senders::{BlockSender, Senders};
use self::series::{Hours, Who, beyond, series};

use super::column::{Row, row};
use super::dimensions::Verdicts;
use super::frames::count;
use super::names::Names;
use super::reconcile::Identity;
use super::{ALL, Table, each};
use crate::classify::Category;
use crate::cubes::keys::{BlockCounts, Measures, ReplyCounts, Translate};
use crate::cubes::{AttemptReply, Cube, OutcomeBlock, State, Tally};
use crate::event::Micros;
use crate::intern::Id;
use crate::stats::Rate;
use crate::stats::episodes::{Episode, episodes};
use crate::stats::excess::Excess;

mod days;
mod edges;
mod pause;
pub mod senders;
mod series;

row! {
/// One row of `blocks`; counts are real attempts with a remote reply; lost, delayed and waiting are outcomes.
pub struct Block {
    /// Route: who refused.
    pub provider: String => "",
    /// Who was refused; `(all)` for an episode of all sources together.
    pub source: String => "",
    /// `block`; `throttling`; `refused day`: refusals too short or too sparse for a block, on a day on which half of the attempts or more
    /// were refused. Such a day claims neither onset nor end.
    pub kind: String => "",
    /// Minute of the last acceptance before the onset, or before the first bad hour where no onset is known; null if none was seen.
    pub onset_after: Option<Micros> => "",
    /// First bad hour.
    pub first_hour: Micros => "",
    /// In the first bad hour, minute of the first of five minutes with refusals between which nothing was accepted; null where acceptances
    /// came in between.
    pub onset: Option<Micros> => "",
    /// First refusal in it; null if the log of replies was folded.
    pub first_refusal: Option<Micros> => "",
    /// Last bad hour.
    pub last_hour: Micros => "",
    /// Minute of the first acceptance after the last refusal of the last bad hour; null if none was seen.
    pub lift_before: Option<Micros> => "",
    /// Nothing was accepted after it, and the log ends within a day of its last bad hour: it may go on.
    pub is_open: bool => "",
    /// First to last bad hour, inclusive.
    pub hours: i64 => "hours",
    /// Real attempts with a remote reply in it.
    pub attempts: i64 => "attempts",
    /// Of these, refused by policy (block) or for their number (throttling).
    pub refused: i64 => "attempts",
    /// Median hourly rate of the series, 0.001 to 0.05.
    pub baseline: f64 => "share",
    /// As many of its attempts as are refused otherwise: at the rate of the same hours of the week outside of such stretches, or of all hours
    /// outside where that hour has fewer than 30 attempts; null where none lie outside.
    pub expected: Option<f64> => "attempts",
    /// Refused, less expected.
    pub excess: Option<f64> => "attempts",
    /// Lower end of its 95 % interval (Poisson, widened by the dispersion of the hours outside).
    pub excess_low: Option<f64> => "attempts",
    /// Upper end of its 95 % interval.
    pub excess_high: Option<f64> => "attempts",
    /// From the first to the last bad hour, the longest time between two attempts of ours that follow each other, answered or not, to the
    /// minute; null if all fall into one minute.
    pub longest_pause_ms: Option<i64> => "ms",
    /// The commonest refusal in it.
    pub signature: String => "",
    /// What that means.
    pub category: String => "",
    /// Refused in it, and ended blocked or expired.
    pub lost: i64 => "outcomes",
    /// Refused in it, and delivered after all.
    pub delayed: i64 => "outcomes",
    /// Refused in it, and not decided when the log ended.
    pub waiting: i64 => "outcomes",
    /// Sender domains that stand out among what it refused, the surest first, with commas between them; with their numbers in
    /// `block_senders`. Empty: none does.
    pub senders: String => "",
    /// From the first to the last bad hour, real attempts of our other sources there with a remote reply; null where there are none, and of
    /// all sources.
    pub other_attempts: Option<i64> => "attempts",
    /// Of these, refused in the same way.
    pub other_refused: Option<i64> => "attempts",
    /// What the delayed and lost waited from their first refusal on, added up.
    pub waited_ms: i64 => "ms",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "blocks",
    about: "Episodes in which a provider blocked or throttled a source, and single days of refusals: from when to when, with which words, and what it cost.",
    counts: "attempts",
    sql: None,
    columns: Block::COLUMNS,
    derived: &[],
    reconciles: &[Identity::AtMost { part: "refused", whole: "attempts" }],
    rows: |tables, take| each(&tables.blocks, take),
};

/// [`Block::kind`] of a block.
pub const BLOCK: &str = "block";
/// Likewise of throttling.
pub const THROTTLING: &str = "throttling";
/// Likewise of a day of refusals that is no block.
pub const REFUSED_DAY: &str = "refused day";

/// An episode is said to go on if the log ends so soon after its last bad hour.
const RECENT: i64 = Micros::DAY;

/// The sorts of rows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Sort {
    Block,
    Throttling,
    RefusedDay,
}

impl Sort {
    const fn name(self) -> &'static str {
        match self {
            Self::Block => BLOCK,
            Self::Throttling => THROTTLING,
            Self::RefusedDay => REFUSED_DAY,
        }
    }

    const fn is_of(self, category: Category) -> bool {
        match self {
            Self::Block | Self::RefusedDay => category.is_block(),
            Self::Throttling => matches!(category, Category::RateLimit),
        }
    }
}

/// The rows of this table and of `block_senders`, in order of time; equals by provider, source and kind. `end` is the last stamp of the
/// log.
pub(super) fn rows(
    tally: &Tally,
    names: &Names<'_>,
    verdicts: &Verdicts<'_>,
    end: Option<Micros>,
) -> (Vec<Block>, Vec<BlockSender>) {
    let mut series = series(&tally.counts.attempt_hours);
    for (key, counts) in tally.counts.attempt_replies.iter() {
        if is_block(verdicts.category(key.route, key.signature)) && verdicts.is_of_organisation(key.route, key.signature) {
            self::series::take_back(&mut series, key, counts.attempts);
        }
    }
    let mut found: Vec<Found> = series.iter().flat_map(|(&who, hours)| find(who, hours)).collect();
    let of_one_source: HashSet<Extent> = found.iter().filter(|one| one.who.1.is_some()).map(Found::extent).collect();
    // One of all sources that is but that of a single source says nothing more.
    found.retain(|one| one.who.1.is_some() || !of_one_source.contains(&one.extent()));
    found.extend(days::refused_days(&series, &found));
    let replies = by_route(&tally.counts.attempt_replies, &found, |key| key.route);
    let outcomes = by_route(&tally.counts.outcome_blocks, &found, |key| key.route);
    let received = by_route(&tally.counts.outcome_senders, &found, |key| key.route);
    let refused = by_route(&tally.counts.refused_senders, &found, |key| key.route);
    let senders = Senders { names, refused: &refused, received: &received };
    let lookup = Lookup { names, verdicts, series: &series, replies, outcomes, end };
    let row = |found: &Found| {
        let senders = senders.of(found);
        (lookup.row(found, &senders), senders)
    };
    let mut rows: Vec<(Block, Vec<BlockSender>)> = found.iter().map(row).collect();
    rows.sort_by(|(a, _), (b, _)| {
        let order = |row: &Block| (row.first_hour, row.provider.clone(), row.source.clone(), row.kind.clone());
        order(a).cmp(&order(b))
    });
    let (blocks, senders): (Vec<Block>, Vec<Vec<BlockSender>>) = rows.into_iter().unzip();
    (blocks, senders.into_iter().flatten().collect())
}

fn is_block(category: Option<Category>) -> bool {
    category.is_some_and(Category::is_block)
}

/// An episode, or a day of refusals, and the hours round it, since 1970-01-01T00 UTC.
struct Found {
    who: Who,
    sort: Sort,
    episode: Episode,
    edges: Edges,
    excess: Option<Excess>,
}

/// Route, sort, first and last hour, and attempts refused.
type Extent = (Id, Sort, i32, i32, u64);

impl Found {
    /// What it has in common with the same episode of other sources.
    fn extent(&self) -> Extent {
        (self.who.0, self.sort, self.episode.first_hour, self.episode.last_hour, self.episode.refused)
    }
}

/// The episodes of a series.
fn find(who: Who, hours: &Hours) -> Vec<Found> {
    let of = |sort: Sort| {
        let rates: Vec<(i32, Rate)> = hours.iter().map(|(&hour, counts)| (hour, counts.rate(sort))).collect();
        let found = episodes(&rates);
        let among = |episode: &Episode| episode.first_hour..=episode.last_hour;
        let bad: Vec<RangeInclusive<i32>> = found.iter().map(among).collect();
        let of = move |episode: Episode| Found {
            who,
            sort,
            episode,
            edges: Edges::of(hours, sort, among(&episode)),
            excess: beyond(hours, sort, among(&episode), &bad),
        };
        found.into_iter().map(of)
    };
    of(Sort::Block).chain(of(Sort::Throttling)).collect()
}

/// What our other sources met there in the same hours: refused of attempts. None: there are none, or it is of all sources.
fn others(series: &HashMap<Who, Hours>, found: &Found) -> Option<Rate> {
    let (route, source) = found.who;
    source?;
    let Episode { first_hour, last_hour, .. } = found.episode;
    let sum = |who: Who| series.get(&who).map(|hours| found.sort.rate_in(hours, first_hour..=last_hour));
    let (all, own) = (sum((route, None))?, sum(found.who)?);
    Some(Rate::new(all.part.saturating_sub(own.part), all.of.saturating_sub(own.of))).filter(|others| others.of > 0)
}

/// The cells of a cube, by route.
type ByRoute<'a, K, M> = HashMap<Id, Vec<(&'a K, &'a M)>>;

/// What a cube has of the routes that have an episode: there may be many of both.
fn by_route<'a, K: Translate, M: Measures>(
    cube: &'a Cube<K, M>,
    found: &[Found],
    route_of: impl Fn(&K) -> Id,
) -> ByRoute<'a, K, M> {
    let mut cells: ByRoute<'_, K, M> = found.iter().map(|found| (found.who.0, Vec::new())).collect();
    for (key, counts) in cube.iter() {
        if let Some(of_route) = cells.get_mut(&route_of(key)) {
            of_route.push((key, counts));
        }
    }
    cells
}

/// What an episode is told with.
struct Lookup<'a> {
    names: &'a Names<'a>,
    verdicts: &'a Verdicts<'a>,
    series: &'a HashMap<Who, Hours>,
    replies: ByRoute<'a, AttemptReply, ReplyCounts>,
    outcomes: ByRoute<'a, OutcomeBlock, BlockCounts>,
    /// The last stamp of the log.
    end: Option<Micros>,
}

impl Lookup<'_> {
    fn row(&self, found: &Found, senders: &[BlockSender]) -> Block {
        let (route, source) = found.who;
        let time = |hour: i32| Micros(i64::from(hour) * Micros::HOUR);
        let (signature, category) = self.commonest(found);
        let Cost { lost, delayed, waiting, waited_ms } = self.cost(found);
        let Episode { first_hour, last_hour, refused, attempts, baseline } = found.episode;
        let others = others(self.series, found);
        let is_recent = |end: Micros| end.0.saturating_sub(time(last_hour).0) <= RECENT;
        Block {
            provider: self.names.text(route).to_owned(),
            source: source.map_or(ALL, |source| self.names.text(source)).to_owned(),
            kind: found.sort.name().to_owned(),
            onset_after: found.edges.onset_after,
            first_hour: found.first_hour(),
            onset: found.edges.onset,
            first_refusal: self.first_refusal(found),
            last_hour: time(last_hour),
            lift_before: found.edges.lift_before,
            is_open: found.sort != Sort::RefusedDay && found.edges.lift_before.is_none() && self.end.is_none_or(is_recent),
            hours: i64::from(last_hour) - i64::from(first_hour) + 1,
            attempts: count(attempts),
            refused: count(refused),
            baseline,
            expected: found.excess.map(|of| of.expected),
            excess: found.excess.map(|of| of.excess),
            excess_low: found.excess.map(|of| of.interval.lower),
            excess_high: found.excess.map(|of| of.interval.upper),
            longest_pause_ms: self.series.get(&found.who).and_then(|hours| longest_pause(hours, found.hours())),
            signature,
            category,
            lost: count(lost),
            delayed: count(delayed),
            waiting: count(waiting),
            senders: senders.iter().map(|sender| sender.sender_domain.as_str()).collect::<Vec<_>>().join(", "),
            other_attempts: others.map(|others| count(others.of)),
            other_refused: others.map(|others| count(others.part)),
            waited_ms: count(waited_ms),
        }
    }

    /// The refusals of this sort in it.
    fn refusals<'l>(&'l self, found: &'l Found) -> impl Iterator<Item = (&'l AttemptReply, &'l ReplyCounts)> {
        let of_sort = |signature: Id| {
            let is_provider = !self.verdicts.is_of_organisation(found.who.0, signature);
            is_provider && self.verdicts.category(found.who.0, signature).is_some_and(|of| found.sort.is_of(of))
        };
        let replies = self.replies.get(&found.who.0).into_iter().flatten().copied();
        replies.filter(move |(key, _)| found.holds(key.source, (key.hour, key.hour)) && of_sort(key.signature))
    }

    /// When the first of them came.
    fn first_refusal(&self, found: &Found) -> Option<Micros> {
        self.refusals(found).map(|(_, counts)| counts.first).min()
    }

    /// The commonest, and its category; the name decides between equals. Empty where the cube has none left.
    fn commonest(&self, found: &Found) -> (String, String) {
        let mut attempts: HashMap<Id, u64> = HashMap::new();
        for (key, counts) in self.refusals(found) {
            *attempts.entry(key.signature).or_default() += counts.attempts;
        }
        let best = attempts.into_iter().min_by_key(|&(id, attempts)| (std::cmp::Reverse(attempts), self.names.rank(id)));
        best.map_or_else(Default::default, |(id, _)| {
            let category = self.verdicts.category(found.who.0, id);
            (self.names.text(id).to_owned(), category.map_or("", Category::name).to_owned())
        })
    }

    /// What became of the outcomes that were refused in it.
    fn cost(&self, found: &Found) -> Cost {
        let mut cost = Cost::default();
        let is_throttle = found.sort == Sort::Throttling;
        for (key, counts) in self.outcomes.get(&found.who.0).into_iter().flatten() {
            if key.is_throttle != is_throttle || !found.holds(key.source, (key.first_hour, key.last_hour)) {
                continue;
            }
            match key.state {
                State::Blocked | State::Expired => cost.lost += counts.outcomes,
                State::Delivered => cost.delayed += counts.outcomes,
                State::Deferred | State::Queued => {
                    cost.waiting += counts.outcomes;
                    continue;
                }
                State::BouncedLater | State::Bounced | State::Cancelled | State::Unknown => continue,
            }
            cost.waited_ms += counts.waited_ms;
        }
        cost
    }
}

/// Outcomes that an episode touched, by what became of them, and how long those waited that ended.
#[derive(Default)]
struct Cost {
    lost: u64,
    delayed: u64,
    waiting: u64,
    waited_ms: u64,
}

impl Found {
    /// The hours whose attempts it counts.
    fn hours(&self) -> RangeInclusive<i32> {
        match self.sort {
            Sort::Block | Sort::Throttling => self.episode.first_hour..=self.episode.last_hour,
            Sort::RefusedDay => days::whole(self.episode.first_hour),
        }
    }

    fn first_hour(&self) -> Micros {
        Micros(i64::from(self.episode.first_hour) * Micros::HOUR)
    }

    /// Whether it reaches into a day.
    fn covers(&self, day: i32) -> bool {
        (self.episode.first_hour.div_euclid(24)..=self.episode.last_hour.div_euclid(24)).contains(&day)
    }

    /// Whether something of a source from one hour to another falls into it.
    fn holds(&self, source: Id, (from, to): (i32, i32)) -> bool {
        self.who.1.is_none_or(|own| own == source) && from <= self.episode.last_hour && to >= self.episode.first_hour
    }
}
