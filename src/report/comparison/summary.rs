//! The comparison on a terminal: at most 23 lines, so that the caller's own fits beside them on one of 24.

use super::changed::told_rows;
use super::{Sides, method, opening, words};
use crate::compare::verdict;
use crate::insights::number;
use crate::report::Look;
use crate::report::text::{filled, shortened};
use crate::tables::changes::Change;
use crate::visible::visible;

/// How many changes have a line.
const CHANGES: usize = 10;
const WARNINGS: usize = 2;

/// The comparison in lines.
#[must_use]
pub fn summary(sides: &Sides<'_>, look: Look) -> String {
    let columns = look.columns.max(60);
    let line = |text: &str| shortened(&visible(text), columns);
    let bold = |text: String| if look.is_coloured { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text };
    let (before, after) = sides.names();
    let mut lines = vec![bold(line(&sides.about.title.clone().unwrap_or_else(|| format!("{before} → {after}"))))];
    lines.extend(filled(visible(&opening::sentence(sides)).split(' '), " ", columns));
    lines.extend(opening::warnings(sides).iter().take(WARNINGS).map(|warning| line(&format!("! {warning}"))));
    let changed: Vec<&Change> = sides.comparison.changes.iter().filter(|row| verdict::is_change(&row.verdict)).collect();
    let told = told_rows(&changed);
    lines.push(String::new());
    if told.is_empty() {
        lines.push("Nothing changed by so much that it matters.".to_owned());
    } else {
        lines.push(bold(columns_of(["what changed", "before", "after", "points", "mails"], "", columns)));
        let shown = || told.iter().take(CHANGES);
        lines.extend(shown().map(|row| change(row, columns)));
        if shown().any(|row| is_of_weekdays(row)) {
            lines.extend(filled(OF_WEEKDAYS.split(' '), " ", columns));
        }
    }
    lines.push(String::new());
    lines.extend(replies(sides).map(|text| line(&text)));
    lines.extend(filled(visible(&method::itself(sides)).split(' '), " ", columns));
    lines.truncate(23);
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

/// What the mark at the points means.
const OF_WEEKDAYS: &str = "* as if both periods had the same weekdays: not the plain difference";

fn is_of_weekdays(row: &Change) -> bool {
    row.note == "weekdays"
}

fn change(row: &Change, width: usize) -> String {
    let (before, after) = words::rates(row);
    let name = format!("{}: {}", words::subject(row), words::figure(row));
    let cells = [
        shortened(&visible(&name), 38),
        number::rate(before),
        number::rate(after),
        format!("{}{}", number::points(row.difference), if is_of_weekdays(row) { "*" } else { "" }),
        number::signed(row.affected),
    ];
    columns_of(cells.each_ref().map(String::as_str), words::verdict_words(row), width)
}

/// One line: the name to the left, figures to the right, the verdict in what is left.
fn columns_of([name, before, after, points, mails]: [&str; 5], verdict: &str, width: usize) -> String {
    let line = format!("{name:<38}{before:>8}{after:>8}{points:>7}{mails:>8}  {verdict}");
    shortened(&line, width).trim_end().to_owned()
}

/// How many replies came and went.
fn replies(sides: &Sides<'_>) -> Option<String> {
    let count = |presence: &str| sides.comparison.changes.iter().filter(|row| row.presence == presence).count();
    let parts: Vec<String> = [("new", "new"), ("gone", "gone"), ("reworded", "reworded")]
        .into_iter()
        .map(|(presence, word)| (count(presence), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", number::count(count as i64)))
        .collect();
    (!parts.is_empty()).then(|| format!("Replies: {}.", parts.join(", ")))
}
