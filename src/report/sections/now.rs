//! The end of the log: the last day beside the period, who still blocks, what waits for whom.

use askama::Template;

use crate::insights::{blocks, name, number, total};
use crate::report::Error;
use crate::report::facts::{self, Facts};
use crate::report::text;
use crate::stats::rate::TOO_LITTLE;

/// How many are named.
const NAMED: usize = 5;

#[derive(Template)]
#[template(path = "sections/now.html")]
struct Now {
    /// Last stamp of the log.
    end: String,
    /// The last day of reception, in a sentence.
    last_day: String,
    /// Who still blocks, a sentence each, with a link; empty: none.
    blocks: Vec<(String, String)>,
    /// Provider and how many wait.
    queue: Vec<(String, String)>,
    /// How many wait in all.
    waiting: String,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let end = facts.tables.totals.stamps.map(|(_, last)| last);
    let waiting = facts.all.deferred + facts.all.queued;
    let mut queue: Vec<(i64, &str)> =
        facts.tables.providers.iter().map(|row| (row.deferred + row.queued, row.provider.as_str())).collect();
    queue.retain(|(waiting, _)| *waiting > 0);
    queue.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let now = Now {
        end: end.map_or_else(|| "no stamp".to_owned(), number::time),
        last_day: last_day(facts),
        blocks: still_blocked(facts),
        queue: queue.iter().take(NAMED).map(|(n, id)| (text::shortened(&text::provider(id), 40), number::count(*n))).collect(),
        waiting: number::many(waiting, "outcome waits", "outcomes wait"),
    };
    Ok(now.render()?)
}

fn last_day(facts: &Facts<'_>) -> String {
    let Some(day) = facts.days.iter().rev().find(|day| day.outcomes > 0) else { return "No mail.".to_owned() };
    let (of_day, of_all) = (total::rate(day.delivered, facts::resolved(day)), Facts::delivered_rate(&facts.all));
    let received = number::many(day.outcomes, "outcome", "outcomes");
    if of_day.is_too_little() {
        let known = match of_day.of as i64 {
            0 if day.outcomes >= TOO_LITTLE as i64 => "none of them with a known end".to_owned(),
            known if known < day.outcomes => {
                format!("{} of them with a known end: too little to compare", number::count(known))
            }
            _ => "too little to compare".to_owned(),
        };
        return format!("{}: {received} received, {known}.", number::date(day.day));
    }
    format!(
        "{}: {received} received, {} {} of those with a known end. The whole period: {}.",
        number::date(day.day),
        number::rate(of_day),
        facts.taken.verb(),
        number::rate(of_all),
    )
}

/// Episodes that had not ended when the log did, each with a link to where it is shown; empty: nowhere.
fn still_blocked(facts: &Facts<'_>) -> Vec<(String, String)> {
    let shown = super::blocks::shown(facts);
    let open = blocks::distinct(facts.tables).filter(|row| row.is_open);
    let told = open.map(|row| {
        let (one, several) =
            if row.kind == blocks::BLOCK { ("has refused", "have refused") } else { ("has throttled", "have throttled") };
        let provider = text::provider(&row.provider);
        let sentence = format!(
            "{provider} {} {} since {}",
            name::verb(&provider, one, several),
            text::shortened(&blocks::refused_source(row), 40),
            number::short_time(blocks::began(row)),
        );
        let is_shown = shown.iter().any(|other| std::ptr::eq(*other, row));
        (sentence, if is_shown { format!("#{}", super::blocks::id(row)) } else { String::new() })
    });
    told.take(NAMED).collect()
}
