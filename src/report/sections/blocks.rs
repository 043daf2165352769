//! Blocking and filtering: when which provider refused which source, what it cost and in which words; throttling, greylisting and
//! refusals over authentication apart.

use std::collections::BTreeMap;

use askama::Template;

use crate::event::Micros;
use crate::insights::blocks::{
    BLOCK, REFUSED_DAY, began, beyond_usual, distinct, part_of, refused_source, senders, tries, usual,
};
use crate::insights::{evidence, name, number, total};
use crate::report::Error;
use crate::report::charts::episodes::{Lane, Span, episodes};
use crate::report::charts::ink::Ink;
use crate::report::facts::Facts;
use crate::report::figure::{Figure, Key, Words};
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::report::text;
use crate::tables::ALL;
use crate::tables::blocks::Block;

/// How many lanes, episodes and providers are shown.
const LANES: usize = 20;
const EPISODES: usize = 30;
const PROVIDERS: usize = 15;

#[derive(Template)]
#[template(path = "sections/blocks.html")]
struct Blocks {
    lead: String,
    chart: String,
    episodes: Vec<Episode>,
    more: String,
    throttling: String,
    greylisting: String,
    authentication: String,
}

/// An episode as it is shown.
struct Episode {
    id: String,
    title: String,
    cost: String,
    figures: Vec<(&'static str, String)>,
    /// Sender domains that stand out, each with its part.
    senders: Vec<String>,
    signature: String,
    reply_link: String,
    is_open: bool,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let apart =
        |category: &str, none: &str| by_provider(facts, category).map_or_else(|| Ok(none.to_owned()), |grid| grid.html());
    let blocks = Blocks {
        lead: lead(facts),
        chart: chart(facts)?,
        episodes: shown(facts).into_iter().map(|row| Episode::of(facts, row)).collect(),
        more: more(distinct(facts.tables).count(), EPISODES, "blocks"),
        throttling: apart("rate-limit", "")?,
        greylisting: apart("greylisted", "")?,
        authentication: apart("authentication", "")?,
    };
    Ok(blocks.render()?)
}

/// The episodes that are shown one by one: blocks before throttling, what cost most first.
pub(super) fn shown<'a>(facts: &Facts<'a>) -> Vec<&'a Block> {
    let mut worst: Vec<&Block> = distinct(facts.tables).collect();
    let kind = |row: &Block| (row.kind != BLOCK, row.kind != REFUSED_DAY);
    worst.sort_by_key(|row| (kind(row), std::cmp::Reverse((row.lost + row.waiting, row.delayed, row.refused)), row.first_hour));
    worst.truncate(EPISODES);
    worst
}

/// The id of an episode: of names and its first hour.
pub(super) fn id(row: &Block) -> String {
    name::anchor(
        &row.kind,
        &format!("{}-{}-{}", name::slug(&row.provider), name::slug(&row.source), number::hour_id(row.first_hour)),
    )
}

fn lead(facts: &Facts<'_>) -> String {
    let all = &facts.all;
    let lost = total::rate(all.lost_to_blocks, total::resolved(all));
    let touched = total::rate(all.touched_by_block, total::resolved(all));
    if lost.of == 0 {
        return "No mail has a known end: what blocks cost cannot be told.".to_owned();
    }
    let is_of_many = distinct(facts.tables).any(|row| row.provider == name::SELF_HOSTED);
    let of_many = if is_of_many {
        " “Self-hosted servers” are those that domains run themselves, together: each decides for itself, so that many of them refuse at once \
         over what they have in common, or one of them has much of the mail."
    } else {
        ""
    };
    format!(
        "{} of resolved outcomes were lost to blocks ({}); {} met at least one refusal by policy, lost or not ({}).{of_many}",
        number::rate(lost),
        number::base(lost),
        number::rate(touched),
        number::base(touched),
    )
}

// --- Episodes ---------------------------------------------------------------------------------------------------------------------

