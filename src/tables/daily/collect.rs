//! Counts the days from the cubes.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use super::metric::{Metric, Subject, Within};
use super::{Ages, Daily, ENOUGH, MOST_KEYS, MOST_REPLIES, Series};
use crate::classify::{Category, Class};
use crate::cubes::keys::DelayEvent;
use crate::cubes::ledger::AddressTotals;
use crate::cubes::{Reason, State};
use crate::event::{Speaker, Status};
use crate::intern::Id;
use crate::provider::{SELF_HOSTED, UNREACHED};
use crate::stats::Rate;
use crate::stats::incidence::{AtAge, known_within};
use crate::tables::ALL;
use crate::tables::build::Cubes;

/// Ages by which mail is accepted or not.
const AGES: [(Metric, i64); 2] = [(Metric::WithinMinute, 60_000), (Metric::WithinHour, 3_600_000)];

/// The figures that outcomes alone make.
const OUTCOME_FIGURES: [Metric; 7] = [
    Metric::Delivered,
    Metric::Accepted,
    Metric::Deferred,
    Metric::Hard,
    Metric::TouchedByBlock,
    Metric::Expired,
    Metric::Async,
];

/// One day of them; last of those that failed for good what was accepted first.
type Cells = [Rate; OUTCOME_FIGURES.len() + 1];

/// The days of [`OUTCOME_FIGURES`] for each key.
type Sheet<K> = HashMap<K, BTreeMap<i32, Cells>>;

/// Of each day what failed for good, and how much of it was accepted first.
type FailedDays = BTreeMap<i32, (u64, u64)>;

/// What a row of an outcome cube says, whichever cube it is.
#[derive(Clone, Copy)]
struct Outcomes {
    state: State,
    reason: Option<Reason>,
    count: u64,
    deferred_once: u64,
    attempted: u64,
    touched_by_block: u64,
}

impl Outcomes {
    const fn is_failed(self) -> bool {
        self.state.is_resolved() && !matches!(self.state, State::Delivered)
    }

    fn cells(self) -> Cells {
        let n = self.count;
        let resolved = if self.state.is_resolved() { n } else { 0 };
        let when = |is: bool| if is { n } else { 0 };
        let is_accepted = matches!(self.state, State::Delivered | State::BouncedLater);
        let is_hard = self.is_failed() && self.reason.is_some_and(|reason| reason.class == Class::Hard);
        [
            Rate::new(when(self.state == State::Delivered), resolved),
            Rate::new(when(is_accepted), resolved),
            Rate::new(self.deferred_once, self.attempted),
            Rate::new(when(is_hard), resolved),
            Rate::new(if resolved > 0 { self.touched_by_block } else { 0 }, resolved),
            Rate::new(when(self.state == State::Expired), resolved),
            Rate::new(when(self.state == State::BouncedLater), when(is_accepted)),
            Rate::new(when(is_hard && is_accepted), 0),
        ]
    }
}

fn add<K: Eq + Hash>(sheet: &mut Sheet<K>, key: K, day: i32, cells: &Cells) {
    let sums = sheet.entry(key).or_default().entry(day).or_default();
    for (sum, cell) in sums.iter_mut().zip(cells) {
        *sum = Rate::new(sum.part + cell.part, sum.of + cell.of);
    }
}

/// Counts all figures of all keys.
pub(super) fn collect(cubes: &Cubes<'_>) -> Daily {
    let mut daily = Daily { knows_later: cubes.knows_later, ..Daily::default() };
    domains(cubes, &mut daily);
    senders(cubes, &mut daily);
    attempts(cubes, &mut daily);
    ages(cubes, &mut daily);
    unknown_users(cubes, &mut daily);
    daily
}

fn subject(within: Within, provider: &str, key: &str, metric: Metric) -> Subject {
    Subject { within, provider: provider.to_owned(), key: key.to_owned(), metric }
}

/// Puts the days of a sheet's key under its figures. Two keys may be spelled alike once they are text: then they are added up.
fn put(daily: &mut Daily, within: Within, provider: &str, key: &str, days: &BTreeMap<i32, Cells>) {
    let later = days.iter().filter_map(|(&day, cells)| Some((day, cells.last()?.part))).filter(|&(_, part)| part > 0);
    add_later(daily, &subject(within, provider, key, Metric::Hard), later);
    for (at, metric) in OUTCOME_FIGURES.into_iter().enumerate() {
        let series = daily.series.entry(subject(within, provider, key, metric)).or_default();
        for (&day, cells) in days {
            if let Some(cell) = cells.get(at).filter(|cell| cell.of > 0) {
                put_day(series, day, *cell);
            }
        }
    }
}

