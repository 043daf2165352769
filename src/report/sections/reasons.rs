//! Why mail was not delivered: providers by category, the replies behind them, the codes by domain.

use std::collections::BTreeMap;

use askama::Template;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::insights::{name, number, total};
use crate::report::Error;
use crate::report::facts::Facts;
use crate::report::grid::{Cell, Grid, Head, Row, more, shade};
use crate::report::replies::{self, MOST, Reply};
use crate::report::text;

/// Rows and columns of the matrix.
const PROVIDERS: usize = 20;
const CATEGORIES: usize = 12;
/// Replies shown whole.
const OPEN: usize = 25;
/// Rows of codes.
const CODES: usize = 120;
/// How much of a reply and of a line is shown.
const REPLY: usize = 400;
const LINE: usize = 600;

#[derive(Template)]
#[template(path = "sections/reasons.html")]
struct Reasons {
    lead: String,
    matrix: String,
    replies: Vec<View>,
    folded: String,
    folded_count: usize,
    codes: String,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let groups = &facts.replies;
    let failed = total::failed_attempts(facts.tables);
    let (open, rest) = groups.split_at(groups.len().min(OPEN));
    let folded = rest.get(..rest.len().min(MOST - OPEN)).unwrap_or_default();
    let mut before = 0;
    let mut replies = Vec::with_capacity(open.len());
    for group in open {
        before += group.attempts;
        replies.push(View::of(facts, group, failed, before));
    }
    let reasons = Reasons {
        lead: lead(facts),
        matrix: matrix(facts).map_or_else(|| Ok(String::new()), |grid| grid.html())?,
        replies,
        folded: if folded.is_empty() { String::new() } else { reply_grid(folded, groups.len(), failed).html()? },
        folded_count: folded.len(),
        codes: code_grid(facts).map_or_else(|| Ok(String::new()), |grid| grid.html())?,
    };
    Ok(reasons.render()?)
}

fn lead(facts: &Facts<'_>) -> String {
    let all = &facts.all;
    let lost = total::resolved(all) - all.delivered;
    let rate = total::rate(lost, total::resolved(all));
    if rate.of == 0 {
        return "No mail has a known end: what follows is what it waits for.".to_owned();
    }
    format!(
        "{} of resolved outcomes were not delivered ({}): {} bounced, {} blocked, {} expired, {} bounced later.",
        number::rate(rate),
        number::base(rate),
        number::count(all.bounced),
        number::count(all.blocked),
        number::count(all.expired),
        number::count(all.bounced_later),
    )
}

// --- Providers by category --------------------------------------------------------------------------------------------------------

/// Outcomes by provider and category, shaded by their share of the row; the commonest category to the left.
fn matrix(facts: &Facts<'_>) -> Option<Grid> {
    let mut cells: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for row in &facts.tables.reasons {
        *cells.entry((row.provider.as_str(), row.category.as_str())).or_default() += row.outcomes;
    }
    let providers = largest(cells.iter().map(|((provider, _), n)| (*provider, *n)));
    let categories = largest(cells.iter().map(|((_, category), n)| (*category, *n)));
    if providers.is_empty() {
        return None;
    }
    let shown: Vec<&str> = categories.iter().take(CATEGORIES).map(|(category, _)| *category).collect();
    let line = |title: &str, is_sum: bool, count: &dyn Fn(&str) -> i64, sum: i64| {
        let mut row: Vec<Cell> = vec![Cell::count(sum)];
        row.extend(shown.iter().map(|category| {
            let share = total::rate(count(category), sum);
            // Of a few failures each is a large share.
            let shade = if share.is_too_little() { 0 } else { shade(share.value().unwrap_or(0.0)) };
            Cell::count(share.part as i64).shaded(shade)
        }));
        if categories.len() > shown.len() {
            row.push(Cell::count(sum - shown.iter().map(|category| count(category)).sum::<i64>()));
        }
        Row { is_sum, ..Row::new(title, row) }
    };
    let count = |provider: &str, category: &str| cells.get(&(provider, category)).copied().unwrap_or(0);
    let mut rows: Vec<Row> = providers
        .iter()
        .take(PROVIDERS)
        .map(|(provider, sum)| {
            let row = line(&text::provider(provider), false, &|category| count(provider, category), *sum);
            Row { name: row.name.clone().to(facts.provider_link(provider)), ..row }
        })
        .collect();
    let of_category = |category: &str| categories.iter().find(|(other, _)| *other == category).map_or(0, |(_, n)| *n);
    rows.push(line("All providers", true, &of_category, categories.iter().map(|(_, n)| n).sum()));
    let mut heads = vec![Head::words("Provider"), Head::numbers("All", "outcomes")];
    heads.extend(shown.iter().map(|category| Head::numbers(name::category(category), letters(facts, category))));
    if categories.len() > shown.len() {
        heads.push(Head::numbers("other", ""));
    }
    Some(Grid {
        caption:
            "Outcomes not delivered or still deferred, by provider and the last reason given; darker: a larger share of the row, of rows of 30 and more"
                .to_owned(),
        heads,
        rows,
        more: more(providers.len(), PROVIDERS, "reasons"),
        is_sortable: true,
    })
}

