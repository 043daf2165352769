//! Whose mail an episode refused more often than it was sent before: the sender domains that stand out among its refusals.
//!
//! Held against the day before, since outcomes are counted by sender domain and day: by the hour they would be nearly as many cells as
//! there are outcomes, where many domains send a little each. What is refused is few, and counted by the hour.

use std::collections::HashMap;

use super::{ByRoute, Found, Sort};
use crate::cubes::{OutcomeSender, RefusedSender, SenderCounts};
use crate::event::Micros;
use crate::intern::Id;
use crate::stats::Rate;
use crate::stats::log_odds::odds_ratio;
use crate::tables::column::{Row, row};
use crate::tables::dimensions::OTHER;
use crate::tables::frames::count;
use crate::tables::names::Names;
use crate::tables::{ALL, Table, each};

/// How many are told of an episode.
const MOST: usize = 3;
/// Outcomes refused that are worth a name.
const ENOUGH: u64 = 5;
/// Odds that are worth a name: twice those of the day before.
const TWICE: f64 = 2.0;

row! {
/// One row of `block_senders`; counts are outcomes, without those of forwarded mail and of senders unknown.
pub struct BlockSender {
    /// As in `blocks`.
    pub provider: String => "",
    /// As in `blocks`.
    pub source: String => "",
    /// As in `blocks`.
    pub kind: String => "",
    /// As in `blocks`.
    pub first_hour: Micros => "",
    /// Domain of the envelope sender.
    pub sender_domain: String => "",
    /// Of this domain, refused in it, and not before in the same way.
    pub refused: i64 => "outcomes",
    /// Of all sender domains, likewise.
    pub all_refused: i64 => "outcomes",
    /// Of this domain, received for this provider and source on the day before it began (UTC).
    pub before: i64 => "outcomes",
    /// Of all sender domains, likewise. Of 0 the period as a whole is what it is held against.
    pub all_before: i64 => "outcomes",
    /// The domain's odds among what was refused, divided by those on the day before; both drawn to the period's by a Dirichlet prior of the
    /// weight of 100 outcomes.
    pub odds_ratio: f64 => "ratio",
    /// Lower end of its 95 % interval, as if outcomes were independent; above 1 in every row.
    pub odds_ratio_low: f64 => "ratio",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "block_senders",
    about: "Sender domains that are at least twice as common among what an episode of `blocks` refused as on the day before, the surest three.",
    counts: "outcomes",
    sql: None,
    columns: BlockSender::COLUMNS,
    derived: &[],
    reconciles: &[],
    rows: |tables, take| each(&tables.block_senders, take),
};

/// What is looked up of sender domains.
pub(super) struct Senders<'a> {
    pub(super) names: &'a Names<'a>,
    pub(super) refused: &'a ByRoute<'a, RefusedSender, u64>,
    pub(super) received: &'a ByRoute<'a, OutcomeSender, SenderCounts>,
}

impl Senders<'_> {
    /// The rows of an episode, the surest first; equals by name.
    pub(super) fn of(&self, found: &Found) -> Vec<BlockSender> {
        let refused = self.refused(found);
        let (before, usual) = self.received(found);
        let all = |of: &HashMap<Id, u64>| of.values().sum::<u64>();
        let (all_refused, all_before, all_usual) = (all(&refused), all(&before), all(&usual));
        let row = |(&sender, &part): (&Id, &u64)| {
            let of = |counts: &HashMap<Id, u64>, all: u64| Rate::new(counts.get(&sender).copied().unwrap_or(0), all);
            let (one, other) = (Rate::new(part, all_refused), of(&before, all_before));
            let (odds_ratio, interval) = odds_ratio(one, other, of(&usual, all_usual))?;
            let is_told = part >= ENOUGH && odds_ratio >= TWICE && interval.lower > 1.0;
            is_told.then(|| BlockSender {
                provider: self.names.text(found.who.0).to_owned(),
                source: found.who.1.map_or(ALL, |source| self.names.text(source)).to_owned(),
                kind: found.sort.name().to_owned(),
                first_hour: found.first_hour(),
                sender_domain: self.names.text(sender).to_owned(),
                refused: count(part),
                all_refused: count(all_refused),
                before: count(other.part),
                all_before: count(all_before),
                odds_ratio,
                odds_ratio_low: interval.lower,
            })
        };
        let named = refused.iter().filter(|(sender, _)| self.names.text(**sender) != OTHER);
        let mut rows: Vec<BlockSender> = named.filter_map(row).collect();
        rows.sort_by(|a, b| b.odds_ratio_low.total_cmp(&a.odds_ratio_low).then_with(|| a.sender_domain.cmp(&b.sender_domain)));
        rows.truncate(MOST);
        rows
    }

    /// What was refused first in it, by sender domain.
    fn refused(&self, found: &Found) -> HashMap<Id, u64> {
        let is_throttle = found.sort == Sort::Throttling;
        let mut refused = HashMap::new();
        for (key, outcomes) in self.refused.get(&found.who.0).into_iter().flatten() {
            if key.is_throttle == is_throttle && found.holds(key.source, (key.hour, key.hour)) {
                *refused.entry(key.sender_domain).or_default() += **outcomes;
            }
        }
        refused
    }

    /// What was received for it, by sender domain: on the day before, and at all.
    fn received(&self, found: &Found) -> (HashMap<Id, u64>, HashMap<Id, u64>) {
        let day_before = found.episode.first_hour.div_euclid(24) - 1;
        let (mut before, mut all) = (HashMap::new(), HashMap::new());
        for (key, counts) in self.received.get(&found.who.0).into_iter().flatten() {
            let is_of_it = found.who.1.is_none_or(|source| source == key.source) && key.sender_domain != Id::EMPTY;
            let own = counts.outcomes.saturating_sub(counts.forwarded);
            if is_of_it && own > 0 {
                *all.entry(key.sender_domain).or_default() += own;
                if key.day == day_before {
                    *before.entry(key.sender_domain).or_default() += own;
                }
            }
        }
        (before, all)
    }
}
