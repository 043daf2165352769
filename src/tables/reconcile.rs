//! Whether the tables add up: checked in every run, before anything is shown.
//!
//! The totals are counted from the cubes in Rust, never by the SQL that they check. A table that does not add up to them is a bug
//! of ours, and no page is better than a wrong one.

use std::collections::BTreeMap;

use super::column::{Cell, Column};
use super::frames::count;
use super::{Table, Tables, TablesError};
use crate::cubes::{Disposition, State, Tally};

/// What must hold of the rows of a table.
#[derive(Clone, Copy, Debug)]
pub enum Identity {
    /// In each row the parts add up to the whole.
    Parts {
        /// Names of counts.
        parts: &'static [&'static str],
        /// Name of a count.
        whole: &'static str,
    },
    /// In each row the part is at most the whole.
    AtMost {
        /// Name of a count.
        part: &'static str,
        /// Name of a count.
        whole: &'static str,
    },
    /// A count, over all rows, is the total. `but` names rows, by their first column, that are sums themselves.
    Total {
        /// Name of a count.
        count: &'static str,
        /// What it must come to.
        total: Total,
        /// See there.
        but: Option<&'static str>,
    },
}

/// What the cubes come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// Outcomes.
    Outcomes,
    /// Outcomes that ended so.
    State(State),
    /// Outcomes that were not delivered and have a reason, or could have one.
    Reasons,
    /// Outcomes that were tried.
    Tried,
    /// Attempts of the outcomes.
    OutcomeAttempts,
    /// Attempts by code.
    CodeAttempts,
    /// Failed attempts by reply.
    ReplyAttempts,
    /// Attempts by channel.
    ChannelAttempts,
    /// Mail of others that we refused.
    InboundRejects,
}

/// The states that `reasons` explains.
const EXPLAINED: [State; 5] = [State::BouncedLater, State::Blocked, State::Bounced, State::Expired, State::Deferred];

/// What the cubes come to: one pass over each, before anything is folded or queried.
pub(super) struct Sums {
    outcomes: BTreeMap<State, u64>,
    outcome_attempts: u64,
    tried: u64,
    code_attempts: u64,
    reply_attempts: u64,
    channel_attempts: u64,
    inbound_rejects: u64,
}

impl Sums {
    pub(super) fn of(tally: &Tally) -> Self {
        let mut outcomes: BTreeMap<State, u64> = BTreeMap::new();
        let mut outcome_attempts = 0;
        for (key, counts) in tally.counts.outcome_domains.iter() {
            *outcomes.entry(key.state).or_default() += counts.outcomes;
            outcome_attempts += counts.attempts;
        }
        Self {
            outcomes,
            outcome_attempts,
            tried: tally.counts.delays.iter().map(|(_, outcomes)| outcomes).sum(),
            code_attempts: tally.counts.attempt_codes.iter().map(|(_, attempts)| attempts).sum(),
            reply_attempts: tally.counts.attempt_replies.iter().map(|(_, counts)| counts.attempts).sum(),
            channel_attempts: tally.counts.attempt_channels.iter().map(|(_, attempts)| attempts).sum(),
            inbound_rejects: tally.counts.inbound_rejects.iter().map(|(_, rejects)| rejects).sum(),
        }
    }

    /// One of them.
    pub(super) fn get(&self, total: Total) -> i64 {
        let ended = |state: &State| self.outcomes.get(state).copied().unwrap_or_default();
        count(match total {
            Total::Outcomes => self.outcomes.values().sum(),
            Total::State(state) => ended(&state),
            Total::Reasons => EXPLAINED.iter().map(ended).sum(),
            Total::Tried => self.tried,
            Total::OutcomeAttempts => self.outcome_attempts,
            Total::CodeAttempts => self.code_attempts,
            Total::ChannelAttempts => self.channel_attempts,
            Total::InboundRejects => self.inbound_rejects,
            Total::ReplyAttempts => self.reply_attempts,
        })
    }
}

const fn total(count: &'static str, total: Total) -> Identity {
    Identity::Total { count, total, but: None }
}

