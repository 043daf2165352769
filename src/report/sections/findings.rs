//! What to do: problems by harm, each with its cost, its reason, its remedy and lines of the log; then what was not found.

use askama::Template;

use crate::insights::{Figure, Finding, Harm, Tone, Unit, name, number};
use crate::report::Error;
use crate::report::facts::Facts;
use crate::report::text;

/// How many are open.
const OPEN: usize = 7;
/// How many are shown at all.
const MOST: usize = 40;
/// How much of a line of the log is shown.
const LINE: usize = 800;
/// How long a sentence may be with the foreign text in it.
const SENTENCE: usize = 600;

/// What a reader must know who would add the costs up.
const OVERLAP: &str = "The costs overlap and do not add up. Lost, delayed and waiting count recipients of messages; the same one may be lost to a block \
                       and given up in the queue. Addresses that must leave the list hold those that one provider calls unknown.";

#[derive(Template)]
#[template(path = "sections/findings.html")]
struct Findings {
    /// That the costs are no parts of a whole; empty: there is nothing to be added up.
    overlap: &'static str,
    open: Vec<View>,
    folded: Vec<View>,
    /// How many are not shown; empty: none.
    more: String,
    quiet: Vec<String>,
}

/// A finding as it is shown.
#[derive(Template)]
#[template(path = "finding.html")]
struct View {
    rank: usize,
    id: String,
    headline: String,
    cost: String,
    sentence: String,
    why: String,
    todo: String,
    figures: Vec<Figure>,
    evidence: Vec<(String, String)>,
    help: Option<String>,
    section: &'static str,
    table: &'static str,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let problems: Vec<&Finding> = facts.findings.iter().filter(|finding| finding.tone == Tone::Problem).collect();
    let mut views: Vec<View> = problems.iter().take(MOST).enumerate().map(|(at, finding)| View::of(at + 1, finding)).collect();
    let folded = views.split_off(views.len().min(OPEN));
    let quiet = facts.findings.iter().filter(|finding| finding.tone == Tone::Quiet);
    let findings = Findings {
        overlap: if problems.iter().filter(|finding| finding.harm.lost > 0).count() > 1 { OVERLAP } else { "" },
        open: views,
        folded,
        more: match problems.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!("{} more are in the tables.", number::count(more as i64)),
        },
        quiet: quiet.map(|finding| finding.sentence.clone()).collect(),
    };
    Ok(findings.render()?)
}

impl View {
    fn of(rank: usize, finding: &Finding) -> Self {
        Self {
            rank,
            id: name::anchor("finding", &finding.id),
            headline: text::shortened(&finding.headline, SENTENCE),
            cost: cost(finding),
            sentence: text::shortened(&continued(finding), SENTENCE),
            why: text::shortened(&finding.why, SENTENCE),
            todo: text::shortened(&finding.todo, SENTENCE),
            figures: finding.figures.clone(),
            evidence: finding
                .evidence
                .iter()
                .filter(|evidence| !evidence.line.is_empty())
                .map(|evidence| (text::shortened(&evidence.line, LINE), text::place(&evidence.path, evidence.offset)))
                .collect(),
            help: finding.help.clone().filter(|help| help.starts_with("https://")),
            section: super::of_table(finding.table),
            table: finding.table,
        }
    }
}

/// What it cost, in a few words.
fn cost(finding: &Finding) -> String {
    let Harm { lost, delayed, unit } = finding.harm;
    let as_lost = match unit {
        Unit::Recipients | Unit::Waiting | Unit::Refused => "lost",
        Unit::AtStake => "lost or waiting",
        Unit::Unseen => "unseen",
        Unit::Addresses if lost == 1 => "address",
        Unit::Addresses => "addresses",
        Unit::Seeds if lost == 1 => "seed",
        Unit::Seeds => "seeds",
    };
    let as_delayed = match unit {
        Unit::Recipients | Unit::AtStake | Unit::Unseen | Unit::Addresses | Unit::Seeds => "delayed",
        Unit::Waiting => "waiting",
        Unit::Refused => "refused",
    };
    let parts = [(lost, as_lost), (delayed, as_delayed)].into_iter().filter(|(n, _)| *n > 0);
    parts.map(|(n, word)| format!("{} {word}", number::count(n))).collect::<Vec<_>>().join(", ")
}

/// The sentence without the words that the headline has said already.
fn continued(finding: &Finding) -> String {
    let Some(rest) = finding.sentence.strip_prefix(&finding.headline) else { return finding.sentence.clone() };
    if !rest.starts_with([',', ':', '.', ';']) && !rest.is_empty() {
        return finding.sentence.clone();
    }
    let rest = rest.trim_start_matches([',', ':', '.', ';', ' ']);
    // A name stays as it is.
    if rest.split(' ').next().is_some_and(|word| word.trim_end_matches('.').contains(['.', '@', '/'])) {
        return rest.to_owned();
    }
    let mut letters = rest.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(headline: &str, sentence: &str, harm: Harm) -> Finding {
        Finding {
            id: "x".to_owned(),
            tone: Tone::Problem,
            headline: headline.to_owned(),
            sentence: sentence.to_owned(),
            why: String::new(),
            todo: String::new(),
            figures: Vec::new(),
            table: "reasons",
            evidence: Vec::new(),
            help: None,
            harm,
        }
    }

    #[test]
    fn a_sentence_does_not_repeat_its_headline() {
        let of = |headline, sentence| continued(&finding(headline, sentence, Harm::default()));
        assert_eq!(of("3 messages wait", "3 messages wait, most of them for Yahoo."), "Most of them for Yahoo.");
        assert_eq!(of("Yahoo refused us", "It was Yahoo."), "It was Yahoo.");
        assert_eq!(of("Yahoo knows 3 %", "Yahoo knows 3 % (3 of 100)."), "Yahoo knows 3 % (3 of 100).");
        assert_eq!(of("No log for 2 hours", "No log for 2 hours"), "");
        assert_eq!(of("2 were sent in vain", "2 were sent in vain: gmial.com (2)."), "gmial.com (2).");
    }

    #[test]
    fn the_cost_names_what_there_is() {
        let of = |lost, delayed, unit| cost(&finding("", "", Harm { lost, delayed, unit }));
        let recipients = |lost, delayed| of(lost, delayed, Unit::Recipients);
        let told = [recipients(0, 0), recipients(1_200, 0), recipients(0, 7), recipients(1, 2)];
        assert_eq!(told, ["", "1,200 lost", "7 delayed", "1 lost, 2 delayed"]);
        // Who waits is not lost yet, and an address is no mail.
        let others = [of(9, 2, Unit::AtStake), of(0, 5, Unit::Waiting), of(1, 0, Unit::Addresses), of(3, 0, Unit::Seeds)];
        assert_eq!(others, ["9 lost or waiting, 2 delayed", "5 waiting", "1 address", "3 seeds"]);
    }
}
