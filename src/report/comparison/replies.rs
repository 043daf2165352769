//! Replies that came, went, changed their words, grew or shrank.

use askama::Template;

use super::{Sides, grids, words};
use crate::compare::verdict;
use crate::insights::{name, number};
use crate::report::Error;
use crate::report::text;
use crate::tables::Tables;
use crate::tables::changes::Change;

/// How many replies each list has.
const LISTED: usize = 15;
/// How many rows the table has.
const ROWS: usize = 200;
/// Replies longer than this are cut.
const LONGEST: usize = 300;

#[derive(Template)]
#[template(path = "comparison/replies.html")]
struct Replies {
    lists: Vec<List>,
    table: String,
}

/// Replies of which the same is to be said.
struct List {
    title: String,
    about: &'static str,
    replies: Vec<Reply>,
    more: String,
}

/// A reply as it is shown.
struct Reply {
    of: String,
    provider: String,
    category: String,
    text: String,
    reworded: String,
    meta: String,
    example: String,
}

pub(super) fn html(sides: &Sides<'_>) -> Result<String, Error> {
    let rows: Vec<&Change> = sides.comparison.changes.iter().filter(|row| row.within == "reply").collect();
    let of = |presence: &str| rows.iter().copied().filter(|row| row.presence == presence).collect::<Vec<_>>();
    let both = of("both");
    let moved = |grew: bool| -> Vec<&Change> {
        both.iter().copied().filter(|row| verdict::is_change(&row.verdict) && (row.difference > 0.0) == grew).collect()
    };
    let lists = [
        ("New", "Not once before, and often enough after that it would have been seen.", of("new")),
        ("Reworded", "One went and another came that reads nearly alike: both are counted together.", of("reworded")),
        ("Grown", "Oftener than before, beyond what days differ.", moved(true)),
        ("Shrunk", "More seldom than before, beyond what days differ.", moved(false)),
        ("Gone", "Not once after, and often enough before that it would have been seen.", of("gone")),
    ];
    let lists =
        lists.into_iter().filter(|(_, _, rows)| !rows.is_empty()).map(|(title, about, rows)| list(sides, title, about, &rows));
    let named = |row: &Change| text::shortened(&words::subject(row), 100);
    let table = if rows.is_empty() {
        String::new()
    } else {
        grids::grid("Every reply that was compared: share of the provider’s attempts", &rows, ROWS, &named).html()?
    };
    Ok(Replies { lists: lists.collect(), table }.render()?)
}

fn list(sides: &Sides<'_>, title: &str, about: &'static str, rows: &[&Change]) -> List {
    let left = rows.len().saturating_sub(LISTED);
    List {
        title: format!("{title} ({})", number::count(rows.len() as i64)),
        about,
        replies: rows.iter().take(LISTED).map(|row| reply(sides, row)).collect(),
        more: if left == 0 { String::new() } else { format!("{} more in the table changes.", number::count(left as i64)) },
    }
}

fn reply(sides: &Sides<'_>, row: &Change) -> Reply {
    let (before, after) = words::rates(row);
    Reply {
        of: format!("{} → {}", number::count(row.before_part), number::count(row.after_part)),
        provider: text::provider(&row.provider),
        category: name::category(&row.category),
        text: text::shortened(&row.key, LONGEST),
        reworded: text::shortened(&row.reworded, LONGEST),
        meta: format!(
            "{} of its attempts before (on {}), {} after (on {}) · {} · q {}{}",
            number::rate(before),
            number::many(row.before_days_seen, "day", "days"),
            number::rate(after),
            number::many(row.after_days_seen, "day", "days"),
            words::verdict_words(row),
            grids::probability(row.q),
            turned(row),
        ),
        example: example(if row.presence == "gone" { sides.before } else { sides.after }, row),
    }
}

/// Whether a refusal for now became one for good, or the other way round.
fn turned(row: &Change) -> &'static str {
    match (row.reworded.get(..1), row.key.get(..1)) {
        (Some("4"), Some("5")) => " · put off before, refused for good now",
        (Some("5"), Some("4")) => " · refused for good before, put off now",
        _ => "",
    }
}

/// The earliest record of a reply, whole; empty where none was kept.
fn example(tables: &Tables, row: &Change) -> String {
    let of_reply = tables.signatures.iter().filter(|reply| reply.provider == row.provider && reply.signature == row.key);
    let first = of_reply.filter(|reply| !reply.example.is_empty()).min_by_key(|reply| (reply.first_seen, &reply.source));
    first.map_or_else(String::new, |reply| text::shortened(&reply.example, 600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_for_now_that_became_one_for_good_is_said_to_be_that() {
        let of = |reworded: &str, key: &str| {
            turned(&Change { reworded: reworded.to_owned(), key: key.to_owned(), ..Change::default() })
        };
        assert_eq!(
            of("421 4.7.26 not authenticated", "550 5.7.26 not authenticated"),
            " · put off before, refused for good now"
        );
        assert_eq!(of("550 5.7.1 no", "450 4.7.1 no"), " · refused for good before, put off now");
        assert_eq!([of("", "550 5.7.1 no"), of("550 a", "554 a")], ["", ""]);
    }
}