/// What holds of every table with a column for each end state.
pub(super) const END_STATES: &[Identity] = &[
    Identity::Parts {
        parts: &["delivered", "bounced_later", "bounced", "blocked", "expired", "deferred", "queued", "cancelled", "unknown"],
        whole: "outcomes",
    },
    total("outcomes", Total::Outcomes),
    total("delivered", Total::State(State::Delivered)),
    total("bounced_later", Total::State(State::BouncedLater)),
    total("bounced", Total::State(State::Bounced)),
    total("blocked", Total::State(State::Blocked)),
    total("expired", Total::State(State::Expired)),
    total("deferred", Total::State(State::Deferred)),
    total("queued", Total::State(State::Queued)),
    total("cancelled", Total::State(State::Cancelled)),
    total("unknown", Total::State(State::Unknown)),
    total("attempts", Total::OutcomeAttempts),
    Identity::AtMost { part: "deferred_once", whole: "outcomes" },
    Identity::AtMost { part: "recovered", whole: "delivered" },
];

/// What holds of every table over who sent, whose totals are those of the outcomes too.
pub(super) const SENDER_STATES: &[Identity] = &[
    Identity::Parts {
        parts: &["delivered", "bounced_later", "bounced", "blocked", "expired", "deferred", "queued", "cancelled", "unknown"],
        whole: "outcomes",
    },
    total("outcomes", Total::Outcomes),
    total("delivered", Total::State(State::Delivered)),
    total("bounced", Total::State(State::Bounced)),
    total("blocked", Total::State(State::Blocked)),
    total("expired", Total::State(State::Expired)),
    total("deferred", Total::State(State::Deferred)),
    total("attempts", Total::OutcomeAttempts),
    Identity::AtMost { part: "deferred_once", whole: "outcomes" },
];

/// What holds of `tls`.
pub(super) const CHANNELS: &[Identity] =
    &[total("attempts", Total::ChannelAttempts), Identity::AtMost { part: "delivered", whole: "attempts" }];

/// What holds of `inbound_rejects`.
pub(super) const INBOUND: &[Identity] = &[total("rejects", Total::InboundRejects)];

/// What holds of `heatmap`.
pub(super) const HEATMAP: &[Identity] = &[
    total("attempts", Total::CodeAttempts),
    Identity::AtMost { part: "deferred", whole: "attempts" },
    Identity::AtMost { part: "first", whole: "attempts" },
    Identity::AtMost { part: "first_deferred", whole: "first" },
];

/// What holds of `smarthosts`.
pub(super) const SMARTHOSTS: &[Identity] = &[Identity::AtMost { part: "handed_over", whole: "accepted" }];

/// What holds of `reasons`.
pub(super) const REASONS: &[Identity] = &[
    Identity::Parts { parts: &["bounced_later", "bounced", "blocked", "expired", "deferred"], whole: "outcomes" },
    total("outcomes", Total::Reasons),
    total("bounced_later", Total::State(State::BouncedLater)),
    total("bounced", Total::State(State::Bounced)),
    total("blocked", Total::State(State::Blocked)),
    total("expired", Total::State(State::Expired)),
    total("deferred", Total::State(State::Deferred)),
];

/// What holds of `async_bounces`.
pub(super) const ASYNC: &[Identity] =
    &[total("outcomes", Total::State(State::BouncedLater)), Identity::AtMost { part: "timed", whole: "outcomes" }];

/// What holds of `complaints`.
pub(super) const COMPLAINTS: &[Identity] = &[Identity::AtMost { part: "complained", whole: "delivered" }];

/// What holds of `codes`.
pub(super) const CODES: &[Identity] = &[total("attempts", Total::CodeAttempts)];

/// What holds of `signatures`.
pub(super) const SIGNATURES: &[Identity] = &[total("attempts", Total::ReplyAttempts)];

/// What holds of `delays`.
pub(super) const DELAYS: &[Identity] = &[
    Identity::Parts { parts: &["accepted", "failed", "open"], whole: "outcomes" },
    Identity::Total { count: "outcomes", total: Total::Tried, but: Some(super::ALL) },
];

