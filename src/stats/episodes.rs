//! When a provider refused us: block episodes in an hourly series, and single days of mail too sparse for that.
//!
//! A segment of raised rate is not yet an episode: mail comes in bursts, and one bad campaign in an hour looks like a block. So an
//! episode must also be bad hour by hour. Without that guard a fifth of bursty months without any block show one.
//!
//! One series is one provider × source (or one provider over all sources). A retry after a refusal counts like any attempt.

use std::ops::Range;

use super::Rate;
use super::segments::{median_rate, partition, robust_phi};

/// Hours between two episodes from which on they are two.
const APART_HOURS: i64 = 3;
/// Refusals, and refusals beyond the usual, that make an episode.
const ENOUGH: u64 = 20;
/// Refusals that make a day of sparse mail worth a line.
const ENOUGH_OF_DAY: u64 = 5;

/// Hours of an episode that have mail.
const SHORTEST_HOURS: usize = 2;
/// An episode is not said to go on through a longer silence: an MTA that puts mail off asks again within a day.
const SILENCE_HOURS: i32 = 24;
/// The refused share of an episode, at least.
const BAD: f64 = 0.20;
/// The refused share of an hour that is hardly bad.
const SLIGHT: f64 = 0.08;

/// A time of raised refusals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Episode {
    /// First bad hour, as the series numbers it.
    pub first_hour: i32,
    /// Last bad hour.
    pub last_hour: i32,
    /// Attempts refused from the first to the last hour.
    pub refused: u64,
    /// Attempts from the first to the last hour.
    pub attempts: u64,
    /// The usual rate of the series: its median hour, 0.001 to 0.05.
    pub baseline: f64,
}

impl Episode {
    /// Refused of attempts.
    #[must_use]
    pub const fn rate(&self) -> Rate {
        Rate::new(self.refused, self.attempts)
    }

    /// Refusals beyond the usual rate.
    #[must_use]
    pub fn excess(&self) -> f64 {
        self.rate().excess(self.baseline)
    }
}

/// The episodes of a series: hours in order, each with its refused of attempts; those without attempts may be left out. In order of
/// time, at least three hours apart.
#[must_use]
pub fn episodes(hours: &[(i32, Rate)]) -> Vec<Episode> {
    let (places, active): (Vec<i32>, Vec<Rate>) = hours.iter().copied().filter(|(_, hour)| hour.of > 0).unzip();
    // Most series have hardly a refusal: they need no search.
    if Rate::sum(&active).part < ENOUGH || !is_worth_a_search(&active) {
        return Vec::new();
    }
    let series = Series { places: &places, active: &active, baseline: usual(&active) };
    // The hours that are bad by themselves would make the spread look larger than it is, and hide what they are part of: of a provider
    // that refuses every night a third of all hours.
    let others: Vec<Rate> = active.iter().filter(|hour| hour.value().is_some_and(|rate| rate < BAD)).copied().collect();
    let bad = series.bad_segments(robust_phi(&others));
    series.joined(bad).into_iter().filter_map(|stretch| series.episode(stretch)).collect()
}

/// The usual rate of a series: that of its median hour with attempts, 0.001 to 0.05.
#[must_use]
pub fn usual(hours: &[Rate]) -> f64 {
    median_rate(hours).clamp(0.001, 0.05)
}

/// The hours of a series that have attempts.
struct Series<'a> {
    places: &'a [i32],
    active: &'a [Rate],
    baseline: f64,
}

