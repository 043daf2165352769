//! A provider limits our rate: how much it put off, and when.

use std::collections::{BTreeMap, HashMap};

use super::blocks::{began, distinct, refused_source};
use super::evidence::ByProvider;
use super::{Finding, Harm, Tone, evidence, figure, name, number, total};
use crate::provider::SELF_HOSTED;
use crate::stats::Rate;
use crate::tables::Tables;
use crate::tables::blocks::{Block, THROTTLING};
use crate::tables::signatures::Signature;

/// Rate-limited attempts from which a provider is worth a finding without an episode of hours.
const WORTH_SAYING: i64 = 100;
/// Recipients who were put off more often than this on average are few who are tried again and again.
const OFTEN: i64 = 10;
/// Stretches from which on they may be said to keep to hours of the day, and how many hours of the day must be free of them.
const SEVERAL: usize = 3;
const FREE_HOURS: i32 = 12;
/// How many providers are named that limit our rate in no stretch of hours.
const NAMED: usize = 5;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let mut limited: BTreeMap<&str, i64> = BTreeMap::new();
    for row in tables.signatures.iter().filter(|row| row.category == "rate-limit") {
        *limited.entry(row.provider.as_str()).or_default() += row.attempts;
    }
    let mut episodes: BTreeMap<&str, Vec<&Block>> = BTreeMap::new();
    for row in distinct(tables).filter(|row| row.kind == THROTTLING) {
        episodes.entry(&row.provider).or_default().push(row);
    }
    limited.retain(|provider, attempts| *attempts >= WORTH_SAYING || episodes.contains_key(provider));
    let signatures = ByProvider::of(tables);
    // Of the same routes as the replies: `providers` goes by the recipients' domains, and has no row for self-hosted servers.
    let mut all: HashMap<&str, i64> = HashMap::new();
    for row in &tables.tls {
        *all.entry(&row.provider).or_default() += row.attempts;
    }
    let share = |provider: &str, limited: i64| total::rate(limited, all.get(provider).copied().unwrap_or(limited));
    let (worst, slight): (Vec<_>, Vec<_>) = limited.into_iter().partition(|(provider, _)| episodes.contains_key(provider));
    let mut slight: Vec<(&str, Rate)> =
        slight.into_iter().map(|(provider, limited)| (provider, share(provider, limited))).collect();
    let finding = |(provider, limited): (&str, i64)| {
        let rows = signatures.signatures(provider, |row| row.category == "rate-limit");
        finding(provider, share(provider, limited), &rows, episodes.remove(provider).unwrap_or_default())
    };
    let mut found: Vec<Finding> = worst.into_iter().map(finding).collect();
    slight.sort_by(|a, b| b.1.part.cmp(&a.1.part).then_with(|| a.0.cmp(b.0)));
    match slight.as_slice() {
        [] => {}
        [(provider, share)] => {
            let rows = signatures.signatures(provider, |row| row.category == "rate-limit");
            found.push(self::finding(provider, *share, &rows, Vec::new()));
        }
        several => found.push(together(several)),
    }
    found
}

/// Several such are one finding: the ordinary brake on a busy sender.
fn together(slight: &[(&str, Rate)]) -> Finding {
    let whom = evidence::whom(slight.iter().map(|(id, _)| *id));
    let named: Vec<String> = slight
        .iter()
        .take(NAMED)
        .map(|(id, share)| format!("{} ({})", name::provider(id), number::rate_in_full(*share)))
        .collect();
    let most = if slight.len() > NAMED { "Most: " } else { "" };
    let headline = format!("{whom} put off some of our attempts by rate limits, in no stretch of hours");
    Finding {
        id: "throttling-others".to_owned(),
        tone: Tone::Problem,
        sentence: format!("{headline}. {most}{}.", named.join(", ")),
        headline,
        why: "No stretch of hours stands out: it is the ordinary brake on a busy sender.".to_owned(),
        todo: "Nothing at once; send slower to one whose share grows from month to month.".to_owned(),
        figures: vec![
            figure("attempts put off", number::count(slight.iter().map(|(_, share)| share.part as i64).sum())),
            figure("put off by", whom),
        ],
        table: "signatures",
        help: None,
        evidence: Vec::new(),
        harm: Harm::default(),
    }
}

