//! That unchanged months are left alone and changed ones are not: simulated days through the comparison that is shipped.

use std::collections::BTreeSet;

use super::judge::{changes, verdict};
use super::replies::Categories;
use super::{Days, Observed, itself};
use crate::stats::Rate;
use crate::stats::random::Random;
use crate::tables::changes::Change;
use crate::tables::daily::{Daily, Metric, Subject, Within};

/// 1 October 2026, a Thursday.
const FIRST: i32 = 20_727;
const MONTH: Days = (FIRST, FIRST + 29);

fn during(daily: &Daily, days: Days) -> Observed<'_> {
    Observed { daily, days }
}

const PROVIDERS: [(&str, f64); 6] = [
    ("google", 2_000.0),
    ("microsoft", 1_600.0),
    ("yahoo", 700.0),
    ("apple", 300.0),
    ("example.org", 60.0),
    ("example.net", 12.0),
];
/// What each metric's rate is, and how alike the mail of a day is.
const FIGURES: [(Metric, f64, f64); 6] = [
    (Metric::Accepted, 0.97, 0.002),
    (Metric::Deferred, 0.08, 0.01),
    (Metric::Hard, 0.015, 0.001),
    (Metric::TouchedByBlock, 0.01, 0.004),
    (Metric::Expired, 0.003, 0.001),
    (Metric::BlockShare, 0.01, 0.004),
];

/// Accepted within a minute, an hour: never fewer by the later age.
const WITHIN: [(Metric, f64, f64); 2] = [(Metric::WithinHour, 0.95, 0.005), (Metric::WithinMinute, 0.92, 0.01)];

fn subject(within: Within, provider: &str, key: &str, metric: Metric) -> Subject {
    Subject { within, provider: provider.to_owned(), key: key.to_owned(), metric }
}

fn add(daily: &mut Daily, subject: Subject, day: i32, cell: Rate) {
    let sum = daily.series.entry(subject).or_default().entry(day).or_default();
    *sum = Rate::new(sum.part + cell.part, sum.of + cell.of);
}

/// Volume of a day: log-normal, less on weekends.
fn volume(random: &mut Random, mean: f64, day: i32) -> u64 {
    let weekend = if matches!((day + 3).rem_euclid(7), 5 | 6) { 0.4 } else { 1.0 };
    (weekend * mean * (0.5 * random.normal() - 0.125).exp()).round().max(1.0) as u64
}

/// A month of six providers, their totals, a source and a few replies; a block over some hours of one day.
fn month(random: &mut Random) -> Daily {
    let mut daily = Daily::default();
    for day in MONTH.0..=MONTH.1 {
        for (provider, mean) in PROVIDERS {
            let of = volume(random, mean, day);
            for (metric, rate, alike) in FIGURES {
                let rate =
                    if day == FIRST + 11 && provider == "microsoft" && metric == Metric::BlockShare { 0.4 } else { rate };
                let daily_rate = random.rate(rate, alike);
                let cell = Rate::new(random.binomial(of, daily_rate), of);
                add(&mut daily, subject(Within::Provider, provider, "", metric), day, cell);
                add(&mut daily, subject(Within::Total, "", "", metric), day, cell);
                if provider == "google" {
                    add(&mut daily, subject(Within::Domain, provider, "gmail.com", metric), day, cell);
                }
                if provider != "yahoo" {
                    add(&mut daily, subject(Within::Source, "", "192.0.2.14", metric), day, cell);
                }
            }
            waits(&mut daily, random, provider, day, of);
            let attempts = of + of / 10;
            add(&mut daily, subject(Within::Reply, provider, "", Metric::Reply), day, Rate::new(0, attempts));
            for (reply, rate) in
                [("550 5.1.1 User unknown", 0.012), ("421 4.7.0 Try again later", 0.05), ("552 5.2.2 Full", 0.002)]
            {
                let daily_rate = random.rate(rate, 0.004);
                let cell = Rate::new(random.binomial(attempts, daily_rate), attempts);
                add(&mut daily, subject(Within::Reply, provider, reply, Metric::Reply), day, cell);
            }
        }
    }
    daily
}

/// How much of a provider's mail of a day was accepted by each age.
fn waits(daily: &mut Daily, random: &mut Random, provider: &str, day: i32, of: u64) {
    let mut accepted = of;
    for (metric, rate, alike) in WITHIN {
        let daily_rate = random.rate(rate, alike);
        accepted = random.binomial(accepted, daily_rate);
        add(daily, subject(Within::Provider, provider, "", metric), day, Rate::new(accepted, of));
        add(daily, subject(Within::Total, "", "", metric), day, Rate::new(accepted, of));
    }
}

