//! Unknown users that come before blocking: where a provider says so, or the hours show it.

use super::evidence::ByProvider;
use super::{Finding, Harm, Tone, Unit, evidence, figure, name, number, total};
use crate::provider::SELF_HOSTED;
use crate::tables::Tables;
use crate::tables::unknown_user_effect::Effect;

/// The verdicts, from what is surest to what is least.
pub const ORDER: [&str; 5] = ["said-so", "likely", "follows", "no-sign", "cannot-tell"];

/// A verdict in words.
#[must_use]
pub fn words(verdict: &str) -> &str {
    match verdict {
        "said-so" => "The provider says so",
        "likely" => "likely contributor",
        "follows" => "follows rather than leads",
        "no-sign" => "no sign",
        "cannot-tell" => "cannot tell",
        other => other,
    }
}

/// The pairs of provider and source of which something can be said. Servers that domains run themselves do not see each other's unknown
/// users: nothing follows from what goes together there, only from what one of them says.
pub fn pairs(tables: &Tables) -> impl Iterator<Item = &Effect> {
    tables.unknown_user_effect.iter().filter(|row| row.provider != SELF_HOSTED || row.verdict == "said-so")
}

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let is_linked = |row: &&Effect| ["said-so", "likely"].contains(&row.verdict.as_str());
    let mut linked: Vec<&Effect> = pairs(tables).filter(is_linked).collect();
    linked.sort_by_key(|row| std::cmp::Reverse((row.said_so, row.blocked)));
    // Of what cannot be told, and of what came first the other way round, nothing of the kind may be said.
    let clear = pairs(tables).filter(|row| row.verdict == "no-sign").count() as i64;
    if linked.is_empty() && clear > 0 {
        let sentence = match clear {
            1 => "The one pair of provider and source with enough mail to tell was not refused more after many unknown users."
                .to_owned(),
            several => format!(
                "Of {} of provider and source with enough mail to tell, none was refused more after many unknown users.",
                number::many(several, "pair", "pairs"),
            ),
        };
        return vec![Finding::quiet("no-unknown-user-effect", "unknown_user_effect", sentence)];
    }
    let signatures = ByProvider::of(tables);
    linked.into_iter().map(|row| finding(&signatures, row)).collect()
}

fn finding(signatures: &ByProvider<'_>, row: &Effect) -> Finding {
    let provider = name::provider(&row.provider);
    let rates = row.after_many_blocked.zip(row.after_many).zip(row.after_few_blocked.zip(row.after_few));
    let contrast = rates.zip(row.lag_hours).map(|(((many_blocked, many), (few_blocked, few)), lag)| {
        format!(
            "{} of first attempts were refused after hours of many unknown users, {} after hours of few, {lag}\u{a0}h later",
            number::rate_in_full(total::rate(many_blocked, many)),
            number::rate_in_full(total::rate(few_blocked, few)),
        )
    });
    let sender = if row.top_sender.is_empty() {
        String::new()
    } else {
        format!(
            " {} sent {} of them.",
            row.top_sender,
            number::rate_in_full(total::rate(row.top_sender_outcomes, row.unknown_outcomes))
        )
    };
    let is_said = row.verdict == "said-so";
    let sentence = if is_said {
        let attempts = number::many(row.said_so, "attempt", "attempts");
        format!("{provider} told {} in {attempts} that too many of its recipients are unknown.{sender}", row.source)
    } else {
        format!(
            "At {provider} blocking of {} follows unknown users: {}. A likely contributor, not a proven cause.{sender}",
            row.source,
            contrast.unwrap_or_default()
        )
    };
    let is_unknown = |category: &str| matches!(category, "unknown-user" | "inactive-mailbox");
    let rows = signatures.signatures(&row.provider, |row| is_unknown(&row.category));
    Finding {
        id: format!("unknown-user-effect-{}-{}", name::slug(&row.provider), name::slug(&row.source)),
        tone: Tone::Problem,
        headline: if is_said {
            let [says, it, refuses] = [("says", "say"), ("it", "they"), ("refuses", "refuse")]
                .map(|(one, several)| name::verb(&provider, one, several));
            format!("{provider} {says} that unknown users are why {it} {refuses} {}", row.source)
        } else {
            format!("Unknown users come before blocking at {provider}")
        },
        sentence,
        why: "A provider that sees many unknown users takes the sender for careless and refuses its good mail too.".to_owned(),
        todo: "Remove the unknown addresses first (suppress.csv), then see whether the refusals go with them.".to_owned(),
        figures: vec![
            figure("unknown, of judged first attempts", number::base(total::rate(row.unknown, row.judged))),
            figure("refused, of first attempts with a reply", number::base(total::rate(row.blocked, row.replies))),
            figure("attempts that name unknown users", number::count(row.said_so)),
        ],
        table: "unknown_user_effect",
        help: evidence::help(&rows),
        evidence: evidence::lines(&rows),
        // First attempts: each is of another recipient's mail.
        harm: Harm::of(0, row.blocked).counted(Unit::Refused),
    }
}
