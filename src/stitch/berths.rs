//! Which inputs overlap: what a driver has to know before it reads them.

use crate::event::Micros;

/// What is known of an input from its name, its beginning and its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Inputs that are parts of one log, one after the other (`mail.log.2.gz`, `mail.log.1`, `mail.log`), have the same number here.
    pub family: usize,
    /// The hosts that its beginning names. A format that logs no host has one, the empty one.
    pub hosts: Vec<Vec<u8>>,
    /// Its first stamp. None: not known.
    pub first: Option<Micros>,
    /// Its last stamp, or a time that is surely not before it. None: not known.
    pub last: Option<Micros>,
}

/// Where an input belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Berth {
    /// Inputs of different groups have nothing to do with each other.
    pub group: usize,
    /// Inputs of one lane follow each other; lanes of one group overlap.
    pub lane: usize,
}

/// Puts inputs, given in their true order, into groups and lanes: families that name the same host at the same time overlap. A group
/// with a single lane is read as it comes; one with several needs [`Overlap`](super::Overlap).
#[must_use]
pub fn berths(extents: &[Extent]) -> Vec<Berth> {
    let mut families: Vec<Family> = Vec::new();
    for extent in extents {
        match families.iter_mut().find(|family| family.number == extent.family) {
            Some(family) => family.extend(extent),
            None => families.push(Family::of(extent)),
        }
    }
    // Each family's group is named by its first family.
    let mut group_of: Vec<usize> = (0..families.len()).collect();
    for (index, family) in families.iter().enumerate() {
        for (earlier, other) in families.iter().enumerate().take(index) {
            if family.overlaps(other)
                && let (Some(&from), Some(&to)) = (group_of.get(index), group_of.get(earlier))
            {
                let (from, to) = (from.max(to), from.min(to));
                group_of.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
            }
        }
    }
    let mut names: Vec<usize> = group_of.clone();
    names.sort_unstable();
    names.dedup();
    let berth = |extent: &Extent| {
        let family = families.iter().position(|family| family.number == extent.family).unwrap_or_default();
        let name = group_of.get(family).copied().unwrap_or_default();
        let lane = group_of.iter().take(family).filter(|&&group| group == name).count();
        Berth { group: names.iter().position(|&known| known == name).unwrap_or_default(), lane }
    };
    extents.iter().map(berth).collect()
}

/// What the parts of one log tell together.
struct Family {
    number: usize,
    hosts: Vec<Vec<u8>>,
    /// None: from ever, for ever.
    first: Option<Micros>,
    last: Option<Micros>,
}

impl Family {
    fn of(extent: &Extent) -> Self {
        Self { number: extent.family, hosts: extent.hosts.clone(), first: extent.first, last: extent.last }
    }

    fn extend(&mut self, extent: &Extent) {
        self.hosts.extend(extent.hosts.iter().cloned());
        self.first = self.first.zip(extent.first).map(|(one, other)| one.min(other));
        self.last = self.last.zip(extent.last).map(|(one, other)| one.max(other));
    }

    fn overlaps(&self, other: &Self) -> bool {
        let is_before = |one: &Self, two: &Self| one.last.zip(two.first).is_some_and(|(last, first)| last < first);
        let shares_host = self.hosts.iter().any(|host| other.hosts.contains(host));
        shares_host && !is_before(self, other) && !is_before(other, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(family: usize, host: &str, first: i64, last: i64) -> Extent {
        Extent { family, hosts: vec![host.into()], first: Some(Micros(first)), last: Some(Micros(last)) }
    }

    fn check(extents: &[Extent], expected: &[(usize, usize)]) {
        let found: Vec<_> = berths(extents).into_iter().map(|berth| (berth.group, berth.lane)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn parts_of_one_log_follow_each_other() {
        check(&[extent(0, "mx1", 0, 10), extent(0, "mx1", 10, 20), extent(1, "mx2", 0, 20)], &[(0, 0), (0, 0), (1, 0)]);
    }

    #[test]
    fn families_that_name_one_host_at_one_time_overlap() {
        check(&[extent(0, "mx1", 0, 10), extent(1, "mx1", 5, 15), extent(2, "mx1", 16, 20)], &[(0, 0), (0, 1), (1, 0)]);
    }

    #[test]
    fn a_family_may_bring_two_groups_together() {
        check(&[extent(0, "mx1", 0, 10), extent(1, "mx1", 20, 30), extent(2, "mx1", 5, 25)], &[(0, 0), (0, 1), (0, 2)]);
    }

    #[test]
    fn what_is_not_known_may_overlap() {
        let unknown = Extent { last: None, ..extent(0, "mx1", 0, 0) };
        check(&[unknown, extent(1, "mx1", 500, 600)], &[(0, 0), (0, 1)]);
    }
}