/// September and October for the tests of the page: in the second dead addresses are four times as many, and Yahoo says something new.
pub(crate) fn two_months() -> (Daily, Daily) {
    let mut random = Random::new(12);
    let (before, mut after) = (month(&mut random), month(&mut random));
    for (subject, series) in &mut after.series {
        if subject.metric == Metric::Hard {
            series.values_mut().for_each(|cell| cell.part = (cell.part * 4).min(cell.of));
        }
    }
    let new = subject(Within::Reply, "yahoo", "421 4.7.0 [TSS04] Messages from <ip> temporarily deferred", Metric::Reply);
    let base = after.series.get(&subject(Within::Reply, "yahoo", "", Metric::Reply)).unwrap().clone();
    after.series.insert(new, base.into_iter().map(|(day, cell)| (day, Rate::new(cell.of / 8, cell.of))).collect());
    let earlier = |(&day, &cell): (&i32, &Rate)| (day - 30, cell);
    let series = before.series.iter().map(|(subject, series)| (subject.clone(), series.iter().map(earlier).collect()));
    (Daily { series: series.collect(), ..Daily::default() }, after)
}

fn called(rows: &[Change]) -> usize {
    rows.iter().filter(|row| verdict::is_change(&row.verdict)).count()
}

fn compare(before: &Daily, after: &Daily) -> Vec<Change> {
    changes(during(before, MONTH), during(after, MONTH), &Categories::new())
}

#[test]
fn two_halves_of_a_month_drawn_at_random_are_hardly_ever_called_different() {
    let mut random = Random::new(2026);
    let (mut runs, mut compared) = (0, 0);
    for _ in 0..200 {
        let daily = month(&mut random);
        let ours: BTreeSet<i32> = (MONTH.0..=MONTH.1).filter(|_| random.uniform() < 0.5).collect();
        let rows = compare(&daily.only(|day| ours.contains(&day)), &daily.only(|day| !ours.contains(&day)));
        compared += rows.len();
        runs += usize::from(called(&rows) > 0);
    }
    assert!(compared > 200 * 60, "{compared}");
    assert!(runs <= 10, "a change was called in {runs} of 200 comparisons of a month with itself");
}

#[test]
fn mail_drawn_at_random_from_one_month_is_hardly_ever_called_different() {
    let mut random = Random::new(7);
    let mut runs = 0;
    for _ in 0..200 {
        let daily = month(&mut random);
        let (mut one, mut other) = (Daily::default(), Daily::default());
        for (subject, series) in &daily.series {
            for (&day, cell) in series {
                let (part, rest) = (random.binomial(cell.part, 0.5), random.binomial(cell.of - cell.part, 0.5));
                add(&mut one, subject.clone(), day, Rate::new(part, part + rest));
                add(&mut other, subject.clone(), day, Rate::new(cell.part - part, cell.of - part - rest));
            }
        }
        runs += usize::from(called(&compare(&one, &other)) > 0);
    }
    assert!(runs <= 10, "a change was called in {runs} of 200 comparisons of a month with itself");
}

#[test]
fn a_point_at_a_provider_of_fifty_thousand_is_found() {
    let mut random = Random::new(50);
    let wanted = subject(Within::Provider, "gmx", "", Metric::Accepted);
    let planted = |random: &mut Random, rate: f64| {
        let mut daily = month(random);
        for day in MONTH.0..=MONTH.1 {
            let of = volume(random, 50_000.0 / 30.0, day);
            let daily_rate = random.rate(rate, 0.0005);
            add(&mut daily, wanted.clone(), day, Rate::new(random.binomial(of, daily_rate), of));
        }
        daily
    };
    let mut found = 0;
    for _ in 0..50 {
        let (before, after) = (planted(&mut random, 0.98), planted(&mut random, 0.97));
        let rows = compare(&before, &after);
        let row = rows.iter().find(|row| row.provider == "gmx" && row.metric == wanted.metric.name()).unwrap();
        assert!(row.difference_low <= row.difference && row.difference <= row.difference_high);
        found += usize::from(row.verdict == verdict::WORSE);
    }
    assert!(found >= 45, "found {found} of 50 times");
}

