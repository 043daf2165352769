//! Providers that called many good addresses unknown at once: an incident of theirs, and no word about the addresses.
//!
//! Two signs: as many good addresses as the thresholds say within an hour; or, in an episode of blocking, more of them unknown than
//! attempts accepted. A good address took mail within the last 30 days.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::Wave;
use crate::classify::thresholds;
use crate::cubes::keys::HourCounts;
use crate::cubes::{AttemptHour, Cube};
use crate::event::{Micros, Status};
use crate::tables::ALL;
use crate::tables::blocks::Block;
use crate::tables::names::Names;

/// A good address that turned unknown: at which provider, and when first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Good {
    /// As the ledger knows it.
    pub(super) address: u64,
    pub(super) provider: usize,
    pub(super) time: Micros,
}

/// Distinct addresses that turned in a wave, by provider: of the whole period (None), and of the days on which they did.
pub(in crate::tables) type Held = BTreeMap<(usize, Option<i32>), u64>;

/// The waves of each provider, in order and apart from each other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Waves(BTreeMap<usize, Vec<Wave>>);

impl Waves {
    /// Finds the stretches in which enough good addresses turned unknown within the hours.
    pub(super) fn of(good: &[Good], threshold: &thresholds::Wave) -> Self {
        let mut times: BTreeMap<usize, Vec<Micros>> = BTreeMap::new();
        for good in good {
            times.entry(good.provider).or_default().push(good.time);
        }
        let mut waves = Self::default();
        let enough = threshold.addresses.max(1) as usize;
        for (provider, mut times) in times {
            times.sort_unstable();
            for (first, last) in times.iter().zip(times.iter().skip(enough - 1)) {
                if last.0.saturating_sub(first.0) < i64::from(threshold.within_hours) * Micros::HOUR {
                    waves.add(provider, (*first, *last));
                }
            }
        }
        waves
    }

    /// Adds episodes of blocking in which more than half of the good addresses were called unknown: more of them than attempts
    /// were accepted, so that it is more than half whoever else the accepted ones went to.
    pub(super) fn with_blocks(
        mut self,
        good: &[Good],
        blocks: &[Block],
        hours: &Cube<AttemptHour, HourCounts>,
        names: &Names<'_>,
        providers: &[String],
    ) -> Self {
        for block in blocks {
            let Ok(provider) = providers.binary_search(&block.provider) else { continue };
            let (first, last) = (block.first_hour.hour(), block.last_hour.hour());
            let unknown =
                good.iter().filter(|good| good.provider == provider && (first..=last).contains(&good.time.hour())).count();
            let is_accepted = |key: &AttemptHour| {
                key.status == Status::Delivered
                    && (first..=last).contains(&key.hour)
                    && names.text(key.route) == block.provider
                    && (block.source == ALL || names.text(key.source) == block.source)
            };
            let accepted: u64 = hours.iter().filter(|(key, _)| is_accepted(key)).map(|(_, counts)| counts.attempts).sum();
            if unknown as u64 > accepted {
                self.add(provider, (block.first_hour, Micros(block.last_hour.0 + Micros::HOUR - 1)));
            }
        }
        self
    }

    /// Adds a stretch; what it touches becomes one with it.
    fn add(&mut self, provider: usize, (mut first, mut last): Wave) {
        let waves = self.0.entry(provider).or_default();
        waves.retain(|&(from, to)| {
            let is_apart = to < first || last < from;
            if !is_apart {
                (first, last) = (first.min(from), last.max(to));
            }
            is_apart
        });
        waves.push((first, last));
        waves.sort_unstable();
    }

    /// How many addresses they met.
    pub(super) fn met(&self, good: &[Good]) -> Held {
        let held = good.iter().filter(|good| self.at(good).is_some());
        let places: BTreeSet<_> =
            held.flat_map(|good| [None, Some(good.time.day())].map(|day| (good.provider, day, good.address))).collect();
        let mut held = Held::new();
        for (provider, day, _) in places {
            *held.entry((provider, day)).or_default() += 1;
        }
        held
    }

    /// The wave in which the address turned.
    pub(super) fn at(&self, good: &Good) -> Option<Wave> {
        let waves = self.0.get(&good.provider)?;
        waves.iter().find(|(from, to)| (*from..=*to).contains(&good.time)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Thresholds;

    fn good(provider: usize, minute: i64) -> Good {
        Good { address: minute as u64, provider, time: Micros(minute * Micros::MINUTE) }
    }

    fn waves(good: &[Good]) -> Waves {
        Waves::of(good, &Thresholds::default().wave)
    }

    #[test]
    fn twenty_within_an_hour_are_a_wave_also_over_the_full_hour() {
        let some: Vec<Good> = (0..20).map(|n| good(1, 50 + 3 * n)).collect();
        let found = waves(&some);
        assert!(some.iter().all(|one| found.at(one) == Some((some[0].time, some[19].time))), "{found:?}");
        assert_eq!(found.at(&good(1, 200)), None);
        assert_eq!(found.at(&good(2, 60)), None, "another provider");
    }

    #[test]
    fn nineteen_are_none_nor_are_twenty_of_two_providers_or_over_a_longer_time() {
        assert_eq!(waves(&(0..19).map(|n| good(1, n)).collect::<Vec<_>>()), Waves::default());
        assert_eq!(waves(&(0..38).map(|n| good((n % 2) as usize, n)).collect::<Vec<_>>()), Waves::default());
        assert_eq!(waves(&(0..40).map(|n| good(1, 4 * n)).collect::<Vec<_>>()), Waves::default());
    }

    #[test]
    fn an_address_that_two_waves_met_is_one_address_on_two_days() {
        let later = |one: &Good| Good { time: Micros(one.time.0 + Micros::DAY), ..*one };
        let first: Vec<Good> = (0..20).map(|n| good(1, n)).collect();
        let both: Vec<Good> = first.iter().copied().chain(first.iter().map(later)).chain([good(1, 500)]).collect();
        assert_eq!(waves(&both).met(&both), [((1, None), 20), ((1, Some(0)), 20), ((1, Some(1)), 20)].into());
    }

    #[test]
    fn a_long_wave_is_one() {
        let some: Vec<Good> = (0..200).map(|n| good(1, n)).chain((0..25).map(|n| good(1, 10_000 + n))).collect();
        assert_eq!(waves(&some).0[&1], [(good(1, 0).time, good(1, 199).time), (good(1, 10_000).time, good(1, 10_024).time)]);
    }
}