fn chart(facts: &Facts<'_>) -> Result<String, Error> {
    let (Some(days), rows) = (total::period(facts.tables), &facts.tables.blocks) else { return Ok(String::new()) };
    if rows.is_empty() {
        return Ok(String::new());
    }
    let lanes = lanes(distinct(facts.tables));
    let blocks: Vec<&Block> = distinct(facts.tables).filter(|row| row.kind == BLOCK).collect();
    let hours: i64 = blocks.iter().map(|row| row.hours).sum();
    let count = blocks.len();
    let title = match count {
        0 if rows.iter().any(|row| row.kind == REFUSED_DAY) => "No block of hours, but days of refusals".to_owned(),
        0 => "No block of hours; providers only throttled".to_owned(),
        count => {
            let hours = number::many(hours, "hour", "hours");
            format!("{} of blocks, {hours} in all", number::many(count as i64, "episode", "episodes"))
        }
    };
    let words = Words {
        id: "episodes".to_owned(),
        title,
        measure:
            "Hours in which at least a fifth of the attempts was refused, or half of those of a day, by provider and source; fainter: a \
                  smaller share. An arrow: the log ends before the episode does"
                .to_owned(),
        description: format!(
            "{} from {} providers and sources.",
            number::many(rows.len() as i64, "episode", "episodes"),
            lanes.len()
        ),
        keys: vec![Key::new(Ink::Blocked, "block"), Key::new(Ink::Deferred, "throttling")],
    };
    let shown = lanes.get(..lanes.len().min(LANES)).unwrap_or_default();
    Figure::new(words, |width| episodes(shown, days, width), &grid(rows))?.html()
}

/// A lane for each provider and source, those of most refusals first.
fn lanes<'a>(rows: impl Iterator<Item = &'a Block>) -> Vec<Lane> {
    let mut lanes: BTreeMap<(bool, &str, &str), (i64, Vec<Span>)> = BTreeMap::new();
    for row in rows {
        let is_block = row.kind == BLOCK || row.kind == REFUSED_DAY;
        let (refused, spans) = lanes.entry((!is_block, &row.provider, &row.source)).or_default();
        *refused += row.refused;
        spans.push(Span {
            from: row.first_hour.hour(),
            to: row.last_hour.hour().saturating_add(1),
            share: total::rate(row.refused, row.attempts).value().unwrap_or(0.0),
            ink: if is_block { Ink::Blocked } else { Ink::Deferred },
            is_open: row.is_open,
        });
    }
    let mut lanes: Vec<_> = lanes.into_iter().collect();
    lanes.sort_by_key(|((is_throttling, ..), (refused, _))| (*is_throttling, std::cmp::Reverse(*refused)));
    let name = |provider: &str, source: &str| {
        let source = if source == ALL { "all sources" } else { source };
        format!("{} → {source}", text::provider(provider))
    };
    lanes.into_iter().map(|((_, provider, source), (_, spans))| Lane { name: name(provider, source), spans }).collect()
}

fn grid(rows: &[Block]) -> Grid {
    let is_waiting = rows.iter().any(|row| row.waiting > 0);
    let waiting = is_waiting.then(|| Head::numbers("Waiting", "outcomes"));
    let line = |row: &Block| {
        let mut cells = vec![
            Cell::words(refused_source(row)),
            Cell::words(&row.kind),
            Cell::words(number::time(row.first_hour)),
            Cell::words(row.lift_before.map_or_else(|| number::NONE.to_owned(), number::time)),
            Cell::count(row.hours),
            Cell::count(row.attempts),
            Cell::count(row.refused),
            Cell::rate(total::rate(row.refused, row.attempts)),
            row.excess.map_or_else(|| Cell::words(number::NONE), |excess| Cell::count(excess.round() as i64)),
            Cell::count(row.lost),
            Cell::count(row.delayed),
        ];
        cells.extend(is_waiting.then(|| Cell::count(row.waiting)));
        Row::new(text::provider(&row.provider), cells)
    };
    Grid {
        caption: "Episodes in order of time".to_owned(),
        heads: vec![
            Head::words("Provider"),
            Head::words("Source"),
            Head::words("Kind"),
            Head::words("First bad hour"),
            Head::words("First acceptance after"),
            Head::numbers("Hours", ""),
            Head::numbers("Attempts", ""),
            Head::numbers("Refused", "attempts"),
            Head::numbers("Refused", "of attempts"),
            Head::numbers("Beyond the usual", "attempts"),
            Head::numbers("Lost", "outcomes"),
            Head::numbers("Delayed", "outcomes"),
        ]
        .into_iter()
        .chain(waiting)
        .collect(),
        rows: rows.iter().take(100).map(line).collect(),
        more: more(rows.len(), 100, "blocks"),
        is_sortable: true,
    }
}

