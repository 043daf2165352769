//! Seeds: why those that an inbox monitor misses are missing, provider by provider, and whether seeds fare as everybody else.

use std::collections::BTreeMap;

use askama::Template;

use crate::insights::{number, total};
use crate::report::Error;
use crate::report::charts::ink::Ink;
use crate::report::charts::shares::{Bar, shares};
use crate::report::facts::Facts;
use crate::report::figure::{Figure, Key, Words};
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::report::text;
use crate::stats::Rate;
use crate::tables::seed_providers::SeedProvider;
use crate::tables::seeds::{SeedRow, Verdict};
use crate::tables::{ALL, Tables};

/// How many providers and seeds are shown.
const PROVIDERS: usize = 15;
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "sections/seeds.html")]
struct View {
    headline: String,
    chart: String,
    providers: Vec<(String, String)>,
    rows: String,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let tables = facts.tables;
    let each = tables.seed_providers.iter().filter(|row| row.provider != ALL);
    Ok(View {
        headline: headline(tables),
        chart: chart(tables)?,
        providers: each.take(PROVIDERS).map(|row| (text::provider(&row.provider), sentence(row))).collect(),
        rows: if tables.seeds.is_empty() { String::new() } else { grid(facts).html()? },
    }
    .render()?)
}

/// What most matters, in a sentence; empty without seeds.
pub(in crate::report) fn headline(tables: &Tables) -> String {
    let Some(all) = tables.seed_providers.iter().find(|row| row.provider == ALL) else { return String::new() };
    let (of, problems, accepted, not_sent, what) = if all.missing > 0 {
        (all.missing, all.missing_problems, all.missing_accepted, all.missing_not_sent, "missing seed")
    } else {
        (all.seeds, all.problems, all.accepted, all.not_sent, "seed")
    };
    let rate = total::rate(problems, of);
    let interval = rate.interval().map_or_else(String::new, |interval| format!(", {}", number::interval(rate, interval)));
    format!(
        "Of {} {} ({}{interval}) {} that the log shows, {} accepted{}, {} never sent.",
        number::many(of, what, &format!("{what}s")),
        number::count(problems),
        number::rate(rate),
        if problems == 1 { "is a delivery problem" } else { "are delivery problems" },
        number::many(accepted, "was", "were"),
        if all.missing > 0 { " and filtered after that" } else { "" },
        number::many(not_sent, "was", "were"),
    )
}

/// What a provider's seeds come to.
fn sentence(row: &SeedProvider) -> String {
    let of = |part: i64, of: i64| number::rate_in_full(total::rate(part, of));
    let compared = format!(
        "of the seeds with a known end {} were delivered, of everybody else there in the same hours {}",
        of(row.seeds_delivered, row.seeds_resolved),
        of(row.others_delivered, row.others_resolved),
    );
    let all = if row.missing > 0 { row.missing } else { row.seeds };
    let (one, more) = if row.missing > 0 { ("missing seed", "missing seeds") } else { ("seed", "seeds") };
    let named = |part: i64| format!("{} of {}", number::count(part), number::many(all, one, more));
    let (problems, not_sent) =
        if row.missing > 0 { (row.missing_problems, row.missing_not_sent) } else { (row.problems, row.not_sent) };
    match row.verdict.as_str() {
        "seeds-worse" => format!("The seeds are the problem, not the mail: {compared} (p\u{a0}=\u{a0}{}).", probability(row.p)),
        "delivery" => {
            format!("It is delivery: {} did not arrive for a reason that the log shows; {compared}.", named(problems))
        }
        "filtering" => {
            let parts = [(row.missing_accepted, "accepted and then not found"), (row.spam, "found among spam")];
            let parts: Vec<String> = parts
                .iter()
                .filter(|(seeds, _)| *seeds > 0)
                .map(|(seeds, what)| format!("{} {what}", number::many(*seeds, "was", "were")))
                .collect();
            format!(
                "It is filtering after acceptance: {}; the log cannot show more. Quote the queue ids below to the provider.",
                parts.join(", ")
            )
        }
        "not-sent" => format!(
            "They were not sent: no mail to {} is in the log. Look whether the seeds are on the list of the mailing, or suppressed.",
            named(not_sent)
        ),
        _ => format!("Nothing is wrong: {} accepted.", number::many(row.accepted, "was", "were")),
    }
}