impl Series<'_> {
    /// The segments that are bad enough, each without what is none of it.
    fn bad_segments(&self, phi: f64) -> Vec<Range<usize>> {
        let parts = partition(self.active, phi).into_iter().flat_map(|segment| self.unbroken(segment));
        let bad = parts.map(|part| self.trimmed(part));
        bad.filter(|part| self.active.get(part.clone()).is_some_and(|hours| is_episode(hours, self.baseline))).collect()
    }

    /// Hours are cut into segments as if those without mail were not there: the parts between which nothing is known for long.
    fn unbroken(&self, segment: Range<usize>) -> Vec<Range<usize>> {
        let places = self.places.get(segment.clone()).unwrap_or_default();
        let follows = |one: &i32, next: &i32| i64::from(*next) - i64::from(*one) <= i64::from(SILENCE_HOURS);
        let mut start = segment.start;
        let part = |places: &[i32]| {
            let part = start..start + places.len();
            start = part.end;
            part
        };
        places.chunk_by(follows).map(part).collect()
    }

    /// A segment has two hours at least, though it be for one bad hour beside good ones: without the hours at its edges that are not bad.
    fn trimmed(&self, segment: Range<usize>) -> Range<usize> {
        let is_good = |hour: &usize| {
            let rate = self.active.get(*hour).and_then(|rate| rate.value());
            rate.is_none_or(|rate| rate < (3.0 * self.baseline).max(SLIGHT))
        };
        let start = segment.start + segment.clone().take_while(is_good).count();
        let end = segment.end - (start..segment.end).rev().take_while(is_good).count();
        start..end
    }

    /// Stretches in order of time, those less than three hours apart made one.
    fn joined(&self, stretches: Vec<Range<usize>>) -> Vec<Range<usize>> {
        let place = |hour: usize| self.places.get(hour).copied().map_or(0, i64::from);
        let mut joined: Vec<Range<usize>> = Vec::new();
        for next in stretches {
            match joined.last_mut() {
                Some(last) if place(next.start) - place(last.end.saturating_sub(1)) <= APART_HOURS => last.end = next.end,
                _ => joined.push(next),
            }
        }
        joined
    }

    fn episode(&self, stretch: Range<usize>) -> Option<Episode> {
        let sum = Rate::sum(self.active.get(stretch.clone())?);
        let (first_hour, last_hour) = (*self.places.get(stretch.start)?, *self.places.get(stretch.end.checked_sub(1)?)?);
        Some(Episode { first_hour, last_hour, refused: sum.part, attempts: sum.of, baseline: self.baseline })
    }
}

/// Whether any stretch has the refusals of an episode, and a fifth of its attempts refused. The search takes time with the square of
/// the hours, and what it finds must have both.
fn is_worth_a_search(hours: &[Rate]) -> bool {
    // Up to each hour: refusals beyond a fifth of the attempts, times five, and refusals.
    let mut sums = vec![(0_i64, 0_u64)];
    sums.extend(hours.iter().scan((0, 0), |(beyond, refused), hour| {
        *beyond += 5 * hour.part as i64 - hour.of as i64;
        *refused += hour.part;
        Some((*beyond, *refused))
    }));
    // Where a stretch may begin: what begins later and no lower has fewer refusals.
    let mut starts: Vec<(i64, u64)> = Vec::new();
    for &sum in &sums {
        if starts.last().is_none_or(|last| sum.0 < last.0) {
            starts.push(sum);
        }
    }
    // From the last hour back: the first end that fits a start is the one of most refusals.
    for end in sums.iter().rev() {
        while let Some(start) = starts.pop_if(|start| start.0 <= end.0) {
            if end.1.saturating_sub(start.1) >= ENOUGH {
                return true;
            }
        }
    }
    false
}

/// Whether the hours of a segment, all with mail, are an episode: bad as a whole, and hour by hour.
fn is_episode(segment: &[Rate], baseline: f64) -> bool {
    let sum = Rate::sum(segment);
    let rate = sum.value().unwrap_or(0.0);
    if segment.len() < SHORTEST_HOURS {
        return false;
    }
    if rate < (3.0 * baseline).max(BAD) || sum.part < ENOUGH || sum.excess(baseline) < ENOUGH as f64 {
        return false;
    }
    if median_rate(segment) < (3.0 * baseline).max(0.15) {
        return false;
    }
    if segment.len() >= 3 { lower_quartile(segment) >= SLIGHT } else { rate >= 0.80 && sum.part >= 50 }
}

/// The lower quartile of the hourly rates, by nearest rank.
fn lower_quartile(segment: &[Rate]) -> f64 {
    let mut rates: Vec<f64> = segment.iter().filter_map(|hour| hour.value()).collect();
    rates.sort_unstable_by(f64::total_cmp);
    rates.get(rates.len().div_ceil(4).saturating_sub(1)).copied().unwrap_or(0.0)
}

