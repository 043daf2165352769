//! Day by day: how much was sent and how it ended.

use askama::Template;

use crate::insights::{number, total};
use crate::report::Error;
use crate::report::charts::days::{Bar, days};
use crate::report::facts::{self, Facts};
use crate::report::figure::{Figure, Words};
use crate::report::grid::{Cell, Grid, Head, Row};
use crate::report::states;
use crate::stats::Rate;
use crate::tables::timeline::Day;

#[derive(Template)]
#[template(path = "sections/timeline.html")]
struct Timeline {
    chart: String,
    outside: String,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let outside = match total::outside(facts.tables) {
        0 => String::new(),
        outside => format!(
            "{} of days far outside the period are in the sums, but not shown here.",
            number::many(outside, "outcome", "outcomes")
        ),
    };
    Ok(Timeline { chart: chart(facts)?, outside }.render()?)
}

fn chart(facts: &Facts<'_>) -> Result<String, Error> {
    if facts.all.outcomes == 0 {
        return Ok(String::new());
    }
    let bars: Vec<Bar> = facts.days.iter().map(|day| Bar { day: day.day, parts: states::bar(day) }).collect();
    let (low, high) = extent(&facts.days);
    let words = Words {
        id: "volume".to_owned(),
        title: title(&facts.days),
        measure: "Messages × recipients by day of reception (UTC) and end state; weekends shaded".to_owned(),
        description: format!(
            "From {} to {} outcomes a day, {} in all.",
            number::count(low),
            number::count(high),
            number::count(facts.all.outcomes)
        ),
        keys: states::keys(&facts.all),
    };
    Figure::new(words, |width| days(&bars, width), &grid(facts))?.html()
}

/// The least and the most outcomes of a day.
fn extent(days: &[Day]) -> (i64, i64) {
    let outcomes = || days.iter().map(|day| day.outcomes);
    (outcomes().min().unwrap_or(0), outcomes().max().unwrap_or(0))
}

/// The busiest day and the worst.
fn title(days: &[Day]) -> String {
    let busiest = days.iter().max_by_key(|day| (day.outcomes, std::cmp::Reverse(day.day)));
    let rate = |day: &Day| total::rate(day.delivered, facts::resolved(day));
    let judged: Vec<&Day> = days.iter().filter(|day| !rate(day).is_too_little()).collect();
    let Some(busiest) = busiest else { return "No mail".to_owned() };
    let most = format!("Up to {} a day", number::many(busiest.outcomes, "outcome", "outcomes"));
    let all = judged.iter().fold(Rate::default(), |sum, day| Rate::sum(&[sum, rate(day)]));
    let worst = judged.iter().min_by(|a, b| {
        let value = |day: &Day| rate(day).value().unwrap_or(1.0);
        value(a).total_cmp(&value(b)).then(a.day.cmp(&b.day))
    });
    match worst {
        None => most,
        Some(_) if judged.len() == 1 => format!("{most}; {} delivered", number::rate(all)),
        Some(_) if all.part == all.of => format!("{most}; nothing was lost on any"),
        Some(_) if all.part == 0 => format!("{most}; nothing was delivered on any"),
        Some(day) => format!("{most}; least delivered on {}: {}", number::short_date(day.day), number::rate(rate(day))),
    }
}

fn grid(facts: &Facts<'_>) -> Grid {
    let mut heads = vec![Head::words("Day"), Head::numbers("Outcomes", ""), Head::numbers("Delivered", "of resolved")];
    heads.extend(states::parts(&facts.all).map(|part| Head::numbers(part.label, "outcomes")));
    heads.push(Head::numbers("Deferred once", "outcomes"));
    let line = |day: &Day| {
        let mut cells = vec![Cell::count(day.outcomes), Cell::rate(total::rate(day.delivered, facts::resolved(day)))];
        cells.extend(states::parts(day).map(|part| Cell::count(part.outcomes)));
        cells.push(Cell::count(day.deferred_once));
        Row::new(number::date(day.day), cells)
    };
    Grid {
        caption: "Outcomes by day of reception".to_owned(),
        heads,
        rows: facts.days.iter().map(line).collect(),
        more: String::new(),
        is_sortable: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worst_day_is_one_that_is_worse_than_others() {
        let title_of = |days: &[(i64, i64)]| {
            let day = |(day, &(delivered, bounced)): (i32, &(i64, i64))| Day {
                day: 20_727 + day,
                outcomes: delivered + bounced,
                delivered,
                bounced,
                ..Day::default()
            };
            title(&(0..).zip(days).map(day).collect::<Vec<_>>()).replace('\u{a0}', " ")
        };
        assert_eq!(title_of(&[(90, 10), (95, 5)]), "Up to 100 outcomes a day; least delivered on 1 Oct: 90.0 %");
        assert_eq!(title_of(&[(100, 0), (90, 0)]), "Up to 100 outcomes a day; nothing was lost on any");
        assert_eq!(title_of(&[(0, 100), (0, 90)]), "Up to 100 outcomes a day; nothing was delivered on any");
        assert_eq!(title_of(&[(90, 10), (1, 0)]), "Up to 100 outcomes a day; 90.0 % delivered");
        assert_eq!(title_of(&[(2, 0)]), "Up to 2 outcomes a day");
    }
}
