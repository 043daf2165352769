//! Where the mail goes: providers by volume and end state, recipient domains with their long tail, slips of the finger.

use askama::Template;

use crate::insights::near_miss::{NearMiss, near_misses};
use crate::insights::{name, number, total};
use crate::report::Error;
use crate::report::charts::cumulative::cumulative;
use crate::report::charts::shares::{Bar, shares};
use crate::report::facts::Facts;
use crate::report::figure::{Figure, Words};
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::report::states;
use crate::report::text;
use crate::tables::concentration::{Concentration, PROVIDERS as AMONG_PROVIDERS};
use crate::tables::domains::Domain;
use crate::tables::providers::Provider;

/// How many providers have a bar.
const BARS: usize = 15;
/// How many providers are in its table.
const PROVIDERS: usize = 50;
/// How many domains are listed openly, and how many at all.
const OPEN: usize = 15;
const DOMAINS: usize = 100;
/// How many slips are listed.
const SLIPS: usize = 15;

#[derive(Template)]
#[template(path = "sections/domains.html")]
struct Domains {
    lead: String,
    chart: String,
    curve: String,
    open: String,
    folded: String,
    folded_count: usize,
    tail: String,
    slips: String,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let (open, folded) = facts.tables.domains.split_at(facts.tables.domains.len().min(OPEN));
    let folded = folded.get(..folded.len().min(DOMAINS - OPEN)).unwrap_or_default();
    let slips = near_misses(facts.tables);
    let domains = Domains {
        lead: lead(facts),
        chart: chart(facts)?,
        curve: curve(facts)?,
        open: grid(facts, open, 0, "The largest recipient domains").html()?,
        folded: if folded.is_empty() {
            String::new()
        } else {
            let before = open.iter().map(|row| row.outcomes).sum();
            grid(facts, folded, before, "Further recipient domains").html()?
        },
        folded_count: folded.len(),
        tail: tail(facts, open.len() + folded.len()),
        slips: if slips.is_empty() { String::new() } else { slip_grid(&slips).html()? },
    };
    Ok(domains.render()?)
}

fn lead(facts: &Facts<'_>) -> String {
    let providers = facts.tables.providers.len() as i64;
    format!(
        "{} to {} at {}.{}",
        number::many(facts.all.outcomes, "outcome", "outcomes"),
        number::many(facts.tables.domains.len() as i64, "domain", "domains"),
        number::many(providers, "mailbox provider", "mailbox providers"),
        concentration(facts.tables.concentration.iter().find(|row| row.among == AMONG_PROVIDERS)),
    )
}

/// How much hangs on the largest providers, how many of them make nearly all, and how uneven it is. Nothing where they are few.
fn concentration(row: Option<&Concentration>) -> String {
    let Some(row) = row.filter(|row| row.members >= 5) else { return String::new() };
    let share = |part: i64| number::rate(total::rate(part, row.outcomes));
    format!(
        " The largest gets {} of them, the largest three {}, the largest five {}; 80\u{a0}% go to {}, 95\u{a0}% to {}. That is as \
         concentrated as {:.1} providers of equal parts (Herfindahl index {:.2}).",
        share(row.largest),
        share(row.largest_3),
        share(row.largest_5),
        number::many(row.make_80, "provider", "providers"),
        number::count(row.make_95),
        1.0 / row.herfindahl,
        row.herfindahl,
    )
}

/// Providers with a bar.
fn chart(facts: &Facts<'_>) -> Result<String, Error> {
    let rows = &facts.tables.providers;
    if rows.is_empty() {
        return Ok(String::new());
    }
    let all = facts.all.outcomes;
    let top = rows.get(..rows.len().min(BARS)).unwrap_or_default();
    let rest = rows.get(top.len()..).unwrap_or_default();
    let mut bars: Vec<Bar> = top.iter().map(|row| bar(&text::provider(&row.provider), row, all)).collect();
    if !rest.is_empty() {
        let sum = total::sum(rest);
        bars.push(bar(&format!("{} others", number::count(rest.len() as i64)), &sum, all));
    }
    let words = Words {
        id: "shares".to_owned(),
        title: title(top, all),
        measure: format!("Messages × recipients by provider and end state; {} in all", number::count(all)),
        description: format!(
            "From {} to {} outcomes a provider.",
            number::count(top.last().map_or(0, |row| row.outcomes)),
            number::count(top.first().map_or(0, |row| row.outcomes)),
        ),
        keys: states::keys(&facts.all),
    };
    Figure::new(words, |width| shares(&bars, width), &provider_grid(facts))?.html()
}

