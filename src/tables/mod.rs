//! The tables: every figure of the report, each with its unit and definition.
//!
//! Between `cubes`, whose counts it puts into frames, and `insights` and `report`, which read nothing else. A table is one SQL file in
//! a closed dialect beside its documented columns; what SQL does not do alike in every engine (shares, intervals, quantiles, change
//! points) is Rust over the collected rows.

pub mod blocks;
pub mod codes;
pub mod delays;
pub mod domains;
pub mod inputs;
pub mod providers;
pub mod reasons;
pub mod signatures;
pub mod timeline;
pub mod unknown_users;

/// All tables of one period, as rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    /// What was read.
    pub inputs: Vec<inputs::Input>,
    /// Subscriber domain distribution.
    pub domains: Vec<domains::Domain>,
    /// Delivery performance.
    pub providers: Vec<providers::Provider>,
    /// Why mail was not delivered.
    pub reasons: Vec<reasons::ReasonRow>,
    /// Reply codes.
    pub codes: Vec<codes::Code>,
    /// Masked replies.
    pub signatures: Vec<signatures::Signature>,
    /// Block episodes.
    pub blocks: Vec<blocks::Block>,
    /// Unknown users.
    pub unknown_users: Vec<unknown_users::UnknownUsers>,
    /// Day by day.
    pub timeline: Vec<timeline::Day>,
    /// Delays.
    pub delays: Vec<delays::DelayRow>,
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
    /// Distinct addresses with an unknown-user, inactive-mailbox or bad-domain failure of class hard and no later acceptance.
    pub hard_addresses: i64,
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
    /// Lines that the log says were repeated without being written.
    pub repeated: i64,
    /// First and last day of reception, days since 1970-01-01; None without outcomes.
    pub days: Option<(i32, i32)>,
    /// First stamp and last stamp of all inputs.
    pub stamps: Option<(crate::event::Micros, crate::event::Micros)>,
    /// Hosts that wrote the logs, sorted.
    pub hosts: Vec<String>,
    /// Digest of what was read: hex SHA-256 over the digests of the inputs in order.
    pub digest: String,
}
