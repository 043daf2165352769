//! Do unknown users come before blocking? One row per provider and source that was refused by policy at least once.
//!
//! Both series are of first attempts by hour, or by day where there is little mail: unknown users of the recipients that were judged, and
//! refusals by policy of the replies. `stats::association` says why no other bases will do, and what the four kinds of evidence are.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::blocks::{BLOCK, Block};
use super::column::{Row, row};
use super::dimensions::Verdicts;
use super::frames::count;
use super::names::Names;
use super::reconcile::Identity;
use super::{Table, each};
use crate::classify::Category;
use crate::cubes::{AttemptHour, Tally};
use crate::event::{Speaker, Status};
use crate::intern::Id;
use crate::stats::Rate;
use crate::stats::association::{Bucket, Evidence, Verdict, Width};
use crate::stats::multiple::adjusted;

row! {
/// One row of `unknown_user_effect`; counts are first attempts unless they say otherwise.
pub struct Effect {
    /// Route: who answered.
    pub provider: String => "",
    /// Who sent.
    pub source: String => "",
    /// What it is called: said-so, likely, follows, no-sign, cannot-tell. Never a cause.
    pub verdict: String => "",
    /// First attempts whose recipient was judged: accepted, unknown, closed, full.
    pub judged: i64 => "attempts",
    /// Of these, unknown or closed, of class hard.
    pub unknown: i64 => "attempts",
    /// First attempts that got a reply.
    pub replies: i64 => "attempts",
    /// Of these, refused by policy.
    pub blocked: i64 => "attempts",
    /// E1: attempts, first or later, whose reply names unknown users as the reason.
    pub said_so: i64 => "attempts",
    /// Hours of a bucket of the series: 1 or 24.
    pub bucket_hours: i64 => "hours",
    /// E2: hours by which blocking comes after unknown users where they go together most; null where there is too little mail.
    pub lag_hours: Option<i64> => "hours",
    /// E2: their rank correlation at that lag, hour of day and volume taken out.
    pub rho: Option<f64> => "correlation",
    /// E2: how often chance reaches that over all lags (circular shifts).
    pub p: Option<f64> => "share",
    /// E2: the same, adjusted over all providers and sources (Benjamini–Hochberg).
    pub q: Option<f64> => "share",
    /// E2: hours at which they go together most with blocking first or at the same time; zero or negative.
    pub trailing_lag_hours: Option<i64> => "hours",
    /// E2: their rank correlation there.
    pub trailing_rho: Option<f64> => "correlation",
    /// E3: replies after the third of the buckets with most unknown users, on even days.
    pub after_many: Option<i64> => "attempts",
    /// E3: of these, refused by policy.
    pub after_many_blocked: Option<i64> => "attempts",
    /// E3: replies after the third with fewest.
    pub after_few: Option<i64> => "attempts",
    /// E3: of these, refused by policy.
    pub after_few_blocked: Option<i64> => "attempts",
    /// E3: the difference of the two rates.
    pub difference: Option<f64> => "share",
    /// E3: lower end of its 95 % interval.
    pub difference_low: Option<f64> => "share",
    /// E3: upper end of it.
    pub difference_high: Option<f64> => "share",
    /// E4: blocks that began after a day with enough mail.
    pub onsets: Option<i64> => "blocks",
    /// E4: unknown-user rate in the 24 hours before them, over the usual one; null where usually there are none.
    pub before_ratio: Option<f64> => "ratio",
    /// E4: how often as many random times have as many unknown users before them.
    pub before_p: Option<f64> => "share",
    /// Outcomes of unknown users at this provider from this source.
    pub unknown_outcomes: i64 => "outcomes",
    /// The sender domain with most of them; empty where there are none.
    pub top_sender: String => "",
    /// How many are its.
    pub top_sender_outcomes: i64 => "outcomes",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "unknown_user_effect",
    about: "Whether unknown users come before blocking, by provider and source, with four kinds of evidence.",
    counts: "attempts",
    sql: None,
    columns: Effect::COLUMNS,
    derived: &[],
    reconciles: &[
        Identity::AtMost { part: "unknown", whole: "judged" },
        Identity::AtMost { part: "blocked", whole: "replies" },
        Identity::AtMost { part: "after_many_blocked", whole: "after_many" },
        Identity::AtMost { part: "after_few_blocked", whole: "after_few" },
        Identity::AtMost { part: "top_sender_outcomes", whole: "unknown_outcomes" },
    ],
    rows: |tables, take| each(&tables.unknown_user_effect, take),
};

/// Longer series than this are by day: an hour more or less says nothing in a year.
const MOST_HOURLY_DAYS: i32 = 186;
/// No series is longer: a stamp that is decades off must cost neither time nor memory.
const MOST_DAYS: i32 = 400;
/// Fewer first attempts in the median active hour make days the buckets.
const FEWEST_HOURLY: u64 = 20;

/// A route and a source.
type Who = (Id, Id);

/// The rows, by provider, then source. `digest` is of the inputs: chance is the same in every run over them.
pub(super) fn rows(tally: &Tally, names: &Names<'_>, verdicts: &Verdicts<'_>, blocks: &[Block], digest: &str) -> Vec<Effect> {
    let mut series: HashMap<Who, BTreeMap<i32, Bucket>> = HashMap::new();
    for (key, counts) in tally.counts.attempt_hours.iter().filter(|(key, _)| key.is_first) {
        add(series.entry((key.route, key.source)).or_default().entry(key.hour).or_default(), key, counts.attempts);
    }
    let mut said_so: HashMap<Who, u64> = HashMap::new();
    for (key, counts) in
        tally.counts.attempt_replies.iter().filter(|(key, _)| verdicts.names_unknown_users(key.route, key.signature))
    {
        *said_so.entry((key.route, key.source)).or_default() += counts.attempts;
    }
    let mut pairs: Vec<(Who, &BTreeMap<i32, Bucket>)> = series
        .iter()
        .filter(|(who, hours)| said_so.contains_key(*who) || hours.values().any(|bucket| bucket.blocked.part > 0))
        .map(|(&who, hours)| (who, hours))
        .collect();
    pairs.sort_unstable_by_key(|((route, source), _)| (names.rank(*route), names.rank(*source)));
    let senders = Senders::of(tally);
    let found: Vec<(Who, Series, Evidence)> = pairs
        .into_iter()
        .map(|(who, hours)| {
            let series = Series::of(hours);
            let (provider, source) = (names.text(who.0), names.text(who.1));
            let is_own = |block: &&Block| block.kind == BLOCK && block.provider == provider && block.source == source;
            let onsets: Vec<usize> =
                blocks.iter().filter(is_own).filter_map(|block| series.place(block.first_hour.hour())).collect();
            let said_so = said_so.get(&who).copied().unwrap_or(0);
            let evidence = Evidence::of(&series.buckets, series.width, &onsets, said_so, seed(digest, provider, source));
            (who, series, evidence)
        })
        .collect();
    let p: Vec<f64> = found.iter().map(|(.., evidence)| evidence.lag.as_ref().map_or(f64::NAN, |lag| lag.leads.p)).collect();
    found
        .iter()
        .zip(adjusted(&p))
        .map(|((who, series, evidence), q)| effect(*who, series, evidence, q, names, &senders))
        .collect()
}

/// Adds attempts to the bucket of their hour.
fn add(bucket: &mut Bucket, key: &AttemptHour, attempts: u64) {
    let is_accepted = key.status == Status::Delivered;
    let category = key.reason.map(|reason| reason.category);
    let speaks_of_recipient =
        matches!(category, Some(Category::UnknownUser | Category::InactiveMailbox | Category::MailboxFull));
    let is_reply = matches!(key.speaker, Speaker::Remote | Speaker::Unknown) && !key.stage.is_before_recipient();
    if is_accepted || (speaks_of_recipient && is_reply) {
        bucket.unknown.of += attempts;
        let is_unknown = key.reason.is_some_and(|reason| reason.category.is_unknown(reason.class));
        bucket.unknown.part += if is_accepted || !is_unknown { 0 } else { attempts };
    }
    if key.speaker == Speaker::Remote {
        bucket.blocked.of += attempts;
        bucket.blocked.part += if !is_accepted && category.is_some_and(Category::is_block) { attempts } else { 0 };
    }
}

/// Consecutive buckets from the beginning of a day on.
struct Series {
    first_day: i32,
    width: Width,
    buckets: Vec<Bucket>,
}

impl Series {
    fn of(hours: &BTreeMap<i32, Bucket>) -> Self {
        let (first, last) = days(hours);
        let mut active: Vec<u64> = hours.values().map(|bucket| bucket.unknown.of.max(bucket.blocked.of)).collect();
        active.sort_unstable();
        let is_busy = active.get(active.len() / 2).is_some_and(|&median| median >= FEWEST_HOURLY);
        let width = if is_busy && last - first < MOST_HOURLY_DAYS { Width::Hour } else { Width::Day };
        let length = (i64::from(last) - i64::from(first) + 1).max(0) as usize * if width == Width::Hour { 24 } else { 1 };
        let mut series = Self { first_day: first, width, buckets: vec![Bucket::default(); length] };
        for (&hour, bucket) in hours {
            if let Some(sum) = series.place(hour).and_then(|place| series.buckets.get_mut(place)) {
                sum.unknown = Rate::sum(&[sum.unknown, bucket.unknown]);
                sum.blocked = Rate::sum(&[sum.blocked, bucket.blocked]);
            }
        }
        series
    }

    /// The bucket of an hour; None before the first.
    fn place(&self, hour: i32) -> Option<usize> {
        let since = i64::from(hour) - i64::from(self.first_day) * 24;
        usize::try_from(since.div_euclid(self.bucket_hours())).ok()
    }

    const fn bucket_hours(&self) -> i64 {
        match self.width {
            Width::Hour => 1,
            Width::Day => 24,
        }
    }

    fn sum(&self) -> Bucket {
        self.buckets.iter().fold(Bucket::default(), |sum, bucket| Bucket {
            unknown: Rate::sum(&[sum.unknown, bucket.unknown]),
            blocked: Rate::sum(&[sum.blocked, bucket.blocked]),
        })
    }
}

/// First and last day, or those round the median hour where they are too many.
fn days(hours: &BTreeMap<i32, Bucket>) -> (i32, i32) {
    let day = |hour: &i32| hour.div_euclid(24);
    let (first, last) = (hours.keys().next().map_or(0, day), hours.keys().next_back().map_or(0, day));
    if last - first < MOST_DAYS {
        return (first, last);
    }
    let middle = hours.keys().nth(hours.len() / 2).map_or(first, day);
    (first.max(middle - MOST_DAYS / 2), last.min(middle + MOST_DAYS / 2 - 1))
}

/// What chance starts from: the same for equal inputs.
fn seed(digest: &str, provider: &str, source: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(format!("{digest}\n{provider}\n{source}")).into();
    digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

/// Outcomes of unknown users by who sent them.
struct Senders(HashMap<Who, BTreeMap<Id, u64>>);

impl Senders {
    fn of(tally: &Tally) -> Self {
        let mut senders: HashMap<Who, BTreeMap<Id, u64>> = HashMap::new();
        for (key, counts) in tally.counts.outcome_senders.iter() {
            if key.reason.is_some_and(|reason| reason.category.is_unknown(reason.class)) {
                *senders.entry((key.route, key.source)).or_default().entry(key.sender_domain).or_default() += counts.outcomes;
            }
        }
        Self(senders)
    }

    /// All of a pair, and the sender with most.
    fn top(&self, who: Who, names: &Names<'_>) -> (u64, Option<(Id, u64)>) {
        let senders = self.0.get(&who);
        let top = senders.and_then(|senders| {
            senders.iter().map(|(&id, &n)| (id, n)).min_by_key(|&(id, n)| (std::cmp::Reverse(n), names.rank(id)))
        });
        (senders.map_or(0, |senders| senders.values().sum()), top)
    }
}

/// As it is written in the table.
const fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::SaidSo => "said-so",
        Verdict::LikelyContributor => "likely",
        Verdict::FollowsRatherThanLeads => "follows",
        Verdict::NoSign => "no-sign",
        Verdict::CannotTell => "cannot-tell",
    }
}