/// How few providers take most.
fn title(top: &[Provider], all: i64) -> String {
    let mut sum = 0;
    for (at, row) in top.iter().enumerate() {
        sum += row.outcomes;
        if sum * 5 >= all * 4 {
            let share = number::rate(total::rate(sum, all));
            return match at {
                0 => format!("{} alone gets {share} of the mail", text::provider(&row.provider)),
                at => format!("{} providers get {share} of the mail", number::count(at as i64 + 1)),
            };
        }
    }
    let share = number::rate(total::rate(sum, all));
    format!("The {} largest providers get {share} of the mail", number::count(top.len() as i64))
}

fn bar(name: &str, row: &Provider, all: i64) -> Bar {
    let label = format!("{} · {}", number::count(row.outcomes), number::rate(total::rate(row.outcomes, all)));
    Bar { name: name.to_owned(), parts: states::bar(row), label }
}

fn provider_grid(facts: &Facts<'_>) -> Grid {
    let rows = &facts.tables.providers;
    let mut before = 0;
    let mut heads = vec![
        Head::words("Provider"),
        Head::numbers("Domains", ""),
        Head::numbers("Outcomes", ""),
        Head::numbers("Share", "of all"),
        Head::numbers("Together", "of all"),
    ];
    heads.extend(states::parts(&facts.all).map(|part| Head::numbers(part.label, "outcomes")));
    let line = |row: &Provider| {
        before += row.outcomes;
        let mut cells = vec![
            Cell::count(row.domains),
            Cell::count(row.outcomes),
            Cell::share(total::rate(row.outcomes, facts.all.outcomes).value()),
            Cell::share(total::rate(before, facts.all.outcomes).value()),
        ];
        cells.extend(states::parts(row).map(|part| Cell::count(part.outcomes)));
        Row::new(text::provider(&row.provider), cells)
    };
    Grid {
        caption: "Outcomes by provider and end state".to_owned(),
        heads,
        rows: rows.iter().take(PROVIDERS).map(line).collect(),
        more: more(rows.len(), PROVIDERS, "providers"),
        is_sortable: true,
    }
}

/// The long tail as a curve.
fn curve(facts: &Facts<'_>) -> Result<String, Error> {
    let points = points(&facts.tables.domains, facts.all.outcomes);
    let Some(four_fifths) = points.iter().find(|(_, share)| *share >= 0.8).filter(|_| facts.tables.domains.len() > OPEN) else {
        return Ok(String::new());
    };
    let domains = number::count(facts.tables.domains.len() as i64);
    let words = Words {
        id: "tail".to_owned(),
        title: format!(
            "{} of {domains} domains get {} of the mail",
            number::count(four_fifths.0 as i64),
            number::percent(four_fifths.1)
        ),
        measure: "Share of all outcomes that the largest domains get together; logarithmic axis".to_owned(),
        description: format!(
            "The largest domain gets {}, the largest ten {}.",
            points.first().map_or_else(String::new, |(_, share)| number::percent(*share)),
            points.iter().find(|(rank, _)| *rank == 10).map_or_else(String::new, |(_, share)| number::percent(*share)),
        ),
        keys: Vec::new(),
    };
    let rows =
        points.iter().map(|(rank, share)| Row::new(number::count(*rank as i64), vec![Cell::share(Some(*share))])).collect();
    let twin = Grid {
        caption: "Share of the largest domains together".to_owned(),
        heads: vec![Head::words("Largest domains"), Head::numbers("Share", "of all outcomes")],
        rows,
        ..Grid::default()
    };
    Figure::new(words, |width| cumulative(&points, "domains, the largest first", width), &twin)?.html()
}

/// The share of the largest 1 to 10 domains, then of round numbers of them, of as many as take four fifths, and of all.
fn points(domains: &[Domain], all: i64) -> Vec<(usize, f64)> {
    let mut points: Vec<(usize, f64)> = Vec::new();
    let mut sum = 0;
    for (at, row) in domains.iter().enumerate() {
        let is_below = sum * 5 < all * 4;
        sum += row.outcomes;
        let is_four_fifths = is_below && sum * 5 >= all * 4;
        let rank = at + 1;
        let power = 10_usize.pow(rank.ilog10());
        let is_round = rank <= 10 || (rank.is_multiple_of(power) && [1, 2, 3, 5, 7].contains(&(rank / power)));
        if is_round || is_four_fifths || rank == domains.len() {
            points.push((rank, total::rate(sum, all).value().unwrap_or(0.0)));
        }
    }
    points
}