fn probability(p: f64) -> String {
    if p < 0.001 { "below 0.001".to_owned() } else { format!("{p:.3}") }
}

/// What a verdict says of one seed.
const fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotSent => "not sent: not in the mailing, or suppressed",
        Verdict::Waiting => "still in our queue",
        Verdict::Refused => "refused at the door",
        Verdict::Dead => "dead seed: replace it",
        Verdict::Bounced => "refused for another reason than policy",
        Verdict::GivenUp => "given up after retries",
        Verdict::BouncedLater => "accepted, bounced later",
        Verdict::Accepted => "accepted",
        Verdict::Vanished => "accepted, then vanished: filtered",
        Verdict::Filtered => "accepted, in the spam folder",
        Verdict::Arrived => "in the inbox",
        Verdict::Removed => "removed by the operator",
        Verdict::Untold => "no record of how it left",
    }
}

/// The parts of a bar, and what they are called.
const PARTS: [(Ink, &str); 5] = [
    (Ink::Delivered, "accepted"),
    (Ink::Deferred, "still in our queue"),
    (Ink::Blocked, "refused"),
    (Ink::Bounced, "bounced, dead or given up"),
    (Ink::Later, "not sent, or no record"),
];

const fn part(verdict: Verdict) -> Ink {
    match verdict {
        Verdict::Accepted | Verdict::Vanished | Verdict::Filtered | Verdict::Arrived => Ink::Delivered,
        Verdict::Waiting => Ink::Deferred,
        Verdict::Refused => Ink::Blocked,
        Verdict::Dead | Verdict::Bounced | Verdict::GivenUp | Verdict::BouncedLater => Ink::Bounced,
        Verdict::NotSent | Verdict::Removed | Verdict::Untold => Ink::Later,
    }
}

fn chart(tables: &Tables) -> Result<String, Error> {
    let has_missing = tables.seeds.iter().any(|row| row.seen == "missing");
    let mut by_provider: BTreeMap<&str, [i64; PARTS.len()]> = BTreeMap::new();
    for row in tables.seeds.iter().filter(|row| !has_missing || row.seen == "missing") {
        let ink = part(Verdict::named(&row.verdict).unwrap_or(Verdict::Untold));
        let sums = by_provider.entry(&row.provider).or_default();
        if let Some(sum) = sums.iter_mut().zip(PARTS).find_map(|(sum, (other, _))| (other == ink).then_some(sum)) {
            *sum += 1;
        }
    }
    if by_provider.is_empty() {
        return Ok(String::new());
    }
    let mut rows: Vec<(&str, [i64; PARTS.len()])> = by_provider.into_iter().collect();
    rows.sort_by_key(|(provider, sums)| (std::cmp::Reverse(sums.iter().sum::<i64>()), *provider));
    let bar = |(provider, sums): &(&str, [i64; PARTS.len()])| Bar {
        name: text::provider(provider),
        parts: PARTS.iter().zip(sums).map(|((ink, _), &sum)| (*ink, sum as f64)).collect(),
        label: number::count(sums.iter().sum()),
    };
    let bars: Vec<Bar> = rows.iter().take(PROVIDERS).map(bar).collect();
    let words = Words {
        id: "seeds".to_owned(),
        title: if has_missing { "Why seeds are missing".to_owned() } else { "What became of the mail to seeds".to_owned() },
        measure: "Seeds and messages by provider and what the log says of them".to_owned(),
        description: format!("{} in all.", number::count(rows.iter().map(|(_, sums)| sums.iter().sum::<i64>()).sum())),
        keys: PARTS.iter().map(|(ink, label)| Key::new(*ink, *label)).collect(),
    };
    Figure::new(words, |width| shares(&bars, width), &provider_grid(tables))?.html()
}

