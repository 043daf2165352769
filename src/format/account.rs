//! What the lines of a file say, counted as logged: before hops are followed and messages joined.
//!
//! The figures of `inspect`. They are additive, so that segments of a file may be counted anywhere and in any order.

use std::collections::BTreeSet;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use crate::event::{Attempt, Event, Kind, Micros, Sink, Sort, Status, Target, What};

/// Counts of one file, or of a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Bytes of decompressed content.
    pub bytes: u64,
    /// Records read; the four counts below add up to it.
    pub lines: u64,
    /// Records of attempts, whole or cut, suspended ones too.
    pub delivery: u64,
    /// Records about a message or connection, inbound rejects and address probes.
    pub context: u64,
    /// Records that are understood and about none of our mail.
    pub other: u64,
    /// Records that are not understood.
    pub unparsed: u64,
    /// One for each recipient and record that a delivery agent wrote, if the record says what came of it; probes are none. The sum
    /// of the four counts below.
    pub attempts: u64,
    /// Attempts with a 2xx reply or taken by a local store, hops included.
    pub delivered: u64,
    /// Attempts that failed for now, suspended ones included.
    pub deferred: u64,
    /// Attempts that failed for good.
    pub bounced: u64,
    /// Attempts that were given up because of age, where the format says so for each recipient.
    pub expired: u64,
    /// Mails that others wanted to bring and that were refused.
    pub inbound_rejects: u64,
    /// The earliest stamp of an event.
    pub first: Option<Micros>,
    /// The latest stamp of an event.
    pub last: Option<Micros>,
    /// Hashes of the recipients' domains: eight bytes each, whatever a stranger writes.
    domains: HashSet<u64>,
    /// Values that nothing says how to read, by the field that they stand in: the first of them in the order of bytes.
    unmapped: BTreeSet<(&'static str, Vec<u8>)>,
    scratch: Scratch,
}

/// Its seed is fixed, so that a run can be repeated exactly.
const HASHER: FixedState = FixedState::with_seed(1);

/// How many values are kept to be told of.
const MOST_UNMAPPED: usize = 8;

/// How much of a value is kept.
const UNMAPPED_BYTES: usize = 48;

/// What saves work and is no part of the figures.
#[derive(Clone, Debug)]
struct Scratch {
    /// A domain in lower case.
    domain: Vec<u8>,
    /// Hashes of domains that were counted lately, as they were written; each at its own place.
    counted: [u64; 64],
}

impl Default for Scratch {
    fn default() -> Self {
        Self { domain: Vec::new(), counted: [0; 64] }
    }
}

impl PartialEq for Scratch {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Scratch {}

impl Account {
    /// Counts a record whose events were given to [`Sink::event`].
    pub fn record(&mut self, kind: Kind) {
        let count = match kind {
            Kind::Header => return,
            Kind::Delivery | Kind::Suspended => &mut self.delivery,
            Kind::Context | Kind::Inbound | Kind::Probe => &mut self.context,
            Kind::Other => &mut self.other,
            Kind::Unparsed => &mut self.unparsed,
        };
        *count += 1;
        self.lines += 1;
    }

    /// Distinct domains of the recipients of all attempts, hops included, in lower case; also of those that were tried in play (Exim's
    /// `*>`).
    #[must_use]
    pub fn recipient_domains(&self) -> u64 {
        self.domains.len() as u64
    }

    /// Takes over the counts of another part.
    pub fn absorb(&mut self, other: &Self) {
        // Each is named, so that a new one cannot be forgotten.
        let Self {
            bytes,
            lines,
            delivery,
            context,
            other,
            unparsed,
            attempts,
            delivered,
            deferred,
            bounced,
            expired,
            inbound_rejects,
            first,
            last,
            domains,
            unmapped,
            scratch: _,
        } = other;
        self.bytes += bytes;
        self.lines += lines;
        self.delivery += delivery;
        self.context += context;
        self.other += other;
        self.unparsed += unparsed;
        self.attempts += attempts;
        self.delivered += delivered;
        self.deferred += deferred;
        self.bounced += bounced;
        self.expired += expired;
        self.inbound_rejects += inbound_rejects;
        self.first = self.first.into_iter().chain(*first).min();
        self.last = self.last.max(*last);
        self.domains.extend(domains);
        self.unmapped.extend(unmapped.iter().cloned());
        self.keep_few();
    }

