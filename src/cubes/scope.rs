//! Which mail is counted, and what stands apart from it.

use crate::event::{Micros, Sort};

/// Which mail a run is about. An outcome belongs to the time of its reception, an attempt to its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Where the period begins.
    pub since: Micros,
    /// Where it ends, exclusive.
    pub until: Micros,
    /// How long after its end records may still finish its outcomes, microseconds; what comes later is not looked at.
    pub settle: i64,
    /// Local and internal deliveries count too.
    pub is_all: bool,
}

impl Default for Scope {
    /// All outbound mail of any time.
    fn default() -> Self {
        Self { since: Micros(i64::MIN), until: Micros(i64::MAX), settle: 0, is_all: false }
    }
}

impl Scope {
    pub(super) fn holds(&self, time: Micros) -> bool {
        (self.since..self.until).contains(&time)
    }

    /// The last moment that may finish an outcome.
    pub(super) fn end(&self) -> Micros {
        Micros(self.until.0.saturating_add(self.settle))
    }

    pub(super) fn counts(&self, sort: Sort) -> bool {
        match sort {
            Sort::Real | Sort::Suspended | Sort::Own => true,
            Sort::Local => self.is_all,
            Sort::Hop | Sort::Probe | Sort::NotSent => false,
        }
    }

    /// Whether an attempt of this sort is in attempt figures.
    pub(super) fn is_real(&self, sort: Sort) -> bool {
        sort == Sort::Real || (self.is_all && sort == Sort::Local)
    }
}

/// What stands apart from the figures of the scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Apart {
    /// Attempt rows that the MTA put back without trying.
    pub suspended: u64,
    /// Deliveries to a content filter or own relay that name a next queue id.
    pub hops: u64,
    /// Of these, those whose next id was seen to begin.
    pub hops_found: u64,
    /// Outcomes of mail stored, piped or forwarded at home.
    pub internal: u64,
    /// Outcomes of notifications that our own MTA wrote.
    pub own_bounces: u64,
    /// Address probes.
    pub probes: u64,
    /// Outcomes handed on to another queue id.
    pub handed_on: u64,
    /// Outcomes of mail that the service itself refused to send.
    pub not_sent: u64,
    /// Records that the log says were repeated without being written.
    pub repeated: u64,
    /// Attempt records that were written twice and counted once.
    pub duplicates: u64,
    /// Attempt records that several files hold which overlap: counted once.
    pub overlapped: u64,
    /// Attempt records of messages that were over by then: not counted.
    pub late: u64,
    /// Attempt records whose message or recipient no record names.
    pub orphans: u64,
    /// Outcomes of mail that was received before or after the period.
    pub elsewhere: u64,
    /// Real attempts of the period's outcomes that were made before or after it.
    pub attempts_outside: u64,
    /// Real attempts of the period for mail that was received before or after it.
    pub attempts_of_elsewhere: u64,
}

impl Apart {
    pub(super) fn add(&mut self, other: Self) {
        // Each is named, so that a new one cannot be forgotten.
        let Self {
            suspended,
            hops,
            hops_found,
            internal,
            own_bounces,
            probes,
            handed_on,
            not_sent,
            repeated,
            duplicates,
            overlapped,
            late,
            orphans,
            elsewhere,
            attempts_outside,
            attempts_of_elsewhere,
        } = other;
        self.suspended += suspended;
        self.hops += hops;
        self.hops_found += hops_found;
        self.internal += internal;
        self.own_bounces += own_bounces;
        self.probes += probes;
        self.handed_on += handed_on;
        self.not_sent += not_sent;
        self.repeated += repeated;
        self.duplicates += duplicates;
        self.overlapped += overlapped;
        self.late += late;
        self.orphans += orphans;
        self.elsewhere += elsewhere;
        self.attempts_outside += attempts_outside;
        self.attempts_of_elsewhere += attempts_of_elsewhere;
    }
}
