//! From the failures of one address to the list that it belongs on, or none. Pure: no texts, no files.
//!
//! The rules are those of the guide (`classify/thresholds.toml` holds the numbers). Only failures after the last acceptance are looked
//! at: a later delivery proves that an address lives, and starts the count anew. What suppresses are words about the address: never a
//! block, but for a person's own refusal; never what our own MTA decided; never what was refused before a recipient was named.

use crate::classify::thresholds::Soft;
use crate::classify::{Action, Category, Class, Limit, Scope, Thresholds, Verdict};
use crate::cubes::failures::How;
use crate::event::Micros;

/// The three lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum List {
    /// Send nothing more.
    Suppress,
    /// Send again.
    Retry,
    /// Mend the cause, or look at it, before sending again.
    Fix,
}

/// Which rule put an address on its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Basis {
    /// A person complained.
    Complaint,
    /// Words that leave no doubt.
    Explicit,
    /// Words that are no proof, twice and far enough apart.
    Repeated,
    /// Full or closed for a time, too often.
    OftenFailed,
    /// The person refuses this sender, twice.
    RefusesUs,
    /// Words about the address that do not suffice yet.
    NotYet,
    /// One of many good addresses that a provider called unknown at once.
    HeldBack,
    /// It passes by itself.
    Passing,
    /// Something has to be mended first.
    Cause,
    /// No rule of thumb holds.
    Unclear,
    /// Our own MTA decided.
    Own,
    /// Refused before any recipient was named: it cannot be about the address.
    Early,
    /// The recipient's own server does not relay for it, for weeks: the domain has left.
    DomainLeft,
    /// The configuration keeps it.
    Kept,
}

impl Basis {
    /// All of them.
    pub(super) const ALL: [Self; 14] = [
        Self::Complaint,
        Self::Explicit,
        Self::Repeated,
        Self::OftenFailed,
        Self::RefusesUs,
        Self::NotYet,
        Self::HeldBack,
        Self::Passing,
        Self::Cause,
        Self::Unclear,
        Self::Own,
        Self::Early,
        Self::DomainLeft,
        Self::Kept,
    ];

    /// As it is written in the lists.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Complaint => "complaint",
            Self::Explicit => "explicit",
            Self::Repeated => "repeated",
            Self::OftenFailed => "often-failed",
            Self::RefusesUs => "refuses-us",
            Self::NotYet => "not-yet",
            Self::HeldBack => "held-back",
            Self::Passing => "passing",
            Self::Cause => "cause",
            Self::Unclear => "unclear",
            Self::Own => "own",
            Self::Early => "early",
            Self::DomainLeft => "domain-left",
            Self::Kept => "kept",
        }
    }
}

impl Basis {
    /// In words.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::Complaint => "complained",
            Self::Explicit => "words that leave no doubt",
            Self::Repeated => "no proof by itself, but said twice, days apart",
            Self::OftenFailed => "failed too often within 30 days",
            Self::RefusesUs => "the person refuses this sender",
            Self::NotYet => "does not suffice yet to suppress it",
            Self::HeldBack => "held back: unknown to its provider all at once with many good ones",
            Self::Passing => "passes by itself",
            Self::Cause => "mend the cause first",
            Self::Unclear => "look at it: the words tell no cause that is known",
            Self::Own => "our own mail system decided it",
            Self::Early => "refused before any recipient was named",
            Self::DomainLeft => "its own server has not relayed for it for weeks: the domain has left",
            Self::Kept => "kept by the configuration",
        }
    }
}

/// How often a sender domain sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sending {
    /// About monthly.
    Monthly,
    /// In between.
    Often,
    /// About daily.
    Daily,
}

impl Sending {
    /// Of a sender with mail on as many days of a month.
    pub(super) const fn of(days: u32, soft: &Soft) -> Self {
        if days >= soft.daily_days {
            Self::Daily
        } else if days <= soft.monthly_days {
            Self::Monthly
        } else {
            Self::Often
        }
    }
}

