//! Several files that tell of the same hosts at the same time (`mail.log` and `mail.info`, a copy and its original).
//!
//! Each file, or family of rotated files, is a lane. Nothing is judged in a lane: what its records say is kept in order, and taken
//! by one judge in the order of the hosts' clocks. What several lanes say in the same words and in one second, or the next, was said once,
//! or as often as the lane says it that says it most often: two daemons that write one log have clocks of their own, and one tells
//! the fraction of a second where the other does not.

use std::collections::VecDeque;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::{SmallVec, smallvec};

use super::Segment;
use super::desk::Desk;
use super::fragment::Fragment;
use super::hosts::LATE;
use super::join::{Brought, Read};
use super::life::Fact;
use super::log::{Entry, Item, Log};
use crate::event::Micros;
use crate::intern::Id;
use crate::rows::RowSink;

/// Entries that were taken are kept until they are this many, and half of all.
const TAKEN: usize = 512;

/// One file among those that overlap.
struct Lane {
    fragment: Fragment,
    /// Entries still to be taken, by host, as numbers of the fragment's log.
    queues: HashMap<Id, VecDeque<u32>, FixedState>,
    /// Whether any stamp so far told a fraction of a second.
    is_fine: bool,
    /// How many entries of the log stand in a queue or were taken.
    queued: usize,
    taken: usize,
    /// Its first stamp, if it is known before it says anything.
    first: Option<Micros>,
    is_over: bool,
}

/// Joins files that tell of the same hosts at the same time.
pub struct Overlap<R> {
    judge: Segment<R>,
    lanes: Vec<Lane>,
    /// By host.
    prints: HashMap<Id, Prints, FixedState>,
    overlapped: u64,
}

impl<R: RowSink> Overlap<R> {
    /// As many lanes as there are first stamps, none of which has said anything yet. A lane whose first stamp is known keeps the others
    /// waiting only from then on.
    #[must_use]
    pub fn new(rows: R, firsts: &[Option<Micros>]) -> Self {
        let lane = |first: &Option<Micros>| Lane {
            fragment: Fragment::lane(),
            queues: HashMap::with_hasher(FixedState::with_seed(0x6c61_6e65)),
            is_fine: false,
            queued: 0,
            taken: 0,
            first: *first,
            is_over: false,
        };
        Self {
            judge: Segment::beginning(rows),
            lanes: firsts.iter().map(lane).collect(),
            prints: HashMap::with_hasher(FixedState::with_seed(0x7361_6964)),
            overlapped: 0,
        }
    }

    /// Appends the segment whose records come next, see [`Segment::join_reading`]: of no lane, or in a lane, where [`Segment::held`] began
    /// it. The less the lanes are apart in time, the less has to be kept.
    pub fn join(&mut self, lane: Option<usize>, mut right: Segment<R>, read: &mut Read<'_>) {
        let Some(lane) = lane.and_then(|lane| self.lanes.get_mut(lane)) else {
            return self.judge.join_reading(right, read);
        };
        right.flush();
        let mut desk = Desk { lexicon: &mut self.judge.lexicon, rows: &mut self.judge.rows };
        let translation = desk.lexicon.texts.absorb(&right.lexicon.texts);
        desk.rows.absorb(right.rows, &translation);
        lane.fragment.join(right.fragment, &translation, read, &mut desk);
        lane.queue();
        self.take();
    }

