//! The month on a terminal: at most 23 lines, so that the caller's own fits beside them on one of 24; fit for a mail.

use std::fmt::Write;

use super::facts::Facts;
use super::sections::opening;
use super::taken::Taken;
use super::text::{filled, provider as provider_name, shortened};
use crate::insights::{Tone, name, number, total};
use crate::tables::ALL;
use crate::tables::providers::Provider;
use crate::visible::visible;

/// How many lines each part has at most.
const PROVIDERS: usize = 7;
const FINDINGS: usize = 5;
/// How many lines there are in all.
const LINES: usize = 23;
const WARNINGS: usize = 2;

/// Where the summary is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// How wide a line may be; less than 60 is taken for 60.
    pub columns: usize,
    /// Whether the terminal knows bold letters.
    pub is_coloured: bool,
}

impl Look {
    fn bold(self, text: &str) -> String {
        if self.is_coloured { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Foreign text made harmless, cut to a line.
    fn line(self, text: &str) -> String {
        shortened(&visible(text), self.columns.max(60))
    }

    /// Parts that stand beside each other, on as many lines as they need.
    fn lines(self, parts: &[String]) -> Vec<String> {
        let parts: Vec<String> = parts.iter().map(|part| visible(part)).collect();
        filled(parts.iter().map(String::as_str), "   ", self.columns.max(60))
    }
}

/// The month in lines.
#[must_use]
pub fn summary(facts: &Facts<'_>, look: Look) -> String {
    let mut lines = head(facts, look);
    for warning in opening::warnings(facts).iter().take(WARNINGS) {
        lines.push(look.line(&format!("! {warning}")));
    }
    if facts.is_behind_smarthost {
        lines.extend([String::new(), look.line("What the providers did is not in these logs: see the report.")]);
    } else if !facts.tables.providers.is_empty() {
        lines.push(String::new());
        lines.extend(providers(facts, look));
    }
    lines.push(String::new());
    let left = LINES.saturating_sub(lines.len());
    lines.extend(findings(facts, look, left));
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn head(facts: &Facts<'_>, look: Look) -> Vec<String> {
    let (tables, all) = (facts.tables, &facts.all);
    let sum = |of: fn(&crate::tables::inputs::Input) -> i64| tables.inputs.iter().map(of).sum::<i64>();
    let period = total::period(tables).map(|(first, last)| number::period(first, last));
    let mut read = vec![facts.about.title.clone().or(period).unwrap_or_else(|| "No mail".to_owned())];
    if !tables.totals.hosts.is_empty() {
        read.push(opening::hosts(&tables.totals.hosts));
    }
    read.push(opening::files(tables));
    read.push(number::bytes(sum(|row| row.bytes)));
    read.push(number::many(sum(|row| row.lines), "line", "lines"));
    let resolved = total::resolved(all);
    let share = |part: i64, of: i64| number::rate(total::rate(part, of));
    let outcomes = format!(
        "{}   {} {}   lost to blocks {}   hard {}",
        number::many(all.outcomes, "outcome", "outcomes"),
        facts.taken.verb(),
        share(all.delivered, resolved),
        share(all.lost_to_blocks, resolved),
        share(all.hard, resolved),
    );
    let delay = facts.delay(ALL);
    let within = |of: fn(&crate::tables::delays::DelayRow) -> Option<f64>| {
        delay.and_then(of).map_or_else(|| number::NONE.to_owned(), number::percent)
    };
    let unclassified = tables.signatures.iter().filter(|row| row.category == "unclassified").map(|row| row.attempts).sum();
    let soon = format!(
        "accepted within 1 min {}   1 h {}   24 h {}",
        within(|row| row.within_1min),
        within(|row| row.within_1h),
        within(|row| row.within_24h),
    );
    let rest = format!(
        "expired {}   still in queue {}   replies not understood {}",
        share(all.expired, resolved),
        share(all.deferred + all.queued, all.outcomes),
        share(unclassified, total::failed_attempts(tables)),
    );
    let mut lines: Vec<String> = look.lines(&read).iter().map(|line| look.bold(line)).collect();
    if facts.is_behind_smarthost {
        let outcomes = format!(
            "{}   {} {}   still in queue {}",
            number::many(all.outcomes, "outcome", "outcomes"),
            facts.taken.verb(),
            share(all.delivered, resolved),
            share(all.deferred + all.queued, all.outcomes),
        );
        lines.push(look.line(&outcomes));
        return lines;
    }
    lines.extend([&outcomes, &rest, &soon].map(|text| look.line(text)));
    lines
}

/// The providers of most mail, in columns.
fn providers(facts: &Facts<'_>, look: Look) -> Vec<String> {
    let rows = &facts.tables.providers;
    let taken = if facts.taken == Taken::Kept { "deliv.%" } else { "accep.%" };
    let title = columns(["provider", "outcomes", taken, "defer.%", "lost %", "unkn.%", "1 h %"], "top reply", look);
    let mut lines = vec![look.bold(&title)];
    lines.extend(rows.iter().take(PROVIDERS).map(|row| provider(facts, row, look)));
    lines
}

fn provider(facts: &Facts<'_>, row: &Provider, look: Look) -> String {
    let resolved = total::resolved(row);
    let percent = |part: i64, of: i64| {
        let rate = total::rate(part, of);
        if rate.is_too_little() {
            number::NONE.to_owned()
        } else {
            rate.value().map_or_else(String::new, number::percent_figure)
        }
    };
    let unknown = facts.tables.unknown_users.iter().find(|users| users.provider == row.provider && users.day.is_none());
    let within = facts.delay(&row.provider).filter(|delay| delay.outcomes >= 30).and_then(|delay| delay.within_1h);
    let cells = [
        shortened(&visible(&provider_name(&row.provider)), 14),
        number::count(row.outcomes),
        percent(row.delivered, resolved),
        percent(row.deferred_once, row.attempted),
        percent(row.lost_to_blocks, resolved),
        unknown.map_or_else(|| number::NONE.to_owned(), |users| percent(users.unknown, users.judged)),
        within.map_or_else(|| number::NONE.to_owned(), number::percent_figure),
    ];
    let category = facts.top_reply(&row.provider).map_or_else(String::new, |top| visible(&name::category(&top.category)));
    columns(cells.each_ref().map(String::as_str), &category, look)
}

/// One line: the name to the left, figures to the right, the reply in what is left.
fn columns([name, outcomes, delivered, deferred, lost, unknown, within]: [&str; 7], reply: &str, look: Look) -> String {
    let mut line = String::new();
    // Writing to a string cannot fail.
    let _infallible = write!(line, "{name:<14}{outcomes:>11}{delivered:>8}{deferred:>8}{lost:>7}{unknown:>7}{within:>6}  ");
    let left = look.columns.max(60).saturating_sub(line.chars().count());
    line.push_str(&shortened(reply, left));
    shortened(&line, look.columns.max(60)).trim_end().to_owned()
}

/// The first problems, each on two lines at most, as far as `left` lines reach.
fn findings(facts: &Facts<'_>, look: Look, left: usize) -> Vec<String> {
    let problems: Vec<_> = facts.findings.iter().filter(|finding| finding.tone == Tone::Problem).collect();
    if problems.is_empty() {
        return vec!["Nothing has to be done: no problem was found.".to_owned()];
    }
    let mut lines = Vec::new();
    let mut shown = 0;
    for (at, finding) in problems.iter().enumerate().take(FINDINGS) {
        let told = on_two_lines(&visible(&finding.headline), look.columns.max(60).saturating_sub(3));
        if lines.len() + told.len() + 1 > left {
            break;
        }
        shown += 1;
        lines.extend(
            told.into_iter().enumerate().map(
                |(line, words)| {
                    if line == 0 { format!("{:>2} {words}", at + 1) } else { format!("   {words}") }
                },
            ),
        );
    }
    let title =
        if shown == problems.len() { "Findings".to_owned() } else { format!("Findings ({shown} of {})", problems.len()) };
    lines.insert(0, look.bold(&title));
    lines
}

/// The text on at most two lines of `width`, broken between words; the second ends with an ellipsis where it does not fit.
fn on_two_lines(text: &str, width: usize) -> Vec<String> {
    if text.chars().count() <= width {
        return vec![text.to_owned()];
    }
    let start: String = text.chars().take(width + 1).collect();
    let at = start
        .rfind(' ')
        .filter(|at| *at > 0)
        .unwrap_or_else(|| text.char_indices().nth(width).map_or(text.len(), |(at, _)| at));
    let (first, rest) = text.split_at(at);
    vec![first.to_owned(), shortened(rest.trim_start(), width)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_breaks_between_words_and_never_twice() {
        assert_eq!(on_two_lines("short", 10), ["short"]);
        assert_eq!(on_two_lines("Microsoft refused us", 12), ["Microsoft", "refused us"]);
        assert_eq!(on_two_lines("Microsoft refused us for a day", 12), ["Microsoft", "refused us…"]);
        assert_eq!(on_two_lines("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 10), ["aaaaaaaaaa", "aaaaaaaaa…"]);
        assert_eq!(on_two_lines("ééééé ééééé", 5), ["ééééé", "ééééé"]);
    }
}
