//! What a stretch of records shows of each host's clock, the closed lives that wait for it, and the tombstones of those that are over.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::event::{Closing, Micros};
use crate::intern::{Id, Translation};

/// A record that comes this long after its message was closed, by the host's own stamps, is late, not a new message: processes log
/// independently of each other, and a syslog daemon may reorder their lines. So is one that comes before its message's first.
pub(super) const LATE: i64 = 10 * Micros::SECOND;

/// A message that goes on under another id waits this long for the record that says so: Postfix's pickup wakes up once a minute.
const REQUEUED: i64 = 15 * 60 * Micros::SECOND;

/// How long a tombstone tells late records from a new message.
const BURIED: i64 = Micros::DAY;

/// How long a closed life waits for late records.
pub(super) const fn wait(how: Closing) -> i64 {
    match how {
        Closing::Requeued => REQUEUED,
        Closing::Done | Closing::Cancelled => LATE,
    }
}

/// Until when a life that was closed waits.
pub(super) fn due((closed, how): (Micros, Closing)) -> Micros {
    Micros(closed.0.saturating_add(wait(how)))
}

/// What is left of a message whose outcomes were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grave {
    /// A record said that it left the queue.
    Closed,
    /// All that was known of it was decided, but no record said that it left.
    Settled,
    /// For one recipient of a settled message: accepted.
    Accepted,
}

/// Tombstones, in two generations: those of a day or more ago go when a day is over.
#[derive(Debug)]
struct Tombs {
    young: HashMap<u64, (Micros, Grave), FixedState>,
    old: HashMap<u64, (Micros, Grave), FixedState>,
    turned: Option<Micros>,
}

impl Default for Tombs {
    fn default() -> Self {
        let empty = || HashMap::with_hasher(FixedState::with_seed(0x746f_6d62));
        Self { young: empty(), old: empty(), turned: None }
    }
}

/// One host's clock.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) id: Id,
    /// The first stamp of the stretch.
    pub(super) first: Option<Micros>,
    /// The latest stamp.
    pub(super) latest: Option<Micros>,
    /// The last stamp: what a record without one is given.
    pub(super) current: Option<Micros>,
    /// Closed lives that a late record may still join: when that is over, and their place.
    waiting: BinaryHeap<Reverse<(Micros, u32)>>,
    tombs: Tombs,
}

impl Host {
    fn new(id: Id) -> Self {
        Self { id, first: None, latest: None, current: None, waiting: BinaryHeap::new(), tombs: Tombs::default() }
    }

    /// Moves the clock; gives the stamp of a record that may have none of its own.
    pub(super) fn tick(&mut self, time: Option<Micros>) -> Micros {
        let Some(time) = time else { return self.current.unwrap_or_default() };
        self.current = Some(time);
        self.first = self.first.or(Some(time));
        self.latest = self.latest.max(Some(time));
        time
    }

    /// A life was closed.
    pub(super) fn wait(&mut self, closed: (Micros, Closing), place: u32) {
        self.waiting.push(Reverse((due(closed), place)));
    }

    /// The next place whose life is settled now, with the time until which it waited.
    pub(super) fn settled(&mut self) -> Option<(Micros, u32)> {
        let &Reverse((due, _)) = self.waiting.peek()?;
        if self.latest? <= due {
            return None;
        }
        self.waiting.pop().map(|Reverse(settled)| settled)
    }

    /// Remembers a message, or one recipient of it, that was last heard of at `time`.
    pub(super) fn bury(&mut self, identity: u64, time: Micros, grave: Grave) {
        let latest = self.latest.unwrap_or(time);
        if self.tombs.turned.is_none_or(|turned| latest.0 - turned.0 > BURIED) {
            self.tombs.turned = Some(latest);
            self.tombs.old = std::mem::take(&mut self.tombs.young);
        }
        let entry = self.tombs.young.entry(identity).or_insert((time, grave));
        *entry = (entry.0.max(time), grave);
    }

    /// What is left of a message, and when it was last heard of.
    pub(super) fn grave(&self, identity: u64, latest: Micros) -> Option<(Micros, Grave)> {
        let found = self.tombs.young.get(&identity).or_else(|| self.tombs.old.get(&identity))?;
        (latest.0 - found.0.0 <= BURIED).then_some(*found)
    }
}

/// The hosts of a stretch of records.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    all: Vec<Host>,
    places: HashMap<Id, u32, FixedState>,
    /// The one that was asked for last: lines of one host mostly follow each other.
    recent: (Id, usize),
}

impl Hosts {
    /// Index of a host, new or known.
    pub(super) fn index(&mut self, id: Id) -> usize {
        if self.recent.0 == id && self.recent.1 < self.all.len() {
            return self.recent.1;
        }
        let next = self.all.len() as u32;
        let index = *self.places.entry(id).or_insert(next);
        if index == next {
            self.all.push(Host::new(id));
        }
        self.recent = (id, index as usize);
        index as usize
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Host> {
        self.all.get_mut(index)
    }

    pub(super) fn find(&self, id: Id) -> Option<&Host> {
        if self.recent.0 == id && self.recent.1 < self.all.len() {
            return self.all.get(self.recent.1);
        }
        self.all.get(*self.places.get(&id)? as usize)
    }

    pub(super) fn find_mut(&mut self, id: Id) -> Option<&mut Host> {
        let index = self.index(id);
        self.all.get_mut(index)
    }

    /// The latest stamp of all hosts.
    pub(super) fn latest(&self) -> Option<Micros> {
        self.all.iter().filter_map(|host| host.latest).max()
    }

    /// Begins the clocks of hosts that are seen first in the stretch that comes next.
    pub(super) fn expect(&mut self, right: &Self, by: &Translation) {
        for host in &right.all {
            if let Some(ours) = self.find_mut(by.of(host.id)) {
                ours.first = ours.first.or(host.first);
            }
        }
    }

    /// Takes over what the stretch that comes next shows of the clocks, and its tombstones.
    pub(super) fn absorb(&mut self, right: Self, by: &Translation) {
        for host in right.all {
            let Some(ours) = self.find_mut(by.of(host.id)) else { continue };
            ours.latest = ours.latest.max(host.latest);
            ours.current = host.current.or(ours.current);
            for (identity, (time, grave)) in host.tombs.old.into_iter().chain(host.tombs.young) {
                ours.bury(identity, time, grave);
            }
        }
    }

    /// Bytes of memory held.
    pub(super) fn capacity_bytes(&self) -> usize {
        let tombs = |host: &Host| host.tombs.young.allocation_size() + host.tombs.old.allocation_size();
        self.all.iter().map(|host| size_of::<Host>() + tombs(host) + host.waiting.capacity() * 16).sum()
    }
}
