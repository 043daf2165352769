//! Days on which one sender domain sent so much to a provider's consumer mailboxes that its rules for bulk senders hold.

use std::collections::BTreeMap;

use super::column::{Row, row};
use super::dimensions::OTHER;
use super::frames::count;
use super::names::{Names, utf8};
use super::{Table, each};
use crate::cubes::{Cube, ToConsumers};
use crate::provider::registrable;

/// From so many a day on. Google's guidelines for senders: close to 5,000 or more within 24 hours to personal Gmail accounts, over the
/// primary domain with its subdomains, and for good once reached. Microsoft since 5 May 2025: over 5,000 a day to Outlook.com. Yahoo names
/// no number. (As of 2026.)
pub const BULK: u64 = 5_000;

row! {
/// One row of `bulk_days`; counts are outcomes that were tried, those of forwarded mail left aside.
pub struct BulkDay {
    /// Day of reception, UTC.
    pub day: i32 => "",
    /// Who runs the consumer mailboxes.
    pub provider: String => "",
    /// Registrable domain of the envelope senders; the providers look at From:, which is rarely logged.
    pub sender_domain: String => "",
    /// To the consumer domains of the provider, 5,000 or more.
    pub outcomes: i64 => "outcomes",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "bulk_days",
    about: "Days on which one sender domain, its subdomains included, sent 5,000 or more to the consumer mailboxes of a provider.",
    counts: "outcomes",
    sql: None,
    columns: BulkDay::COLUMNS,
    derived: &[],
    reconciles: &[],
    rows: |tables, take| each(&tables.bulk_days, take),
};

/// The rows, day by day.
pub(super) fn rows(cube: &Cube<ToConsumers, u64>, names: &Names<'_>) -> Vec<BulkDay> {
    let mut days: BTreeMap<(i32, &str, &[u8]), u64> = BTreeMap::new();
    for (key, &outcomes) in cube.iter() {
        let sender = registrable(names.text(key.sender_domain).as_bytes());
        if sender != OTHER.as_bytes() {
            *days.entry((key.day, key.provider, sender)).or_default() += outcomes;
        }
    }
    let row = |((day, provider, sender), outcomes): ((i32, &str, &[u8]), u64)| BulkDay {
        day,
        provider: provider.to_owned(),
        sender_domain: utf8(sender).into_owned(),
        outcomes: count(outcomes),
    };
    days.into_iter().filter(|(_, outcomes)| *outcomes >= BULK).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intern::Interner;

    #[test]
    fn subdomains_count_together_and_days_and_providers_apart() {
        let mut texts = Interner::default();
        let [news, shop, other] = ["news.sender.com", "shop.sender.com", OTHER].map(|text| texts.intern(text.as_bytes()));
        let mut cube = Cube::default();
        let mut add = |day, sender_domain, provider, outcomes| {
            cube.add(ToConsumers { day, sender_domain, provider }, outcomes);
        };
        add(1, news, "google", 3_000);
        add(1, shop, "google", 2_000);
        add(1, news, "microsoft", 4_999);
        add(2, news, "google", 4_999);
        add(2, other, "google", 9_000);
        let rows = rows(&cube, &Names::of(&texts));
        let told: Vec<_> =
            rows.iter().map(|row| (row.day, row.provider.as_str(), row.sender_domain.as_str(), row.outcomes)).collect();
        assert_eq!(told, [(1, "google", "sender.com", 5_000)]);
    }
}
