//! A provider refused us for hours, or on a day: from when to when, what it cost, and in which words.

use std::collections::BTreeMap;

use super::evidence::ByProvider;
use super::{Figure, Finding, Harm, Tone, Unit, evidence, figure, name, number, total};
use crate::event::Micros;
use crate::provider::SELF_HOSTED;
use crate::tables::blocks::Block;
use crate::tables::blocks::senders::BlockSender;
pub use crate::tables::blocks::{BLOCK, REFUSED_DAY};
use crate::tables::signatures::Signature;
use crate::tables::{ALL, Tables};

/// The refused share of our other sources below which they are not meant: what is usual at most, as the search for episodes has it.
const SPARED: f64 = 0.05;
/// Likewise from which on they are refused too: that of an episode.
const MET_TOO: f64 = 0.20;
/// Refusals on a day that are worth a finding; of fewer the section tells.
const ENOUGH_OF_DAY: i64 = 20;

/// The blocks, and the days of refusals that are worth a finding.
pub fn told(tables: &Tables) -> impl Iterator<Item = &Block> {
    distinct(tables).filter(|row| row.kind == BLOCK || (row.kind == REFUSED_DAY && row.refused >= ENOUGH_OF_DAY))
}

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let signatures = ByProvider::of(tables);
    let found: Vec<Finding> = told(tables).map(|row| finding(tables, &signatures, row)).collect();
    let all = total::all(tables);
    if found.is_empty() && all.outcomes > 0 {
        let single = match all.lost_to_blocks {
            0 => String::new(),
            lost => format!(" Single refusals by policy cost {}.", number::many(lost, "recipient", "recipients")),
        };
        let sentence = format!("No provider blocked a source of ours for hours on end.{single}");
        return vec![Finding::quiet("no-block", "blocks", sentence)];
    }
    found
}

/// The episodes without those of a single source that are, by the larger part of their hours, one of all sources.
pub fn distinct(tables: &Tables) -> impl Iterator<Item = &Block> {
    fn who(row: &Block) -> (&str, &str) {
        (&row.provider, &row.kind)
    }
    let mut of_all: BTreeMap<_, Vec<&Block>> = BTreeMap::new();
    for row in tables.blocks.iter().filter(|row| row.source == ALL) {
        of_all.entry(who(row)).or_default().push(row);
    }
    let is_within = |row: &Block, all: &Block| {
        let shared = row.last_hour.min(all.last_hour).0 - row.first_hour.max(all.first_hour).0 + Micros::HOUR;
        shared > 0 && 2 * shared >= row.hours * Micros::HOUR
    };
    let is_part = move |row: &Block| {
        row.source != ALL && of_all.get(&who(row)).is_some_and(|all| all.iter().any(|all| is_within(row, all)))
    };
    tables.blocks.iter().filter(move |row| !is_part(row))
}

/// Attempts that blocks refused, none counted twice: what a block of one source has in common with a shorter one of all is in the latter. Where
/// only their hours tell how much that is, it is taken for all of it, so that these are rather too few. Servers that domains run
/// themselves close no common door.
#[must_use]
pub fn refused_once(tables: &Tables) -> i64 {
    let blocks: Vec<&Block> = distinct(tables).filter(|row| row.kind == BLOCK && row.provider != SELF_HOSTED).collect();
    let overlap = |one: &Block, other: &Block| {
        one.provider == other.provider && one.first_hour <= other.last_hour && other.first_hour <= one.last_hour
    };
    let refused = |row: &&Block| {
        let of_all = blocks.iter().filter(|all| row.source != ALL && all.source == ALL && overlap(row, all));
        (row.refused - of_all.map(|all| all.refused).sum::<i64>()).max(0)
    };
    blocks.iter().map(refused).sum()
}

/// An episode as a noun: who was refused.
#[must_use]
pub fn refused_source(row: &Block) -> String {
    if row.source == ALL { "all our sources".to_owned() } else { row.source.clone() }
}

/// When it began: to the minute where refusals came in a row, else the first bad hour.
#[must_use]
pub fn began(row: &Block) -> Micros {
    row.onset.unwrap_or(row.first_hour)
}

/// What our other sources met there in the same hours: whether it is this source or all of us. Empty: there are none.
#[must_use]
pub fn meanwhile(row: &Block) -> String {
    let (Some(refused), Some(of)) = (row.other_refused, row.other_attempts) else { return String::new() };
    let others = total::rate(refused, of);
    let share = others.value().filter(|_| !others.is_too_little() && row.provider != SELF_HOSTED);
    let meaning = match share {
        // Whose mail it is may differ from source to source.
        Some(share) if share < SPARED && !row.senders.is_empty() => {
            ", so that it is about this source or what it sends, not about all of us"
        }
        Some(share) if share < SPARED => ", so that it is about this source, not about sender domain or content",
        Some(share) if share >= MET_TOO => ", so that it is not about this source alone",
        _ => "",
    };
    format!(
        " Of the attempts of our other sources there in the same hours {} were refused{meaning}.",
        number::rate_in_full(others)
    )
}

