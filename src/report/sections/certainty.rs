//! How sure are we: every file and what became of its lines, what stands apart, gaps, and the replies that nobody understands yet.

use std::collections::BTreeMap;

use askama::Template;

use crate::classify::stub;
use crate::insights::{evidence, gaps, number, total};
use crate::report::Error;
use crate::report::facts::Facts;
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::report::text;
use crate::stats::Rate;
use crate::tables::inputs::Input;
use crate::tables::signatures::Signature;

/// How many files and how many unclassified replies are listed.
const FILES: usize = 80;
const REPLIES: usize = 10;
/// How many notes on files are told before the table.
const NOTES: usize = 20;
/// How much of a reply becomes a rule.
const PATTERN: usize = 160;

#[derive(Template)]
#[template(path = "sections/certainty.html")]
struct Certainty {
    lead: String,
    files: String,
    notes: Vec<Note>,
    apart: Vec<(&'static str, String, &'static str)>,
    gaps: Vec<String>,
    folded: Vec<String>,
    unclassified: String,
    rules: Vec<Rule>,
    is_one_day: bool,
}

/// What is to be said of a file, or of several.
struct Note {
    files: String,
    words: String,
    is_damage: bool,
}

/// A reply that no rule understands, as the beginning of one.
struct Rule {
    link: String,
    attempts: String,
    reply: String,
    /// Line by line: a line end inside a string would be shown as a sign.
    toml: Vec<String>,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let unclassified = evidence::signatures(facts.tables, |row| row.category == "unclassified");
    let share = total::rate(unclassified.iter().map(|row| row.attempts).sum(), total::failed_attempts(facts.tables));
    let certainty = Certainty {
        lead: lead(facts),
        files: files(&facts.tables.inputs).html()?,
        notes: notes(&facts.tables.inputs),
        apart: apart(facts),
        gaps: gaps::gaps(facts.tables)
            .iter()
            .take(20)
            .map(|(from, to)| format!("{} to {}", number::time(*from), number::time(*to)))
            .collect(),
        folded: facts.tables.totals.folded.iter().map(folded).collect(),
        unclassified: unclassified_words(share),
        rules: rules(facts, &unclassified),
        is_one_day: facts.days.iter().filter(|day| day.outcomes > 0).count() == 1,
    };
    Ok(certainty.render()?)
}

fn lead(facts: &Facts<'_>) -> String {
    let (unparsed, lines) = facts.tables.inputs.iter().fold((0, 0), |(bad, all), row| (bad + row.unparsed, all + row.lines));
    let coverage = total::rate(lines - unparsed, lines);
    let unresolved = total::rate(total::unresolved(&facts.all), facts.all.outcomes);
    format!(
        "{} of {} were understood; {} were not. {} of the outcomes have no known end ({}).",
        number::rate(coverage),
        number::many(lines, "line", "lines"),
        number::count(unparsed),
        number::rate(unresolved),
        number::base(unresolved),
    )
}

// --- Files ------------------------------------------------------------------------------------------------------------------------