impl Episode {
    fn of(facts: &Facts<'_>, row: &Block) -> Self {
        let refused = total::rate(row.refused, row.attempts);
        let verb = if row.kind == BLOCK || row.kind == REFUSED_DAY { "refused" } else { "throttled" };
        let who = format!("{} {verb} {}", text::provider(&row.provider), text::shortened(&refused_source(row), 60));
        let seen = |time: Option<Micros>| time.map_or_else(|| "none seen".to_owned(), number::time);
        let mut figures = vec![
            ("Refused", number::rate_in_full(refused)),
            ("Refused in the median hour", usual(row)),
            ("Beyond the usual of the same hours of the week", beyond_usual(row).unwrap_or_else(|| number::NONE.to_owned())),
            row.onset.map_or_else(
                || ("First refusal", seen(row.first_refusal)),
                |onset| ("First of the refusals in a row", number::time(onset)),
            ),
        ];
        if row.kind != REFUSED_DAY {
            figures.push(("Last acceptance before", seen(row.onset_after)));
            // Refusals in a row begin in it.
            if row.onset.is_none() {
                figures.push(("First bad hour", number::time(row.first_hour)));
            }
            let after = if row.is_open { "none before the log ended".to_owned() } else { seen(row.lift_before) };
            figures.push(("First acceptance after", after));
        }
        figures.push(("Our attempts meanwhile", tries(row)));
        if let (Some(refused), Some(of)) = (row.other_refused, row.other_attempts) {
            figures.push(("Our other sources there meanwhile, refused", number::rate_in_full(total::rate(refused, of))));
        }
        figures.extend([
            ("Waiting of those lost and delayed, added up", number::hours(row.waited_ms)),
            ("Means", name::category(&row.category)),
        ]);
        let standing_out =
            senders(facts.tables, row).map(|sender| format!("{}: {}", name::domain(&sender.sender_domain), part_of(sender)));
        let standing_out: Vec<String> = standing_out.collect();
        let waiting = if row.waiting > 0 { format!(", {} waiting", number::count(row.waiting)) } else { String::new() };
        Self {
            id: id(row),
            title: if row.kind == REFUSED_DAY {
                format!("{who} on {}", number::date(row.first_hour.day()))
            } else {
                format!("{who} for {} from {}", number::many(row.hours, "hour", "hours"), number::short_time(began(row)))
            },
            cost: format!("{} lost, {} delayed{waiting}", number::count(row.lost), number::count(row.delayed)),
            figures,
            senders: standing_out,
            signature: text::shortened(&row.signature, 400),
            reply_link: facts.reply_link(&row.provider, &row.signature),
            is_open: row.is_open,
        }
    }
}

// --- Apart ------------------------------------------------------------------------------------------------------------------------

/// Attempts and outcomes of one category, by provider; None where there are none.
fn by_provider(facts: &Facts<'_>, category: &str) -> Option<Grid> {
    let mut rows: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in facts.tables.signatures.iter().filter(|row| row.category == category) {
        rows.entry(&row.provider).or_default().0 += row.attempts;
    }
    for row in facts.tables.reasons.iter().filter(|row| row.category == category) {
        // Replies put the servers that domains run themselves together.
        rows.entry(name::route(&row.provider)).or_default().1 += row.outcomes;
    }
    if rows.is_empty() {
        return None;
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by_key(|(_, counts)| std::cmp::Reverse(*counts));
    // Of the same routes as the replies: `providers` goes by the recipients' domains.
    let attempts_of = |id: &str| facts.tables.tls.iter().filter(|row| row.provider == id).map(|row| row.attempts).sum();
    let line = |(id, (attempts, outcomes)): &(&str, (i64, i64))| {
        let replies = evidence::signatures(facts.tables, |row| row.category == category && row.provider == *id);
        let top = replies.first();
        let reply = top.map_or_else(
            || Cell::words(number::NONE),
            |top| Cell::words(&top.signature).to(facts.reply_link(id, &top.signature)),
        );
        let share = total::rate(*attempts, attempts_of(id)).value().filter(|share| *share <= 1.0);
        Row::new(text::provider(id), vec![Cell::count(*attempts), Cell::share(share), Cell::count(*outcomes), reply])
    };
    Some(Grid {
        caption: format!("By provider: {}", name::category(category)),
        heads: vec![
            Head::words("Provider"),
            Head::numbers("Put off or refused", "attempts"),
            Head::numbers("Share", "of its attempts"),
            Head::numbers("Not delivered for it", "outcomes"),
            Head::words("Commonest reply"),
        ],
        rows: rows.iter().take(PROVIDERS).map(line).collect(),
        more: more(rows.len(), PROVIDERS, "signatures"),
        is_sortable: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::fixture;

    #[test]
    fn blocks_stand_above_throttling() {
        let tables = fixture::small();
        let lanes = lanes(tables.blocks.iter());
        assert_eq!(lanes.first().map(|lane| lane.spans[0].ink), Some(Ink::Blocked));
        assert_eq!(lanes.last().map(|lane| lane.spans[0].ink), Some(Ink::Deferred));
    }

    #[test]
    fn the_id_of_an_episode_is_made_of_names_and_its_hour() {
        let tables = fixture::small();
        let block = tables.blocks.iter().find(|row| row.kind == BLOCK).unwrap();
        assert_eq!(id(block), "block-microsoft-192.0.2.14-20261007t04");
    }
}
