//! The three lists of addresses: whom to suppress, whom to send to again, and where a cause must be mended first.
//!
//! Every address whose last outcome failed is on exactly one of them; mail that still waits is on none. The ledger says when an address
//! was last accepted, `failures` what came after; [`decide`] applies the rules to one address, [`wave`] looks at all of a provider
//! together: what calls many good addresses unknown at once has an incident, and is not believed.

mod decide;
mod make;
mod rules;
mod wave;

use std::sync::Arc;

use super::column::{Row, row};
use super::{Table, each};
use crate::event::Micros;
pub(super) use make::{Addresses, Lists, Maker};
pub use rules::{ListRules, ListRulesError};
pub(super) use wave::Held;

row! {
/// One row of `suppress`, `retry` or `fix`: an address.
pub struct Listed {
    /// The recipient, as logged; of several spellings the first in order.
    pub address: Arc<str> => "",
    /// Why its mail failed: the category of the reply; complaint for a complaint.
    pub reason: Arc<str> => "",
    /// Whose problem it is: hard, soft, policy, config, unknown.
    pub class: Arc<str> => "",
    /// What to do: suppress, retry, fix-then-retry, investigate.
    pub action: Arc<str> => "",
    /// The rule that put it on this list: complaint, explicit, repeated, often-failed, refuses-us; not-yet, held-back, passing; cause, unclear, own, early, domain-left, kept.
    pub basis: Arc<str> => "",
    /// Failed outcomes that speak for it, since it was last accepted; complaints where these do.
    pub failures: i64 => "outcomes",
    /// How many of them it takes to suppress; null where no number does.
    pub needed: Option<i64> => "outcomes",
    /// The first of them.
    pub first: Micros => "",
    /// The last of them.
    pub last: Micros => "",
    /// When it was last accepted before the last of them, to the minute; null: not in these logs.
    pub accepted: Option<Micros> => "",
    /// Who runs the mailbox.
    pub provider: Arc<str> => "",
    /// Who sent the last of them.
    pub source: Arc<str> => "",
    /// The last reply, masked.
    pub reply: Arc<str> => "",
    /// The classifier's rule for that reply.
    pub rule: Arc<str> => "",
    /// A record of the log with that reply: the earliest of its provider and source.
    pub sample: Arc<str> => "",
    /// The file that holds this address's own last failure; empty where no record of it is known.
    pub path: Arc<str> => "",
    /// Byte of that file's decompressed content where the record begins.
    pub place: i64 => "bytes",
}
}

/// Puts the rows of a list into their order.
pub(super) fn sort(rows: &mut [Listed]) {
    rows.sort_unstable_by(|a, b| a.address.cmp(&b.address).then_with(|| a.last.cmp(&b.last)));
}

/// The addresses that must leave the list.
pub const SUPPRESS: Table = Table {
    name: "suppress",
    about: "Addresses to which nothing more should be sent: dead, too often full or closed, or of people who refused or complained.",
    counts: "addresses",
    sql: None,
    columns: Listed::COLUMNS,
    derived: &[],
    reconciles: &[],
    rows: |tables, take| each(&tables.suppress, take),
};

/// The addresses to send to again.
pub const RETRY: Table = Table {
    name: "retry",
    about: "Addresses whose last mail failed for a reason that passes, or that does not suffice yet to suppress them.",
    counts: "addresses",
    sql: None,
    columns: Listed::COLUMNS,
    derived: &[],
    reconciles: &[],
    rows: |tables, take| each(&tables.retry, take),
};

/// The addresses that wait for something to be mended.
pub const FIX: Table = Table {
    name: "fix",
    about: "Addresses whose last mail was lost to a block, a fault of the sender's or something unclear: mend it, then send again.",
    counts: "addresses",
    sql: None,
    columns: Listed::COLUMNS,
    derived: &[],
    reconciles: &[],
    rows: |tables, take| each(&tables.fix, take),
};

/// The basis of an address that is held back.
pub const HELD_BACK: &str = decide::Basis::HeldBack.name();

/// The basis of an address that is suppressed after words that leave no doubt.
pub const EXPLICIT: &str = decide::Basis::Explicit.name();

/// A basis in words; the name itself where it is none.
#[must_use]
pub fn meaning(basis: &str) -> &str {
    decide::Basis::ALL.iter().find(|known| known.name() == basis).map_or(basis, |known| known.meaning())
}