    /// Nothing more comes in a lane: the others need not wait for it.
    pub fn close(&mut self, lane: usize) {
        if self.lanes.get(lane).is_none_or(|lane| lane.is_over) {
            return;
        }
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.is_over = true;
        }
        self.take();
    }

    /// What all lanes tell together, as the segment that nothing precedes.
    #[must_use]
    pub fn finish(mut self) -> Segment<R> {
        for lane in &mut self.lanes {
            lane.is_over = true;
            lane.queue();
        }
        self.take();
        for lane in &self.lanes {
            let lost = lane.fragment.pieces.len() as u64;
            self.judge.fragment.noted.add(&lane.fragment.noted);
            self.judge.fragment.noted.pieces_lost += lost;
        }
        self.judge.fragment.noted.overlapped += self.overlapped;
        self.judge
    }

    /// Takes what no lane can say anything before any more.
    fn take(&mut self) {
        let mut hosts: Vec<Id> = self.lanes.iter().flat_map(|lane| lane.queues.keys().copied()).collect();
        hosts.sort_unstable();
        hosts.dedup();
        for host in hosts {
            let until = self.lanes.iter().filter_map(|lane| lane.until(host)).min().map(Micros::second);
            while let Some(second) = self.lanes.iter().filter_map(|lane| lane.second(host)).min() {
                if until.is_some_and(|until| second >= until) {
                    break;
                }
                self.take_second(host, second);
            }
        }
        for lane in &mut self.lanes {
            lane.compact();
        }
    }

    /// Takes what all lanes say of one second, in the order of its fractions, each lane in its own order.
    fn take_second(&mut self, host: Id, second: i64) {
        let prints = self.prints.entry(host).or_default();
        prints.forget(second);
        let mut heads: Vec<(usize, VecDeque<Entry>)> = Vec::new();
        // Who tells the fraction tells the order: what others say too is taken from there.
        let (fine, coarse): (Vec<usize>, Vec<usize>) = (0..self.lanes.len()).partition(|&lane| is_fine(&self.lanes, lane));
        for number in fine.into_iter().chain(coarse) {
            let Some(lane) = self.lanes.get_mut(number) else { continue };
            let mut entries = VecDeque::new();
            while let Some(entry) = lane.next(host, second) {
                if prints.is_new(number, entry.print, second) {
                    entries.push_back(entry);
                } else {
                    self.overlapped += u64::from(matches!(entry.item, Item::Told { fact: Fact::Attempt(_), .. }));
                }
            }
            heads.push((number, entries));
        }
        loop {
            let turns =
                heads.iter().filter_map(|(lane, entries)| Some((turn(entries.front()?, is_fine(&self.lanes, *lane)), *lane)));
            let Some((_, number)) = turns.min() else { return };
            let entries = heads.iter_mut().find(|(lane, _)| *lane == number).map(|(_, entries)| entries);
            let (Some(entry), Some(lane)) = (entries.and_then(VecDeque::pop_front), self.lanes.get(number)) else { return };
            let mut desk = Desk { lexicon: &mut self.judge.lexicon, rows: &mut self.judge.rows };
            self.judge.fragment.advance(&entry.at, &mut desk);
            // A judge knows all there is to know: nothing is brought from elsewhere.
            let mut none = Brought::default();
            self.judge.fragment.take(&entry, &lane.fragment.log.tale, &mut none, &mut |_, _, _| {}, &mut desk);
        }
    }

    /// Bytes of memory held, nearly.
    #[must_use]
    pub fn capacity_bytes(&self) -> usize {
        let lanes: usize = self.lanes.iter().map(|lane| lane.fragment.capacity_bytes()).sum();
        lanes + self.judge.fragment.capacity_bytes()
    }
}

fn is_fine(lanes: &[Lane], number: usize) -> bool {
    lanes.get(number).is_some_and(|lane| lane.is_fine)
}

/// When an entry is taken among those of one second from different lanes. Where no fraction is told, beginnings come first and ends last.
fn turn(entry: &Entry, is_fine: bool) -> (u8, Micros, u8) {
    let rank = rank(entry);
    let part = match rank {
        0 if !is_fine => 0,
        _ if is_fine => 1,
        _ => 2,
    };
    (part, entry.at.latest, rank)
}

