//! A record of the log for each reply: the earliest of its route, signature and source.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::event::{Micros, Pos};
use crate::intern::{Id, Translation};

/// The longest record that is kept, in bytes; of a longer one this much.
pub const RECORD_BYTES: usize = 2048;

/// How many records are kept: the earliest. What has no record left shows none.
const MOST: usize = 20_000;

/// A record and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// When.
    pub time: Micros,
    /// Where.
    pub pos: Pos,
    /// The record as it stands in the log, [`RECORD_BYTES`] of it at most.
    pub record: Vec<u8>,
}

/// Route, masked reply, source.
type Place = (Id, Id, Id);

/// The earliest record of each place.
#[derive(Clone, Debug)]
pub struct Evidence {
    examples: HashMap<Place, Example, FixedState>,
    most: usize,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { examples: HashMap::default(), most: MOST }
    }
}

impl Evidence {
    /// Takes a record unless an earlier one is there; copies it only then.
    pub fn see(&mut self, route: Id, signature: Id, source: Id, time: Micros, pos: Pos, record: &[u8]) {
        let place = (route, signature, source);
        let known = self.examples.get(&place);
        if known.is_none_or(|known| (time, pos) < (known.time, known.pos)) {
            let record = record.get(..RECORD_BYTES).unwrap_or(record).to_vec();
            self.examples.insert(place, Example { time, pos, record });
            self.prune(self.most * 2);
        }
    }

    /// Takes an example unless an earlier one is there.
    pub fn add(&mut self, route: Id, signature: Id, source: Id, example: Example) {
        let known = self.examples.get(&(route, signature, source));
        if known.is_none_or(|known| (example.time, example.pos) < (known.time, known.pos)) {
            self.examples.insert((route, signature, source), example);
            self.prune(self.most * 2);
        }
    }

    /// Takes over what another part saw in its own numbers.
    pub fn absorb(&mut self, other: Self, by: &Translation) {
        for ((route, signature, source), example) in other.examples {
            self.add(by.of(route), by.of(signature), by.of(source), example);
        }
        self.prune(self.most);
    }

    /// The record of a place; None if it was not among the earliest.
    #[must_use]
    pub fn get(&self, route: Id, signature: Id, source: Id) -> Option<&Example> {
        self.examples.get(&(route, signature, source))
    }

    /// Keeps the earliest once there are more than `limit`. A place that a part drops has so many earlier ones beside it that it
    /// would be dropped in the whole too: what is left does not depend on how the input was cut.
    fn prune(&mut self, limit: usize) {
        if self.examples.len() <= limit {
            return;
        }
        let mut order: Vec<(Micros, Pos)> = self.examples.values().map(|example| (example.time, example.pos)).collect();
        let Some(last) = self.most.checked_sub(1) else { return };
        let (_, &mut threshold, _) = order.select_nth_unstable(last);
        self.examples.retain(|_, example| (example.time, example.pos) <= threshold);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intern::Interner;

    fn example(time: i64) -> Example {
        Example { time: Micros(time), pos: Pos { file: 0, offset: time as u64 }, record: time.to_string().into_bytes() }
    }

    #[test]
    fn the_earliest_record_stays_whatever_came_first() {
        let mut evidence = Evidence::default();
        for time in [5, 3, 9] {
            evidence.add(Id(1), Id(2), Id(3), example(time));
        }
        assert_eq!(evidence.get(Id(1), Id(2), Id(3)), Some(&example(3)));
        assert_eq!(evidence.get(Id(1), Id(2), Id(4)), None);
    }

    #[test]
    fn a_long_record_is_cut() {
        let mut evidence = Evidence::default();
        evidence.see(Id(1), Id(1), Id(1), Micros(0), Pos::default(), &[b'x'; RECORD_BYTES + 1]);
        assert_eq!(evidence.get(Id(1), Id(1), Id(1)).map(|example| example.record.len()), Some(RECORD_BYTES));
    }

    #[test]
    fn the_earliest_stay_wherever_the_input_is_cut() {
        let mut interner = Interner::default();
        let ids: Vec<Id> = (0..40).map(|number: u32| interner.intern(number.to_string().as_bytes())).collect();
        // Each place occurs twice, at times that interleave.
        let seen: Vec<(Id, Example)> = (0..80_usize).map(|n| (ids[n * 7 % 40], example((n * 13 % 80) as i64))).collect();
        let kept = |parts: &[&[(Id, Example)]]| {
            let mut whole = Evidence { most: 8, ..Evidence::default() };
            for part in parts {
                let mut alone = Evidence { most: 8, ..Evidence::default() };
                for (id, example) in *part {
                    alone.add(*id, Id(1), Id(1), example.clone());
                }
                whole.absorb(alone, &interner.identity());
            }
            let mut left: Vec<_> = whole.examples.into_iter().map(|(place, example)| (place, example.time)).collect();
            left.sort_unstable();
            left
        };
        let whole = kept(&[&seen]);
        assert_eq!(whole.len(), 8);
        for cut in 0..=80 {
            let (left, right) = seen.split_at(cut);
            assert_eq!(kept(&[left, right]), whole, "{cut}");
        }
    }
}
