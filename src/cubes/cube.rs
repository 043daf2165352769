//! A map from keys to what was counted.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::keys::{Measures, Translate};
use crate::intern::Translation;

/// Sums that wait before the map: a key that comes again at once is looked for here alone.
const NEAR: usize = 256;

/// A map from keys to what was counted.
#[derive(Clone, Debug)]
pub struct Cube<K, M> {
    sums: HashMap<K, M, FixedState>,
    /// By place; empty, or [`NEAR`] places.
    near: Vec<Option<(K, M)>>,
}

impl<K, M> Default for Cube<K, M> {
    fn default() -> Self {
        Self { sums: HashMap::with_hasher(FixedState::with_seed(0x6375_6265)), near: Vec::new() }
    }
}

impl<K: Translate, M: Measures> Cube<K, M> {
    /// Adds `measures` to what `key` has.
    pub fn add(&mut self, key: K, measures: M) {
        self.sums.entry(key).and_modify(|sum| sum.add(measures)).or_insert(measures);
    }

    /// As [`Cube::add`], through a cache of [`NEAR`] sums: `near` picks the place in it, so pass a number that equal keys share (a route, a
    /// domain). The cube has to be [closed](Cube::close) before it is read.
    #[inline]
    pub(super) fn add_near(&mut self, near: u32, key: K, measures: M) {
        match self.near.get_mut(near as usize % NEAR) {
            Some(Some((known, sum))) if *known == key => sum.add(measures),
            _ => self.move_near(near, key, measures),
        }
    }

    /// Puts a key where another stands, whose sum goes to the map.
    #[inline(never)]
    fn move_near(&mut self, near: u32, key: K, measures: M) {
        if self.near.is_empty() {
            self.near.resize(NEAR, None);
        }
        let place = self.near.get_mut(near as usize % NEAR);
        if let Some((key, measures)) = place.and_then(|place| place.replace((key, measures))) {
            self.add(key, measures);
        }
    }

    /// Puts all that waits into the map.
    pub(super) fn close(&mut self) {
        for (key, measures) in std::mem::take(&mut self.near).into_iter().flatten() {
            self.add(key, measures);
        }
    }

    /// Adds all that another part counted in its own numbers.
    pub fn absorb(&mut self, other: &Self, by: &Translation) {
        let waiting = other.near.iter().flatten().map(|(key, measures)| (key, measures));
        for (key, &measures) in other.sums.iter().chain(waiting) {
            self.add(key.translated(by), measures);
        }
    }

    /// How many distinct keys there are.
    ///
    /// # Panics
    /// See [`Cube::iter`].
    #[must_use]
    pub fn len(&self) -> usize {
        self.closed().len()
    }

    /// True if nothing was counted.
    ///
    /// # Panics
    /// See [`Cube::iter`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.closed().is_empty()
    }

    /// All keys with their sums, in no order that means anything: whoever shows them sorts by text.
    ///
    /// # Panics
    /// Something waits to be put into the map: better no figure than a wrong one.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &M)> {
        self.closed().iter()
    }

    fn closed(&self) -> &HashMap<K, M, FixedState> {
        assert!(self.near.is_empty(), "a cube is closed before it is read");
        &self.sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cubes::retries::{Deferred, Fate};
    use crate::intern::{Id, Interner};

    fn key(route: u32, age_q_ms: i64) -> Deferred {
        Deferred { route: Id(route), fate: Fate::Open, age_q_ms }
    }

    #[test]
    fn what_waits_counts_as_what_was_put_away() {
        let (mut near, mut far) = (Cube::default(), Cube::default());
        for number in 0..5_000_u32 {
            // Places that are shared, keys that come again at once, later and never.
            let key = key(number / 3 % 700, i64::from(number % 5 / 4));
            near.add_near(key.route.0, key, 1_u64);
            far.add(key, 1_u64);
        }
        let mut interner = Interner::default();
        (1..700).for_each(|number: u32| _ = interner.intern(number.to_string().as_bytes()));
        let mut whole = Cube::default();
        whole.absorb(&near, &interner.identity());
        near.close();
        let sorted = |cube: &Cube<Deferred, u64>| {
            let mut all: Vec<_> = cube.iter().map(|(key, &sum)| (key.route, key.age_q_ms, sum)).collect();
            all.sort_unstable();
            all
        };
        assert_eq!(sorted(&near), sorted(&far));
        assert_eq!(sorted(&whole), sorted(&far));
    }

    #[test]
    #[should_panic(expected = "closed before it is read")]
    fn what_waits_cannot_be_overlooked() {
        let mut cube = Cube::default();
        cube.add_near(1, key(1, 0), 1_u64);
        let _ = cube.len();
    }
}
