//! What a stretch of records shows of each host's clock, and the closed lives that wait for it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::event::Micros;
use crate::intern::{Id, Translation};

/// A record that comes this long after its message was closed, by the host's own stamps, is late, not a new message: processes log
/// independently of each other, and a syslog daemon may reorder their lines.
pub(super) const LATE: i64 = 10 * Micros::SECOND;

/// One host's clock.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) id: Id,
    /// The latest stamp.
    pub(super) latest: Option<Micros>,
    /// The last stamp: what a record without one is given.
    pub(super) current: Option<Micros>,
    /// Closed lives that a late record may still join: time of closing and slot.
    waiting: BinaryHeap<Reverse<(Micros, u32)>>,
}

impl Host {
    fn new(id: Id) -> Self {
        Self { id, latest: None, current: None, waiting: BinaryHeap::new() }
    }

    /// Moves the clock; gives the stamp of a record that may have none of its own.
    pub(super) fn tick(&mut self, time: Option<Micros>) -> Micros {
        let time = time.or(self.current).unwrap_or_default();
        self.current = Some(time);
        self.latest = self.latest.max(Some(time));
        time
    }

    /// A life was closed.
    pub(super) fn wait(&mut self, closed: Micros, slot: u32) {
        self.waiting.push(Reverse((closed, slot)));
    }

    /// The next slot that is settled now that the host wrote a record at `time`, with the closing that it waited for.
    pub(super) fn settled(&mut self, time: Micros) -> Option<(Micros, u32)> {
        let &Reverse((closed, _)) = self.waiting.peek()?;
        if time.0 - closed.0 <= LATE {
            return None;
        }
        self.waiting.pop().map(|Reverse(settled)| settled)
    }
}

/// The hosts of a stretch of records.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    all: Vec<Host>,
}

impl Hosts {
    /// Index of a host, new or known. Few hosts write one log: a search is cheaper than a hash.
    pub(super) fn index(&mut self, id: Id) -> usize {
        if let Some(index) = self.all.iter().position(|host| host.id == id) {
            return index;
        }
        self.all.push(Host::new(id));
        self.all.len() - 1
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Host> {
        self.all.get_mut(index)
    }

    pub(super) fn latest(&self, id: Id) -> Option<Micros> {
        self.all.iter().find(|host| host.id == id).and_then(|host| host.latest)
    }

    /// What the hosts' clocks show, their ids translated.
    pub(super) fn clocks(&self, by: &Translation) -> Vec<(Id, Option<Micros>, Option<Micros>)> {
        self.all.iter().map(|host| (by.of(host.id), host.latest, host.current)).collect()
    }
}
