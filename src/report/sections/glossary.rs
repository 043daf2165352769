//! What each figure means: definition, numerator, denominator, unit; then every column of every table, in the words of the tables.

use askama::Template;

use crate::insights::thresholds::THRESHOLDS;
use crate::report::Error;
use crate::report::facts::Facts;
use crate::tables::{Column, TABLES};

/// A figure of the page.
struct Figure {
    /// As in links.
    id: &'static str,
    name: &'static str,
    meaning: &'static str,
    numerator: &'static str,
    denominator: &'static str,
    unit: &'static str,
}

/// The figures, in the order in which a reader meets them.
const FIGURES: [Figure; 25] = [
    Figure {
        id: "outcomes",
        name: "Outcome",
        meaning: "What became of one message for one recipient: delivered, bounced later, blocked, bounced, expired, deferred, queued, cancelled or unknown. The first five are resolved.",
        numerator: "messages × recipients",
        denominator: "",
        unit: "outcomes",
    },
    Figure {
        id: "attempts",
        name: "Attempt",
        meaning: "One try to hand one message to one recipient's server. Suspended deliveries, local hops and address probes are none.",
        numerator: "tries",
        denominator: "",
        unit: "attempts",
    },
    Figure {
        id: "delivered_rate",
        name: "Delivered",
        meaning: "Accepted by their server and not bounced later. Called accepted where bounces by mail were not read and the log tells of none.",
        numerator: "delivered",
        denominator: "resolved outcomes",
        unit: "share",
    },
    Figure {
        id: "block_rate",
        name: "Lost to blocks",
        meaning: "What blocks cost: refused for good by policy, and expired with a refusal by policy as the last reply that says anything.",
        numerator: "blocked, and expired over a block",
        denominator: "resolved outcomes",
        unit: "share",
    },
    Figure {
        id: "hard_rate",
        name: "Hard bounces",
        meaning: "The address is dead: unknown user, closed mailbox, a domain that takes no mail. It must leave the list.",
        numerator: "not delivered, of class hard",
        denominator: "resolved outcomes",
        unit: "share",
    },
    Figure {
        id: "unknown_user_rate",
        name: "Unknown users",
        meaning: "Addresses whose server calls them unknown or closed. Judged: with at least one reply about the recipient (accepted, unknown, full, closed); a refusal before that judges nobody.",
        numerator: "distinct addresses unknown or closed, of class hard",
        denominator: "distinct addresses judged",
        unit: "share of addresses",
    },
    Figure {
        id: "accepted_within",
        name: "Within 1 hour",
        meaning: "Of what was tried, the share accepted by that age. Failures compete; mail that waits counts as not accepted for as long as the log shows it to wait, to the end of its host's log (seven days without a record at most), and then as unknown (Aalen–Johansen), so that a log's end makes nothing look fast. The counts beside it are of those whose fate by then is known.",
        numerator: "accepted by that age",
        denominator: "outcomes that were tried",
        unit: "share",
    },
    Figure {
        id: "waiting_share",
        name: "Still waiting",
        meaning: "Deferred (a temporary failure is the last event) or queued (never tried) when the log ends.",
        numerator: "deferred and queued",
        denominator: "all outcomes",
        unit: "share",
    },
    Figure {
        id: "deferral_rate",
        name: "Deferred once",
        meaning: "With at least one temporary failure, whatever came of it.",
        numerator: "outcomes with a temporary failure",
        denominator: "outcomes with an attempt",
        unit: "share",
    },
    Figure {
        id: "first_try_rate",
        name: "At first try",
        meaning: "Delivered at the first real attempt.",
        numerator: "delivered with one attempt",
        denominator: "resolved outcomes",
        unit: "share",
    },
    Figure {
        id: "tempfail_share",
        name: "Failed for now",
        meaning: "Attempts that failed temporarily: a refusal for now, or no answer. The load that retries are; not the share of mail put off.",
        numerator: "temporary failures",
        denominator: "real attempts",
        unit: "share of attempts",
    },
    Figure {
        id: "wasted_attempts",
        name: "Could have been spared",
        meaning: "Attempts after a reply that had called the same address of the same message dead, and attempts that were refused in a block of hours. What was accepted while a block went on was not in vain.",
        numerator: "attempts after a hard reply, and refused in blocks",
        denominator: "real attempts",
        unit: "attempts",
    },
    Figure {
        id: "attempts_per_delivered",
        name: "Attempts for each delivery",
        meaning: "What a delivery takes: all attempts, those of mail that failed too.",
        numerator: "real attempts",
        denominator: "delivered",
        unit: "attempts",
    },
    Figure {
        id: "message_hours_waited",
        name: "Hours waited",
        meaning: "From the first temporary failure to the end, or as long as the log shows the mail to wait, added up over all mail that had one.",
        numerator: "end − first temporary failure",
        denominator: "",
        unit: "hours",
    },
    Figure {
        id: "greylist_rate",
        name: "Greylisted",
        meaning: "Mail whose first failure names greylisting; it passed if it was accepted later. What greylists without saying so is not seen.",
        numerator: "outcomes whose first failure is greylisting",
        denominator: "all outcomes",
        unit: "share",
    },
    Figure {
        id: "ipv6_share",
        name: "IPv6",
        meaning: "Attempts over IPv6.",
        numerator: "attempts over IPv6",
        denominator: "real attempts whose address is logged",
        unit: "share of attempts",
    },
    Figure {
        id: "ipv6_gap",
        name: "IPv6 less IPv4",
        meaning: "What IPv6 got accepted beyond IPv4 at the same provider on the same days: the daily differences, each by the attempts that both have. Days of one protocol alone are left out, so that a bad day before IPv6 was switched on says nothing of it. Providers are stricter over IPv6: they want a PTR record and authentication.",
        numerator: "accepted over IPv6 of attempts, less the same over IPv4",
        denominator: "real attempts of days of both",
        unit: "points",
    },
    Figure {
        id: "concentration",
        name: "Concentration",
        meaning: "How much hangs on the largest providers. Herfindahl index: the sum of the squared shares, 1 where all goes to one; its inverse is how many providers of equal parts would be as concentrated.",
        numerator: "outcomes to the largest one, three, five",
        denominator: "all outcomes",
        unit: "share",
    },
    Figure {
        id: "excess",
        name: "Lost beyond the others' rate",
        meaning: "How many more failed than would have at the rate of all other providers: harm in messages. Rankings go by it, since the worst raw rate is mostly the smallest sample.",
        numerator: "failed − resolved × the others' rate",
        denominator: "",
        unit: "outcomes",
    },
    Figure {
        id: "episode",
        name: "Episode",
        meaning: "Hours on end in which a provider refused at least a fifth of the attempts of a source, and three times its usual share, found by change points in the hourly counts. Block: refusals by policy. Throttling: rate limits.",
        numerator: "refused attempts",
        denominator: "attempts with a reply",
        unit: "hours",
    },
    Figure {
        id: "beyond_usual",
        name: "Beyond the usual",
        meaning: "How many more a provider refused in an episode than it does of as many attempts at the same hours of the week outside of episodes; where such an hour has fewer than 30 attempts, than it does at all. The interval takes refusals for counts of Poisson, widened by the dispersion of the hours outside.",
        numerator: "refused in the episode − attempts × the usual rate",
        denominator: "",
        unit: "attempts",
    },
    Figure {
        id: "stands_out",
        name: "Stands out",
        meaning: "A sender domain whose odds among what an episode refused first are twice those among the mail received for that provider and source on the day before (UTC), or more, and surely higher. Odds are drawn to those of the period by a Dirichlet prior of the weight of 100 outcomes; the three surest are told. It says whose mail changed, not that it was the cause.",
        numerator: "odds of the domain among what was refused",
        denominator: "its odds on the day before",
        unit: "ratio",
    },
    Figure {
        id: "async_rate",
        name: "Bounced later",
        meaning: "Accepted, then returned by a bounce that came by mail or that the log records. Only bounces that are joined to their mail count.",
        numerator: "bounced later",
        denominator: "delivered and bounced later",
        unit: "share",
    },
    Figure {
        id: "complaint_rate",
        name: "Complaint rate",
        meaning: "Delivered mail of which a complaint came in, on the day of the mail. Gmail tells of none.",
        numerator: "delivered outcomes complained of",
        denominator: "delivered outcomes to providers of whose users at least one complaint came in",
        unit: "share",
    },
    Figure {
        id: "unclassified_share",
        name: "Unclassified",
        meaning: "Replies whose words and codes no rule understands: our own quality.",
        numerator: "failed attempts without a known reason",
        denominator: "failed attempts",
        unit: "share",
    },
];

#[derive(Template)]
#[template(path = "sections/glossary.html")]
struct Glossary {
    figures: &'static [Figure],
    marks: Vec<(String, &'static str)>,
    tables: Vec<Table>,
}

/// A table's columns.
struct Table {
    name: &'static str,
    about: &'static str,
    counts: &'static str,
    columns: Vec<Column>,
}

pub(super) fn html(_: &Facts<'_>) -> Result<String, Error> {
    let tables = TABLES.iter().map(|table| Table {
        name: table.name,
        about: table.about,
        counts: table.counts,
        columns: table.file_columns().collect(),
    });
    let marks = THRESHOLDS.iter().map(|mark| {
        let name = FIGURES.iter().find(|figure| figure.id == mark.figure).map_or(mark.figure, |figure| figure.name);
        (name.to_owned(), mark.source)
    });
    Ok(Glossary { figures: &FIGURES, marks: marks.collect(), tables: tables.collect() }.render()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_threshold_is_of_a_figure() {
        for mark in THRESHOLDS {
            assert!(FIGURES.iter().any(|figure| figure.id == mark.figure), "{}", mark.figure);
        }
    }
}
