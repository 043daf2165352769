//! The tables: every figure of the report, each with its unit and definition.
//!
//! Between `cubes`, whose counts it puts into frames, and `insights` and `report`, which read nothing else. A table is one SQL file in
//! a closed dialect beside its documented columns; what SQL does not do alike in every engine (shares, intervals, quantiles, change
//! points) is Rust over the collected rows.

use crate::cubes::ledger::LedgerError;
use crate::stats::Rate;

pub mod ask;
pub mod async_bounces;
pub mod blocks;
mod build;
pub mod bulk_days;
pub mod changes;
pub mod codes;
pub mod column;
pub mod complaints;
pub mod concentration;
pub mod daily;
pub mod delays;
pub mod derived;
pub mod dimensions;
pub mod domains;
pub mod feedback;
mod fold;
mod frame;
pub mod frames;
pub mod greylisting;
pub mod guard;
pub mod heatmap;
pub mod inbound_rejects;
pub mod inputs;
pub mod kept;
pub mod lifetimes;
pub mod lists;
pub mod mix;
pub mod names;
pub mod networks;
pub mod providers;
mod queries;
pub mod reasons;
pub mod reconcile;
pub mod retries;
pub mod retry_schedule;
pub mod seed_providers;
pub mod seeds;
pub mod senders;
pub mod shifts;
pub mod signatures;
pub mod smarthosts;
pub mod sources;
pub mod timeline;
pub mod tls;
pub mod unjoined;
pub mod unknown_user_effect;
pub mod unknown_users;
mod veil;
mod write;

#[cfg(test)]
mod tests;

pub use build::{Account, Cubes, Limits};
pub use column::{Cell, Column, Kind};
pub use derived::Derived;
pub use fold::Folded;
pub use reconcile::Identity;
pub use veil::Veil;
pub use write::{As, WriteError, word, write, write_json};

/// What stands for all routes or all sources together.
pub const ALL: &str = "(all)";

/// A table: what it is, what its columns mean, and where its rows come from.
pub struct Table {
    /// As in `--only`, in SQL and in file names.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// What its rows count: outcomes, attempts, addresses, lines.
    pub counts: &'static str,
    /// The query that makes it from the cubes' views; None: Rust does.
    pub sql: Option<&'static str>,
    /// The columns of its rows, in order.
    pub columns: &'static [Column],
    /// What files have after them.
    pub derived: &'static [Derived],
    /// What must hold of its rows.
    pub reconciles: &'static [Identity],
    /// Gives the cells of each row in turn.
    pub rows: GiveRows,
}