fn grid(facts: &Facts<'_>, domains: &[Domain], mut before: i64, caption: &str) -> Grid {
    let all = facts.all.outcomes;
    let line = |row: &Domain| {
        before += row.outcomes;
        let resolved = row.delivered + row.bounced_later + row.bounced + row.blocked + row.expired;
        let cells = vec![
            Cell::words(text::provider(&row.provider)).to(facts.provider_link(&row.provider)),
            Cell::count(row.outcomes),
            Cell::share(total::rate(row.outcomes, all).value()),
            Cell::share(total::rate(before, all).value()),
            Cell::rate(total::rate(row.delivered, resolved)),
            Cell::rate(total::rate(row.deferred_once, row.attempted)),
            Cell::count(row.hard),
            Cell::count(row.lost_to_blocks),
        ];
        let domain = if row.domain.is_empty() { "no recipient logged" } else { &row.domain };
        Row { id: name::anchor("domain", &row.domain), ..Row::new(name::domain(domain), cells) }
    };
    Grid {
        caption: caption.to_owned(),
        heads: vec![
            Head::words("Domain"),
            Head::words("Provider"),
            Head::numbers("Outcomes", ""),
            Head::numbers("Share", "of all"),
            Head::numbers("Together", "of all"),
            Head::numbers("Delivered", "of resolved"),
            Head::numbers("Deferred once", "of attempted"),
            Head::numbers("Hard bounces", "outcomes"),
            Head::numbers("Lost to blocks", "outcomes"),
        ],
        rows: domains.iter().map(line).collect(),
        more: String::new(),
        is_sortable: true,
    }
}

/// What the listed domains leave.
fn tail(facts: &Facts<'_>, shown: usize) -> String {
    let rest = facts.tables.domains.get(shown..).unwrap_or_default();
    if rest.is_empty() {
        return String::new();
    }
    let outcomes = rest.iter().map(|row| row.outcomes).sum();
    format!(
        "{}, {} of the mail, are in the table domains.",
        number::many(rest.len() as i64, "further domain", "further domains"),
        number::rate(total::rate(outcomes, facts.all.outcomes)),
    )
}

fn slip_grid(slips: &[NearMiss]) -> Grid {
    let line = |slip: &NearMiss| {
        Row::new(name::domain(&slip.domain), vec![Cell::words(slip.meant), Cell::count(slip.outcomes), Cell::count(slip.lost)])
    };
    Grid {
        caption: "Domains that look mistyped".to_owned(),
        heads: vec![
            Head::words("Domain as typed"),
            Head::words("Probably meant"),
            Head::numbers("Outcomes", ""),
            Head::numbers("Lost", "outcomes"),
        ],
        rows: slips.iter().take(SLIPS).map(line).collect(),
        more: more(slips.len(), SLIPS, "domains"),
        is_sortable: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(id: &str, outcomes: i64) -> Provider {
        Provider { provider: id.to_owned(), outcomes, delivered: outcomes, ..Provider::default() }
    }

    #[test]
    fn the_message_is_how_few_get_most() {
        let rows = [provider("google", 500), provider("microsoft", 310), provider("yahoo", 190)];
        let plain = |all| title(&rows, all).replace(number::GAP, " ");
        assert_eq!(plain(1_000), "2 providers get 81.0 % of the mail");
        assert_eq!(plain(600), "Google alone gets 83.3 % of the mail");
        assert_eq!(plain(4_000), "The 3 largest providers get 25.0 % of the mail");
    }

    #[test]
    fn how_much_hangs_on_few_is_told_of_more_than_a_few() {
        let told = |rows: &[Provider]| {
            let rows = crate::tables::concentration::rows(rows, &[]);
            concentration(rows.first()).replace(number::GAP, " ")
        };
        let mut rows: Vec<Provider> = [500, 200, 100, 60, 50, 50, 40].map(|outcomes| provider("p", outcomes)).to_vec();
        assert_eq!(
            told(&rows),
            " The largest gets 50.0 % of them, the largest three 80.0 %, the largest five 91.0 %; 80 % go to 3 providers, 95 % to 6. That is as \
             concentrated as 3.2 providers of equal parts (Herfindahl index 0.31)."
        );
        rows.truncate(4);
        assert_eq!(told(&rows), "");
    }

    #[test]
    fn the_curve_has_few_points_and_ends_with_all() {
        let domains: Vec<Domain> = crate::report::tests::fixture::domains(1_234);
        let all = domains.iter().map(|row| row.outcomes).sum();
        let points = points(&domains, all);
        assert!(points.len() < 32, "{points:?}");
        assert_eq!(points.last(), Some(&(1_234, 1.0)));
        assert!(points.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1));
    }
}