fn files(inputs: &[Input]) -> Grid {
    // What is damaged or not understood must not hide behind many sound files.
    let mut shown: Vec<(usize, &Input)> = inputs.iter().enumerate().collect();
    shown.sort_by_key(|(at, row)| (row.note.is_empty() && row.unparsed == 0, *at));
    shown.truncate(FILES);
    shown.sort_by_key(|(at, _)| *at);
    let time = |at: Option<crate::event::Micros>| Cell::words(at.map_or_else(|| number::NONE.to_owned(), number::time));
    let line = |row: &Input| {
        let cells = vec![
            Cell::words(format!("{} {}", row.format, compression(&row.compression))),
            Cell { order: Some(row.bytes), ..Cell::figure(number::bytes(row.bytes)) },
            Cell::count(row.lines),
            Cell::count(row.delivery),
            Cell::count(row.context),
            Cell::count(row.other),
            Cell::count(row.unparsed),
            time(row.first),
            time(row.last),
        ];
        Row::new(text::tail(&row.path, 60), cells)
    };
    let mut rows: Vec<Row> = shown.iter().map(|(_, row)| line(row)).collect();
    if inputs.len() > 1 {
        let sum = |of: fn(&Input) -> i64| inputs.iter().map(of).sum::<i64>();
        let mut cells = vec![Cell::words(""), Cell::figure(number::bytes(sum(|row| row.bytes)))];
        cells.extend(
            [sum(|row| row.lines), sum(|row| row.delivery), sum(|row| row.context), sum(|row| row.other)].map(Cell::count),
        );
        cells.extend([Cell::count(sum(|row| row.unparsed)), Cell::words(""), Cell::words("")]);
        rows.push(Row { is_sum: true, ..Row::new(number::many(inputs.len() as i64, "file", "files"), cells) });
    }
    Grid {
        caption: "What each file is, and how each of its lines was counted".to_owned(),
        heads: vec![
            Head::words("File"),
            Head::words("Format"),
            Head::numbers("Size", "unpacked"),
            Head::numbers("Lines", ""),
            Head::numbers("Delivery", "lines"),
            Head::numbers("Context", "lines"),
            Head::numbers("Other", "lines"),
            Head::numbers("Not understood", "lines"),
            Head::words("First"),
            Head::words("Last"),
        ],
        rows,
        more: more(inputs.len(), FILES, "inputs"),
        is_sortable: true,
    }
}

/// What there is to say of files, once for all files of which the same is to be said; damage first.
fn notes(inputs: &[Input]) -> Vec<Note> {
    let mut files: BTreeMap<(bool, &str), Vec<&str>> = BTreeMap::new();
    for row in inputs.iter().filter(|row| !row.note.is_empty()) {
        files.entry((!row.is_damaged, &row.note)).or_default().push(&row.path);
    }
    let told = |((is_sound, note), paths): ((bool, &str), Vec<&str>)| {
        let first = paths.first().map(|path| text::tail(path, 80)).unwrap_or_default();
        let more = match paths.len() {
            0 | 1 => String::new(),
            several => format!(" and {} more", number::many(several as i64 - 1, "file", "files")),
        };
        Note { files: format!("{first}{more}"), words: text::shortened(note, 300), is_damage: !is_sound }
    };
    files.into_iter().take(NOTES).map(told).collect()
}

fn compression(name: &str) -> &str {
    if name.eq_ignore_ascii_case("plain") { "" } else { name }
}

/// What is counted apart, in no rate.
fn apart(facts: &Facts<'_>) -> Vec<(&'static str, String, &'static str)> {
    let totals = &facts.tables.totals;
    let sum = |of: fn(&Input) -> i64| facts.tables.inputs.iter().map(of).sum::<i64>();
    let all = [
        (
            "Suspended attempts",
            totals.suspended,
            "put back by our MTA without trying; they mark an outcome as deferred, nothing else",
        ),
        ("Hops", totals.hops, "handed to a content filter or an own relay; the next queue id is followed"),
        ("Hops whose next id was found", totals.hops_found, "the rest went on in a log that was not read"),
        ("Mail for ourselves", totals.internal, "stored, piped or forwarded at home"),
        ("Own notifications", totals.own_bounces, "bounces that our MTA wrote to senders"),
        ("Address probes", totals.probes, "verification of addresses, no mail"),
        ("Handed on", totals.handed_on, "went on under another queue id"),
        ("Not sent", totals.not_sent, "the service itself refused to send it: suppressed addresses, its own rules"),
        ("Lines said to be repeated", totals.repeated, "`last message repeated n times`"),
        ("Attempt lines written twice", totals.duplicates, "equal to another of the same message and recipient; counted once"),
        ("Attempts told by several files", totals.overlapped, "files of one host that overlap in time; counted once"),
        ("Late attempt lines", totals.late, "of messages that were over by then; not counted"),
        ("Attempts of nobody", totals.orphans, "no line names their message or recipient; each is an outcome of its own"),
        (
            "Handed to a smarthost",
            facts.tables.smarthosts.iter().map(|row| row.handed_over).sum(),
            "mail to known mailboxes that a relay of nobody known took; table smarthosts",
        ),
        ("Inbound mail refused", sum(|row| row.inbound_rejects), "mail of others that our servers refused"),
        ("Mail that left the queue unseen", facts.all.unknown, "removed without a line that says how"),
    ];
    all.into_iter().filter(|(_, n, _)| *n > 0).map(|(label, n, meaning)| (label, number::count(n), meaning)).collect()
}