fn finding(id: &str, share: Rate, rows: &[&Signature], mut episodes: Vec<&Block>) -> Finding {
    let provider = name::provider(id);
    episodes.sort_by_key(|row| (std::cmp::Reverse(row.hours), row.first_hour));
    let delayed: i64 = episodes.iter().map(|row| row.delayed).sum();
    let lost: i64 = episodes.iter().map(|row| row.lost).sum();
    let longest = episodes.first().map_or_else(String::new, |row| {
        format!(
            " The longest stretch: {} for {}\u{a0}h from {}.",
            refused_source(row),
            number::count(row.hours),
            number::short_time(began(row))
        )
    });
    let waiting: i64 = episodes.iter().map(|row| row.waiting).sum();
    let recipients = if episodes.is_empty() {
        String::new()
    } else {
        let [delayed, lost, waiting] = [delayed, lost, waiting].map(number::count);
        format!(
            " Of the recipients put off in these stretches {delayed} got their mail late, {lost} did not get it, {waiting} wait."
        )
    };
    let hours = daily(&episodes).map_or_else(String::new, |(from, to)| {
        let stretches = number::many(episodes.len() as i64, "stretch", "stretches");
        format!(" All {stretches} lie between {from:02}:00 and {to:02}:00 (UTC).")
    });
    // Retries of a few make many attempts: then it is not the volume.
    let is_of_few = !episodes.is_empty() && (delayed + lost + waiting) * OFTEN < share.part as i64;
    Finding {
        id: format!("throttling-{}", name::slug(id)),
        tone: Tone::Problem,
        headline: format!("{provider} put off {} of our attempts by rate limits", number::rate(share)),
        sentence: format!("{provider} put off {} attempts by rate limits, {} of all.{longest}{hours}{recipients}", number::count(share.part as i64), number::rate(share)),
        why: "Mail that waits for a rate limit arrives late; hitting the limit again and again is itself counted against a source.".to_owned(),
        todo: if id == SELF_HOSTED {
            "Limit connections and messages for each host by itself, not for all: each of these servers has a rate of its own.".to_owned()
        } else if is_of_few {
            format!("A few recipients at {provider} are tried again and again: wait longer between retries, and look at why it is these.")
        } else {
            format!("Send to {provider} slower: fewer connections at once and fewer messages a minute, spread over more time.")
        },
        figures: vec![
            figure("attempts put off", number::base(share)),
            figure("stretches of an hour or more", number::count(episodes.len() as i64)),
            figure("recipients delayed in them", number::count(delayed)),
            figure("recipients lost in them", number::count(lost)),
            figure("recipients still waiting", number::count(waiting)),
        ],
        table: "signatures",
        help: evidence::help(rows),
        evidence: evidence::lines(rows),
        harm: Harm::of(lost, delayed),
    }
}

/// From which hour of the day to which several stretches lie, if half of the day is free of them.
fn daily(episodes: &[&Block]) -> Option<(i32, i32)> {
    let hours = |row: &Block| row.first_hour.hour()..=row.last_hour.hour();
    let is_busy = |hour: i32| episodes.iter().any(|row| hours(row).any(|at| at.rem_euclid(24) == hour));
    let is_long = |row: &&Block| row.hours >= i64::from(FREE_HOURS);
    if episodes.len() < SEVERAL || episodes.iter().any(is_long) {
        return None;
    }
    let free_from = |hour: i32| (hour..hour + 24).take_while(|at| !is_busy(at.rem_euclid(24))).count() as i32;
    let after =
        (0..24).filter(|hour| is_busy((hour + 23) % 24)).max_by_key(|hour| (free_from(*hour), std::cmp::Reverse(*hour)))?;
    let free = free_from(after);
    (free >= FREE_HOURS).then_some(((after + free) % 24, after))
}
