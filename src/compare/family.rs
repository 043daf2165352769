//! What is compared: the fixed family of figures and keys, each with its days in both periods.

use std::collections::{BTreeSet, HashMap};

use super::{Days, Observed, headline, replies};
use crate::stats::Rate;
use crate::stats::effective::FEWEST_DAYS;
use crate::tables::daily::{Daily, ENOUGH, Metric, Series, Subject, Within};

/// What happened (or did not happen) less often than this in both periods together is not compared, but for all mail together.
const EVENTS: u64 = 10;
/// A reply or a reason is compared from so many on.
const REPLIES: u64 = 20;
/// In a period of weeks, what has mail on fewer days than this in either is not compared: one campaign differs from the next, which
/// says nothing of the period.
const CAMPAIGNS: usize = 3;
/// A reply is new, or gone, if at the other period's rate at least so many were to be expected.
const EXPECTED: f64 = 5.0;

/// Whether a reply is in both periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// Not a reply.
    None,
    /// In both, or too seldom to say.
    Both,
    /// In the second alone.
    New,
    /// In the first alone.
    Gone,
    /// It went, and one that reads nearly alike came.
    Reworded,
}

impl Presence {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Both => "both",
            Self::New => "new",
            Self::Gone => "gone",
            Self::Reworded => "reworded",
        }
    }
}

/// One figure of one part of the mail in both periods.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) subject: Subject,
    /// One cell per calendar day.
    pub(super) before: Vec<Rate>,
    pub(super) after: Vec<Rate>,
    /// The periods as a whole.
    pub(super) wholes: (Rate, Rate),
    pub(super) presence: Presence,
    /// The reply of before that was reworded.
    pub(super) reworded: String,
}

impl Pair {
    /// Whether the days do not add up to the period: distinct addresses.
    pub(super) const fn is_distinct(&self) -> bool {
        matches!(self.subject.metric, Metric::UnknownUsers)
    }

    /// Whether it is compared, in periods that have mail on so many days.
    fn is_enough(&self, days: usize) -> bool {
        let (before, after) = self.wholes;
        let is_campaign = days >= FEWEST_DAYS && active(&self.before).min(active(&self.after)) < CAMPAIGNS;
        if before.of.min(after.of) < ENOUGH || is_campaign {
            return false;
        }
        let part = before.part + after.part;
        let events = part.min(before.of + after.of - part);
        match self.subject.within {
            Within::Total => true,
            Within::Provider | Within::Domain | Within::Source | Within::Sender => events >= EVENTS,
            Within::Reason | Within::ProviderReason | Within::Reply => part >= REPLIES,
        }
    }
}

/// The figure of all mail.
pub(super) const fn total(metric: Metric) -> Subject {
    Subject { within: Within::Total, provider: String::new(), key: String::new(), metric }
}

/// All that is compared, in the order of its subjects.
pub(super) fn family(before: Observed<'_>, after: Observed<'_>) -> Vec<Pair> {
    let (days, other_days) = (before.days, after.days);
    let (before, after) = (before.daily, after.daily);
    let headline = headline(before, after);
    let subjects: BTreeSet<&Subject> = before.series.keys().chain(after.series.keys()).collect();
    let complains = |daily: &Daily| daily.value(&total(Metric::Complaint)).part > 0;
    let complain = complains(before) && complains(after);
    let is_asked = |subject: &&Subject| match subject.metric {
        Metric::Delivered | Metric::Async => headline == Metric::Delivered,
        Metric::Accepted => headline == Metric::Accepted,
        Metric::Complaint => complain,
        // The reply of no words is the provider's attempts: the denominator of all its replies.
        Metric::Reply => !subject.key.is_empty(),
        Metric::Deferred
        | Metric::Hard
        | Metric::UnknownUsers
        | Metric::BlockShare
        | Metric::TouchedByBlock
        | Metric::Expired
        | Metric::WithinMinute
        | Metric::WithinHour
        | Metric::Reason => true,
    };
    let pairs = subjects.into_iter().filter(is_asked).filter_map(|subject| {
        let (one, other) = (series(before, subject)?, series(after, subject)?);
        let (one_whole, other_whole) = (whole(before, subject, &one), whole(after, subject, &other));
        Some(Pair {
            before: laid_out(&one, days),
            after: laid_out(&other, other_days),
            wholes: (one_whole, other_whole),
            presence: presence(subject, one_whole, other_whole),
            reworded: String::new(),
            subject: subject.clone(),
        })
    });
    let pairs = replies::joined(pairs.collect());
    let least = |pair: &Pair| active(&pair.before).min(active(&pair.after));
    let with_mail = pairs.iter().filter(|pair| pair.subject.within == Within::Total).map(least).max().unwrap_or(0);
    let again = said_again(&pairs);
    pairs.into_iter().zip(again).filter(|(pair, again)| !again && pair.is_enough(with_mail)).map(|(pair, _)| pair).collect()
}