/// A failure with what is known of its reply and its sender.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case<'a> {
    pub(super) time: Micros,
    pub(super) how: How,
    pub(super) verdict: Verdict<'a>,
    pub(super) sending: Sending,
}

/// The list of an address, and what speaks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) list: List,
    pub(super) basis: Basis,
    /// Place of the failure that tells it, among the cases.
    pub(super) case: usize,
    /// Failed outcomes, or complaints, that speak for it.
    pub(super) count: usize,
    /// How many it takes to suppress; None where no number does.
    pub(super) needed: Option<u32>,
    pub(super) first: Micros,
    pub(super) last: Micros,
}

/// From when to when a provider called good addresses unknown: such replies count nothing.
pub(super) type Wave = (Micros, Micros);

/// What decisions are made by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules<'a> {
    pub(super) thresholds: &'a Thresholds,
    /// The address is never suppressed.
    pub(super) is_kept: bool,
    /// See there.
    pub(super) wave: Option<Wave>,
}

/// Cases with their places.
type Numbered<'a, 'b> = Vec<(usize, &'b Case<'a>)>;

impl Rules<'_> {
    /// The list of an address whose failures since its last acceptance are `cases`, in order of time. Complaints are there whenever
    /// they came. None: no failure.
    pub(super) fn decide(&self, cases: &[Case<'_>]) -> Option<Decision> {
        let of = |is: &dyn Fn(&Case<'_>) -> bool| -> Numbered<'_, '_> {
            cases.iter().enumerate().filter(|(_, case)| is(case)).collect()
        };
        let complaints = of(&|case| case.how == How::Complaint);
        if !complaints.is_empty() && !self.is_kept {
            return decision(List::Suppress, Basis::Complaint, &complaints, Some(1));
        }
        let suppressed = self.suppressed(&of(&|case| self.speaks_of_address(case)));
        if let Some(decision) = suppressed {
            let is_kept = self.is_kept;
            return Some(if is_kept { Decision { list: List::Fix, basis: Basis::Kept, ..decision } } else { decision });
        }
        let (_, last) = *of(&|case| case.how != How::Complaint).last()?;
        let alike = of(&|case| case.how == last.how && case.verdict.category == last.verdict.category);
        let (list, basis, needed) = self.lasting(last, &alike);
        decision(list, basis, &alike, needed)
    }

    /// Whether the reply may count against the address.
    fn speaks_of_address(&self, case: &Case<'_>) -> bool {
        matches!(case.how, How::Told | How::Returned)
            && case.verdict.scope != Scope::Own
            && self.thresholds.limit(&case.verdict) != Limit::Never
            && !self.is_held(case)
    }

    fn is_held(&self, case: &Case<'_>) -> bool {
        let is_unknown = case.verdict.category.is_unknown(case.verdict.class);
        is_unknown && self.wave.is_some_and(|(from, to)| (from..=to).contains(&case.time))
    }

    /// Whether the address leaves the list, by the first rule that says so.
    fn suppressed(&self, about: &[(usize, &Case<'_>)]) -> Option<Decision> {
        let of = |is: &dyn Fn(&Verdict<'_>) -> bool| -> Numbered<'_, '_> {
            about.iter().filter(|(_, case)| is(&case.verdict)).copied().collect()
        };
        let hard = self.thresholds.hard;
        let explicit = of(&|verdict| verdict.class == Class::Hard && !verdict.is_ambiguous);
        if explicit.len() >= hard.explicit.max(1) as usize {
            return decision(List::Suppress, Basis::Explicit, &explicit, Some(hard.explicit));
        }
        let dead = of(&|verdict| verdict.class == Class::Hard);
        if dead.len() >= hard.ambiguous.max(1) as usize && is_apart(&dead, hard.apart_hours) {
            return decision(List::Suppress, Basis::Repeated, &dead, Some(hard.ambiguous));
        }
        let refusals = of(&|verdict| verdict.category == Category::RecipientRefusesSender);
        if !refusals.is_empty() && refusals.len() >= self.thresholds.refused.replies as usize {
            return decision(List::Suppress, Basis::RefusesUs, &refusals, Some(self.thresholds.refused.replies));
        }
        let soft: Numbered<'_, '_> =
            about.iter().filter(|(_, case)| is_soft(&case.verdict) && case.sending != Sending::Monthly).copied().collect();
        let (_, last) = soft.last()?;
        let Limit::Failures { failures, within_days } = self.thresholds.limit(&last.verdict) else { return None };
        let span =
            if soft.iter().any(|(_, case)| case.sending == Sending::Daily) { self.thresholds.soft.daily_span_days } else { 0 };
        let enough = often(&soft, failures, within_days, span)?;
        decision(List::Suppress, Basis::OftenFailed, soft.get(enough)?, Some(failures))
    }

    /// The list of an address that is not suppressed, by its last failure. `alike` are all of its kind.
    fn lasting(&self, last: &Case<'_>, alike: &[(usize, &Case<'_>)]) -> (List, Basis, Option<u32>) {
        let verdict = &last.verdict;
        let is_own = last.how == How::Own || verdict.scope == Scope::Own;
        let is_about_address = verdict.action == Action::Suppress || verdict.class == Class::Hard;
        let relay = self.thresholds.relay;
        match self.thresholds.limit(verdict) {
            _ if self.is_held(last) => (List::Retry, Basis::HeldBack, None),
            _ if is_own && (is_about_address || verdict.action == Action::Investigate) => (List::Fix, Basis::Own, None),
            _ if last.how == How::Early && is_about_address => (List::Fix, Basis::Early, None),
            Limit::Replies { replies, .. } => (List::Retry, Basis::NotYet, Some(replies)),
            Limit::Failures { failures, .. } => (List::Retry, Basis::NotYet, Some(failures)),
            Limit::Never if verdict.category == Category::RelayDenied => {
                let has_left = alike.len() >= relay.replies as usize && is_apart(alike, relay.span_days.saturating_mul(24));
                (List::Fix, if has_left { Basis::DomainLeft } else { Basis::Cause }, None)
            }
            Limit::Never => match verdict.action {
                Action::Retry => (List::Retry, Basis::Passing, None),
                Action::FixThenRetry => (List::Fix, Basis::Cause, None),
                Action::Investigate | Action::Suppress => (List::Fix, Basis::Unclear, None),
            },
        }
    }
}

