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
        self.probes += other.probes;
        self.repeated += other.repeated;
        self.duplicates += other.duplicates;
        self.hops_named += other.hops_named;
        self.hops_found += other.hops_found;
        self.inbound += other.inbound;
        self.late += other.late;
        self.orphans += other.orphans;
        self.overlapped += other.overlapped;
        self.joined += other.joined;
        self.pieces_lost += other.pieces_lost;
        self.bounced_later += other.bounced_later;
        self.bounced_later_matched += other.bounced_later_matched;
        self.complaints += other.complaints;
        self.complaints_matched += other.complaints_matched;
    }
}
