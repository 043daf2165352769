//! What came back after delivery: bounces and complaints, and what of it belongs to no mail of these logs.

use std::collections::BTreeMap;

use askama::Template;

use crate::insights::thresholds::COMPLAINTS;
use crate::insights::{name, number, total};
use crate::report::facts::Facts;
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::report::{Error, text};
use crate::tables::Tables;

/// Rows of a table on the page; files have all.
const ROWS: usize = 25;

#[derive(Template)]
#[template(path = "sections/later.html")]
struct Later {
    lead: String,
    bounces: String,
    complained: String,
    complaints: String,
    received: String,
    fates: String,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let tables = facts.tables;
    let shown = |grid: Grid| if grid.rows.is_empty() { Ok(String::new()) } else { grid.html() };
    let later = Later {
        lead: lead(facts),
        bounces: shown(bounces(tables))?,
        complained: complained(tables),
        complaints: shown(complaints(tables))?,
        received: received(tables),
        fates: shown(fates(tables))?,
    };
    Ok(later.render()?)
}

fn lead(facts: &Facts<'_>) -> String {
    let all = &facts.all;
    let rate = total::rate(all.bounced_later, all.delivered + all.bounced_later);
    if !facts.tables.totals.knows_later {
        return "No bounce came in after delivery, as far as these logs tell. Bounces by mail were not read (--dsn), so that delivered means \
                accepted here."
            .to_owned();
    }
    format!(
        "{} of what was accepted was returned later ({}): it counts as bounced later.",
        number::rate(rate),
        number::base(rate)
    )
}

fn bounces(tables: &Tables) -> Grid {
    let row = |row: &crate::tables::async_bounces::AsyncBounceRow| {
        let cells = vec![
            Cell::words(name::category(&row.category)),
            Cell::words(key(&row.joined_by)),
            Cell::count(row.outcomes),
            Cell::span(row.lag_p50_ms),
            Cell::span(row.lag_p95_ms),
        ];
        Row::new(text::provider(&row.provider), cells)
    };
    Grid {
        caption: "Bounced later, by provider, reason and the key by which the bounce was joined".to_owned(),
        heads: vec![
            Head::words("Provider"),
            Head::words("Reason"),
            Head::words("Joined by"),
            Head::numbers("Bounced later", "outcomes"),
            Head::numbers("Half came within", ""),
            Head::numbers("95 % came within", ""),
        ],
        rows: tables.async_bounces.iter().take(ROWS).map(row).collect(),
        more: more(tables.async_bounces.len(), tables.async_bounces.len().min(ROWS), "async_bounces"),
        is_sortable: true,
    }
}

/// A key in words.
fn key(joined_by: &str) -> &str {
    match joined_by {
        "log" => "the log itself",
        "envelope-id" => "envelope id",
        "message-id" => "Message-ID",
        "verp" => "return address",
        "queue-id" => "queue id",
        "header" => "id in the header",
        "recipient" => "recipient, a single mail",
        other => other,
    }
}

fn complained(tables: &Tables) -> String {
    const GMAIL: &str = "Gmail tells of none: not measurable from logs; see its Postmaster Tools.";
    let sum = |of: fn(&crate::tables::complaints::ComplaintRow) -> i64| tables.complaints.iter().map(of).sum();
    let rate = total::rate(sum(|row| row.complained), sum(|row| row.delivered));
    if tables.complaints.is_empty() {
        return format!("No complaint was told of. Reports of feedback loops are read with --arf. {GMAIL}");
    }
    format!(
        "{} of what was delivered to providers that tell of complaints was complained of ({}). Providers want less than {}, and act from {} on. {GMAIL}",
        number::rate(rate),
        number::base(rate),
        number::percent(COMPLAINTS.watch),
        number::percent(COMPLAINTS.act),
    )
}

fn complaints(tables: &Tables) -> Grid {
    let row = |row: &crate::tables::complaints::ComplaintRow| {
        let sender = if row.sender_domain.is_empty() { "(none known)".to_owned() } else { name::domain(&row.sender_domain) };
        let cells = vec![
            Cell::words(sender),
            Cell::count(row.complained),
            Cell::count(row.delivered),
            Cell::rate(total::rate(row.complained, row.delivered)),
        ];
        Row::new(text::provider(&row.provider), cells)
    };
    Grid {
        caption: "Complaints by provider and sender domain, by day of the mail".to_owned(),
        heads: vec![
            Head::words("Provider"),
            Head::words("Sender domain"),
            Head::numbers("Complaints", "outcomes"),
            Head::numbers("Delivered", "outcomes"),
            Head::numbers("Complaint rate", "of delivered"),
        ],
        rows: tables.complaints.iter().take(ROWS).map(row).collect(),
        more: more(tables.complaints.len(), tables.complaints.len().min(ROWS), "complaints"),
        is_sortable: true,
    }
}

fn received(tables: &Tables) -> String {
    let of = |kind: &str| {
        tables.feedback.iter().filter(|row| row.source == "mail" && row.kind == kind).map(|row| row.mails).sum::<i64>()
    };
    let mails: i64 = tables.feedback.iter().map(|row| row.mails).sum();
    if mails == 0 {
        return String::new();
    }
    let (bounces, delays, complaints, doubles) = (of("bounce"), of("delay"), of("complaint"), of("duplicate"));
    let mut parts = vec![number::many(bounces, "bounce", "bounces"), number::many(complaints, "complaint", "complaints")];
    parts.push(number::many(delays, "notice of a delay", "notices of a delay"));
    let others = mails - bounces - delays - complaints - doubles;
    format!(
        "{} came back: {}, {} of other kinds (answers of programs, reports of success, other mail), {} read before.",
        number::many(mails, "mail", "mails"),
        parts.join(", "),
        number::count(others),
        number::count(doubles)
    )
}

/// Cases by fate; keys together.
fn fates(tables: &Tables) -> Grid {
    let order = ["joined", "elsewhere", "known", "again", "own", "late", "ambiguous", "unmatched"];
    let mut sums: BTreeMap<(&str, usize), i64> = BTreeMap::new();
    for row in tables.feedback.iter().filter(|row| row.source == "mail" && row.cases > 0) {
        let place = order.iter().position(|fate| *fate == row.fate).unwrap_or(order.len());
        *sums.entry((&row.kind, place)).or_default() += row.cases;
    }
    let words = |place: usize| match order.get(place).copied().unwrap_or_default() {
        "joined" => "joined to its mail",
        "elsewhere" => "about mail of another period",
        "known" => "in the log already",
        "again" => "told by another mail already",
        "own" => "a notification of your own server",
        "late" => "after the settling time",
        "ambiguous" => "could be about several mails",
        _ => "about no mail of these logs",
    };
    let kind = |kind: &str| if kind == "bounce" { "Bounced recipient" } else { "Complaint" };
    let row = |(&(sort, place), &cases): (&(&str, usize), &i64)| {
        Row::new(kind(sort), vec![Cell::words(words(place)), Cell::count(cases)])
    };
    Grid {
        caption: "What each was about; those of no single mail are listed in the table unjoined".to_owned(),
        heads: vec![Head::words("What"), Head::words("What became of it"), Head::numbers("How many", "recipients")],
        rows: sums.iter().map(row).collect(),
        more: String::new(),
        is_sortable: false,
    }
}