fn provider_grid(tables: &Tables) -> Grid {
    let line = |row: &SeedProvider| {
        let counts =
            [row.seeds, row.not_sent, row.problems, row.accepted, row.missing, row.missing_problems, row.missing_accepted];
        let rates = [
            Rate::new(row.seeds_delivered.max(0) as u64, row.seeds_resolved.max(0) as u64),
            Rate::new(row.others_delivered.max(0) as u64, row.others_resolved.max(0) as u64),
        ];
        let cells = counts.map(Cell::count).into_iter().chain(rates.map(Cell::rate)).chain([Cell::figure(probability(row.p))]);
        Row { is_sum: row.provider == ALL, ..Row::new(text::provider(&row.provider), cells.collect()) }
    };
    Grid {
        caption: "Seeds by provider".to_owned(),
        heads: vec![
            Head::words("Provider"),
            Head::numbers("Seeds", "and messages"),
            Head::numbers("Not sent", ""),
            Head::numbers("Delivery problems", ""),
            Head::numbers("Accepted", ""),
            Head::numbers("Missing", ""),
            Head::numbers("Missing, delivery", ""),
            Head::numbers("Missing, accepted", ""),
            Head::numbers("Seeds delivered", "of resolved"),
            Head::numbers("Others delivered", "same hours"),
            Head::numbers("Difference by chance", "Fisher"),
        ],
        rows: tables.seed_providers.iter().take(ROWS).map(line).collect(),
        more: more(tables.seed_providers.len(), ROWS, "seed_providers"),
        is_sortable: true,
    }
}

/// Each seed and message: what did not arrive first.
fn grid(facts: &Facts<'_>) -> Grid {
    let rank = |row: &SeedRow| Verdict::ALL.iter().position(|verdict| verdict.name() == row.verdict);
    let mut rows: Vec<&SeedRow> = facts.tables.seeds.iter().collect();
    rows.sort_by_key(|row| (row.seen != "missing", rank(row)));
    let line = |row: &&SeedRow| {
        let dash = |text: &str| Cell::words(if text.is_empty() { number::NONE } else { text });
        let verdict = Verdict::named(&row.verdict).unwrap_or(Verdict::Untold);
        let reply = if row.reply.is_empty() {
            dash("")
        } else {
            Cell::words(&row.reply).to(facts.reply_link(&row.provider, &row.reply))
        };
        let cells = vec![
            Cell::words(text::provider(&row.provider)),
            Cell::words(
                row.received.map_or_else(|| row.day.map_or_else(|| number::NONE.to_owned(), number::date), number::time),
            ),
            dash(&row.seen),
            Cell::words(words(verdict)),
            reply,
            dash(&row.queue_id),
        ];
        Row::new(&row.address, cells)
    };
    Grid {
        caption: "Each seed and message, what is missing first".to_owned(),
        heads: ["Seed", "Provider", "Received", "Monitor", "What the log says", "Reply", "Queue id"].map(Head::words).to_vec(),
        rows: rows.iter().take(ROWS).map(line).collect(),
        more: more(rows.len(), ROWS, "seeds"),
        is_sortable: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::fixture;

    fn plain(text: &str) -> String {
        text.replace(number::GAP, " ")
    }

    #[test]
    fn the_headline_parts_the_missing() {
        let mut tables = fixture::small();
        assert_eq!(headline(&tables), "");
        let row = SeedProvider {
            provider: ALL.to_owned(),
            seeds: 60,
            not_sent: 5,
            problems: 30,
            accepted: 25,
            other: 0,
            missing: 41,
            missing_not_sent: 4,
            missing_problems: 29,
            missing_accepted: 8,
            spam: 0,
            seeds_resolved: 50,
            seeds_delivered: 20,
            others_resolved: 500,
            others_delivered: 200,
            p: 1.0,
            verdict: "delivery".to_owned(),
        };
        tables.seed_providers = vec![row.clone()];
        assert_eq!(
            plain(&headline(&tables)),
            "Of 41 missing seeds 29 (70.7 %, 55.5–82.4 %) are delivery problems that the log shows, 8 were accepted and filtered after that, 4 \
             were never sent."
        );
        let said = |verdict: &str| plain(&sentence(&SeedProvider { verdict: verdict.to_owned(), p: 0.000_01, ..row.clone() }));
        assert!(said("delivery").starts_with("It is delivery: 29 of 41 missing seeds did not arrive"), "{}", said("delivery"));
        assert!(
            said("seeds-worse").ends_with("everybody else there in the same hours 40.0 % (200 of 500) (p = below 0.001)."),
            "{}",
            said("seeds-worse")
        );
        assert!(said("filtering").contains("8 were accepted and then not found"), "{}", said("filtering"));
        assert!(said("not-sent").contains("no mail to 4 of 41 missing seeds"), "{}", said("not-sent"));
        assert!(said("fine").starts_with("Nothing is wrong: 25 were accepted"), "{}", said("fine"));
    }
}