/// Of what is said with one stamp, in which order it is taken from different lanes.
fn rank(entry: &Entry) -> u8 {
    match entry.item {
        Item::Told { fact: Fact::Begin(_), .. } | Item::Start { .. } | Item::Channel { .. } => 0,
        Item::Told { fact: Fact::Close(_), .. } | Item::End { .. } => 2,
        Item::Told { .. }
        | Item::Result { .. }
        | Item::Shown { .. }
        | Item::Take { .. }
        | Item::Piece { .. }
        | Item::Shut { .. }
        | Item::Restart
        | Item::Probe { .. }
        | Item::Inbound { .. } => 1,
    }
}

impl Lane {
    /// Puts new entries of the log into the queues.
    fn queue(&mut self) {
        for (number, entry) in (0..).zip(&self.fragment.log.entries).skip(self.queued) {
            self.is_fine |= entry.at.time.0 % Micros::SECOND != 0;
            self.queues.entry(entry.at.host).or_default().push_back(number);
        }
        self.queued = self.fragment.log.entries.len();
    }

    /// The stamp of a host before which the lane says nothing more; None if it says nothing more at all.
    fn until(&self, host: Id) -> Option<Micros> {
        if self.is_over {
            return None;
        }
        let hosts = &self.fragment.hosts;
        // A host that the lane did not name yet may still come, with stamps like those of the others.
        let begins = || self.first.map_or(Micros(i64::MIN), |first| Micros(first.0.saturating_sub(LATE)));
        Some(hosts.find(host).and_then(|host| host.latest).or_else(|| hosts.latest()).unwrap_or_else(begins))
    }

    fn head(&self, host: Id) -> Option<&Entry> {
        self.fragment.log.entries.get(*self.queues.get(&host)?.front()? as usize)
    }

    /// The second of the next entry of a host.
    fn second(&self, host: Id) -> Option<i64> {
        self.head(host).map(|entry| entry.at.latest.second())
    }

    /// The next entry of a host, if it is of this second.
    fn next(&mut self, host: Id, second: i64) -> Option<Entry> {
        let queue = self.queues.get_mut(&host)?;
        let entry = *self.fragment.log.entries.get(*queue.front()? as usize)?;
        if entry.at.latest.second() != second {
            return None;
        }
        queue.pop_front();
        self.taken += 1;
        Some(entry)
    }

    /// Forgets the entries that were taken, when they are many.
    fn compact(&mut self) {
        let all = self.fragment.log.entries.len();
        if self.taken < TAKEN || self.taken * 2 < all {
            return;
        }
        let old = std::mem::replace(&mut self.fragment.log, Log::uncounted());
        let mut waiting: Vec<u32> = self.queues.values().flatten().copied().collect();
        waiting.sort_unstable();
        self.queues.clear();
        for number in waiting {
            if let Some(entry) = old.entries.get(number as usize) {
                self.fragment.log.copy(entry, &old.tale);
            }
        }
        (self.queued, self.taken) = (0, 0);
        self.queue();
    }
}

/// What was said a moment ago, by print.
#[derive(Default)]
struct Prints(HashMap<u64, SmallVec<[Saying; 1]>, FixedState>);

/// Something that was said, and by whom.
struct Saying {
    second: i64,
    lanes: SmallVec<[usize; 2]>,
}

impl Prints {
    /// Forgets what was said before the second before this one.
    fn forget(&mut self, second: i64) {
        self.0.retain(|_, sayings| {
            sayings.retain(|saying| saying.second >= second - 1);
            !sayings.is_empty()
        });
    }

    /// Whether a lane says what no other lane has said that it did not say itself: the nearest in time, which may be a second before.
    fn is_new(&mut self, lane: usize, print: u64, second: i64) -> bool {
        let sayings = self.0.entry(print).or_default();
        if let Some(saying) = sayings.iter_mut().rev().find(|saying| !saying.lanes.contains(&lane)) {
            saying.lanes.push(lane);
            return false;
        }
        sayings.push(Saying { second, lanes: smallvec![lane] });
        true
    }
}
