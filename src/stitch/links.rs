//! How many local hops lead to a message that was seen: a figure of the account, on which nothing else depends.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Ends that wait for their other end are forgotten past this many: 16 bytes each. Then links count as not found.
const MOST: usize = 4 << 20;

/// Links from a hop to the next queue id, and the messages that began as such.
#[derive(Debug)]
pub(super) struct Links {
    /// Per identity: links without a message (positive) or messages without a link (negative).
    open: HashMap<u64, i32, FixedState>,
    named: u64,
    found: u64,
}

impl Default for Links {
    fn default() -> Self {
        Self { open: HashMap::with_hasher(FixedState::with_seed(0x6c69_6e6b)), named: 0, found: 0 }
    }
}

impl Links {
    /// A hop names this identity.
    pub(super) fn named(&mut self, identity: u64) {
        self.named += 1;
        self.add(identity, 1);
    }

    /// A message of this identity began on loopback or at home.
    pub(super) fn began(&mut self, identity: u64) {
        self.add(identity, -1);
    }

    fn add(&mut self, identity: u64, by: i32) {
        if self.open.len() >= MOST && !self.open.contains_key(&identity) {
            return;
        }
        let open = self.open.entry(identity).or_insert(0);
        if open.signum() * by.signum() < 0 {
            self.found += u64::from(open.unsigned_abs().min(by.unsigned_abs()));
        }
        *open = open.saturating_add(by);
        if *open == 0 {
            self.open.remove(&identity);
        }
    }

    pub(super) fn absorb(&mut self, other: &Self) {
        self.named += other.named;
        self.found += other.found;
        for (&identity, &open) in &other.open {
            self.add(identity, open);
        }
    }

    /// Links, and how many of them were found.
    pub(super) const fn counts(&self) -> (u64, u64) {
        (self.named, self.found)
    }
}
