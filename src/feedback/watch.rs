//! The watch list: by which words of outcomes cases are found while outcomes are counted.
//!
//! Made before the logs are read. Each outcome is offered to it; it names the cases that the outcome may be about, and by which key. How
//! many outcomes a key finds decides later whether it joins. Keys in the order of their strength: [`By`].

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::case::{Case, Sort};
use super::verp;
use crate::event::Micros;

/// How long before a bounce a mail was delivered that a recipient alone may join.
const WINDOW: i64 = 5 * Micros::DAY;

/// By how much clocks of hosts differ.
const SKEW: i64 = Micros::HOUR;

/// How near to its failure our own server tells of it, once the message has left the queue.
const AT_ONCE: u64 = 5 * 60 * Micros::SECOND as u64;

/// Strangers choose the keys. The seed is fixed, so that a run can be repeated exactly.
const SEED: u64 = 0x7761_7463_686c_6973;

/// By which key a case was joined; a key that comes first is tried first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// The log itself records the bounce or complaint.
    Log,
    /// Original-Envelope-Id is the message's id here.
    EnvelopeId,
    /// Message-ID of the returned message.
    MessageId,
    /// The address that the notice was sent to holds the recipient or the message.
    Verp,
    /// Queue id.
    QueueId,
    /// An id of ours within the header of the original.
    Header,
    /// The recipient alone: the one delivery to it within five days before.
    Recipient,
}

impl By {
    /// As it is written in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::EnvelopeId => "envelope-id",
            Self::MessageId => "message-id",
            Self::Verp => "verp",
            Self::QueueId => "queue-id",
            Self::Header => "header",
            Self::Recipient => "recipient",
        }
    }
}

/// A key of a case, and whether the recipient agrees. One that does not is weaker: forwarding changes addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// The key.
    pub by: By,
    /// True where only a single outcome may be found: the recipient does not agree, or the key is no id.
    pub is_weak: bool,
}

/// What an outcome says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// Message-ID, without angle brackets.
    pub message_id: &'a [u8],
    /// Queue id.
    pub queue_id: &'a [u8],
    /// Envelope sender.
    pub sender: &'a [u8],
    /// Recipient after rewriting.
    pub recipient: &'a [u8],
    /// Recipient as asked for; empty where it does not differ.
    pub original: &'a [u8],
    /// When it was accepted. None: it was not.
    pub accepted: Option<Micros>,
}

/// What a word is: the same word may be several things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Space {
    Id,
    Queue,
    Sender,
    Recipient,
}

/// The cases of a run, and where to find them.
#[derive(Debug, Default)]
pub struct CaseWatch {
    cases: Vec<Case>,
    index: HashMap<u64, Vec<(u32, By)>, FixedState>,
}

impl CaseWatch {
    /// Watches for the outcomes of `cases`.
    #[must_use]
    pub fn new(cases: Vec<Case>) -> Self {
        let mut index: HashMap<u64, Vec<(u32, By)>, FixedState> = HashMap::with_hasher(FixedState::with_seed(SEED));
        for (number, case) in cases.iter().enumerate() {
            for (space, text, by) in keys(case) {
                let place = index.entry(hash(space, text.as_bytes())).or_default();
                let entry = (number as u32, by);
                if !place.contains(&entry) {
                    place.push(entry);
                }
            }
        }
        Self { cases, index }
    }

    /// The cases, in their order.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// Whether nothing is watched for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// Gives each case that an outcome may be about, by its number, with the key.
    pub fn each(&self, offer: &Offer<'_>, mut give: impl FnMut(u32, Link)) {
        let words = [
            (Space::Id, offer.message_id),
            (Space::Queue, offer.queue_id),
            (Space::Sender, offer.sender),
            (Space::Recipient, offer.recipient),
            (Space::Recipient, offer.original),
        ];
        // An outcome may be found by several words for one case: each key counts it once.
        let mut given: Vec<(u32, Link)> = Vec::new();
        for (space, text) in words.into_iter().filter(|(_, text)| !text.is_empty()) {
            for &(number, by) in self.index.get(&hash(space, text)).into_iter().flatten() {
                let Some(case) = self.cases.get(number as usize) else { continue };
                let is_named = case.recipients.iter().any(|address| is_same(address, offer));
                let is_id = matches!(space, Space::Id | Space::Queue);
                let link = Link { by, is_weak: !(is_id && is_named) };
                if fits(case, offer.accepted, is_id) && !given.contains(&(number, link)) {
                    given.push((number, link));
                    give(number, link);
                }
            }
        }
    }

    /// Gives each bounce that our own server wrote, by its number, where it does not name its host: it is about the recipient of these
    /// addresses, and came when mail to it had failed and left the queue.
    pub fn own(&self, addresses: [&[u8]; 2], failed: Micros, mut give: impl FnMut(u32)) {
        for address in addresses.into_iter().filter(|address| !address.is_empty()) {
            for &(number, by) in self.index.get(&hash(Space::Recipient, address)).into_iter().flatten() {
                let is_own = |case: &Case| {
                    case.sort == Sort::Bounce
                        && case.reporter.is_empty()
                        && case.time.is_some_and(|time| time.0.abs_diff(failed.0) <= AT_ONCE)
                        && case.recipients.iter().any(|known| address.eq_ignore_ascii_case(known.as_bytes()))
                };
                if by == By::Recipient && self.cases.get(number as usize).is_some_and(is_own) {
                    give(number);
                }
            }
        }
    }
}