    /// Fields and values of records that were not understood because nothing says how to read them: a few, in order.
    pub fn unmapped(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        self.unmapped.iter().map(|(field, value)| (*field, value.as_slice()))
    }

    /// Which are kept does not depend on the order in which they came.
    fn keep_few(&mut self) {
        while self.unmapped.len() > MOST_UNMAPPED {
            self.unmapped.pop_last();
        }
    }

    /// Share of records that were not understood; 0 for no records.
    #[must_use]
    pub fn unparsed_share(&self) -> f64 {
        if self.lines == 0 { 0.0 } else { self.unparsed as f64 / self.lines as f64 }
    }

    fn attempt(&mut self, attempt: &Attempt<'_>) {
        let is_in_play = attempt.sort == Sort::NotSent && attempt.status == Status::Unknown;
        if attempt.sort == Sort::Probe || (attempt.sort == Sort::NotSent && !is_in_play) || attempt.times == 0 {
            return;
        }
        // A record that is cut before its result may be cut in the address too.
        let is_whole = attempt.status != Status::Unknown || is_in_play;
        let mut recipients = 1;
        match attempt.target {
            Target::Address(address) if is_whole => self.domain(address),
            Target::Share(share) => {
                self.domain(share.domain);
                recipients = u64::from(share.count.max(1));
            }
            Target::Address(_) | Target::Index(_) | Target::AllOpen | Target::Awaited | Target::OfSlot => {}
        }
        let count = match attempt.status {
            Status::Delivered => &mut self.delivered,
            Status::Deferred => &mut self.deferred,
            Status::Failed => &mut self.bounced,
            Status::Expired => &mut self.expired,
            Status::Unknown => return,
        };
        *count += recipients;
        self.attempts += recipients;
    }

    fn domain(&mut self, address: &[u8]) {
        if matches!(address, [b'|' | b'/', ..] | [b'"', b'|', ..]) {
            // A command or a file: an address in it is an argument.
            return;
        }
        let Some(domain) = address.iter().rposition(|&byte| byte == b'@').and_then(|at| address.get(at + 1..)) else { return };
        let Scratch { domain: lower, counted } = &mut self.scratch;
        let written = HASHER.hash_one(domain);
        let Some(last) = counted.get_mut((written % 64) as usize).filter(|last| **last != written) else { return };
        *last = written;
        lower.clear();
        lower.extend(domain.iter().map(u8::to_ascii_lowercase));
        self.domains.insert(HASHER.hash_one(lower.as_slice()));
    }
}

impl Sink for Account {
    fn event(&mut self, event: &Event<'_>) {
        if let Some(time) = event.head.time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = self.last.max(Some(time));
        }
        match &event.what {
            What::Attempt(attempt) => self.attempt(attempt),
            What::Inbound { .. } => self.inbound_rejects += 1,
            // Attempts will name them by number alone.
            What::Recipient { index: Some(_), address } | What::Start { target: Target::Address(address), .. } => {
                self.domain(address);
            }
            // A bounce that came later is of mail that was tried, in a log that may have held that.
            What::Feedback { complaint: false, recipient, .. } => self.domain(recipient),
            What::Begin { .. }
            | What::Sender { .. }
            | What::MessageId(_)
            | What::Recipient { .. }
            | What::Offered { .. }
            | What::Redirected
            | What::Split
            | What::Campaign(_)
            | What::Channel { .. }
            | What::Start { .. }
            | What::Reply { .. }
            | What::ReplyAhead { .. }
            | What::GaveUp { .. }
            | What::Cancelled { .. }
            | What::Linked { .. }
            | What::Continues { .. }
            | What::OwnBounce { .. }
            | What::Feedback { .. }
            | What::Repeat { .. }
            | What::Piece { .. }
            | What::Close(_)
            | What::Restart => {}
        }
    }

    fn unmapped(&mut self, field: &'static str, value: &[u8]) {
        let value = value.get(..UNMAPPED_BYTES).unwrap_or(value);
        self.unmapped.insert((field, value.to_vec()));
        self.keep_few();
    }
}
