//! Whether a smarthost stands between these logs and the mailbox providers, and what it then hides.
//!
//! No finding of its own: it changes what all others mean, so it is said before them.

use super::{Finding, Tone, number, total};
use crate::stats::Rate;
use crate::tables::Tables;
use crate::tables::smarthosts::Smarthost;

/// From this share on, what the smarthost hides is withheld: figures about the rest would be taken for figures about all.
const HIDES: f64 = 0.5;

/// A smarthost that took less than this is told in the account alone: it moves no rate that a reader looks at.
const WORTH_A_WARNING: f64 = 0.05;

/// How many smarthosts are told.
const TOLD: usize = 3;

/// What stands in place of the sections that a smarthost hides.
pub const WITHHELD: &str = "Withheld: the smarthost answered, not the mailbox providers. Its own log or its events tell what they \
                            did; add them to the inputs, and name it with --own-relay so that nothing counts twice.";

/// The share of accepted mail to consumer mailboxes that smarthosts took.
#[must_use]
pub fn share(tables: &Tables) -> Rate {
    let handed_over = tables.smarthosts.iter().map(|row| row.handed_over).sum();
    total::rate(handed_over, tables.totals.consumer_accepted)
}

/// Whether most of the mail went to a smarthost, so that these logs do not show what the providers did.
#[must_use]
pub fn hides_providers(tables: &Tables) -> bool {
    !tables.smarthosts.is_empty() && share(tables).value().is_some_and(|share| share >= HIDES)
}

/// What must be known before any figure is read; relays as the log has them.
#[must_use]
pub fn warnings(tables: &Tables) -> Vec<String> {
    let is_large =
        |row: &&Smarthost| total::rate(row.handed_over, row.accepted).value().is_some_and(|share| share >= WORTH_A_WARNING);
    tables.smarthosts.iter().filter(is_large).take(TOLD).map(warning).collect()
}

fn warning(row: &Smarthost) -> String {
    let share = total::rate(row.handed_over, row.accepted);
    let from = if row.host.is_empty() { String::new() } else { format!(" from {}", row.host) };
    format!(
        "{} of the mail to Gmail, Outlook and other known mailboxes{from} ({}) was handed to {}, {}. “Delivered” here means \
         accepted by that host; what the providers did stands in its own log or events: add them, with --own-relay {} so that \
         nothing counts twice.",
        number::rate(share),
        number::base(share),
        row.relay,
        number::period(row.first_day, row.last_day),
        row.relay,
    )
}

/// Whether a finding means what it says although a smarthost stands between.
pub(super) fn still_holds(finding: &Finding) -> bool {
    let is_of_providers = matches!(finding.table, "blocks" | "unknown_users" | "unknown_user_effect" | "seeds");
    !is_of_providers && (finding.tone == Tone::Problem || finding.table == "inputs")
}
