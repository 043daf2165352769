//! Seeds that an inbox monitor misses: how many the log explains.

use std::collections::HashSet;

use super::{Finding, Harm, Tone, Unit, evidence, figure, name, number, total};
use crate::tables::seed_providers::SeedProvider;
use crate::tables::{ALL, Tables};

/// How many providers are named.
const NAMED: usize = 5;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    tables
        .seed_providers
        .iter()
        .find(|row| row.provider == ALL && row.missing > 0)
        .map(|all| finding(tables, all))
        .into_iter()
        .collect()
}

fn finding(tables: &Tables, all: &SeedProvider) -> Finding {
    let of = |verdicts: &[&str]| {
        let rows = tables.seeds.iter().filter(|row| row.seen == "missing" && verdicts.contains(&row.verdict.as_str()));
        rows.count() as i64
    };
    let parts = [
        (of(&["refused"]), "refused"),
        (of(&["waiting"]), "in our queue"),
        (of(&["dead"]), "dead"),
        (of(&["bounced", "given-up", "bounced-later"]), "bounced or given up"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", number::count(*n))).collect();
    let parts = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
    let rate = total::rate(all.missing_problems, all.missing);
    let worst = |is: &dyn Fn(&SeedProvider) -> i64| -> String {
        let mut rows: Vec<&SeedProvider> =
            tables.seed_providers.iter().filter(|row| row.provider != ALL && is(row) > 0).collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(is(row)), row.provider.clone()));
        rows.iter().take(NAMED).map(|row| name::provider(&row.provider)).collect::<Vec<_>>().join(", ")
    };
    let filtered = worst(&|row| row.missing_accepted);
    let (accepted, not_sent) = (all.missing_accepted, all.missing_not_sent);
    let accepted_where = if accepted == 0 { String::new() } else { format!(", so look at filtering at {filtered}") };
    let replies: HashSet<&str> = tables
        .seeds
        .iter()
        .filter(|row| row.seen == "missing" && !row.reply.is_empty())
        .map(|row| row.reply.as_str())
        .collect();
    let rows = evidence::signatures(tables, |row| replies.contains(&row.signature.as_str()));
    Finding {
        id: "seeds".to_owned(),
        tone: Tone::Problem,
        headline: format!("{} explained by delivery", missing(all)),
        sentence: format!(
            "{} explained by delivery{parts}; {} accepted{accepted_where}; {} never sent.",
            missing(all),
            number::many(accepted, "was", "were"),
            number::many(not_sent, "was", "were"),
        ),
        why: "An inbox monitor calls missing whatever it does not find: only the log tells what never got there from what was filtered."
            .to_owned(),
        todo: "Mend what the replies name; replace dead seeds; for those accepted, ask the provider with the queue ids of the table.".to_owned(),
        figures: vec![
            figure("delivery problems, of the missing", number::base(rate)),
            figure("accepted, of the missing", number::base(total::rate(accepted, all.missing))),
            figure("never sent, of the missing", number::base(total::rate(not_sent, all.missing))),
        ],
        table: "seeds",
        help: evidence::help(&rows),
        evidence: evidence::lines(&rows),
        harm: Harm::of(all.missing_problems, 0).counted(Unit::Seeds),
    }
}

/// `29 of 41 missing seeds are`.
fn missing(all: &SeedProvider) -> String {
    let of = number::many(all.missing, "missing seed", "missing seeds");
    format!("{} of {of} {}", number::count(all.missing_problems), if all.missing_problems == 1 { "is" } else { "are" })
}
