//! Over which channel: real attempts per route, source, network protocol and TLS version.

use super::column::{Row, row};
use super::derived::rate;
use super::reconcile::CHANNELS;
use super::{Table, each};

row! {
/// One row of `tls`; counts are real attempts.
pub struct Channel {
    /// Route: who runs the mailbox, as the attempt shows it.
    pub provider: String => "",
    /// Who sent.
    pub source: String => "",
    /// ipv4, ipv6, or unknown where no address is logged.
    pub network: String => "",
    /// TLS version or policy as logged; empty where nothing is logged, which is not the same as no TLS.
    pub tls: String => "",
    /// Real attempts.
    pub attempts: i64 => "attempts",
    /// Of these, accepted.
    pub delivered: i64 => "attempts",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "tls",
    about: "Over which channel: real attempts per provider, source, network protocol and TLS version as logged.",
    counts: "attempts",
    sql: Some(include_str!("tls.sql")),
    columns: Channel::COLUMNS,
    derived: &[rate!("delivered_rate", &["delivered"], &["attempts"], "Accepted of attempts.")],
    reconciles: CHANNELS,
    rows: |tables, take| each(&tables.tls, take),
};