#[test]
fn waits_that_follow_the_week_are_hardly_ever_called_different() {
    // Newsletters of Tuesday and Thursday are long under way, and how long differs from one to the next.
    let mut random = Random::new(17);
    let mut waiting = |first: i32| {
        let mut daily = Daily::default();
        for (provider, mean) in PROVIDERS {
            for day in first..first + 30 {
                let is_newsletter = matches!((day + 3).rem_euclid(7), 1 | 3);
                let of = volume(&mut random, if is_newsletter { 3.0 * mean } else { mean }, day);
                let daily_rate = random.rate(if is_newsletter { 0.45 } else { 0.85 }, 0.02);
                let cell = Rate::new(random.binomial(of, daily_rate), of);
                add(&mut daily, subject(Within::Provider, provider, "", Metric::WithinMinute), day, cell);
                add(&mut daily, subject(Within::Total, "", "", Metric::WithinMinute), day, cell);
            }
        }
        daily
    };
    let mut runs = 0;
    for _ in 0..1_000 {
        let (before, after) = (waiting(FIRST), waiting(FIRST + 30));
        let rows = changes(during(&before, MONTH), during(&after, (FIRST + 30, FIRST + 59)), &Categories::new());
        assert!(rows.iter().any(|row| row.note == "weekdays"));
        runs += usize::from(called(&rows) > 0);
    }
    assert!(runs <= 50, "a change was called in {runs} of 1,000 comparisons of months that did not change");
}

#[test]
fn a_provider_that_takes_mail_later_than_before_is_found_and_no_other_is() {
    let mut random = Random::new(61);
    let (mut found, mut others) = (0, 0);
    for _ in 0..50 {
        let (before, mut after) = (month(&mut random), month(&mut random));
        // Of what Yahoo took at once a tenth now waits for some minutes: as much as ever comes in an hour.
        let slow = subject(Within::Provider, "yahoo", "", Metric::WithinMinute);
        for cell in after.series.get_mut(&slow).unwrap().values_mut() {
            cell.part -= random.binomial(cell.part, 0.1);
        }
        let rows = compare(&before, &after);
        let of_delay = |row: &&Change| row.within == "provider" && row.metric.starts_with("accepted_within_");
        for row in rows.iter().filter(of_delay).filter(|row| verdict::is_change(&row.verdict)) {
            let is_it = row.provider == "yahoo" && row.metric == "accepted_within_1min" && row.verdict == verdict::WORSE;
            if is_it { found += 1 } else { others += 1 }
        }
    }
    assert!(found >= 45 && others <= 3, "found {found} of 50 times, others {others} times");
}

#[test]
fn a_change_everywhere_is_told_largest_first() {
    let mut random = Random::new(3);
    let (before, mut after) = (month(&mut random), month(&mut random));
    for (subject, series) in &mut after.series {
        if subject.metric == Metric::Hard {
            for cell in series.values_mut() {
                cell.part = (cell.part * 4).min(cell.of);
            }
        }
    }
    let rows = compare(&before, &after);
    let first = rows.first().unwrap();
    assert_eq!((first.within.as_str(), first.metric.as_str(), first.verdict.as_str()), ("total", "hard_rate", verdict::WORSE));
    assert!(rows.windows(2).all(|pair| pair[0].affected.abs() >= pair[1].affected.abs()));
}

#[test]
fn days_that_follow_the_week_are_compared_as_if_weeks_were_alike() {
    // A rate that depends on the weekday alone, in a month of five Thursdays and Fridays and one of five Saturdays and Sundays.
    let mut random = Random::new(5);
    let mut month = |first: i32| {
        let mut daily = Daily::default();
        for day in first..first + 30 {
            let rate = if matches!((day + 3).rem_euclid(7), 5 | 6) { 0.85 } else { 0.98 };
            let cell = Rate::new(random.binomial(5_000, rate), 5_000);
            add(&mut daily, subject(Within::Total, "", "", Metric::Accepted), day, cell);
        }
        daily
    };
    let (before, after) = (month(FIRST), month(FIRST + 30));
    let rows = changes(during(&before, MONTH), during(&after, (FIRST + 30, FIRST + 59)), &Categories::new());
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(row.note, "weekdays");
    let plain = row.after_rate.unwrap() - row.before_rate.unwrap();
    assert!(plain.abs() > 0.005 && row.difference.abs() < 0.002, "{plain} {row:?}");
    assert!(!verdict::is_change(&row.verdict), "{row:?}");
}

/// A provider's month of attempts, and one reply of so many of a hundred on each day.
fn replies(of: &[(&str, u64)]) -> Daily {
    let mut daily = Daily::default();
    for day in MONTH.0..=MONTH.1 {
        let attempts = 1_000 + (day as u64 % 5) * 40;
        add(&mut daily, subject(Within::Reply, "yahoo", "", Metric::Reply), day, Rate::new(0, attempts));
        add(&mut daily, subject(Within::Total, "", "", Metric::Accepted), day, Rate::new(attempts - 20, attempts));
        for &(reply, n) in of {
            let part = n + day as u64 % 2;
            add(&mut daily, subject(Within::Reply, "yahoo", reply, Metric::Reply), day, Rate::new(part, attempts));
        }
    }
    daily
}