fn folded(tail: &crate::tables::Folded) -> String {
    format!(
        "{} of the smallest names in {}, {} together, are counted as (other): the sums are whole, the names are lost.",
        number::count(tail.names),
        tail.view,
        number::count(tail.volume),
    )
}

// --- Replies that no rule understands ---------------------------------------------------------------------------------------------

fn unclassified_words(share: Rate) -> String {
    if share.part == 0 {
        return "Every reply of a failure was understood by a rule.".to_owned();
    }
    format!("{} of failed attempts ({}) have a reply that no rule understands.", number::rate(share), number::base(share))
}

fn rules(facts: &Facts<'_>, rows: &[&Signature]) -> Vec<Rule> {
    let with_words = rows.iter().filter(|row| !row.signature.is_empty());
    let rule = |row: &&Signature| Rule {
        link: facts.reply_link(&row.provider, &row.signature),
        attempts: format!("{} at {}", number::many(row.attempts, "attempt", "attempts"), text::provider(&row.provider)),
        reply: text::shortened(&row.signature, 300),
        toml: beginning(&row.signature),
    };
    with_words.take(REPLIES).map(rule).collect()
}

/// A rule to begin with; of a long reply, one for its first words.
fn beginning(signature: &str) -> Vec<String> {
    let words: String = signature.chars().take(PATTERN).collect();
    stub(&words, &words).lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::fixture;

    #[test]
    fn a_reply_becomes_the_beginning_of_a_rule_line_by_line() {
        let (tables, about) = (fixture::small(), fixture::about());
        let facts = Facts::of(&tables, &about);
        let unclassified = evidence::signatures(&tables, |row| row.category == "unclassified");
        let [rule] = rules(&facts, &unclassified).try_into().unwrap_or_else(|_| panic!("one reply"));
        assert_eq!(rule.toml.first().map(String::as_str), Some("[[rule]]"));
        assert!(rule.toml.iter().any(|line| line.contains("come back on a day")), "{:?}", rule.toml);
        assert!(!html(&facts).unwrap().contains('␊'));
    }

    #[test]
    fn what_is_damaged_is_shown_among_many_sound_files() {
        let sound = Input {
            path: "a".to_owned(),
            format: "postfix".to_owned(),
            compression: "plain".to_owned(),
            bytes: 1,
            lines: 1,
            delivery: 1,
            context: 0,
            other: 0,
            unparsed: 0,
            attempts: 1,
            delivered: 1,
            deferred: 0,
            bounced: 0,
            expired: 0,
            inbound_rejects: 0,
            recipient_domains: 1,
            first: None,
            last: None,
            is_damaged: false,
            note: String::new(),
        };
        let mut inputs = vec![sound.clone(); 300];
        inputs.push(Input { path: "z".to_owned(), note: "ends early".to_owned(), ..sound });
        let grid = files(&inputs);
        assert_eq!(grid.rows.len(), FILES + 1);
        assert!(grid.rows.iter().any(|row| row.name.text == "z") && grid.more.starts_with("221 more"));
    }

    #[test]
    fn what_is_to_be_said_of_many_files_is_said_once_and_damage_first() {
        let file = |path: &str, note: &str, is_damaged: bool| Input {
            path: path.to_owned(),
            note: note.to_owned(),
            is_damaged,
            ..Input::default()
        };
        let mut inputs: Vec<Input> = (1..4).map(|n| file(&format!("mail.log.{n}"), "stamps name no year", false)).collect();
        inputs.push(file("mail.log.9.gz", "ends early", true));
        let plain = |words: String| words.replace(number::GAP, " ");
        let told: Vec<(String, String, bool)> =
            notes(&inputs).into_iter().map(|note| (plain(note.files), note.words, note.is_damage)).collect();
        let wanted = [("mail.log.9.gz", "ends early", true), ("mail.log.1 and 2 files more", "stamps name no year", false)];
        assert_eq!(told, wanted.map(|(files, words, is_damage)| (files.to_owned(), words.to_owned(), is_damage)));
    }
}
