//! Delivery numbers, connections and processes: names that are used again all the time, and what they stand for now.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::hosts::LATE;
use super::life::Ticket;
use super::log::At;
use crate::event::{Micros, Sort};
use crate::intern::{Id, Translation};
use crate::rows::Network;

/// A delivery whose end is not told after this long never ends.
const DELIVERY: i64 = Micros::DAY;

/// A connection serves attempts for this long.
const CONNECTION: i64 = 6 * Micros::HOUR;

/// What a process said of a connection goes with its attempts for this long: the longest time that a server may take for one mail.
const PROCESS: i64 = 5 * 60 * Micros::SECOND;

/// Whom a delivery is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Person {
    Address(Box<[u8]>),
    Index(u32),
    AllOpen,
}

/// A delivery that began.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) identity: u64,
    pub(super) id: Box<[u8]>,
    pub(super) host: Id,
    pub(super) instance: Id,
    pub(super) person: Person,
    pub(super) sort: Sort,
    /// Names its record.
    pub(super) ticket: Ticket,
    /// Latest stamp of its host when it began.
    pub(super) latest: Micros,
}

/// A connection that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channel {
    pub(super) host: Id,
    pub(super) instance: Id,
    pub(super) source: Id,
    pub(super) relay: Id,
    pub(super) relay_ip: Id,
    pub(super) network: Network,
    /// The relay is on a private address.
    pub(super) is_home: bool,
    pub(super) tls: Id,
    /// The TLS that was told of by itself, after the connection.
    pub(super) tls_told_later: Id,
    pub(super) latest: Micros,
    /// When TLS was told of by itself.
    pub(super) tls_latest: Micros,
    /// It tells of TLS alone, and the rest of the connection was told to the left of this stretch, if at all.
    pub(super) is_rest_left: bool,
}

impl Channel {
    /// Whether it says no more than that TLS is spoken on the connection that this slot stands for already.
    fn is_tls_alone(&self) -> bool {
        (self.source, self.relay, self.relay_ip) == (Id::EMPTY, Id::EMPTY, Id::EMPTY)
    }

    /// The connection, of which TLS is told now.
    fn with_tls_of(&self, told: &Self) -> Self {
        let tls_told_later = if told.tls_told_later == Id::EMPTY { told.tls } else { told.tls_told_later };
        Self { tls_told_later, tls_latest: told.tls_latest, ..*self }
    }

    /// What of it serves attempts at a time: a connection and what was told of its TLS grow old by themselves.
    fn at(&self, time: Micros, limit: i64) -> Option<Self> {
        let is_told = self.tls_told_later != Id::EMPTY && time.0 - self.tls_latest.0 <= limit;
        let tls = if is_told { self.tls_told_later } else { self.tls };
        if time.0 - self.latest.0 <= limit {
            return Some(Self { tls_told_later: tls, ..*self });
        }
        let nothing = Self { source: Id::EMPTY, relay: Id::EMPTY, relay_ip: Id::EMPTY, is_home: false, ..*self };
        is_told.then_some(Self { network: Network::Unknown, tls: Id::EMPTY, tls_told_later: tls, ..nothing })
    }

    /// The same, told at another time.
    pub(super) fn told_at(&self, latest: Micros) -> Self {
        Self { latest, tls_latest: latest, ..*self }
    }

    /// The same with ids of another interner.
    pub(super) fn translated(&self, by: &Translation) -> Self {
        Self {
            host: by.of(self.host),
            instance: by.of(self.instance),
            source: by.of(self.source),
            relay: by.of(self.relay),
            relay_ip: by.of(self.relay_ip),
            tls: by.of(self.tls),
            tls_told_later: by.of(self.tls_told_later),
            ..*self
        }
    }
}

/// What a slot stands for.
#[derive(Clone, Debug)]
pub(super) enum Found<T> {
    It(T),
    Nothing,
    /// The records to the left of this stretch decide.
    Left,
}

/// What the slots of a stretch stand for at its end. None: nothing, whatever the records to the left say.
#[derive(Debug)]
pub(super) struct Slots {
    starts: HashMap<u64, Option<Start>, FixedState>,
    channels: HashMap<u64, Option<Channel>, FixedState>,
    /// Hosts, or instances of hosts, that started anew within the stretch.
    restarted: HashSet<(Id, Id), FixedState>,
    swept: usize,
}

impl Default for Slots {
    fn default() -> Self {
        let seed = || FixedState::with_seed(0x736c_6f74);
        Self {
            starts: HashMap::with_hasher(seed()),
            channels: HashMap::with_hasher(seed()),
            restarted: HashSet::with_hasher(seed()),
            swept: 0,
        }
    }
}

impl Slots {
    pub(super) fn start(&mut self, slot: u64, start: Start) {
        self.starts.insert(slot, Some(start));
    }

    /// A connection is open, or it is told of one that is that TLS is spoken on it.
    pub(super) fn open(&mut self, slot: u64, channel: Channel, is_beginning: bool) {
        let opened = if channel.is_tls_alone() {
            match self.channels.get(&slot) {
                Some(Some(before)) => before.with_tls_of(&channel),
                Some(None) => Channel { is_rest_left: false, tls: Id::EMPTY, ..channel.with_tls_of(&channel) },
                None => Channel { is_rest_left: !is_beginning, tls: Id::EMPTY, ..channel.with_tls_of(&channel) },
            }
        } else {
            channel
        };
        self.channels.insert(slot, Some(opened));
    }

