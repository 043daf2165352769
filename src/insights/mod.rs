//! Findings: what a table says, in a sentence, with what it costs, what to do about it and a line of the log as evidence.
//!
//! Between `tables`, whose rows it reads, and `report`, which places the sentences. One file per finding, all of one shape: a function
//! from the tables to findings, listed in [`INSIGHTS`]; `mailbox_full` is the smallest, read it first. What was looked for and not
//! found is a finding too ([`Tone::Quiet`]): silence is an answer. Knows no HTML and no terminal; foreign text stands in a finding as
//! the log has it, and whoever shows it makes it harmless.

mod authentication;
mod bad_days;
mod bad_domains;
pub mod blocks;
mod coverage;
mod dead_addresses;
mod dns_blocklists;
pub mod effect;
pub mod evidence;
mod expired;
mod false_unknown;
pub mod gaps;
pub mod idn;
pub mod interval;
mod mailbox_full;
pub mod name;
pub mod near_miss;
mod nothing_accepted;
pub mod number;
mod queue;
mod refusals;
mod seeds;
pub mod smarthost;
pub mod thresholds;
mod throttling;
pub mod total;
mod unclassified;
mod unknown_users;

#[cfg(test)]
pub(crate) mod tests;

pub use evidence::Evidence;

use crate::tables::Tables;

/// Whether something is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Somebody has to act, or to know.
    Problem,
    /// Looked for and not found.
    Quiet,
}

/// What a finding cost, for the order on the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Harm {
    /// Recipients who did not get their mail.
    pub lost: i64,
    /// Recipients who got it late.
    pub delayed: i64,
    /// What is counted for them, where that is not recipients.
    pub unit: Unit,
}

impl Harm {
    /// Recipients lost and delayed.
    #[must_use]
    const fn of(lost: i64, delayed: i64) -> Self {
        Self { lost, delayed, unit: Unit::Recipients }
    }

    /// The same, of something else.
    #[must_use]
    const fn counted(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }
}

/// What a harm counts, for the words beside a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Recipients lost, recipients delayed.
    #[default]
    Recipients,
    /// Likewise, those who wait while a block goes on among the lost.
    AtStake,
    /// Recipients who wait.
    Waiting,
    /// Mail of which no end is logged.
    Unseen,
    /// First attempts that were refused, whatever came of them.
    Refused,
    /// Addresses.
    Addresses,
    /// Seeds.
    Seeds,
}

/// One number of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What it counts, with its unit.
    pub label: &'static str,
    /// The number, in words.
    pub value: String,
}

/// A figure of a finding.
#[must_use]
fn figure(label: &'static str, value: impl Into<String>) -> Figure {
    Figure { label, value: value.into() }
}

/// One thing that a reader should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable from run to run and month to month, fit for a link: made of names, never of ranks.
    pub id: String,
    /// Whether something is to be done.
    pub tone: Tone,
    /// One clause for the headline and the terminal.
    pub headline: String,
    /// Subject, fact, number with its base, when.
    pub sentence: String,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub todo: String,
    /// The numbers behind it.
    pub figures: Vec<Figure>,
    /// Name of the table that they come from.
    pub table: &'static str,
    /// Lines of the log that show it, three at most.
    pub evidence: Vec<Evidence>,
    /// The provider's page on it.
    pub help: Option<String>,
    /// What it cost.
    pub harm: Harm,
}

impl Finding {
    /// Something that was looked for and not found.
    fn quiet(id: &str, table: &'static str, sentence: String) -> Self {
        Self {
            id: id.to_owned(),
            tone: Tone::Quiet,
            headline: sentence.clone(),
            sentence,
            why: String::new(),
            todo: String::new(),
            figures: Vec::new(),
            table,
            evidence: Vec::new(),
            help: None,
            harm: Harm::default(),
        }
    }
}

/// One kind of finding: its name and what looks for it.
pub struct Insight {
    /// The file that holds it.
    pub name: &'static str,
    /// Looks for it; nothing, one or several.
    pub find: fn(&Tables) -> Vec<Finding>,
}

/// All of them. Their order decides between findings of equal harm.
pub const INSIGHTS: [Insight; 18] = [
    Insight { name: "nothing_accepted", find: nothing_accepted::find },
    Insight { name: "coverage", find: coverage::find },
    Insight { name: "gaps", find: gaps::find },
    Insight { name: "blocks", find: blocks::find },
    Insight { name: "refusals", find: refusals::find },
    Insight { name: "throttling", find: throttling::find },
    Insight { name: "dns_blocklists", find: dns_blocklists::find },
    Insight { name: "authentication", find: authentication::find },
    Insight { name: "dead_addresses", find: dead_addresses::find },
    Insight { name: "false_unknown", find: false_unknown::find },
    Insight { name: "unknown_users", find: unknown_users::find },
    Insight { name: "effect", find: effect::find },
    Insight { name: "bad_domains", find: bad_domains::find },
    Insight { name: "mailbox_full", find: mailbox_full::find },
    Insight { name: "seeds", find: seeds::find },
    Insight { name: "expired", find: expired::find },
    Insight { name: "queue", find: queue::find },
    Insight { name: "unclassified", find: unclassified::find },
];

/// What the tables say: problems by harm, the largest first, then what was looked for and not found.
#[must_use]
pub fn findings(tables: &Tables) -> Vec<Finding> {
    let mut all: Vec<Finding> = INSIGHTS.iter().flat_map(|insight| (insight.find)(tables)).collect();
    if smarthost::hides_providers(tables) {
        all.retain(smarthost::still_holds);
    }
    // Stable: equals keep the order of INSIGHTS.
    all.sort_by_key(|finding| (finding.tone == Tone::Quiet, std::cmp::Reverse(finding.harm)));
    all
}