/// Whether an outcome may be what a case is about, by time. `is_id`: it was found by an id, and may be of any age.
fn fits(case: &Case, accepted: Option<Micros>, is_id: bool) -> bool {
    let Some(accepted) = accepted else { return is_id };
    match case.time {
        Some(time) => {
            let age = time.0.saturating_sub(accepted.0);
            // A complaint names the time at which its mail came in, if it can.
            age >= -SKEW && (is_id || age <= WINDOW)
        }
        None => is_id,
    }
}

fn is_same(address: &str, offer: &Offer<'_>) -> bool {
    [offer.recipient, offer.original].iter().any(|text| text.eq_ignore_ascii_case(address.as_bytes()))
}

/// The words that find a case.
fn keys(case: &Case) -> Vec<(Space, String, By)> {
    let mut keys = Vec::new();
    let mut add = |space, text: &str, by| {
        if !text.is_empty() {
            keys.push((space, text.to_owned(), by));
        }
    };
    add(Space::Id, &case.envelope_id, By::EnvelopeId);
    add(Space::Queue, &case.envelope_id, By::EnvelopeId);
    add(Space::Id, &case.message_id, By::MessageId);
    add(Space::Queue, &case.queue_id, By::QueueId);
    // Services put their own id before the `@` of Message-ID.
    add(Space::Queue, case.message_id.split('@').next().unwrap_or_default(), By::Header);
    for sender in &case.senders {
        add(Space::Sender, sender, By::Verp);
        for recipient in verp::recipients(sender) {
            add(Space::Recipient, &recipient, By::Verp);
        }
    }
    for recipient in &case.recipients {
        add(Space::Recipient, recipient, By::Recipient);
    }
    keys
}

/// Addresses are found in any case; ids as they are.
fn hash(space: Space, text: &[u8]) -> u64 {
    let hasher = FixedState::with_seed(SEED);
    match space {
        Space::Id | Space::Queue => hasher.hash_one((space, text)),
        Space::Sender | Space::Recipient => hasher.hash_one((space, text.to_ascii_lowercase().as_slice())),
    }
}

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Joined to an outcome of the period, by this key.
    Joined(By),
    /// Joined to an outcome of mail that was received before or after the period.
    Elsewhere(By),
    /// The log itself says so of the outcome.
    Known,
    /// Another mail said so of the same outcome.
    Again,
    /// A notification of our own server: the log has the outcome as failed, or a host of ours reports.
    Own,
    /// It came after the settling time.
    Late,
    /// Several outcomes could be meant.
    Ambiguous,
    /// No outcome was found.
    Unmatched,
}

impl Fate {
    /// As it is written in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Joined(_) => "joined",
            Self::Elsewhere(_) => "elsewhere",
            Self::Known => "known",
            Self::Again => "again",
            Self::Own => "own",
            Self::Late => "late",
            Self::Ambiguous => "ambiguous",
            Self::Unmatched => "unmatched",
        }
    }

    /// By which key it was joined; None if it was not.
    #[must_use]
    pub const fn by(self) -> Option<By> {
        match self {
            Self::Joined(by) | Self::Elsewhere(by) => Some(by),
            Self::Known | Self::Again | Self::Own | Self::Late | Self::Ambiguous | Self::Unmatched => None,
        }
    }
}

/// A case and its fate, for tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Number of the case.
    pub case: usize,
    /// What it is about.
    pub sort: Sort,
    /// What became of it.
    pub fate: Fate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounce_without_a_host_is_ours_if_the_mail_failed_then() {
        let case = |sort, recipient: &str, minute: i64, reporter: &str| Case {
            sort,
            time: Some(Micros(minute * 60 * Micros::SECOND)),
            recipients: vec![recipient.to_owned()],
            reply: String::new(),
            envelope_id: String::new(),
            message_id: String::new(),
            queue_id: String::new(),
            senders: Vec::new(),
            reporter: reporter.to_owned(),
            home: Vec::new(),
            file: String::new(),
        };
        let watch = CaseWatch::new(vec![
            case(Sort::Bounce, "Kim@example.org", 100, ""),
            case(Sort::Bounce, "kim@example.org", 90, ""),
            case(Sort::Bounce, "kim@example.org", 100, "mx.isp.example"),
            case(Sort::Bounce, "lee@example.org", 100, ""),
            case(Sort::Complaint, "kim@example.org", 100, ""),
        ]);
        let own = |failed: i64| {
            let mut own = Vec::new();
            watch.own([b"kim@example.org", b""], Micros(failed * 60 * Micros::SECOND), |number| own.push(number));
            own
        };
        assert_eq!(own(101), [0]);
        assert!(own(70).is_empty());
    }
}