/// Names with their sums, the largest first.
fn largest<'a>(counts: impl Iterator<Item = (&'a str, i64)>) -> Vec<(&'a str, i64)> {
    let mut sums: HashMap<&str, i64, FixedState> = HashMap::default();
    for (name, n) in counts {
        *sums.entry(name).or_default() += n;
    }
    let mut sums: Vec<(&str, i64)> = sums.into_iter().filter(|(_, n)| *n > 0).collect();
    sums.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    sums
}

/// The class that most outcomes of a category have, as its letter.
fn letters(facts: &Facts<'_>, category: &str) -> &'static str {
    let of_category = facts.tables.reasons.iter().filter(|row| row.category == category);
    let classes = largest(of_category.map(|row| (row.class.as_str(), row.outcomes)));
    classes.first().map_or("", |(class, _)| name::letter(class))
}

// --- Replies ----------------------------------------------------------------------------------------------------------------------

/// A reply as it is shown.
struct View {
    id: String,
    letter: &'static str,
    class: String,
    category: String,
    action: String,
    provider: String,
    provider_link: String,
    signature: String,
    attempts: String,
    share: String,
    together: String,
    seen: String,
    sources: String,
    rule: String,
    example: String,
    place: String,
    help: Option<String>,
}

impl View {
    fn of(facts: &Facts<'_>, group: &Reply<'_>, failed: i64, before: i64) -> Self {
        let top = group.top;
        Self {
            id: replies::id(&top.provider, &top.signature),
            letter: name::letter(&top.class),
            class: top.class.clone(),
            category: name::category(&top.category),
            action: name::action(&top.action),
            provider: text::shortened(&text::provider(&top.provider), 60),
            provider_link: facts.provider_link(&top.provider),
            signature: reply(&top.signature),
            attempts: number::count(group.attempts),
            share: number::rate(total::rate(group.attempts, failed)),
            together: number::rate(total::rate(before, failed)),
            seen: seen(group),
            sources: super::opening::hosts(&group.sources.iter().map(|source| (*source).to_owned()).collect::<Vec<_>>()),
            rule: format!("{} (by its {})", top.rule, top.evidence),
            example: text::shortened(&top.example, LINE),
            place: if top.example.is_empty() { String::new() } else { text::place(&top.path, top.offset) },
            help: top.help.clone().filter(|help| help.starts_with("https://")),
        }
    }
}

fn reply(signature: &str) -> String {
    if signature.is_empty() { "no words logged".to_owned() } else { text::shortened(signature, REPLY) }
}

fn seen(group: &Reply<'_>) -> String {
    if group.first == group.last {
        return number::short_time(group.first);
    }
    format!("{} to {}", number::short_time(group.first), number::short_time(group.last))
}

fn reply_grid(groups: &[Reply<'_>], all: usize, failed: i64) -> Grid {
    let line = |group: &Reply<'_>| {
        let top = group.top;
        let cells = vec![
            Cell::words(text::provider(&top.provider)),
            Cell::words(format!("{} {}", name::letter(&top.class), name::category(&top.category))),
            Cell::words(name::action(&top.action)),
            Cell::count(group.attempts),
            Cell::share(total::rate(group.attempts, failed).value()),
            Cell::words(number::short_time(group.last)),
        ];
        Row { id: replies::id(&top.provider, &top.signature), ..Row::new(reply(&top.signature), cells) }
    };
    Grid {
        caption: "Further replies".to_owned(),
        heads: vec![
            Head::words("Reply"),
            Head::words("Provider"),
            Head::words("Means"),
            Head::words("Action"),
            Head::numbers("Attempts", ""),
            Head::numbers("Share", "of failed attempts"),
            Head::words("Last seen"),
        ],
        rows: groups.iter().map(line).collect(),
        more: more(all, groups.len() + OPEN, "signatures"),
        is_sortable: true,
    }
}

// --- Codes ------------------------------------------------------------------------------------------------------------------------

/// Codes of the largest domains, in the order of the domains.
fn code_grid(facts: &Facts<'_>) -> Option<Grid> {
    let rows = &facts.tables.codes;
    if rows.is_empty() {
        return None;
    }
    let mut attempts_of = largest(rows.iter().map(|row| (row.domain.as_str(), row.attempts)));
    // Each domain has a row at least: more of them cannot be shown, and need not be sorted.
    attempts_of.truncate(CODES);
    let rank: HashMap<&str, usize, FixedState> =
        attempts_of.iter().enumerate().map(|(at, (domain, _))| (*domain, at)).collect();
    let mut sorted: Vec<_> = rows.iter().filter_map(|row| Some((*rank.get(row.domain.as_str())?, row))).collect();
    sorted.sort_by(|(at, a), (other, b)| {
        (at, std::cmp::Reverse(a.attempts), &a.code, &a.enhanced, &a.disposition).cmp(&(
            other,
            std::cmp::Reverse(b.attempts),
            &b.code,
            &b.enhanced,
            &b.disposition,
        ))
    });
    let line = |(_, row): &(usize, &crate::tables::codes::Code)| {
        let cells = vec![
            Cell::words(text::provider(&row.provider)),
            Cell::words(row.code.map_or_else(|| "none".to_owned(), |code| code.to_string())),
            Cell::words(row.enhanced.as_deref().unwrap_or("none")),
            Cell::words(&row.disposition),
            Cell::count(row.attempts),
        ];
        Row::new(name::domain(&row.domain), cells)
    };
    Some(Grid {
        caption: "Real attempts by recipient domain, reply code, enhanced status and disposition".to_owned(),
        heads: vec![
            Head::words("Domain"),
            Head::words("Provider"),
            Head::words("Code"),
            Head::words("Enhanced status"),
            Head::words("Disposition"),
            Head::numbers("Attempts", ""),
        ],
        rows: sorted.iter().take(CODES).map(line).collect(),
        more: more(rows.len(), CODES, "codes"),
        is_sortable: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::fixture;
    use crate::tables::Tables;
    use crate::tables::reasons::ReasonRow;

    #[test]
    fn a_row_of_a_few_failures_is_not_shaded() {
        let row = |provider: &str, outcomes: i64| ReasonRow {
            provider: provider.to_owned(),
            category: "unknown-user".to_owned(),
            class: "hard".to_owned(),
            outcomes,
            bounced: outcomes,
            ..ReasonRow::default()
        };
        let tables = Tables { reasons: vec![row("google", 300), row("small.example", 3)], ..Tables::default() };
        let about = fixture::about();
        let grid = matrix(&Facts::of(&tables, &about)).unwrap();
        let shades: Vec<u8> = grid.rows.iter().map(|row| row.cells[1].shade).collect();
        assert_eq!(shades, [5, 0, 5]);
    }

    #[test]
    fn the_matrix_adds_up() {
        let (tables, about) = (fixture::small(), fixture::about());
        let grid = matrix(&Facts::of(&tables, &about)).unwrap();
        let number = |cell: &Cell| cell.text.replace(',', "").parse::<i64>().unwrap();
        for row in &grid.rows {
            let (sum, parts) = row.cells.split_first().unwrap();
            assert_eq!(number(sum), parts.iter().map(number).sum::<i64>(), "{}", row.name.text);
        }
        let all: i64 = tables.reasons.iter().map(|row| row.outcomes).sum();
        assert_eq!(number(&grid.rows.last().unwrap().cells[0]), all);
    }
}