fn effect(who: Who, series: &Series, evidence: &Evidence, q: f64, names: &Names<'_>, senders: &Senders) -> Effect {
    let (sum, hours) = (series.sum(), series.bucket_hours());
    let (lag, contrast, before) = (evidence.lag.as_ref(), evidence.contrast, evidence.before_onsets);
    let (unknown_outcomes, top) = senders.top(who, names);
    Effect {
        provider: names.text(who.0).to_owned(),
        source: names.text(who.1).to_owned(),
        verdict: name(evidence.verdict(q)).to_owned(),
        judged: count(sum.unknown.of),
        unknown: count(sum.unknown.part),
        replies: count(sum.blocked.of),
        blocked: count(sum.blocked.part),
        said_so: count(evidence.said_so),
        bucket_hours: hours,
        lag_hours: lag.map(|lag| lag.leads.lag * hours),
        rho: lag.map(|lag| lag.leads.rho),
        p: lag.map(|lag| lag.leads.p),
        q: lag.map(|_| q),
        trailing_lag_hours: lag.map(|lag| lag.trails.lag * hours),
        trailing_rho: lag.map(|lag| lag.trails.rho),
        after_many: contrast.map(|contrast| count(contrast.after_many.of)),
        after_many_blocked: contrast.map(|contrast| count(contrast.after_many.part)),
        after_few: contrast.map(|contrast| count(contrast.after_few.of)),
        after_few_blocked: contrast.map(|contrast| count(contrast.after_few.part)),
        difference: contrast.map(|contrast| contrast.difference),
        difference_low: contrast.map(|contrast| contrast.interval.lower),
        difference_high: contrast.map(|contrast| contrast.interval.upper),
        onsets: before.map(|before| count(before.onsets as u64)),
        before_ratio: before.and_then(|before| before.ratio()),
        before_p: before.map(|before| before.p),
        unknown_outcomes: count(unknown_outcomes),
        top_sender: top.map_or("", |(id, _)| names.text(id)).to_owned(),
        top_sender_outcomes: count(top.map_or(0, |(_, outcomes)| outcomes)),
    }
}

#[cfg(test)]
mod tests;