    /// The connection is closed, or the delivery was given up without a result.
    pub(super) fn close(&mut self, slot: u64, is_beginning: bool) {
        if is_beginning {
            self.starts.remove(&slot);
            self.channels.remove(&slot);
        } else {
            self.starts.insert(slot, None);
            self.channels.insert(slot, None);
        }
    }

    /// The delivery that this slot stands for; it is over by this. `first` is the first stamp of the stretch, None where nothing
    /// precedes it.
    pub(super) fn finish(&mut self, slot: u64, at: &At, first: Option<Micros>) -> Found<Start> {
        let found = if first.is_none() { self.starts.remove(&slot) } else { self.starts.insert(slot, None) };
        match found {
            Some(Some(start)) if at.latest.0 - start.latest.0 <= DELIVERY => Found::It(start),
            None if self.is_left(at, first, DELIVERY) => {
                // Not ours to say that it is over.
                self.starts.remove(&slot);
                Found::Left
            }
            Some(_) | None => Found::Nothing,
        }
    }

    /// The connection that this slot stands for.
    pub(super) fn channel(&self, slot: u64, is_process: bool, at: &At, first: Option<Micros>) -> Found<Channel> {
        let limit = if is_process { PROCESS } else { CONNECTION };
        match self.channels.get(&slot) {
            Some(Some(channel)) if channel.is_rest_left && self.is_left(at, first, limit) => Found::Left,
            Some(Some(channel)) => channel.at(at.latest, limit).map_or(Found::Nothing, Found::It),
            None if self.is_left(at, first, limit) => Found::Left,
            Some(None) | None => Found::Nothing,
        }
    }

    /// What this stretch tells of a connection of which the records to the left tell the rest.
    pub(super) fn ahead(&self, slot: u64, at: &At) -> Option<Channel> {
        let channel = self.channels.get(&slot).copied().flatten().filter(|channel| channel.is_rest_left)?;
        channel.at(at.latest, CONNECTION)
    }

    /// Whether no connection was told of, nor closed.
    pub(super) fn has_no_channels(&self) -> bool {
        self.channels.is_empty()
    }

    /// Whether something that the records to the left began may still hold.
    fn is_left(&self, at: &At, first: Option<Micros>, limit: i64) -> bool {
        first.is_some_and(|first| at.latest.0 - first.0 <= limit + LATE)
            && !self.restarted.contains(&(at.host, at.instance))
            && !self.restarted.contains(&(at.host, Id::EMPTY))
    }

    /// An instance of a host started anew, or all that the host runs if `instance` is empty.
    pub(super) fn restart(&mut self, host: Id, instance: Id, is_beginning: bool) {
        let is_other = |of: (Id, Id)| of.0 != host || (instance != Id::EMPTY && of.1 != instance);
        self.starts.retain(|_, start| start.as_ref().is_none_or(|start| is_other((start.host, start.instance))));
        self.channels.retain(|_, channel| channel.as_ref().is_none_or(|channel| is_other((channel.host, channel.instance))));
        if !is_beginning {
            self.restarted.insert((host, instance));
        }
    }

    /// Appends what the stretch that comes next shows.
    pub(super) fn absorb(&mut self, right: Self, by: &Translation, is_beginning: bool) {
        for (host, instance) in right.restarted {
            self.restart(by.of(host), by.of(instance), is_beginning);
        }
        for (slot, start) in right.starts {
            let start = start.map(|start| Start { host: by.of(start.host), instance: by.of(start.instance), ..start });
            if start.is_none() && is_beginning {
                self.starts.remove(&slot)
            } else {
                self.starts.insert(slot, start)
            };
        }
        for (slot, channel) in right.channels {
            match channel.map(|channel| channel.translated(by)) {
                Some(channel) if channel.is_rest_left => self.open(slot, channel, is_beginning),
                None if is_beginning => drop(self.channels.remove(&slot)),
                channel => drop(self.channels.insert(slot, channel)),
            }
        }
    }

    /// Forgets what is too old to matter, when there is much of it. `latest` gives the clock of a host.
    pub(super) fn sweep(&mut self, latest: impl Fn(Id) -> Option<Micros>) {
        if self.starts.len() + self.channels.len() < 2 * self.swept + 4_096 {
            return;
        }
        let is_young = |host: Id, since: Micros, limit: i64| latest(host).is_none_or(|latest| latest.0 - since.0 <= limit);
        self.starts.retain(|_, start| start.as_ref().is_none_or(|start| is_young(start.host, start.latest, DELIVERY)));
        self.channels
            .retain(|_, channel| channel.as_ref().is_none_or(|channel| is_young(channel.host, channel.tls_latest, CONNECTION)));
        self.swept = self.starts.len() + self.channels.len();
    }

    /// Bytes of memory held.
    pub(super) fn capacity_bytes(&self) -> usize {
        let ids: usize = self.starts.values().flatten().map(|start| start.id.len()).sum();
        ids + self.starts.allocation_size() + self.channels.allocation_size() + self.restarted.allocation_size()
    }
}
