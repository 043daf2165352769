//! The tail of a cube that is too wide, put together as `(other)`.
//!
//! Decided on merged sums, so that neither threads nor the order of the inputs leave a trace. Sums stay what they were: only names
//! are lost, and the report says how many.

use std::collections::HashMap;

use super::names::Names;
use crate::cubes::Cube;
use crate::cubes::keys::{Measures, Translate};
use crate::intern::Id;

/// What was put together in one cube.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// The view that the cube becomes.
    pub view: &'static str,
    /// How many domains, sources, replies or routes lost their name.
    pub names: i64,
    /// How much they counted together, in what the cube counts.
    pub volume: i64,
}

/// How to fold one sort of cube.
pub(super) struct Fold<K, M> {
    /// The view that the cube becomes.
    pub(super) view: &'static str,
    /// The name that a key loses in the tail.
    pub(super) name_of: fn(&K) -> Id,
    /// What the tail is told by.
    pub(super) volume: fn(&M) -> u64,
    /// The key with another name.
    pub(super) renamed: fn(K, Id) -> K,
}

impl<K: Translate, M: Measures> Fold<K, M> {
    /// Folds the smallest names of `cube`, equals in the order of their text, until it has at most `limit` rows; one that has them
    /// stays as it is. `other` gives the name that stands for a folded one.
    pub(super) fn apply(
        &self,
        cube: Cube<K, M>,
        limit: usize,
        names: &Names<'_>,
        other: &dyn Fn(Id) -> Id,
        folded: &mut Vec<Folded>,
    ) -> Cube<K, M> {
        if cube.len() <= limit {
            return cube;
        }
        let mut volumes: HashMap<Id, u64> = HashMap::new();
        for (key, measures) in cube.iter() {
            *volumes.entry((self.name_of)(key)).or_default() += (self.volume)(measures);
        }
        let place = |key: &K| {
            let name = (self.name_of)(key);
            (volumes.get(&name).copied().unwrap_or_default(), std::cmp::Reverse(names.rank(name)))
        };
        let mut rows: Vec<(K, M)> = cube.iter().map(|(&key, &measures)| (key, measures)).collect();
        rows.sort_by_cached_key(|(key, _)| place(key));
        let (mut tail, mut left, mut told) = (Cube::default(), rows.len(), Folded { view: self.view, names: 0, volume: 0 });
        let of_one_name = |a: &(K, M), b: &(K, M)| (self.name_of)(&a.0) == (self.name_of)(&b.0);
        for same in rows.chunk_by(of_one_name) {
            let Some(name) = same.first().map(|(key, _)| (self.name_of)(key)) else { continue };
            if left + tail.len() <= limit {
                same.iter().for_each(|&(key, measures)| tail.add(key, measures));
            } else {
                same.iter().for_each(|&(key, measures)| tail.add((self.renamed)(key, other(name)), measures));
                told.names += 1;
                told.volume += super::frames::count(volumes.get(&name).copied().unwrap_or_default());
            }
            left -= same.len();
        }
        folded.push(told);
        tail
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cubes::{AttemptCode, Disposition};
    use crate::intern::Interner;
    use proptest::prelude::*;

    const FOLD: Fold<AttemptCode, u64> = Fold {
        view: "attempt_codes",
        name_of: |key| key.domain,
        volume: |&attempts| attempts,
        renamed: |key, domain| AttemptCode { domain, ..key },
    };

    fn key(domain: Id, code: u16) -> AttemptCode {
        AttemptCode { domain, route: Id::EMPTY, disposition: Disposition::Bounced, code, enhanced: None }
    }

    fn fold(rows: &[(&str, u16, u64)], limit: usize) -> (Vec<(String, u16, u64)>, Vec<Folded>) {
        let mut interner = Interner::default();
        let mut cube = Cube::default();
        for &(domain, code, attempts) in rows {
            cube.add(key(interner.intern(domain.as_bytes()), code), attempts);
        }
        let other = interner.intern(b"(other)");
        let names = Names::of(&interner);
        let mut folded = Vec::new();
        let cube = FOLD.apply(cube, limit, &names, &|_| other, &mut folded);
        let mut rows: Vec<_> =
            cube.iter().map(|(key, &attempts)| (names.text(key.domain).to_owned(), key.code, attempts)).collect();
        rows.sort();
        (rows, folded)
    }

    #[test]
    fn the_smallest_names_fold_and_the_sums_stay() {
        let rows = [("a", 550, 9), ("a", 250, 1), ("b", 550, 4), ("c", 550, 3), ("d", 550, 3), ("d", 421, 1)];
        let (folded_rows, folded) = fold(&rows, 5);
        // c is the smallest, but alone it only changes its name; d follows it, b need not.
        let wanted = [("(other)", 421, 1), ("(other)", 550, 6), ("a", 250, 1), ("a", 550, 9), ("b", 550, 4)];
        assert_eq!(folded_rows, wanted.map(|(domain, code, attempts)| (domain.to_owned(), code, attempts)));
        assert_eq!(folded, [Folded { view: "attempt_codes", names: 2, volume: 7 }]);
    }

    #[test]
    fn a_cube_within_the_limit_stays_as_it_is() {
        let (rows, folded) = fold(&[("a", 550, 9), ("b", 550, 4)], 2);
        assert_eq!((rows.len(), folded), (2, Vec::new()));
    }

    proptest! {
        #[test]
        fn folding_loses_names_only(
            rows in prop::collection::vec(("[a-f]", 500_u16..504, 1_u64..9), 0..30),
            limit in 4_usize..12,
        ) {
            let rows: Vec<_> = rows.iter().map(|(domain, code, attempts)| (domain.as_str(), *code, *attempts)).collect();
            let (folded_rows, _) = fold(&rows, limit);
            prop_assert!(folded_rows.len() <= limit);
            let sums = |rows: &mut dyn Iterator<Item = (u16, u64)>| {
                rows.fold([0; 4], |mut sums, (code, attempts)| { sums[usize::from(code) - 500] += attempts; sums })
            };
            prop_assert_eq!(
                sums(&mut folded_rows.iter().map(|(_, code, attempts)| (*code, *attempts))),
                sums(&mut rows.iter().map(|(_, code, attempts)| (*code, *attempts)))
            );
        }
    }
}
