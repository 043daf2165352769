//! The lives that go on, by identity.

use hashbrown::HashTable;

use super::life::Life;
use crate::event::Micros;
use crate::intern::{Id, is_same};

/// Emptied lives kept for their memory, and how much of it each may keep.
const SPARE: usize = 1024;
const SPARE_BYTES: usize = 16 << 10;

/// A life with its name.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) identity: u64,
    pub(super) host: Id,
    pub(super) instance: Id,
    pub(super) life: Box<Life>,
}

/// The lives that go on or were closed a moment ago.
#[derive(Debug, Default)]
pub(super) struct Lives {
    all: Vec<Option<Named>>,
    free: Vec<u32>,
    table: HashTable<u32>,
    #[expect(clippy::vec_box, reason = "a life leaves and comes back as it is")]
    spare: Vec<Box<Life>>,
}

impl Lives {
    /// Place of the life of a queue id.
    pub(super) fn find(&self, identity: u64, id: &[u8]) -> Option<u32> {
        let is_it =
            |&place: &u32| self.get(place).is_some_and(|named| named.identity == identity && is_same(named.life.id(), id));
        self.table.find(identity, is_it).copied()
    }

    /// Place of the life of an identity whose text is not at hand.
    pub(super) fn find_any(&self, identity: u64) -> Option<u32> {
        self.table.find(identity, |&place| self.get(place).is_some_and(|named| named.identity == identity)).copied()
    }

    pub(super) fn get(&self, place: u32) -> Option<&Named> {
        self.all.get(place as usize)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, place: u32) -> Option<&mut Named> {
        self.all.get_mut(place as usize)?.as_mut()
    }

    /// Adds a life whose identity has none here; gives its place.
    pub(super) fn insert(&mut self, named: Named) -> u32 {
        let identity = named.identity;
        let place = if let Some(place) = self.free.pop() {
            if let Some(entry) = self.all.get_mut(place as usize) {
                *entry = Some(named);
            }
            place
        } else {
            self.all.push(Some(named));
            (self.all.len() - 1) as u32
        };
        let all = &self.all;
        let identity_of =
            |&place: &u32| all.get(place as usize).and_then(Option::as_ref).map_or(0, |named: &Named| named.identity);
        self.table.insert_unique(identity, place, identity_of);
        place
    }

    pub(super) fn remove(&mut self, place: u32) -> Option<Named> {
        let named = self.all.get_mut(place as usize)?.take()?;
        if let Ok(found) = self.table.find_entry(named.identity, |&other| other == place) {
            found.remove();
        }
        self.free.push(place);
        Some(named)
    }

    /// Places of all lives that the host's clock shows to be silent: `is_silent` is given the life.
    pub(super) fn places(&self, mut is_silent: impl FnMut(&Named) -> bool) -> Vec<u32> {
        let mut all = (0..).zip(&self.all).filter_map(|(place, named)| Some((place, named.as_ref()?)));
        std::iter::from_fn(|| all.find(|(_, named)| is_silent(named))).map(|(place, _)| place).collect()
    }

    /// All lives, which leave.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Named> + use<> {
        self.free.clear();
        self.table.clear();
        std::mem::take(&mut self.all).into_iter().flatten()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// An empty life for a queue id, first mentioned when its host's clock showed `since`.
    pub(super) fn fresh(&mut self, id: &[u8], since: Micros) -> Box<Life> {
        let mut life = self.spare.pop().unwrap_or_default();
        life.start(id, since);
        life
    }

    /// Keeps the memory of a life that is over.
    pub(super) fn recycle(&mut self, mut life: Box<Life>) {
        if self.spare.len() < SPARE && life.capacity_bytes() <= SPARE_BYTES {
            life.clear();
            self.spare.push(life);
        }
    }

    /// Bytes of memory held.
    pub(super) fn capacity_bytes(&self) -> usize {
        let lives: usize = self.all.iter().flatten().map(|named| named.life.capacity_bytes()).sum();
        let spare: usize = self.spare.iter().map(|life| life.capacity_bytes()).sum();
        lives + spare + self.all.capacity() * size_of::<Option<Named>>() + self.table.allocation_size()
    }
}
