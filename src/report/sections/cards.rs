//! The six figures of the head: each with its base, how sure it is, the marks that others have set, and its month as a line.

use crate::insights::interval::Days;
use crate::insights::thresholds::{HARD_BOUNCES, Threshold, UNKNOWN_USERS};
use crate::insights::{number, total};
use crate::report::Error;
use crate::report::charts::spark::spark;
use crate::report::charts::whisker::whisker;
use crate::report::facts::{self, Facts};
use crate::stats::{Interval, Rate};
use crate::tables::ALL;
use crate::tables::timeline::Day;

/// A figure as it is shown.
pub(super) struct Card {
    /// Its definition's id.
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) base: String,
    pub(super) interval: String,
    pub(super) is_faint: bool,
    pub(super) whisker: String,
    pub(super) spark: String,
    pub(super) spark_label: &'static str,
}

/// What a card is made of.
struct Figure {
    id: &'static str,
    label: &'static str,
    rate: Rate,
    /// Its value, where that is not the rate itself.
    share: Option<f64>,
    interval: Option<Interval>,
    marks: Option<Threshold>,
    /// Its line: a value a day, or an age.
    line: Vec<Option<f64>>,
    line_label: &'static str,
    /// It tells of us, or of whoever took the mail: a smarthost hides it not.
    is_own: bool,
}

impl Figure {
    const fn new(id: &'static str, label: &'static str, rate: Rate) -> Self {
        Self { id, label, rate, share: None, interval: None, marks: None, line: Vec::new(), line_label: "", is_own: false }
    }

    /// As sure as the days let it be.
    fn spread(self, days: &Days<'_>) -> Self {
        Self { interval: (self.rate.of > 0).then(|| days.interval(ALL, self.rate)), ..self }
    }

    fn own(self) -> Self {
        Self { is_own: true, ..self }
    }

    fn marked(self, marks: Threshold) -> Self {
        Self { marks: Some(marks), ..self }
    }

    fn drawn(self, line_label: &'static str, line: Vec<Option<f64>>) -> Self {
        Self { line, line_label, ..self }
    }
}

/// The value of a day; a day of too little mail is a gap, since it would be the highest or lowest of all.
fn of_day(rate: Rate) -> Option<f64> {
    rate.value().filter(|_| !rate.is_too_little())
}

/// All six.
pub(super) fn cards(facts: &Facts<'_>) -> Result<Vec<Card>, Error> {
    figures(facts).iter().filter(|figure| !facts.is_behind_smarthost || figure.is_own).map(card).collect()
}

fn figures(facts: &Facts<'_>) -> [Figure; 6] {
    let all = &facts.all;
    let of_resolved = |part: i64| total::rate(part, total::resolved(all));
    let daily = |part: fn(&Day) -> (i64, i64)| -> Vec<Option<f64>> {
        facts.days.iter().map(part).map(|(part, of)| of_day(total::rate(part, of))).collect()
    };
    let unknown_days = facts.unknown_users.of(ALL).iter().map(|day| of_day(*day)).collect();
    [
        Figure::new("delivered_rate", facts.taken.label(), of_resolved(all.delivered))
            .own()
            .spread(&facts.delivered)
            .drawn("per day", daily(|day| (day.delivered, facts::resolved(day)))),
        Figure::new("block_rate", "Lost to blocks", of_resolved(all.lost_to_blocks))
            .spread(&facts.lost_to_blocks)
            .drawn("per day", daily(|day| (day.lost_to_blocks, facts::resolved(day)))),
        Figure::new("hard_rate", "Hard bounces", of_resolved(all.hard))
            .spread(&facts.hard)
            .marked(HARD_BOUNCES)
            .drawn("per day", daily(|day| (day.hard, facts::resolved(day)))),
        Figure::new("unknown_user_rate", "Unknown users", total::unknown_users(facts.tables))
            .spread(&facts.unknown_users)
            .marked(UNKNOWN_USERS)
            .drawn("per day", unknown_days),
        within_hour(facts),
        Figure::new("waiting_share", "Still waiting", total::rate(all.deferred + all.queued, all.outcomes))
            .own()
            .drawn("by day received", daily(|day| (day.deferred + day.queued, day.outcomes))),
    ]
}

/// The share of the curve, and the outcomes behind it: those whose fate by an hour is known.
fn within_hour(facts: &Facts<'_>) -> Figure {
    let row = facts.delay(ALL);
    let known = Rate::sum(facts.within_hour.of(ALL));
    let ages = row.map_or_else(Vec::new, |row| super::soon::within_shares(row).to_vec());
    let figure = Figure::new("accepted_within", "Within 1 hour", known).drawn("1 min to 48 h", ages);
    match row.and_then(|row| row.within_1h).filter(|_| known.of > 0) {
        Some(share) => {
            let interval = facts.within_hour.interval_at(ALL, share, known);
            Figure { share: Some(share), interval: Some(interval), ..figure }
        }
        None => figure,
    }
}

fn card(figure: &Figure) -> Result<Card, Error> {
    let rate = figure.rate;
    let is_faint = rate.is_too_little();
    let interval = figure.interval.filter(|_| !is_faint);
    let spark = if is_faint { String::new() } else { line(figure)? };
    Ok(Card {
        id: figure.id,
        label: figure.label,
        value: figure.share.map_or_else(|| number::rate(rate), number::percent),
        base: if is_faint { format!("{}: too little mail", number::base(rate)) } else { number::base(rate) },
        interval: interval.map_or_else(String::new, |interval| number::interval(rate, interval)),
        is_faint,
        whisker: interval.map_or_else(|| Ok(String::new()), |interval| sureness(figure, interval))?,
        spark_label: if spark.is_empty() { "" } else { figure.line_label },
        spark,
    })
}

/// The interval and the marks; nothing where there is no rate.
fn sureness(figure: &Figure, interval: Interval) -> Result<String, Error> {
    let Some(value) = figure.share.or_else(|| figure.rate.value()) else { return Ok(String::new()) };
    let marks: Vec<f64> = figure.marks.map_or_else(Vec::new, |marks| vec![marks.watch, marks.act]);
    let named: Vec<String> = marks.iter().map(|mark| number::tick(*mark)).collect();
    let marked = if named.is_empty() { String::new() } else { format!(" Marks at {}.", named.join(" and ")) };
    let (rate, interval_words) = (number::rate_in_full(figure.rate), number::interval(figure.rate, interval));
    let description = format!("{rate}; 95 % interval {interval_words}.{marked}");
    whisker(value, interval, &marks).paint(&format!("w-{}", figure.id), figure.label, &description)
}

/// The line; nothing where it would be a dot.
fn line(figure: &Figure) -> Result<String, Error> {
    let known = || figure.line.iter().flatten().copied();
    if known().count() < 2 {
        return Ok(String::new());
    }
    let (low, high) = (known().fold(f64::MAX, f64::min), known().fold(0.0, f64::max));
    let description = format!("Between {} and {}.", number::percent(low), number::percent(high));
    let mark = figure.marks.map(|marks| marks.watch);
    let title = format!("{}, {}", figure.label, figure.line_label);
    spark(&figure.line, mark).paint(&format!("k-{}", figure.id), &title, &description)
}
