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
const APART_HOURS: usize = 3;
/// Refusals, and refusals beyond the usual, that make an episode.
const ENOUGH: u64 = 20;
/// Refusals that make a day of sparse mail worth a line.
const ENOUGH_OF_DAY: u64 = 5;

/// A time of raised refusals. Hours are indices into the series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Episode {
    /// First bad hour.
    pub first_hour: usize,
    /// Last bad hour.
    pub last_hour: usize,
    /// Attempts refused from the first to the last hour.
    pub refused: u64,
    /// Attempts from the first to the last hour.
    pub attempts: u64,
    /// The usual rate of the series: its median hour, 0.001 to 0.05.
    pub baseline: f64,
    /// No hour with mail follows: still refused when the log ends, as far as it can tell.
    pub is_open: bool,
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

/// The episodes of a series of consecutive hours, each refused of attempts, hours without attempts as 0 of 0. In order of time,
/// at least three hours apart.
#[must_use]
pub fn episodes(hours: &[Rate]) -> Vec<Episode> {
    // Most series have hardly a refusal: they need no search.
    if Rate::sum(hours).part < ENOUGH {
        return Vec::new();
    }
    let (places, active): (Vec<usize>, Vec<Rate>) = hours.iter().copied().enumerate().filter(|(_, hour)| hour.of > 0).unzip();
    if !is_worth_a_search(&active) {
        return Vec::new();
    }
    let baseline = median_rate(&active).clamp(0.001, 0.05);
    let mut bad = bad_segments(&active, robust_phi(&active), baseline);
    if !bad.is_empty() {
        // The hours of the episodes made the spread look larger than it is, and may hide shorter ones: once more without them.
        let others: Vec<Rate> = active
            .iter()
            .enumerate()
            .filter(|(hour, _)| !bad.iter().any(|segment| segment.contains(hour)))
            .map(|(_, &hour)| hour)
            .collect();
        bad = bad_segments(&active, robust_phi(&others), baseline);
    }
    let place = |segment: Range<usize>| Some(*places.get(segment.start)?..places.get(segment.end - 1)? + 1);
    let bad = bad.into_iter().filter_map(place);
    joined(bad)
        .into_iter()
        .filter_map(|stretch| {
            let sum = Rate::sum(hours.get(stretch.clone())?);
            Some(Episode {
                first_hour: stretch.start,
                last_hour: stretch.end - 1,
                refused: sum.part,
                attempts: sum.of,
                baseline,
                is_open: places.last().is_some_and(|&last| last < stretch.end),
            })
        })
        .collect()
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

/// The segments of a series without empty hours that are bad enough.
fn bad_segments(active: &[Rate], phi: f64, baseline: f64) -> Vec<Range<usize>> {
    let is_bad = |segment: &Range<usize>| active.get(segment.clone()).is_some_and(|hours| is_episode(hours, baseline));
    partition(active, phi).into_iter().filter(is_bad).collect()
}

/// Whether the hours of a segment, all with mail, are an episode: bad as a whole, and hour by hour.
fn is_episode(segment: &[Rate], baseline: f64) -> bool {
    let sum = Rate::sum(segment);
    let rate = sum.value().unwrap_or(0.0);
    if rate < (3.0 * baseline).max(0.20) || sum.part < ENOUGH || sum.excess(baseline) < ENOUGH as f64 {
        return false;
    }
    if median_rate(segment) < (3.0 * baseline).max(0.15) {
        return false;
    }
    if segment.len() >= 3 { lower_quartile(segment) >= 0.08 } else { rate >= 0.80 && sum.part >= 50 }
}

/// The lower quartile of the hourly rates, by nearest rank.
fn lower_quartile(segment: &[Rate]) -> f64 {
    let mut rates: Vec<f64> = segment.iter().filter_map(|hour| hour.value()).collect();
    rates.sort_unstable_by(f64::total_cmp);
    rates.get(rates.len().div_ceil(4).saturating_sub(1)).copied().unwrap_or(0.0)
}

/// Stretches in order of time, those less than three hours apart made one.
fn joined(stretches: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for next in stretches {
        match joined.last_mut() {
            Some(last) if next.start - last.end < APART_HOURS => last.end = next.end,
            _ => joined.push(next),
        }
    }
    joined
}

/// Whether a day of mail too small or sparse for an episode deserves "refused on DAY, k of n": five refusals, half of the attempts.
/// It claims neither onset nor lift. Not to be asked for days that an episode covers.
#[must_use]
pub const fn is_refused_day(day: Rate) -> bool {
    day.part >= ENOUGH_OF_DAY && 2 * day.part >= day.of
}

/// Sharpens an onset: where in `attempts` (in order, true: refused) the first row of at least five refusals without an acceptance
/// begins.
#[must_use]
pub fn onset(attempts: &[bool]) -> Option<usize> {
    let is_row = |row: &[bool]| row.iter().all(|&is_refused| is_refused);
    attempts.windows(5).position(is_row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::Random;
    use proptest::prelude::*;

    /// A month of hours with day and night, a rate of 1 % that varies by the hour, and a block where asked for.
    fn month(random: &mut Random, per_hour: f64, icc: f64, block: Range<usize>, refused: f64) -> Vec<Rate> {
        (0..720)
            .map(|hour| {
                let daytime = 1.0 + 0.7 * ((hour % 24) as f64 / 24.0 * std::f64::consts::TAU).sin();
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
    fn one_bad_hour_is_a_burst_and_not_a_block() {
        assert!(episodes(&day(&[(20, Rate::new(100, 100))])).is_empty());
    }

    #[test]
    fn two_hours_must_be_refused_nearly_whole() {
        let found = episodes(&day(&[(20, Rate::new(95, 100)), (21, Rate::new(95, 100))]));
        assert_eq!((found.len(), found[0].first_hour, found[0].last_hour, found[0].refused), (1, 20, 21, 190));
        assert!(!found[0].is_open);
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
    fn near_episodes_are_one_and_the_last_may_be_open() {
        let bad: Vec<(usize, Rate)> = (10..20).chain(22..30).chain(40..48).map(|hour| (hour, Rate::new(90, 100))).collect();
        let found = episodes(&day(&bad));
        let spans: Vec<_> = found.iter().map(|episode| (episode.first_hour, episode.last_hour, episode.is_open)).collect();
        assert_eq!(spans, [(10, 29, false), (40, 47, true)]);
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
        assert!(is_refused_day(Rate::new(5, 10)) && !is_refused_day(Rate::new(4, 4)) && !is_refused_day(Rate::new(5, 11)));
        assert!(episodes(&[Rate::new(9, 10), Rate::new(9, 9)]).is_empty());
        assert!(episodes(&[]).is_empty());
    }

    #[test]
    fn an_onset_is_five_refusals_in_a_row() {
        assert_eq!(onset(&[true, true, false, true, true, true, true, true, false]), Some(3));
        assert_eq!(onset(&[true; 4]), None);
    }
}
