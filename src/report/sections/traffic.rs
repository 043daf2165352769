//! Who sent, for whom, when and over which channel.

use std::collections::BTreeMap;

use askama::Template;

use crate::insights::{name, number, smarthost, total};
use crate::report::Error;
use crate::report::charts::week::{ENOUGH, week};
use crate::report::facts::Facts;
use crate::report::figure::{Figure, Words};
use crate::report::grid::{self, Cell, Grid, Head, Row};
use crate::stats::Rate;
use crate::tables::Tables;
use crate::tables::bulk_days::{BULK, BulkDay};
use crate::tables::senders::Sender;
use crate::tables::sources::Source;
use crate::tables::tls::Channel;

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
        week: heatmap(tables)?,
        channels_lead: if is_hidden { smarthost::WITHHELD.to_owned() } else { channels_lead(tables) },
        channels: if is_hidden || channels_of(tables).is_empty() { String::new() } else { channels(tables).html()? },
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
    let label = |text: &str| if text.is_empty() { format!("({unnamed})") } else { text.to_owned() };
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
        Row::new(*sender, cells)
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

const WEEK: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Temporary failures of first attempts by weekday and hour, all providers together. At night retries are most of what is tried: counted
/// with them, the quietest hours would look worst.
fn heatmap(tables: &Tables) -> Result<String, Error> {
    let mut cells = [[Rate::default(); 24]; 7];
    for row in &tables.heatmap {
        let place = usize::try_from(row.weekday - 1).ok().zip(usize::try_from(row.hour).ok());
        let cell = place.and_then(|(day, hour)| cells.get_mut(day)?.get_mut(hour));
        if let Some(cell) = cell {
            *cell = Rate::sum(&[*cell, total::rate(row.first_deferred, row.first)]);
        }
    }
    let all = Rate::sum(cells.as_flattened());
    let judged =
        cells.iter().enumerate().flat_map(|(day, hours)| hours.iter().enumerate().map(move |(hour, rate)| (day, hour, *rate)));
    let worst = judged.filter(|(_, _, rate)| rate.of >= ENOUGH).max_by(|a, b| {
        let value = |rate: Rate| rate.value().unwrap_or(0.0);
        value(a.2).total_cmp(&value(b.2)).then((b.0, b.1).cmp(&(a.0, a.1)))
    });
    let title = match worst {
        _ if all.part == 0 => "Nothing was put off at any hour".to_owned(),
        None => "Too little mail to tell one hour from another".to_owned(),
        Some((day, hour, rate)) => {
            let day = WEEK.get(day).copied().unwrap_or_default();
            format!("Put off most on {day}s from {hour:02}:00 to {:02}:00: {} of first attempts", hour + 1, number::rate(rate))
        }
    };
    let words = Words {
        id: "week".to_owned(),
        title,
        measure: format!(
            "First attempts that failed for now, share of first attempts, by weekday and hour (UTC); the stronger the more. Small: fewer than \
             {ENOUGH}; a grey dot: fewer than 30"
        ),
        description: format!("{} of all first attempts were put off.", number::rate_in_full(all)),
        keys: Vec::new(),
    };
    let hours = std::iter::once(Head::words("Weekday")).chain((0..24).map(|hour| Head::numbers(format!("{hour:02}"), "")));
    let twin = Grid {
        caption: "First attempts that failed for now, share of first attempts, by weekday and hour (UTC)".to_owned(),
        heads: hours.collect(),
        rows: WEEK
            .iter()
            .zip(&cells)
            .map(|(day, hours)| Row::new(*day, hours.iter().map(|rate| Cell::rate(*rate)).collect()))
            .collect(),
        more: String::new(),
        is_sortable: false,
    };
    Figure::new(words, |width| week(&cells, width), &twin)?.html()
}

/// Attempts of a provider by channel.
#[derive(Clone, Copy, Default)]
struct Channels {
    delivered: i64,
    logged: i64,
    encrypted: i64,
    /// Attempts over either protocol, and those of them that were accepted.
    v4: (i64, i64),
    v6: (i64, i64),
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
        network.0 += row.attempts;
        network.1 += row.delivered;
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

fn channels_lead(tables: &Tables) -> String {
    let mut all = Channels::default();
    tables.tls.iter().for_each(|row| all.add(row));
    if all.logged == 0 {
        return "The logs do not tell which deliveries were encrypted.".to_owned();
    }
    format!(
        "TLS is logged for {} delivered attempts; of these {} went encrypted.",
        number::rate_in_full(total::rate(all.logged, all.delivered)),
        number::rate_in_full(total::rate(all.encrypted, all.logged)),
    )
}

fn channels(tables: &Tables) -> Grid {
    let sums = channels_of(tables);
    let row = |(provider, sum): &(&str, Channels)| {
        let cells = vec![
            Cell::count(sum.delivered),
            Cell::rate(total::rate(sum.encrypted, sum.logged)),
            Cell::rate(total::rate(sum.logged, sum.delivered)),
            Cell::rate(total::rate(sum.v6.0, sum.v4.0 + sum.v6.0)),
            Cell::rate(total::rate(sum.v6.1, sum.v6.0)),
            Cell::rate(total::rate(sum.v4.1, sum.v4.0)),
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
            Head::numbers("Accepted over IPv6", "of attempts"),
            Head::numbers("Accepted over IPv4", "of attempts"),
        ],
        rows: sums.iter().take(ROWS).map(row).collect(),
        more: grid::more(sums.len(), sums.len().min(ROWS), "tls"),
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
    fn what_each_protocol_got_accepted_is_told_of_its_own_attempts() {
        let row = |network: &str, attempts: i64, delivered: i64| Channel {
            network: network.to_owned(),
            attempts,
            delivered,
            ..Channel::default()
        };
        let mut sum = Channels::default();
        [row("ipv4", 300, 290), row("ipv6", 100, 60), row("unknown", 50, 0)].iter().for_each(|row| sum.add(row));
        assert_eq!((sum.v4, sum.v6, sum.delivered), ((300, 290), (100, 60), 350));
    }

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