/// How many more it refused than is usual at those hours of the week, and where that may lie.
#[must_use]
pub fn beyond_usual(row: &Block) -> Option<String> {
    let whole = |number: f64| number::count(number.round() as i64);
    let [excess, low, high] = [row.excess?, row.excess_low?, row.excess_high?].map(whole);
    Some(format!("{excess} ({low} to {high})"))
}

/// How often we tried in its hours, and how long we let them alone at most.
#[must_use]
pub fn tries(row: &Block) -> String {
    let pause = row
        .longest_pause_ms
        .map_or_else(|| "all within a minute".to_owned(), |pause| format!("longest pause {}", number::span(pause)));
    if row.kind == REFUSED_DAY || row.hours == 0 {
        return pause;
    }
    // More than none: an hour with fewer than one attempt is told so.
    match row.attempts / row.hours {
        0 => format!("less than once an hour; {pause}"),
        times => format!("{} an hour; {pause}", number::many(times, "time", "times")),
    }
}

/// The sender domains that stand out among what it refused.
pub fn senders<'a>(tables: &'a Tables, row: &'a Block) -> impl Iterator<Item = &'a BlockSender> {
    let is_of_it = |sender: &&BlockSender| {
        (&sender.provider, &sender.source, &sender.kind, sender.first_hour)
            == (&row.provider, &row.source, &row.kind, row.first_hour)
    };
    tables.block_senders.iter().filter(is_of_it)
}

/// How large a part of the refused one has, and had of the mail on the day before.
#[must_use]
pub fn part_of(sender: &BlockSender) -> String {
    let now = number::rate_in_full(total::rate(sender.refused, sender.all_refused));
    match sender.all_before {
        0 => format!("{now} of the recipients refused; on the day before nothing was sent there"),
        all => format!(
            "{now} of the recipients refused, {} of all on the day before",
            number::rate_in_full(total::rate(sender.before, all))
        ),
    }
}

/// The first of them as a sentence; empty where there is none.
fn whose_mail(tables: &Tables, row: &Block) -> String {
    senders(tables, row).next().map_or_else(String::new, |sender| {
        format!(" Mail of {} stands out: {}.", name::domain(&sender.sender_domain), part_of(sender))
    })
}

/// When it ended, as far as the log tells.
fn lift(row: &Block) -> String {
    match row.lift_before {
        Some(accepted) => number::short_time(accepted),
        None if row.is_open => "the end of the log".to_owned(),
        None => format!("{}, after which nothing was accepted there", number::short_time(after(row))),
    }
}

/// The end of its last bad hour.
fn after(row: &Block) -> Micros {
    Micros(row.last_hour.0.saturating_add(Micros::HOUR))
}

/// The usual rate of its series, which is told only as far as it is known.
#[must_use]
pub fn usual(row: &Block) -> String {
    match row.baseline {
        rate if rate <= 0.001 => "0.1 % or less".to_owned(),
        rate if rate >= 0.05 => "5 % or more".to_owned(),
        rate => number::percent(rate),
    }
}

/// What it cost, by what weighs most.
fn cost(row: &Block) -> String {
    match (row.lost, row.waiting, row.delayed) {
        (0, 0, delayed) if delayed > 0 => format!("{} delayed", number::many(delayed, "recipient was", "recipients were")),
        (0, waiting, _) if waiting > 0 => format!("{} still waiting", number::many(waiting, "recipient is", "recipients are")),
        (lost, ..) => format!("{} lost", number::many(lost, "recipient was", "recipients were")),
    }
}

/// Of servers that domains run themselves: whose they are. Each decides for itself, so that no provider refused us.
fn whose(tables: &Tables, row: &Block) -> String {
    if row.provider != SELF_HOSTED {
        return String::new();
    }
    let mut domains: BTreeMap<&str, i64> = BTreeMap::new();
    for reason in tables.reasons.iter().filter(|reason| reason.category == row.category) {
        if name::route(&reason.provider) == SELF_HOSTED {
            *domains.entry(reason.provider.as_str()).or_default() += reason.outcomes;
        }
    }
    let all: i64 = domains.values().sum();
    let most = domains.iter().max_by_key(|(domain, n)| (**n, std::cmp::Reverse(**domain)));
    let of = match (domains.len(), most) {
        (0, _) | (_, None) => String::new(),
        (1, Some((domain, _))) => {
            format!(": all that failed or waits for that reason in the period was mail to {}", name::domain(domain))
        }
        (many, Some((domain, n))) => format!(
            ": for that reason mail to {} of the period failed or waits, {} of {} of it to {}",
            number::many(many as i64, "domain", "domains"),
            number::count(*n),
            number::count(all),
            name::domain(domain),
        ),
    };
    format!(" These are servers that domains run themselves, each deciding for itself{of}.")
}