/// Gives the cells of each row of a table in turn.
pub type GiveRows = for<'a> fn(&'a Tables, &mut dyn FnMut(&[Cell<'a>]));

/// All tables, in the order in which they are told.
pub static TABLES: [&Table; 34] = [
    &inputs::TABLE,
    &domains::TABLE,
    &providers::TABLE,
    &concentration::TABLE,
    &reasons::TABLE,
    &codes::TABLE,
    &signatures::TABLE,
    &blocks::TABLE,
    &blocks::senders::TABLE,
    &unknown_users::TABLE,
    &unknown_user_effect::TABLE,
    &timeline::TABLE,
    &delays::TABLE,
    &heatmap::TABLE,
    &retries::TABLE,
    &retry_schedule::TABLE,
    &lifetimes::TABLE,
    &greylisting::TABLE,
    &sources::TABLE,
    &senders::TABLE,
    &bulk_days::TABLE,
    &tls::TABLE,
    &networks::TABLE,
    &inbound_rejects::TABLE,
    &smarthosts::TABLE,
    &lists::SUPPRESS,
    &lists::RETRY,
    &lists::FIX,
    &seeds::TABLE,
    &seed_providers::TABLE,
    &async_bounces::TABLE,
    &complaints::TABLE,
    &feedback::TABLE,
    &unjoined::TABLE,
];

/// The tables of two periods side by side.
pub static COMPARISON: [&Table; 3] = [&changes::TABLE, &mix::TABLE, &shifts::TABLE];

impl Table {
    /// The table of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().chain(&COMPARISON).find(|table| table.name == name).copied()
    }

    /// The columns of its file: those of its rows, then the derived ones.
    pub fn file_columns(&self) -> impl Iterator<Item = Column> {
        self.columns.iter().chain(self.derived.iter().flat_map(Derived::columns)).copied()
    }
}

/// Gives the cells of each row to `take`.
fn each<'a, R: column::Row>(rows: &'a [R], take: &mut dyn FnMut(&[Cell<'a>])) {
    let mut cells = Vec::with_capacity(R::COLUMNS.len());
    for row in rows {
        cells.clear();
        row.cells(&mut cells);
        take(&cells);
    }
}

/// Why there are no tables.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// A query failed: a bug of ours, or no memory.
    #[error("table {table}: the query failed: {source}")]
    Query {
        /// Which.
        table: &'static str,
        /// How.
        source: polars::error::PolarsError,
    },
    /// Two ways of counting the same gave two answers: a bug of ours.
    #[error("table {table} does not add up: {what} are {is} and {wanted}; nothing was written. Please report this")]
    Mismatch {
        /// Which.
        table: &'static str,
        /// What should be equal.
        what: String,
        /// What the table says.
        is: i64,
        /// What it should say.
        wanted: i64,
    },
    /// The ledger of addresses could not be read again.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// All tables of one period, as rows; of two side by side, those of [`COMPARISON`] alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    /// What was read.
    pub inputs: Vec<inputs::Input>,
    /// Subscriber domain distribution.
    pub domains: Vec<domains::Domain>,
    /// Delivery performance.
    pub providers: Vec<providers::Provider>,
    /// How much hangs on how few.
    pub concentration: Vec<concentration::Concentration>,
    /// Why mail was not delivered.
    pub reasons: Vec<reasons::ReasonRow>,
    /// Reply codes.
    pub codes: Vec<codes::Code>,
    /// Masked replies.
    pub signatures: Vec<signatures::Signature>,
    /// Block episodes.
    pub blocks: Vec<blocks::Block>,
    /// Sender domains that stand out in them.
    pub block_senders: Vec<blocks::senders::BlockSender>,
    /// Unknown users.
    pub unknown_users: Vec<unknown_users::UnknownUsers>,
    /// Whether unknown users come before blocking.
    pub unknown_user_effect: Vec<unknown_user_effect::Effect>,
    /// Day by day.
    pub timeline: Vec<timeline::Day>,
    /// Delays.
    pub delays: Vec<delays::DelayRow>,
    /// When in the week.
    pub heatmap: Vec<heatmap::Cell>,
    /// How often mail was tried.
    pub retries: Vec<retries::Retry>,
    /// How long mail waited before each retry.
    pub retry_schedule: Vec<retry_schedule::Scheduled>,
    /// What another lifetime of the queue would have meant.
    pub lifetimes: Vec<lifetimes::Lifetime>,
    /// What was greylisted first.
    pub greylisting: Vec<greylisting::GreylistRow>,
    /// Who sent.
    pub sources: Vec<sources::Source>,
    /// For whom.
    pub senders: Vec<senders::Sender>,
    /// Who sent in bulk to whom.
    pub bulk_days: Vec<bulk_days::BulkDay>,
    /// Over which channel.
    pub tls: Vec<tls::Channel>,
    /// IPv6 beside IPv4.
    pub networks: Vec<networks::NetworkRow>,
    /// Mail of others that we refused.
    pub inbound_rejects: Vec<inbound_rejects::InboundReject>,
    /// Bounces that came after delivery.
    pub async_bounces: Vec<async_bounces::AsyncBounceRow>,
    /// Who complained about whom.
    pub complaints: Vec<complaints::ComplaintRow>,
    /// What came back, and what became of it.
    pub feedback: Vec<feedback::FeedbackCount>,
    /// What came back and belongs to no outcome.
    pub unjoined: Vec<unjoined::Unjoined>,
    /// Rows of `smarthosts`.
    pub smarthosts: Vec<smarthosts::Smarthost>,
    /// What changed between two periods.
    pub changes: Vec<changes::Change>,
    /// How much of it is mix.
    pub mix: Vec<mix::MixRow>,
    /// How far times to acceptance moved.
    pub shifts: Vec<shifts::Shift>,
    /// Addresses that must leave the list.
    pub suppress: Vec<lists::Listed>,
    /// Addresses to send to again.
    pub retry: Vec<lists::Listed>,
    /// Addresses that wait for something to be mended.
    pub fix: Vec<lists::Listed>,
    /// What became of the mail to seeds.
    pub seeds: Vec<seeds::SeedRow>,
    /// Seeds by provider.
    pub seed_providers: Vec<seed_providers::SeedProvider>,
    /// What the whole run came to.
    pub totals: Totals,
}

/// What the whole run came to: the figures that the tables must add up to, and what stands apart from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Outcomes of the scope.
    pub outcomes: i64,
    /// Messages with at least one outcome of the scope.
    pub messages: i64,
    /// Real attempts of the scope.
    pub attempts: i64,
    /// Distinct recipient addresses of the scope that were tried.
    pub addresses: i64,
    /// Outcomes to consumer domains of known providers that were accepted, by whomever.
    pub consumer_accepted: i64,
    /// Distinct addresses on the suppression list.
    pub suppressed: i64,
    /// Attempt rows that the MTA put back without trying.
    pub suspended: i64,
    /// Deliveries to a content filter or own relay that name a next queue id.
    pub hops: i64,
    /// Of the hops, those whose next queue id was seen to begin.
    pub hops_found: i64,
    /// Outcomes of mail stored, piped or forwarded at home.
    pub internal: i64,
    /// Outcomes of notifications that our own MTA wrote.
    pub own_bounces: i64,
    /// Address probes.
    pub probes: i64,
    /// Outcomes handed on to another queue id, in no rate.
    pub handed_on: i64,
    /// Outcomes of mail that the service itself refused to send (suppressed, against its rules), in no rate.
    pub not_sent: i64,
    /// Lines that the log says were repeated without being written.
    pub repeated: i64,
    /// Attempt records that were written twice and counted once.
    pub duplicates: i64,
    /// Attempt records that several files hold which overlap in time: counted once.
    pub overlapped: i64,
    /// Attempt records of messages that were over by then: not counted.
    pub late: i64,
    /// Attempt records whose message or recipient no record names: each is an outcome of its own.
    pub orphans: i64,
    /// Outcomes of mail that was received before or after the period.
    pub elsewhere: i64,
    /// Whether bounces that came after delivery are known: mails were searched for them, or the log itself tells of one. If not,
    /// delivered is no more than accepted.
    pub knows_later: bool,
    /// By route and day of reception: accepted within an hour, of what was tried and whose fate by then is known. The days behind the share of
    /// the table `delays`, for its interval.
    pub within_hour: Vec<(String, i32, Rate)>,
    /// First and last day of reception, days since 1970-01-01; None without outcomes.
    pub days: Option<(i32, i32)>,
    /// First stamp and last stamp of all inputs.
    pub stamps: Option<(crate::event::Micros, crate::event::Micros)>,
    /// Hosts that wrote the logs, sorted.
    pub hosts: Vec<String>,
    /// Names that were put together as `(other)`, since there were more than a cube holds; empty in nearly all runs.
    pub folded: Vec<Folded>,
    /// What tells these inputs from others: hex SHA-256 over the first 64 KiB and the length of each, in order.
    pub digest: String,
}