/// Adds what bounced later in the numerators of a figure.
fn add_later(daily: &mut Daily, subject: &Subject, later: impl Iterator<Item = (i32, u64)>) {
    for (day, part) in later {
        *daily.later.entry(subject.clone()).or_default().entry(day).or_default() += part;
    }
}

fn put_day(series: &mut Series, day: i32, cell: Rate) {
    let sum = series.entry(day).or_default();
    *sum = Rate::new(sum.part + cell.part, sum.of + cell.of);
}

/// The largest keys, by text where they are equally large.
fn largest<K: Copy + Eq + Hash>(volumes: &HashMap<K, u64>, text: impl Fn(K) -> u32) -> Vec<K> {
    let mut keys: Vec<(K, u64)> = volumes.iter().map(|(&key, &n)| (key, n)).filter(|&(_, n)| n >= ENOUGH).collect();
    keys.sort_by_key(|&(key, n)| (std::cmp::Reverse(n), text(key)));
    keys.truncate(MOST_KEYS);
    keys.into_iter().map(|(key, _)| key).collect()
}

/// Outcomes of all, of each provider and domain, and by reason.
fn domains(cubes: &Cubes<'_>, daily: &mut Daily) {
    let (mut volumes, mut of_places): (HashMap<Id, u64>, HashMap<usize, u64>) = (HashMap::new(), HashMap::new());
    for (key, counts) in cubes.tally.counts.outcome_domains.iter() {
        *volumes.entry(key.domain).or_default() += counts.outcomes;
        *of_places.entry(cubes.domain_providers.place(key.domain)).or_default() += counts.outcomes;
    }
    // Most servers of very many get a few mails a month.
    of_places.retain(|_, outcomes| *outcomes >= ENOUGH);
    let is_own_provider = |domain: Id| cubes.provider(domain) == cubes.names.text(domain);
    let named: Vec<Id> = largest(&volumes, |id| cubes.names.rank(id));
    let named: std::collections::HashSet<Id> =
        named.into_iter().filter(|&id| !is_own_provider(id) && !cubes.names.text(id).starts_with('(')).collect();
    let (mut all, mut providers, mut of_domain) = (Sheet::new(), Sheet::new(), Sheet::new());
    let mut reasons: HashMap<(Option<usize>, Category), FailedDays> = HashMap::new();
    for (key, counts) in cubes.tally.counts.outcome_domains.iter() {
        let row = Outcomes {
            state: key.state,
            reason: key.reason,
            count: counts.outcomes,
            deferred_once: counts.deferred_once,
            attempted: counts.attempted,
            touched_by_block: counts.touched_by_block,
        };
        let (cells, place) = (row.cells(), cubes.domain_providers.place(key.domain));
        add(&mut all, (), key.day, &cells);
        let is_followed = of_places.contains_key(&place);
        if is_followed {
            add(&mut providers, place, key.day, &cells);
        }
        if named.contains(&key.domain) {
            add(&mut of_domain, key.domain, key.day, &cells);
        }
        if row.is_failed() {
            let category = key.reason.map_or(Category::Unclassified, |reason| reason.category);
            for of in std::iter::once(None).chain(is_followed.then_some(Some(place))) {
                let (failed, later) = reasons.entry((of, category)).or_default().entry(key.day).or_default();
                *failed += row.count;
                *later += if key.state == State::BouncedLater { row.count } else { 0 };
            }
        }
    }
    for days in all.values() {
        put(daily, Within::Total, "", "", days);
    }
    for (&place, days) in &providers {
        put(daily, Within::Provider, place_name(cubes, place), "", days);
    }
    for (&domain, days) in &of_domain {
        put(daily, Within::Domain, cubes.provider(domain), cubes.names.text(domain), days);
    }
    put_reasons(cubes, daily, &reasons);
}

/// The provider at this place.
fn place_name<'a>(cubes: &'a Cubes<'_>, place: usize) -> &'a str {
    cubes.domain_providers.names().get(place).map_or("", String::as_str)
}