/// What the cubes must agree on among themselves, since one pass counted them all. `sums`: what they come to.
pub(super) fn check_cubes(tally: &Tally, sums: &Sums) -> Result<(), TablesError> {
    let attempts = sums.get(Total::CodeAttempts);
    let failed = |disposition| matches!(disposition, Disposition::Deferred | Disposition::Bounced | Disposition::Blocked);
    let failed: u64 =
        tally.counts.attempt_codes.iter().filter(|(key, _)| failed(key.disposition)).map(|(_, attempts)| attempts).sum();
    let by_hour = tally.counts.attempt_hours.iter().map(|(_, counts)| counts.attempts).sum();
    equal("cubes", || "attempts by hour and by code".to_owned(), count(by_hour), attempts)?;
    equal("cubes", || "attempts by channel and by code".to_owned(), sums.get(Total::ChannelAttempts), attempts)?;
    let by_sender = tally.counts.outcome_senders.iter().map(|(_, counts)| counts.outcomes).sum();
    equal("cubes", || "outcomes by sender and by domain".to_owned(), count(by_sender), sums.get(Total::Outcomes))?;
    // An attempt counts in the period of its own stamp, an outcome with all its attempts in that of its reception.
    let moved = count(tally.apart.attempts_of_elsewhere) - count(tally.apart.attempts_outside);
    equal("cubes", || "attempts by outcome and by code".to_owned(), sums.get(Total::OutcomeAttempts) + moved, attempts)?;
    equal("cubes", || "failed attempts by reply and by code".to_owned(), sums.get(Total::ReplyAttempts), count(failed))
}

/// Checks all that a table declares. `sums`: what the cubes come to.
pub(super) fn check(table: &Table, tables: &Tables, sums: &Sums) -> Result<(), TablesError> {
    let mut checks: Vec<Check> = table.reconciles.iter().map(|identity| Check::of(identity, table.columns)).collect();
    if checks.is_empty() {
        return Ok(());
    }
    let mut result = Ok(());
    (table.rows)(tables, &mut |cells| {
        for check in &mut checks {
            let checked = check.row(table, cells);
            if result.is_ok() {
                result = checked;
            }
        }
    });
    result?;
    for Check { identity, sum, .. } in &checks {
        if let Identity::Total { count, total: wanted, .. } = identity {
            equal(table.name, || format!("sum({count}) and the total of {wanted:?}"), *sum, sums.get(*wanted))?;
        }
    }
    Ok(())
}

/// An identity that is being checked: its columns are looked up once, since rows come by the million.
struct Check {
    identity: &'static Identity,
    /// Where the parts stand in a row, and where the whole; for a total, its count alone.
    parts: Vec<usize>,
    whole: Vec<usize>,
    /// Of a total, the rows so far.
    sum: i64,
}

impl Check {
    fn of(identity: &'static Identity, columns: &[Column]) -> Self {
        let places = |names: &[&str]| -> Vec<usize> {
            columns.iter().enumerate().filter(|(_, column)| names.contains(&column.name)).map(|(at, _)| at).collect()
        };
        let (parts, whole) = match *identity {
            Identity::Parts { parts, whole } => (places(parts), places(&[whole])),
            Identity::AtMost { part, whole } => (places(&[part]), places(&[whole])),
            Identity::Total { count, .. } => (places(&[count]), Vec::new()),
        };
        Self { identity, parts, whole, sum: 0 }
    }

    fn row(&mut self, table: &Table, cells: &[Cell<'_>]) -> Result<(), TablesError> {
        let (parts, whole) = (added(cells, &self.parts), added(cells, &self.whole));
        match *self.identity {
            Identity::Parts { parts: names, whole: name } => {
                equal(table.name, || format!("{} and {name} of {}", names.join(" + "), row_name(cells)), parts, whole)
            }
            Identity::AtMost { .. } if parts <= whole => Ok(()),
            Identity::AtMost { part, whole: name } => {
                equal(table.name, || format!("{part}, at most {name}, of {}", row_name(cells)), parts, whole)
            }
            Identity::Total { but, .. } => {
                if but.is_none_or(|but| cells.first() != Some(&Cell::Text(but))) {
                    self.sum = self.sum.saturating_add(parts);
                }
                Ok(())
            }
        }
    }
}

/// The counts at these places, added up; one that is null counts nothing.
fn added(cells: &[Cell<'_>], places: &[usize]) -> i64 {
    let counts = places.iter().map(|&at| if let Some(Cell::Whole(count)) = cells.get(at) { *count } else { 0 });
    counts.fold(0, i64::saturating_add)
}

fn row_name(cells: &[Cell<'_>]) -> String {
    cells.first().map_or_else(String::new, |cell| format!("{cell:?}"))
}

fn equal(table: &'static str, what: impl Fn() -> String, is: i64, wanted: i64) -> Result<(), TablesError> {
    if is == wanted { Ok(()) } else { Err(TablesError::Mismatch { table, what: what(), is, wanted }) }
}
