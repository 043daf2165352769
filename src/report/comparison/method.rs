//! How sure the comparison is: the first period with itself, what was tested how, what was read.

use askama::Template;

use super::Sides;
use crate::compare::Halves;
use crate::insights::number;
use crate::report::Error;
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::tables::Tables;

/// How many files are listed.
const FILES: usize = 60;

#[derive(Template)]
#[template(path = "comparison/method.html")]
struct Method {
    itself: String,
    facts: Vec<(&'static str, String)>,
    files: String,
}

pub(super) fn html(sides: &Sides<'_>) -> Result<String, Error> {
    let method = Method { itself: itself(sides), facts: facts(sides), files: files(sides).html()? };
    Ok(method.render()?)
}

/// What came of comparing the first period with itself.
pub(super) fn itself(sides: &Sides<'_>) -> String {
    let (before, _) = sides.names();
    let Some(itself) = sides.comparison.itself else {
        return format!("{before} is too short to be compared with itself: each half needs eight days with mail.");
    };
    let halves = match itself.halves {
        Halves::Weeks => "odd and even weeks",
        Halves::Days => "odd and even days",
    };
    format!(
        "The same comparison of {before} with itself ({halves}): of {}, {} called a change.",
        number::many(itself.compared as i64, "comparison", "comparisons"),
        match itself.flagged {
            0 => "none was".to_owned(),
            1 => "1 was".to_owned(),
            more => format!("{more} were"),
        },
    )
}

fn facts(sides: &Sides<'_>) -> Vec<(&'static str, String)> {
    let rows = &sides.comparison.changes;
    let count =
        |is: &dyn Fn(&crate::tables::changes::Change) -> bool| number::count(rows.iter().filter(|row| is(row)).count() as i64);
    vec![
        ("One family", format!("{} figures were compared at once. q is p adjusted for that (Benjamini and Hochberg); a change is called at q ≤ 0.05.", number::count(rows.len() as i64))),
        ("Days are the unit", "Mail comes in bursts: a test that takes mails for independent calls most unchanged months different. The spread of the days decides here, with fewer degrees of freedom where days are uneven.".to_owned()),
        ("Few days", format!("{} figures have fewer than eight days in a period: the dispersion of all providers stands in for theirs; {} are so few that Fisher’s exact test was taken, which assumes independent mail.", count(&|row| row.test != "days"), count(&|row| row.test == "fisher"))),
        ("Weekdays", format!("{} figures follow the week: both periods were brought to the same weekdays (direct standardisation).", count(&|row| row.note == "weekdays"))),
        ("Neighbouring days", format!("{} figures have days that resemble their neighbours (lag-1 correlation above 0.3): their variance follows neighbours over three days (Newey and West).", count(&|row| row.note == "neighbours"))),
        ("Large enough", "Worse and better need 0.5 points or a quarter more (less) for rates of 2 % or more; below, half as much again and 20 mails. What is sure but smaller is called moved, small.".to_owned()),
        ("Left open", "Too little mail, or days that differ too much where there is plenty: said where a change of 2 points, or to twice as much, could have been missed; the least change that would be found four times out of five stands in each row.".to_owned()),
        ("Interval", "Newcombe’s hybrid score interval of a difference, with the effective number of mails and Student’s t.".to_owned()),
        ("Left out", "Figures of fewer than 100 in a period, and what happened fewer than 10 times in both together; replies and reasons of fewer than 20. In periods of weeks, what has mail on one or two days of one of them: campaigns differ. Of domains, sources and senders the 500 largest of each period are compared.".to_owned()),
    ]
}

/// Every file of both periods.
fn files(sides: &Sides<'_>) -> Grid {
    let (before, after) = sides.names();
    let of = |tables: &Tables, period: &str| -> Vec<Row> {
        let line = |row: &crate::tables::inputs::Input| {
            let cells = vec![
                Cell::words(period),
                Cell::words(&row.format),
                Cell::count(row.lines),
                Cell::count(row.attempts),
                Cell::count(row.unparsed),
            ];
            Row::new(&row.path, cells)
        };
        tables.inputs.iter().map(line).collect()
    };
    let rows: Vec<Row> = of(sides.before, &before).into_iter().chain(of(sides.after, &after)).collect();
    let all = rows.len();
    Grid {
        caption: "What was read".to_owned(),
        heads: vec![
            Head::words("File"),
            Head::words("Period"),
            Head::words("Format"),
            Head::numbers("Lines", ""),
            Head::numbers("Attempts", "as logged"),
            Head::numbers("Not understood", "lines"),
        ],
        rows: rows.into_iter().take(FILES).collect(),
        more: more(all, FILES, "inputs"),
        is_sortable: true,
    }
}