/// Failures by reason, of the resolved outcomes of all or of a provider.
fn put_reasons(cubes: &Cubes<'_>, daily: &mut Daily, reasons: &HashMap<(Option<usize>, Category), FailedDays>) {
    for ((place, category), parts) in reasons {
        let (within, base, provider) = match place {
            None => (Within::Reason, Within::Total, ""),
            Some(place) => (Within::ProviderReason, Within::Provider, place_name(cubes, *place)),
        };
        let base = subject(base, provider, "", Metric::Accepted);
        let failed = parts.iter().map(|(&day, &(failed, _))| (day, failed)).collect();
        let series = over(daily.series.get(&base), &failed);
        let reason = subject(within, provider, category.name(), Metric::Reason);
        add_later(daily, &reason, parts.iter().map(|(&day, &(_, later))| (day, later)).filter(|&(_, later)| later > 0));
        daily.series.insert(reason, series);
    }
}

/// The parts over the whole of another series, on all its days.
fn over(base: Option<&Series>, parts: &BTreeMap<i32, u64>) -> Series {
    let part = |day: &i32| parts.get(day).copied().unwrap_or_default();
    base.into_iter().flatten().map(|(day, base)| (*day, Rate::new(part(day), base.of))).collect()
}

/// Outcomes by source and by sender domain, and complaints.
fn senders(cubes: &Cubes<'_>, daily: &mut Daily) {
    let (mut sources, mut senders): (HashMap<Id, u64>, HashMap<Id, u64>) = (HashMap::new(), HashMap::new());
    let mut complaining: HashMap<Id, u64> = HashMap::new();
    for (key, counts) in cubes.tally.counts.outcome_senders.iter() {
        *sources.entry(key.source).or_default() += counts.outcomes;
        *senders.entry(key.sender_domain).or_default() += counts.outcomes;
        *complaining.entry(key.route).or_default() += counts.complained;
    }
    let named = |volumes: &HashMap<Id, u64>| -> std::collections::HashSet<Id> {
        largest(volumes, |id| cubes.names.rank(id)).into_iter().filter(|&id| id != Id::EMPTY).collect()
    };
    let (sources, senders) = (named(&sources), named(&senders));
    let (mut of_source, mut of_sender) = (Sheet::new(), Sheet::new());
    for (key, counts) in cubes.tally.counts.outcome_senders.iter() {
        let row = Outcomes {
            state: key.state,
            reason: key.reason,
            count: counts.outcomes,
            deferred_once: counts.deferred_once,
            attempted: counts.attempted,
            touched_by_block: counts.touched_by_block,
        };
        let (cells, is_source, is_sender) = (row.cells(), sources.contains(&key.source), senders.contains(&key.sender_domain));
        if is_source {
            add(&mut of_source, key.source, key.day, &cells);
        }
        if is_sender {
            add(&mut of_sender, key.sender_domain, key.day, &cells);
        }
        if key.state == State::Delivered && complaining.get(&key.route).is_some_and(|&complaints| complaints > 0) {
            let complaint = Rate::new(counts.complained.min(row.count), row.count);
            let (source, sender) = (cubes.names.text(key.source), cubes.names.text(key.sender_domain));
            let places = [(Within::Total, "", true), (Within::Source, source, is_source), (Within::Sender, sender, is_sender)];
            for (within, name, _) in places.into_iter().filter(|place| place.2) {
                let series = daily.series.entry(subject(within, "", name, Metric::Complaint)).or_default();
                put_day(series, key.day, complaint);
            }
        }
    }
    for (within, sheet) in [(Within::Source, &of_source), (Within::Sender, &of_sender)] {
        for (&id, days) in sheet {
            put(daily, within, "", cubes.names.text(id), days);
        }
    }
}

/// Whether a route is one provider; else it is many servers.
fn is_provider(route: &str) -> bool {
    !matches!(route, "" | SELF_HOSTED | UNREACHED) && !route.starts_with('(')
}

/// Attempts refused by policy, and by reply.
fn attempts(cubes: &Cubes<'_>, daily: &mut Daily) {
    let mut real: HashMap<Id, Series> = HashMap::new();
    let mut replied: HashMap<(Id, Id), Series> = HashMap::new();
    for (key, counts) in cubes.tally.counts.attempt_hours.iter() {
        let n = counts.attempts;
        let day = key.hour.div_euclid(24);
        put_day(real.entry(key.route).or_default(), day, Rate::new(0, n));
        if key.speaker == Speaker::Remote {
            let is_block = key.status != Status::Delivered && key.reason.is_some_and(|reason| reason.category.is_block());
            let cell = Rate::new(if is_block { n } else { 0 }, n);
            put_day(replied.entry((key.route, key.source)).or_default(), day, cell);
        }
    }
    for (&(route, source), days) in &replied {
        let (route, source) = (cubes.names.text(route), cubes.names.text(source));
        let places = [(Within::Total, "", ""), (Within::Source, "", source), (Within::Provider, route, "")];
        for (within, provider, key) in places.into_iter().filter(|place| place.0 != Within::Provider || is_provider(route)) {
            let series = daily.series.entry(subject(within, provider, key, Metric::BlockShare)).or_default();
            days.iter().for_each(|(&day, &cell)| put_day(series, day, cell));
        }
    }
    replies(cubes, daily, real);
}

