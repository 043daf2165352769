//! Who sent, for whom, when and over which channel.

use std::collections::BTreeMap;

use askama::Template;

use super::{channels, week};
use crate::insights::{name, number, smarthost, total};
use crate::report::Error;
use crate::report::facts::Facts;
use crate::report::grid::{self, Cell, Grid, Head, Row};
use crate::tables::Tables;
use crate::tables::bulk_days::{BULK, BulkDay};
use crate::tables::senders::Sender;
use crate::tables::sources::Source;

/// Rows of a table on the page; files have all.
const ROWS: usize = 15;

#[derive(Template)]
#[template(path = "sections/traffic.html")]
struct Traffic {
    is_empty: bool,
    lead: String,
    sources: String,
    senders: String,
    bulk: String,
    week: String,
    channels_lead: String,
    channels: String,
    inbound: String,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let (tables, is_hidden) = (facts.tables, facts.is_behind_smarthost);
    let traffic = Traffic {
        is_empty: facts.all.outcomes == 0,
        lead: lead(tables),
        sources: sources(tables).html()?,
        senders: senders(tables).html()?,
        bulk: if is_hidden || tables.bulk_days.is_empty() { String::new() } else { bulk(tables).html()? },
        week: week::html(tables)?,
        channels_lead: if is_hidden { smarthost::WITHHELD.to_owned() } else { channels::lead(tables) },
        channels: if is_hidden || channels::is_empty(tables) { String::new() } else { channels::grid(tables).html()? },
        inbound: if tables.inbound_rejects.is_empty() { String::new() } else { inbound(tables).html()? },
    };
    Ok(traffic.render()?)
}

/// Sums of the tables over who sent.
#[derive(Clone, Copy, Default)]
struct Sum {
    outcomes: i64,
    resolved: i64,
    delivered: i64,
    deferred_once: i64,
    attempted: i64,
    lost_to_blocks: i64,
    hard: i64,
}

/// Counts of rows of `sources` and `senders`, which name them alike.
macro_rules! sum_of {
    ($row:expr) => {
        Sum {
            outcomes: $row.outcomes,
            resolved: $row.delivered + $row.bounced_later + $row.bounced + $row.blocked + $row.expired,
            delivered: $row.delivered,
            deferred_once: $row.deferred_once,
            attempted: $row.attempted,
            lost_to_blocks: $row.lost_to_blocks,
            hard: $row.hard,
        }
    };
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.outcomes += other.outcomes;
        self.resolved += other.resolved;
        self.delivered += other.delivered;
        self.deferred_once += other.deferred_once;
        self.attempted += other.attempted;
        self.lost_to_blocks += other.lost_to_blocks;
        self.hard += other.hard;
    }

    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::count(self.outcomes),
            Cell::rate(total::rate(self.delivered, self.resolved)),
            Cell::rate(total::rate(self.deferred_once, self.attempted)),
            Cell::rate(total::rate(self.lost_to_blocks, self.resolved)),
            Cell::rate(total::rate(self.hard, self.resolved)),
        ]
    }
}

const HEADS: [(&str, &str); 5] = [
    ("Outcomes", ""),
    ("Delivered", "of resolved"),
    ("Deferred once", "of those tried"),
    ("Lost to blocks", "of resolved"),
    ("Hard bounces", "of resolved"),
];

fn heads(first: &str) -> Vec<Head> {
    let numbers = HEADS.iter().map(|&(label, unit)| Head::numbers(label, unit));
    std::iter::once(Head::words(first)).chain(numbers).collect()
}

fn lead(tables: &Tables) -> String {
    let sources = summed(tables.sources.iter().map(|row| (row.source.as_str(), sum_of!(row))));
    let senders = summed(tables.senders.iter().map(|row| (row.sender_domain.as_str(), sum_of!(row))));
    let named = |rows: &[(&str, Sum)]| rows.iter().filter(|(name, _)| !name.is_empty()).count() as i64;
    let whom = match named(&senders) {
        0 => "no sender domain that is known".to_owned(),
        n => number::many(n, "sender domain", "sender domains"),
    };
    format!(
        "{} sent for {whom}. Sources are addresses or virtual MTAs where the log names them, else host and instance.",
        number::many(named(&sources), "source", "sources"),
    )
}

/// Rows of one name together, the largest first.
fn summed<'a>(rows: impl Iterator<Item = (&'a str, Sum)>) -> Vec<(&'a str, Sum)> {
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for (name, sum) in rows {
        sums.entry(name).or_default().add(sum);
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.outcomes.cmp(&a.1.outcomes).then(a.0.cmp(b.0)));
    sums
}