/// A full mailbox, or one that is closed for a time.
fn is_soft(verdict: &Verdict<'_>) -> bool {
    verdict.class != Class::Hard && matches!(verdict.category, Category::MailboxFull | Category::InactiveMailbox)
}

/// Whether the first and the last lie on different days and so far apart.
fn is_apart(cases: &[(usize, &Case<'_>)], hours: u32) -> bool {
    let (Some((_, first)), Some((_, last))) = (cases.first(), cases.last()) else { return false };
    let apart = last.time.0.saturating_sub(first.time.0);
    hours == 0 || (apart >= i64::from(hours) * Micros::HOUR && first.time.day() != last.time.day())
}

/// The last stretch of `within` days with failures on so many distinct days that span at least `span` days.
fn often(cases: &[(usize, &Case<'_>)], failures: u32, within: u32, span: u32) -> Option<std::ops::Range<usize>> {
    let days: Vec<i32> = cases.iter().map(|(_, case)| case.time.day()).collect();
    (0..days.len()).rev().find_map(|end| {
        let last = *days.get(end)?;
        let from = days.partition_point(|&day| i64::from(last) - i64::from(day) >= i64::from(within));
        let mut distinct = days.get(from..=end)?.to_vec();
        distinct.dedup();
        let first = *distinct.first()?;
        let is_enough = distinct.len() >= failures.max(1) as usize && i64::from(last) - i64::from(first) >= i64::from(span);
        is_enough.then_some(from..end + 1)
    })
}

fn decision(list: List, basis: Basis, cases: &[(usize, &Case<'_>)], needed: Option<u32>) -> Option<Decision> {
    let (_, first) = cases.first()?;
    let (case, last) = cases.last()?;
    Some(Decision { list, basis, case: *case, count: cases.len(), needed, first: first.time, last: last.time })
}

#[cfg(test)]
mod tests;