fn finding(tables: &Tables, signatures: &ByProvider<'_>, row: &Block) -> Finding {
    let provider = name::provider(&row.provider);
    let source = refused_source(row);
    let begin = number::short_time(began(row));
    let refused = total::rate(row.refused, row.attempts);
    let base = format!(
        "{} of {} attempts ({}; usual {})",
        number::count(row.refused),
        number::count(row.attempts),
        number::rate(refused),
        usual(row)
    );
    let (event, event_in_full) = if row.kind == REFUSED_DAY {
        let day = number::date(row.first_hour.day());
        (format!("{provider} refused {source} on {day}"), format!("{provider} refused {source} on {day}"))
    } else {
        let hours = number::count(row.hours);
        (
            format!("{provider} refused {source} for {hours}\u{a0}h from {begin}"),
            format!("{provider} refused {source} from {begin} to {} ({hours}\u{a0}h)", lift(row)),
        )
    };
    let waited = match row.lost + row.delayed {
        touched if touched > 0 && row.waited_ms > 0 => {
            format!(" Those lost or delayed waited {} on average.", number::span(row.waited_ms / touched))
        }
        _ => String::new(),
    };
    let to_all = signatures.signatures(&row.provider, |sig| sig.signature == row.signature);
    let to_it = |sig: &&&Signature| [sig.source.as_str(), ALL].contains(&row.source.as_str());
    let rows: Vec<&Signature> = to_all.iter().filter(to_it).copied().collect();
    let rows = if rows.is_empty() { to_all } else { rows };
    Finding {
        id: format!("block-{}-{}-{}", name::slug(&row.provider), name::slug(&row.source), number::hour_id(row.first_hour)),
        tone: Tone::Problem,
        headline: format!("{event}; {}", cost(row)),
        sentence: format!(
            "{event_in_full}: {base}. {}.{waited}{}{}{}",
            cost_in_full(row),
            meanwhile(row),
            whose(tables, row),
            whose_mail(tables, row)
        ),
        why: format!("The reason that they gave ({}): “{}”", name::category(&row.category), row.signature),
        todo: todo(row),
        figures: figures(row),
        table: "blocks",
        help: evidence::help(&rows),
        evidence: evidence::lines(&rows),
        // Who waits while a block goes on is about to be lost.
        harm: if row.is_open && row.waiting > 0 {
            Harm::of(row.lost + row.waiting, row.delayed).counted(Unit::AtStake)
        } else {
            Harm::of(row.lost, row.delayed + row.waiting)
        },
    }
}

/// The numbers behind it.
fn figures(row: &Block) -> Vec<Figure> {
    let time_or = |time: Option<Micros>| time.map_or_else(|| "none seen".to_owned(), number::time);
    let mut figures = vec![
        figure("attempts refused", number::base(total::rate(row.refused, row.attempts))),
        figure("recipients lost", number::count(row.lost)),
        figure("recipients delayed", number::count(row.delayed)),
    ];
    if row.waiting > 0 {
        figures.push(figure("recipients still waiting", number::count(row.waiting)));
    }
    if let Some(beyond) = beyond_usual(row) {
        figures.push(figure("attempts refused beyond the usual of the same hours of the week", beyond));
    }
    figures.push(figure("waiting of those lost or delayed, all together", number::hours(row.waited_ms)));
    figures.push(figure("first refusal", time_or(row.first_refusal)));
    if row.kind != REFUSED_DAY {
        figures.push(figure("last acceptance before", time_or(row.onset_after)));
        figures.push(figure("first acceptance after", time_or(row.lift_before)));
    }
    figures
}

/// All that it cost.
fn cost_in_full(row: &Block) -> String {
    let further = [(row.delayed, "delayed"), (row.waiting, "still waiting")];
    let further: Vec<String> =
        further.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", number::count(n))).collect();
    let lost = format!("{} lost", number::many(row.lost, "recipient was", "recipients were"));
    match further.as_slice() {
        [] => lost,
        [one] => format!("{lost} and {one}"),
        [one, other, ..] => format!("{lost}, {one} and {other}"),
    }
}

/// What the category of the reply asks for.
fn todo(row: &Block) -> String {
    let cause = match row.category.as_str() {
        "dns-blocklist" => "Ask the list named in the reply for removal, after the cause is mended",
        "authentication" => "Set right what the reply names (SPF, DKIM, DMARC or PTR)",
        "spam-content" => "Find the mailing that began shortly before and change it",
        _ if row.provider == SELF_HOSTED => {
            "Look for what these servers have in common, mostly a block list that they ask or the name and PTR of the source: no one desk \
             answers for them"
        }
        _ => "Mend the cause that the reply names and ask the provider's postmaster desk",
    };
    let open = if row.is_open { " It was still in force when the log ended." } else { "" };
    let from = if row.source == ALL { "" } else { " from this source" };
    format!(
        "{cause}; send no retries{from} until it is lifted. Do not remove these addresses: nobody said that they are dead.{open}"
    )
}