fn sources(tables: &Tables) -> Grid {
    let sums = summed(tables.sources.iter().map(|row: &Source| (row.source.as_str(), sum_of!(row))));
    table("Source", "Outcomes by source", &sums, "never tried", "sources")
}

fn senders(tables: &Tables) -> Grid {
    let sums = summed(tables.senders.iter().map(|row: &Sender| (row.sender_domain.as_str(), sum_of!(row))));
    table("Sender domain", "Outcomes by domain of the envelope sender", &sums, "none known", "senders")
}

fn table(head: &str, caption: &str, sums: &[(&str, Sum)], unnamed: &str, name: &str) -> Grid {
    let label = |text: &str| if text.is_empty() { format!("({unnamed})") } else { name::domain(text) };
    Grid {
        caption: caption.to_owned(),
        heads: heads(head),
        rows: sums.iter().take(ROWS).map(|(text, sum)| Row::new(label(text), sum.cells())).collect(),
        more: grid::more(sums.len(), sums.len().min(ROWS), name),
        is_sortable: true,
    }
}

/// Who sent in bulk to whom, on how many days.
fn bulk(tables: &Tables) -> Grid {
    let mut senders: BTreeMap<(&str, &str), Vec<&BulkDay>> = BTreeMap::new();
    for row in &tables.bulk_days {
        senders.entry((&row.sender_domain, &row.provider)).or_default().push(row);
    }
    let mut senders: Vec<_> = senders.into_iter().collect();
    senders.sort_by_key(|(who, days)| (std::cmp::Reverse(days.len()), *who));
    let row = |((sender, provider), days): &((&str, &str), Vec<&BulkDay>)| {
        let date = |day: Option<i32>| Cell::figure(day.map_or_else(String::new, number::short_date));
        let cells = vec![
            Cell::words(name::provider(provider)),
            Cell::count(days.len() as i64),
            Cell::count(days.iter().map(|day| day.outcomes).max().unwrap_or_default()),
            date(days.iter().map(|day| day.day).min()),
            date(days.iter().map(|day| day.day).max()),
        ];
        Row::new(name::domain(sender), cells)
    };
    Grid {
        caption: format!(
            "Days with {} outcomes or more from one sender domain to a provider's consumer mailboxes",
            number::count(BULK as i64)
        ),
        heads: vec![
            Head::words("Sender domain"),
            Head::words("Provider"),
            Head::numbers("Days", ""),
            Head::numbers("Most on one", "outcomes"),
            Head::numbers("First", ""),
            Head::numbers("Last", ""),
        ],
        rows: senders.iter().take(ROWS).map(row).collect(),
        more: grid::more(senders.len(), senders.len().min(ROWS), "bulk_days"),
        is_sortable: true,
    }
}

fn inbound(tables: &Tables) -> Grid {
    let mut sums: BTreeMap<(Option<i64>, &str), i64> = BTreeMap::new();
    for row in &tables.inbound_rejects {
        *sums.entry((row.code, row.enhanced.as_deref().unwrap_or_default())).or_default() += row.rejects;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let label = |code: Option<i64>, enhanced: &str| match code {
        Some(code) => format!("{code} {enhanced}").trim_end().to_owned(),
        None => "(no code logged)".to_owned(),
    };
    let row = |((code, enhanced), rejects): &((Option<i64>, &str), i64)| {
        Row::new(label(*code, enhanced), vec![Cell::count(*rejects)])
    };
    Grid {
        caption: "Refusals by the code of our reply".to_owned(),
        heads: vec![Head::words("Our reply"), Head::numbers("Refusals", "")],
        rows: sums.iter().take(ROWS).map(row).collect(),
        more: grid::more(sums.len(), sums.len().min(ROWS), "inbound_rejects"),
        is_sortable: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_bulk_stand_together_by_sender_and_provider() {
        let row = |day: i32, provider: &str, outcomes: i64| BulkDay {
            day,
            provider: provider.to_owned(),
            sender_domain: "sender.example".to_owned(),
            outcomes,
        };
        let bulk_days = vec![row(20_727, "microsoft", 5_000), row(20_727, "google", 6_000), row(20_730, "google", 9_000)];
        let grid = bulk(&Tables { bulk_days, ..Tables::default() });
        let text = |row: &Row| row.cells.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>();
        assert_eq!(
            grid.rows.iter().map(text).map(|cells| cells[1..3].to_vec()).collect::<Vec<_>>(),
            [["2", "9,000"], ["1", "5,000"]]
        );
    }
}
