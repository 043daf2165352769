//! How every record of a file was counted, as logged: before hops are followed, and with no stitch.

use std::collections::BTreeSet;

use crate::event::{Event, Kind, Micros, Sink, Sort, Status, Target, What};

/// The account of a file or of a part of it. Parts add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Bytes of decompressed content.
    pub bytes: u64,
    /// Records.
    pub lines: u64,
    /// Records of a delivery agent, suspended deliveries included.
    pub delivery: u64,
    /// Records of a message or connection; inbound rejects and probes too.
    pub context: u64,
    /// Understood, and not about mail of ours.
    pub other: u64,
    /// Not understood.
    pub unparsed: u64,
    /// Attempts, one per recipient.
    pub attempts: u64,
    /// Of these, delivered.
    pub delivered: u64,
    /// Of these, deferred.
    pub deferred: u64,
    /// Of these, failed.
    pub bounced: u64,
    /// Of these, given up because of age.
    pub expired: u64,
    /// Mail of others that we refused.
    pub inbound_rejects: u64,
    /// Distinct recipient domains of attempts, lower case.
    pub domains: BTreeSet<Vec<u8>>,
    /// Earliest stamp.
    pub first: Option<Micros>,
    /// Latest stamp.
    pub last: Option<Micros>,
}

impl Account {
    /// Counts a record.
    pub fn record(&mut self, kind: Kind) {
        self.lines += 1;
        match kind {
            Kind::Delivery | Kind::Suspended => self.delivery += 1,
            Kind::Inbound => {
                self.context += 1;
                self.inbound_rejects += 1;
            }
            Kind::Context | Kind::Probe => self.context += 1,
            Kind::Other => self.other += 1,
            Kind::Unparsed => self.unparsed += 1,
        }
    }

    /// Takes over what another part counted.
    pub fn absorb(&mut self, other: &Self) {
        self.bytes += other.bytes;
        self.lines += other.lines;
        self.delivery += other.delivery;
        self.context += other.context;
        self.other += other.other;
        self.unparsed += other.unparsed;
        self.attempts += other.attempts;
        self.delivered += other.delivered;
        self.deferred += other.deferred;
        self.bounced += other.bounced;
        self.expired += other.expired;
        self.inbound_rejects += other.inbound_rejects;
        self.domains.extend(other.domains.iter().cloned());
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
    }

    /// Share of records that were not understood; 0 for no records.
    #[must_use]
    pub fn unparsed_share(&self) -> f64 {
        if self.lines == 0 { 0.0 } else { self.unparsed as f64 / self.lines as f64 }
    }

    fn domain(&mut self, address: &[u8]) {
        let Some(at) = memchr::memrchr(b'@', address) else { return };
        let domain = address.get(at + 1..).unwrap_or_default();
        // Most domains are known and lower case: no text is made for them.
        if domain.iter().any(u8::is_ascii_uppercase) || !self.domains.contains(domain) {
            self.domains.insert(domain.to_ascii_lowercase());
        }
    }
}

impl Sink for Account {
    fn event(&mut self, event: &Event<'_>) {
        if let Some(time) = event.head.time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = self.last.max(Some(time));
        }
        let What::Attempt(attempt) = &event.what else { return };
        let count = match attempt.status {
            _ if attempt.sort == Sort::Probe => return,
            Status::Delivered => &mut self.delivered,
            Status::Deferred => &mut self.deferred,
            Status::Failed => &mut self.bounced,
            Status::Expired => &mut self.expired,
            Status::Unknown => return,
        };
        *count += u64::from(attempt.times);
        self.attempts += u64::from(attempt.times);
        if let Target::Address(address) = attempt.target {
            self.domain(address);
        }
    }
}