/// A day of mail too small or sparse for an episode, of which "refused on DAY, k of n" is worth saying: five refusals, half of the
/// attempts. From its first hour with refusals to its last, though all attempts of the day count. `baseline` is the usual rate of the
/// series. None: it is not.
#[must_use]
pub fn refused_day(hours: &[(i32, Rate)], baseline: f64) -> Option<Episode> {
    let day: Rate = hours.iter().fold(Rate::default(), |sum, (_, hour)| Rate::new(sum.part + hour.part, sum.of + hour.of));
    let mut refusing = hours.iter().filter(|(_, hour)| hour.part > 0).map(|&(hour, _)| hour);
    let first_hour = refusing.next().filter(|_| day.part >= ENOUGH_OF_DAY && 2 * day.part >= day.of)?;
    let last_hour = refusing.next_back().unwrap_or(first_hour);
    Some(Episode { first_hour, last_hour, refused: day.part, attempts: day.of, baseline })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::Random;
    use proptest::prelude::*;

    /// The episodes of consecutive hours.
    fn episodes(hours: &[Rate]) -> Vec<Episode> {
        super::episodes(&(0..).zip(hours.iter().copied()).collect::<Vec<_>>())
    }

    /// A month of hours with day and night, a rate of 1 % that varies by the hour, and a block where asked for.
    fn month(random: &mut Random, per_hour: f64, icc: f64, block: Range<i32>, refused: f64) -> Vec<Rate> {
        (0..720_i32)
            .map(|hour| {
                let daytime = 1.0 + 0.7 * (f64::from(hour % 24) / 24.0 * std::f64::consts::TAU).sin();
                let of = (per_hour * daytime * (0.3 * random.normal()).exp()).round() as u64;
                let rate = if block.contains(&hour) { random.rate(refused, icc) } else { random.rate(0.01, icc) };
                Rate::new(random.binomial(of, rate), of)
            })
            .collect()
    }

    #[test]
    fn planted_blocks_are_found_to_the_hour() {
        let mut random = Random::new(1);
        let (mut runs, mut sharp) = (0, 0);
        for (per_hour, icc, length, refused) in
            [(40.0, 0.0, 12, 0.8), (40.0, 0.02, 31, 0.4), (400.0, 0.05, 12, 0.4), (100.0, 0.01, 4, 0.8), (400.0, 0.02, 31, 0.8)]
        {
            for run in 0..6 {
                let start = 200 + 37 * run;
                let found = episodes(&month(&mut random, per_hour, icc, start..start + length, refused));
                assert_eq!(found.len(), 1, "{per_hour} {icc} {length} {refused}: {found:?}");
                let (first, last) = (found[0].first_hour, found[0].last_hour);
                runs += 1;
                sharp += u32::from(first.abs_diff(start) <= 1 && last.abs_diff(start + length - 1) <= 1);
            }
        }
        assert!(sharp * 100 >= runs * 96, "{sharp} of {runs} within an hour");
    }

    #[test]
    fn bursty_months_without_a_block_show_none() {
        let mut random = Random::new(2);
        let mut false_alarms = 0;
        for (per_hour, icc) in [(40.0, 0.05), (400.0, 0.05), (100.0, 0.02), (40.0, 0.0)] {
            for _ in 0..20 {
                false_alarms += u32::from(!episodes(&month(&mut random, per_hour, icc, 0..0, 0.0)).is_empty());
            }
        }
        assert!(false_alarms <= 1, "{false_alarms} of 80");
    }

    /// A quiet day with `bad` hours put into it.
    fn day(bad: &[(usize, Rate)]) -> Vec<Rate> {
        let mut hours = vec![Rate::new(0, 100); 48];
        for &(hour, rate) in bad {
            hours[hour] = rate;
        }
        hours
    }

    #[test]
    fn what_is_refused_every_night_is_an_episode_a_night() {
        let mut random = Random::new(3);
        for per_hour in [6.0, 40.0, 400.0] {
            let hour = |hour: i32| {
                let of = (per_hour * (0.3 * random.normal()).exp()).round() as u64;
                let is_night = hour % 24 >= 22 || hour % 24 < 5;
                let rate = if is_night { random.rate(0.8, 0.05) } else { random.rate(0.01, 0.02) };
                Rate::new(random.binomial(of, rate), of)
            };
            let found = episodes(&(0..336).map(hour).collect::<Vec<_>>());
            assert!((13..=16).contains(&found.len()), "{per_hour}: {found:?}");
            let of_nights = found.iter().filter(|one| one.first_hour % 24 >= 21 || one.first_hour == 0).count();
            assert!(of_nights >= 13, "{per_hour}: {found:?}");
        }
    }

    #[test]
    fn one_bad_hour_is_a_burst_and_not_a_block() {
        assert!(episodes(&day(&[(20, Rate::new(100, 100))])).is_empty());
    }

    #[test]
    fn two_hours_must_be_refused_nearly_whole() {
        let found = episodes(&day(&[(20, Rate::new(95, 100)), (21, Rate::new(95, 100))]));
        assert_eq!((found.len(), found[0].first_hour, found[0].last_hour, found[0].refused), (1, 20, 21, 190));
        assert!((found[0].excess() - 189.8).abs() < 1e-9);
        assert!(episodes(&day(&[(20, Rate::new(60, 100)), (21, Rate::new(60, 100))])).is_empty());
    }

    #[test]
    fn silence_during_a_block_does_not_end_it() {
        // The MTA suspends the destination and asks every other hour only.
        let bad: Vec<(usize, Rate)> =
            (20..40).map(|hour| (hour, if hour % 2 == 0 { Rate::new(12, 12) } else { Rate::default() })).collect();
        let found = episodes(&day(&bad));
        assert_eq!((found.len(), found[0].first_hour, found[0].last_hour), (1, 20, 38));
    }

    #[test]
    fn near_episodes_are_one() {
        let bad: Vec<(usize, Rate)> = (10..20).chain(22..30).chain(40..48).map(|hour| (hour, Rate::new(90, 100))).collect();
        let found = episodes(&day(&bad));
        let spans: Vec<_> = found.iter().map(|episode| (episode.first_hour, episode.last_hour)).collect();
        assert_eq!(spans, [(10, 29), (40, 47)]);
        assert_eq!(found[0].rate(), Rate::new(18 * 90, 2_000));
    }

    proptest! {
        #[test]
        fn only_what_no_stretch_could_be_is_not_searched(hours in prop::collection::vec((0_u64..12, 1_u64..40), 0..30)) {
            let hours: Vec<Rate> = hours.into_iter().map(|(part, of)| Rate::new(part.min(of), of)).collect();
            let is_bad = |stretch: &[Rate]| {
                let sum = Rate::sum(stretch);
                sum.part >= ENOUGH && sum.value().is_some_and(|rate| rate >= 0.20)
            };
            let is_any = (0..hours.len()).any(|from| (from..hours.len()).any(|to| is_bad(&hours[from..=to])));
            prop_assert_eq!(is_worth_a_search(&hours), is_any);
        }
    }

    #[test]
    fn sparse_mail_has_days_only() {
        let day = |refused: u64, of: u64| refused_day(&[(7, Rate::new(0, 1)), (9, Rate::new(refused, of - 1))], 0.001);
        let found = day(5, 10).unwrap();
        assert_eq!((found.first_hour, found.last_hour, found.refused, found.attempts), (9, 9, 5, 10));
        assert_eq!((day(4, 5), day(5, 11)), (None, None));
        assert!(episodes(&[Rate::new(9, 10), Rate::new(9, 9)]).is_empty());
        assert!(episodes(&[]).is_empty());
    }

    #[test]
    fn a_good_hour_before_is_no_part_of_a_block() {
        // Mail in the afternoons alone: the last good hour is the one before the block, though it lies a day back.
        let afternoons = (0..10).flat_map(|day| (12..17).map(move |hour| (day * 24 + hour, Rate::new(0, 100))));
        let mut hours: Vec<(i32, Rate)> = afternoons.collect();
        hours.extend([(249, Rate::new(100, 100)), (250, Rate::new(95, 100)), (264, Rate::new(0, 100))]);
        let found = super::episodes(&hours);
        assert_eq!((found.len(), found[0].first_hour, found[0].last_hour, found[0].refused), (1, 249, 250, 195));
        // One bad hour between good ones is none, whatever it is put together with.
        hours.retain(|(hour, _)| *hour != 250);
        assert_eq!(super::episodes(&hours), []);
    }

    #[test]
    fn a_week_of_silence_is_not_a_week_of_blocking() {
        // A campaign every Monday, in two hours, the last two of them refused.
        let campaign = |week: i32| {
            let refused = if week < 3 { 0 } else { 100 };
            [9, 10].map(|hour| (week * 168 + hour, Rate::new(refused, 100)))
        };
        let found = super::episodes(&(0..5).flat_map(campaign).collect::<Vec<_>>());
        let spans: Vec<_> = found.iter().map(|episode| (episode.first_hour, episode.last_hour)).collect();
        assert_eq!(spans, [(3 * 168 + 9, 3 * 168 + 10), (4 * 168 + 9, 4 * 168 + 10)]);
    }
}