/// Of each whether it is day by day that of what it is a part of: the only source, the only sender domain, a provider's only domain. What is
/// compared once is not compared again under another name.
fn said_again(pairs: &[Pair]) -> Vec<bool> {
    let wholes: HashMap<&Subject, &Pair> = pairs.iter().map(|pair| (&pair.subject, pair)).collect();
    let is_again = |pair: &Pair| {
        let Subject { within, ref provider, metric, .. } = pair.subject;
        let whole = match within {
            Within::Source | Within::Sender => total(metric),
            Within::Domain => Subject { within: Within::Provider, provider: provider.clone(), key: String::new(), metric },
            Within::Total | Within::Provider | Within::Reason | Within::ProviderReason | Within::Reply => return false,
        };
        wholes
            .get(&whole)
            .is_some_and(|whole| (&whole.before, &whole.after, whole.wholes) == (&pair.before, &pair.after, pair.wholes))
    };
    pairs.iter().map(is_again).collect()
}

/// Days with mail.
fn active(days: &[Rate]) -> usize {
    days.iter().filter(|day| day.of > 0).count()
}

/// The days of a subject; of a reason or reply that did not occur, those of its denominator with nothing of it.
fn series(daily: &Daily, subject: &Subject) -> Option<Series> {
    if let Some(series) = daily.series.get(subject) {
        return Some(series.clone());
    }
    let of = |within, metric, provider: &str| Subject { within, metric, provider: provider.to_owned(), key: String::new() };
    let base = match subject.within {
        Within::Reason => of(Within::Total, Metric::Accepted, ""),
        Within::ProviderReason => of(Within::Provider, Metric::Accepted, &subject.provider),
        Within::Reply => of(Within::Reply, Metric::Reply, &subject.provider),
        Within::Total | Within::Provider | Within::Domain | Within::Source | Within::Sender => return None,
    };
    Some(daily.series.get(&base)?.iter().map(|(&day, cell)| (day, Rate::new(0, cell.of))).collect())
}

fn whole(daily: &Daily, subject: &Subject, series: &Series) -> Rate {
    daily.whole.get(subject).copied().unwrap_or_else(|| crate::tables::daily::total(series))
}

/// One cell per calendar day of the period.
pub(super) fn laid_out(series: &Series, (first, last): Days) -> Vec<Rate> {
    (first..=last).map(|day| series.get(&day).copied().unwrap_or_default()).collect()
}

fn presence(subject: &Subject, before: Rate, after: Rate) -> Presence {
    if subject.within != Within::Reply {
        return Presence::None;
    }
    let expected = |seen: Rate, elsewhere: Rate| seen.value().unwrap_or(0.0) * elsewhere.of as f64;
    if before.part == 0 && after.part >= REPLIES && expected(after, before) >= EXPECTED {
        Presence::New
    } else if after.part == 0 && before.part >= REPLIES && expected(before, after) >= EXPECTED {
        Presence::Gone
    } else {
        Presence::Both
    }
}
