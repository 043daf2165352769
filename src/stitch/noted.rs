//! What was noticed beside outcomes.

/// Figures of the account of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// Address probes.
    pub probes: u64,
    /// Records that the log says were repeated without being written.
    pub repeated: u64,
    /// Equal attempt records of one message and recipient: written twice, counted once.
    pub duplicates: u64,
    /// Hops that name a next queue id.
    pub hops_named: u64,
    /// Of these, next ids that were seen to begin.
    pub hops_found: u64,
    /// Mails of others that were refused.
    pub inbound: u64,
    /// Attempts that were told after their message was over, or that its outcome had decided already: not counted.
    pub late: u64,
    /// Attempts whose message or recipient no record names: each is an outcome of its own.
    pub orphans: u64,
    /// Attempts that several files hold which overlap: counted once.
    pub overlapped: u64,
    /// Records that were cut into pieces and put together again.
    pub joined: u64,
    /// Pieces of records whose other pieces are missing.
    pub pieces_lost: u64,
    /// Bounces after acceptance that the log itself tells.
    pub bounced_later: u64,
    /// Of these, with an outcome that carries them.
    pub bounced_later_matched: u64,
    /// Complaints that the log itself tells.
    pub complaints: u64,
    /// Of these, with an outcome that carries them.
    pub complaints_matched: u64,
}

impl Noted {
    /// Adds the figures of another part.
    pub(super) fn add(&mut self, other: &Self) {
        // Each is named, so that a new one cannot be forgotten.
        let &Self {
            probes,
            repeated,
            duplicates,
            hops_named,
            hops_found,
            inbound,
            late,
            orphans,
            overlapped,
            joined,
            pieces_lost,
            bounced_later,
            bounced_later_matched,
            complaints,
            complaints_matched,
        } = other;
        self.probes += probes;
        self.repeated += repeated;
        self.duplicates += duplicates;
        self.hops_named += hops_named;
        self.hops_found += hops_found;
        self.inbound += inbound;
        self.late += late;
        self.orphans += orphans;
        self.overlapped += overlapped;
        self.joined += joined;
        self.pieces_lost += pieces_lost;
        self.bounced_later += bounced_later;
        self.bounced_later_matched += bounced_later_matched;
        self.complaints += complaints;
        self.complaints_matched += complaints_matched;
    }
}