/// Failed attempts by reply, of the real attempts at the provider.
fn replies(cubes: &Cubes<'_>, daily: &mut Daily, real: HashMap<Id, Series>) {
    let mut replies: HashMap<(Id, Id), BTreeMap<i32, u64>> = HashMap::new();
    for (key, counts) in cubes.tally.counts.attempt_replies.iter() {
        *replies.entry((key.route, key.signature)).or_default().entry(key.hour.div_euclid(24)).or_default() += counts.attempts;
    }
    let mut replies: Vec<((Id, Id), BTreeMap<i32, u64>)> = replies.into_iter().collect();
    replies.sort_by_cached_key(|((route, signature), days)| {
        (std::cmp::Reverse(days.values().sum::<u64>()), cubes.names.rank(*route), cubes.names.rank(*signature))
    });
    for ((route, signature), days) in replies.into_iter().take(MOST_REPLIES) {
        let series = over(real.get(&route), &days);
        let (route, signature) = (cubes.names.text(route), cubes.names.text(signature));
        daily.series.insert(subject(Within::Reply, route, signature, Metric::Reply), series);
    }
    for (route, days) in real {
        daily.series.insert(subject(Within::Reply, cubes.names.text(route), "", Metric::Reply), days);
    }
}

/// How long it took, and what was accepted within a minute and within an hour.
fn ages(cubes: &Cubes<'_>, daily: &mut Daily) {
    let mut cells: BTreeMap<(Option<u32>, i32, i64), (Id, AtAge)> = BTreeMap::new();
    for (key, &outcomes) in cubes.tally.counts.delays.iter() {
        for rank in [Some(cubes.names.rank(key.route)), None] {
            let new = (key.route, AtAge { age: key.age_q_ms, ..AtAge::default() });
            let (_, at) = cells.entry((rank, key.day, key.age_q_ms)).or_insert(new);
            match key.event {
                DelayEvent::Accepted => at.accepted += outcomes,
                DelayEvent::Failed => at.failed += outcomes,
                DelayEvent::Open => at.unfinished += outcomes,
            }
        }
    }
    let mut ages: BTreeMap<String, Ages> = BTreeMap::new();
    for ((rank, day, _), (route, at)) in cells {
        let route = if rank.is_some() { cubes.names.text(route) } else { ALL };
        if route == ALL || is_provider(route) {
            ages.entry(route.to_owned()).or_default().entry(day).or_default().push(at);
        }
    }
    for (route, days) in &ages {
        let (within, provider) = if route == ALL { (Within::Total, "") } else { (Within::Provider, route.as_str()) };
        for (metric, age_ms) in AGES {
            let series = days.iter().map(|(&day, ages)| (day, known_within(ages, age_ms))).filter(|(_, rate)| rate.of > 0);
            daily.series.insert(subject(within, provider, "", metric), series.collect());
        }
    }
    daily.ages = ages;
}

/// Distinct addresses: days for the spread, the period for the value.
fn unknown_users(cubes: &Cubes<'_>, daily: &mut Daily) {
    let rate = |totals: &AddressTotals| Rate::new(totals.unknown, totals.judged);
    let counts = cubes.addresses;
    let is_followed = |group: &usize| counts.by_group.get(group).is_some_and(|totals| totals.judged >= ENOUGH);
    let places = |group: usize| {
        let provider = is_followed(&group).then(|| (Within::Provider, place_name(cubes, group)));
        std::iter::once((Within::Total, "")).chain(provider)
    };
    for (&(group, day), totals) in counts.by_group_day.iter().filter(|(_, totals)| totals.judged > 0) {
        for (within, provider) in places(group) {
            let series = daily.series.entry(subject(within, provider, "", Metric::UnknownUsers)).or_default();
            put_day(series, day, rate(totals));
        }
    }
    for (&group, totals) in counts.by_group.iter().filter(|(_, totals)| totals.judged > 0) {
        for (within, provider) in places(group) {
            let whole = daily.whole.entry(subject(within, provider, "", Metric::UnknownUsers)).or_default();
            *whole = Rate::new(whole.part + totals.unknown, whole.of + totals.judged);
        }
    }
}