#[test]
fn replies_come_and_go_and_change_their_words() {
    let old = "421 4.7.0 [TSS04] Messages from <IP> temporarily deferred due to unexpected volume or user complaints";
    let new = "421 4.7.0 [TSS05] Messages from <IP> temporarily deferred due to unexpected volume or user complaints";
    let before = replies(&[(old, 9), ("550 gone", 12), ("552 full", 8)]);
    let after = replies(&[(new, 9), ("554 came", 15), ("552 full", 8)]);
    let rows = compare(&before, &after);
    let of = |reply: &str| rows.iter().find(|row| row.key == reply).unwrap_or_else(|| panic!("{reply}: {rows:?}"));
    assert_eq!((of("554 came").presence.as_str(), of("554 came").verdict.as_str()), ("new", verdict::WORSE));
    assert_eq!((of("550 gone").presence.as_str(), of("550 gone").verdict.as_str()), ("gone", verdict::BETTER));
    let reworded = of(new);
    assert_eq!((reworded.presence.as_str(), reworded.reworded.as_str()), ("reworded", old));
    assert!(!verdict::is_change(&reworded.verdict), "nothing changed but words: {reworded:?}");
    assert!(!verdict::is_change(&of("552 full").verdict));
    assert!(rows.iter().all(|row| row.key != old));
}

#[test]
fn addresses_that_do_not_add_up_over_days_keep_the_period_s_rate() {
    let users = subject(Within::Total, "", "", Metric::UnknownUsers);
    let side = |unknown: u64, part: u64| {
        let mut daily = Daily::default();
        for day in MONTH.0..=MONTH.1 {
            add(&mut daily, users.clone(), day, Rate::new(unknown + day as u64 % 3, 400));
        }
        // Each address was tried on three days.
        daily.whole.insert(users.clone(), Rate::new(part, 4_000));
        daily
    };
    let rows = compare(&side(8, 90), &side(20, 210));
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.before_part, row.before_of, row.after_part), (90, 4_000, 210));
    assert!((row.difference - 0.03).abs() < 1e-12);
    assert_eq!(row.verdict, verdict::WORSE);
}

#[test]
fn a_month_is_compared_with_itself() {
    let daily = month(&mut Random::new(8));
    let itself = itself::check(&daily, MONTH).unwrap();
    assert!(itself.compared > 60 && itself.flagged <= 1, "{itself:?}");
    let week = daily.only(|day| day < FIRST + 7);
    assert_eq!(itself::check(&week, (FIRST, FIRST + 6)), None);
}

#[test]
fn the_curve_of_few_days_is_no_surer_than_they_are_alike() {
    use super::delays::curve;
    use crate::stats::incidence::AtAge;
    use crate::tables::ALL;

    let week = |shares: [u64; 5]| {
        let mut daily = Daily::default();
        let days = daily.ages.entry(ALL.to_owned()).or_default();
        for (day, share) in (FIRST..).zip(shares) {
            let at = |age, accepted| AtAge { age, accepted, ..AtAge::default() };
            days.insert(day, vec![at(1_000, 10 * share), at(7_200_000, 1_000 - 10 * share)]);
        }
        daily
    };
    let (before, after) = (week([99, 50, 99, 50, 99]), week([50, 99, 50, 99, 50]));
    let days = (FIRST, FIRST + 4);
    let curve = curve(during(&before, days), during(&after, days));
    let hour = curve.points.iter().find(|point| point.age == "1 h").unwrap();
    // Days that differ by half of their mail make ten points no change.
    assert!(hour.low < 0.0 && hour.high > 0.0, "{hour:?}");
}

#[test]
fn what_is_compared_once_is_not_compared_again_under_another_name() {
    let mut random = Random::new(31);
    let (mut before, mut after) = (month(&mut random), month(&mut random));
    let told = |before: &Daily, after: &Daily| -> BTreeSet<String> {
        let rows = changes(during(before, MONTH), during(after, MONTH), &Categories::default());
        rows.into_iter()
            .filter(|row| row.metric == Metric::Accepted.name())
            .map(|row| format!("{} {}", row.within, row.key))
            .collect()
    };
    // gmail.com is all of Google, 192.0.2.14 is not all mail.
    let found = told(&before, &after);
    assert!(!found.contains("domain gmail.com") && found.contains("source 192.0.2.14"), "{found:?}");
    add(&mut before, subject(Within::Domain, "google", "gmail.com", Metric::Accepted), FIRST, Rate::new(1, 2));
    let all = |daily: &Daily| daily.series.get(&subject(Within::Total, "", "", Metric::Accepted)).unwrap().clone();
    for daily in [&mut before, &mut after] {
        let days = all(daily);
        daily.series.insert(subject(Within::Source, "", "192.0.2.14", Metric::Accepted), days);
    }
    let found = told(&before, &after);
    assert!(found.contains("domain gmail.com") && !found.contains("source 192.0.2.14"), "{found:?}");
}
