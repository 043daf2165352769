//! Over which channel mail went: encryption, and IPv6 beside IPv4.

use std::collections::{BTreeMap, HashMap};

use crate::insights::{name, number, total};
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::stats::{Interval, Rate};
use crate::tables::Tables;
use crate::tables::networks::NetworkRow;
use crate::tables::tls::Channel;

/// Rows of the table on the page; the file has all.
const ROWS: usize = 15;
/// A smaller gap is no matter: half a point, as in comparisons.
const WORTH_SAYING: f64 = 0.005;
/// How many gaps are told.
const NAMED: usize = 3;

/// Attempts of a provider by channel.
#[derive(Clone, Copy, Default)]
struct Channels {
    delivered: i64,
    logged: i64,
    encrypted: i64,
    /// Attempts over either protocol.
    v4: i64,
    v6: i64,
}

impl Channels {
    fn add(&mut self, row: &Channel) {
        self.delivered += row.delivered;
        if !row.tls.is_empty() {
            self.logged += row.delivered;
            self.encrypted += if is_encrypted(&row.tls) { row.delivered } else { 0 };
        }
        let network = match row.network.as_str() {
            "ipv4" => &mut self.v4,
            "ipv6" => &mut self.v6,
            _ => return,
        };
        *network += row.attempts;
    }
}

/// Whether the words for a channel say that it was encrypted: a version, or a Postfix 3.11 policy that was not fallen short of. What stands
/// behind its level is of REQUIRETLS, which a server may lack in spite of TLS.
fn is_encrypted(tls: &str) -> bool {
    let level = tls.split('/').next().unwrap_or_default();
    !(level == "none" || level.ends_with(":none") || level.ends_with('?') || level.starts_with('!'))
}

fn channels_of(tables: &Tables) -> Vec<(&str, Channels)> {
    let mut sums: BTreeMap<&str, Channels> = BTreeMap::new();
    for row in &tables.tls {
        sums.entry(row.provider.as_str()).or_default().add(row);
    }
    let mut sums: Vec<_> = sums.into_iter().filter(|(_, sum)| sum.delivered > 0).collect();
    sums.sort_by(|a, b| b.1.delivered.cmp(&a.1.delivered).then(a.0.cmp(b.0)));
    sums
}

/// Whether no attempt was accepted over any channel.
pub(super) fn is_empty(tables: &Tables) -> bool {
    channels_of(tables).is_empty()
}

/// How much went encrypted, in a sentence.
pub(super) fn lead(tables: &Tables) -> String {
    let mut all = Channels::default();
    tables.tls.iter().for_each(|row| all.add(row));
    let gaps = gaps(tables);
    if all.logged == 0 {
        return format!("The logs do not tell which deliveries were encrypted.{gaps}");
    }
    format!(
        "TLS is logged for {} delivered attempts; of these {} went encrypted.{gaps}",
        number::rate_in_full(total::rate(all.logged, all.delivered)),
        number::rate_in_full(total::rate(all.encrypted, all.logged)),
    )
}

/// Where IPv6 surely got less accepted than IPv4 on the same days, by enough to matter: the widest gaps first.
fn gaps(tables: &Tables) -> String {
    let is_worse = |row: &&NetworkRow| row.ipv6_gap_high.is_some_and(|high| high < 0.0) && row.ipv6_gap <= -WORTH_SAYING;
    let mut worse: Vec<&NetworkRow> = tables.networks.iter().filter(is_worse).collect();
    worse.sort_by(|a, b| a.ipv6_gap.total_cmp(&b.ipv6_gap));
    let told: Vec<String> =
        worse.iter().take(NAMED).map(|row| format!("{} {}", name::provider(&row.provider), gap(row))).collect();
    if told.is_empty() {
        return String::new();
    }
    format!(" Over IPv6 less was accepted than over IPv4 on the same days: {}.", told.join("; "))
}

/// The gap with its interval, in points.
fn gap(row: &NetworkRow) -> String {
    match (row.ipv6_gap_low, row.ipv6_gap_high) {
        (Some(lower), Some(upper)) => {
            format!("{} points ({})", number::points(row.ipv6_gap), number::points_interval(Interval { lower, upper }))
        }
        _ => format!("{} points", number::points(row.ipv6_gap)),
    }
}

/// The table.
pub(super) fn grid(tables: &Tables) -> Grid {
    let sums = channels_of(tables);
    let networks: HashMap<&str, &NetworkRow> = tables.networks.iter().map(|row| (row.provider.as_str(), row)).collect();
    let row = |(provider, sum): &(&str, Channels)| {
        let both = networks.get(provider);
        let cells = vec![
            Cell::count(sum.delivered),
            Cell::rate(total::rate(sum.encrypted, sum.logged)),
            Cell::rate(total::rate(sum.logged, sum.delivered)),
            Cell::rate(total::rate(sum.v6, sum.v4 + sum.v6)),
            Cell::rate(both.map_or_else(Rate::default, |row| total::rate(row.ipv6_accepted, row.ipv6_attempts))),
            Cell::figure(both.map_or_else(|| number::NONE.to_owned(), |row| gap(row))),
        ];
        Row::new(name::provider(provider), cells)
    };
    Grid {
        caption: "Attempts by channel".to_owned(),
        heads: vec![
            Head::words("Provider"),
            Head::numbers("Delivered", "attempts"),
            Head::numbers("Encrypted", "of those with TLS logged"),
            Head::numbers("TLS logged", "of delivered"),
            Head::numbers("IPv6", "of attempts with an address"),
            Head::numbers("Accepted over IPv6", "on days of both"),
            Head::numbers("IPv6 less IPv4", "day by day"),
        ],
        rows: sums.iter().take(ROWS).map(row).collect(),
        more: more(sums.len(), sums.len().min(ROWS), "tls"),
        is_sortable: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_told_where_it_is_sure_and_wide_enough() {
        let row = |provider: &str, gap: f64, half: Option<f64>| NetworkRow {
            provider: provider.to_owned(),
            ipv6_gap: gap,
            ipv6_gap_low: half.map(|half| gap - half),
            ipv6_gap_high: half.map(|half| gap + half),
            ..NetworkRow::default()
        };
        let networks = vec![
            row("google", -0.031, Some(0.01)),
            row("yahoo", -0.2, None),
            row("gmx", -0.3, Some(0.31)),
            row("comcast", -0.004, Some(0.001)),
            row("microsoft", -0.12, Some(0.02)),
        ];
        let told = gaps(&Tables { networks, ..Tables::default() }).replace('\u{a0}', " ");
        assert_eq!(
            told,
            " Over IPv6 less was accepted than over IPv4 on the same days: Microsoft −12.0 points (−14.0 … −10.0); Google −3.1 points (−4.1 … −2.1)."
        );
        assert_eq!(gaps(&Tables::default()), "");
    }

    #[test]
    fn a_policy_that_fell_short_is_not_encrypted() {
        for plain in ["none", "may:none", "may?", "!encrypt", "may:none/requiretls:none"] {
            assert!(!is_encrypted(plain), "{plain}");
        }
        for encrypted in ["TLSv1.3", "TLSv1.2", "may", "dane:encrypt", "encrypt/requiretls", "may/requiretls:none"] {
            assert!(is_encrypted(encrypted), "{encrypted}");
        }
    }
}
