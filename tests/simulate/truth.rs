//! What really happened, as far as the logs can show it.
//!
//! Every line is written with its [`Fact`]. The truth is folded from the facts of the lines that are left after the end of the month
//! and lost lines took theirs; no text is read for it, so that a reader of the text can be held against it.

use std::collections::BTreeMap;
use std::sync::Arc;

use mailtally::rows::End;

/// The word after `status=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Sent,
    Bounced,
    Deferred,
    /// `SOFTBOUNCE`: a permanent failure that stays in the queue.
    SoftBounce,
}

/// What a line says about a message or an outcome (their numbers in the [`Book`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// Nothing about mail of ours.
    Noise,
    /// This many mails of others were refused.
    Inbound(u32),
    /// An address probe's delivery line.
    Probe,
    /// Something about a message that can be missed.
    Context(u32),
    /// Something about a message that cannot be missed.
    Kept(u32),
    /// A message enters the queue.
    Began(u32),
    /// A real attempt for an outcome.
    Tried(u32, Said),
    /// Put back untried.
    Suspended(u32),
    /// Handed to a content filter, or forwarded.
    Handed(u32),
    /// Stored at home.
    Stored(u32),
    /// A notification was written about the message.
    Notified(u32),
    /// Refused by our own MTA, nobody was asked.
    Refused(u32),
    /// The outcome's recipient is given up because of age.
    GivenUp(u32),
    /// All open recipients of the message are given up.
    Expired(u32),
    /// The message leaves the queue.
    Removed(u32),
    /// The operator deleted the message.
    Cancelled(u32),
    /// The message goes on under another id.
    Requeued(u32),
}

/// One message for one recipient, in one life of one queue id.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) host: Arc<str>,
    pub(crate) queue_id: Arc<str>,
    /// How many messages of the host had this id before, from 0.
    pub(crate) life: u32,
    pub(crate) recipient: Arc<str>,
    /// What was asked for, where it differs.
    pub(crate) original: Option<Arc<str>>,
    /// Envelope sender; empty for a notification.
    pub(crate) sender: Arc<str>,
    pub(crate) end: End,
    /// Real attempts.
    pub(crate) attempts: u32,
    /// Lines that put the mail back untried.
    pub(crate) suspended: u32,
    /// Lines that handed it on to a filter, or forwarded it.
    pub(crate) hops: u32,
    /// A notification of our own.
    pub(crate) is_own_bounce: bool,
    /// Some line names the recipient. Mail that was never tried is only counted (`nrcpt=`).
    pub(crate) is_named: bool,
    /// First and last line of this recipient, microseconds; those of the message where no line names the recipient.
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Outcome {
    /// The recipient's domain.
    pub(crate) fn domain(&self) -> &str {
        self.recipient.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// How many lines of which kind there are. A line inside `message repeated N times` counts N times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) all: u64,
    /// Delivery lines by word, probes left out, suspended rows, hops and local deliveries included.
    pub(crate) sent: u64,
    pub(crate) bounced: u64,
    pub(crate) deferred: u64,
    pub(crate) soft_bounced: u64,
    /// Part of `deferred`.
    pub(crate) suspended: u64,
    /// Part of `sent`: to a content filter, or forwarded.
    pub(crate) handed: u64,
    /// Part of `sent`: stored at home.
    pub(crate) stored: u64,
    pub(crate) probes: u64,
    pub(crate) inbound: u64,
    pub(crate) expired: u64,
    pub(crate) removed: u64,
    pub(crate) notified: u64,
    pub(crate) cancelled: u64,
    pub(crate) requeued: u64,
}

impl Lines {
    /// Delivery lines.
    pub(crate) fn attempts(&self) -> u64 {
        self.sent + self.bounced + self.deferred + self.soft_bounced
    }

    fn count(&mut self, fact: Fact) {
        self.all += 1;
        match fact {
            Fact::Noise | Fact::Context(_) | Fact::Kept(_) | Fact::Began(_) => {}
            Fact::Inbound(times) => self.inbound += u64::from(times),
            Fact::Probe => self.probes += 1,
            Fact::Tried(_, Said::Sent) => self.sent += 1,
            Fact::Tried(_, Said::Bounced) => self.bounced += 1,
            Fact::Tried(_, Said::Deferred) => self.deferred += 1,
            Fact::Tried(_, Said::SoftBounce) => self.soft_bounced += 1,
            Fact::Suspended(_) => (self.deferred, self.suspended) = (self.deferred + 1, self.suspended + 1),
            Fact::Handed(_) => (self.sent, self.handed) = (self.sent + 1, self.handed + 1),
            Fact::Stored(_) => (self.sent, self.stored) = (self.sent + 1, self.stored + 1),
            Fact::Refused(_) => self.bounced += 1,
            Fact::GivenUp(_) => (self.bounced, self.expired) = (self.bounced + 1, self.expired + 1),
            Fact::Expired(_) => self.expired += 1,
            Fact::Removed(_) => self.removed += 1,
            Fact::Notified(_) => self.notified += 1,
            Fact::Cancelled(_) => self.cancelled += 1,
            Fact::Requeued(_) => self.requeued += 1,
        }
    }
}

/// What happened on one host, or on all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    /// In the order in which the hosts took the messages.
    pub(crate) outcomes: Vec<Outcome>,
    /// Per host, in the order of the hosts.
    pub(crate) lines: Vec<Lines>,
}

impl Truth {
    /// Outcomes by end, for each recipient domain; mail that was handed on is counted under the id that it went on with.
    pub(crate) fn by_domain(&self) -> BTreeMap<&str, BTreeMap<End, u64>> {
        let mut domains: BTreeMap<&str, BTreeMap<End, u64>> = BTreeMap::new();
        for outcome in self.outcomes.iter().filter(|outcome| outcome.end != End::HandedOn) {
            *domains.entry(outcome.domain()).or_default().entry(outcome.end).or_default() += 1;
        }
        domains
    }

    /// How many outcomes ended like this.
    pub(crate) fn ended(&self, end: End) -> u64 {
        self.outcomes.iter().filter(|outcome| outcome.end == end).count() as u64
    }
}

/// What a host knows of its messages while it runs.
#[derive(Debug, Default)]
pub(crate) struct Book {
    messages: Vec<Message>,
    outcomes: Vec<Recipient>,
}

#[derive(Debug)]
struct Message {
    queue_id: Arc<str>,
    sender: Arc<str>,
    outcomes: std::ops::Range<u32>,
    is_own_bounce: bool,
    /// First and last line, once there is one.
    seen: Option<(i64, i64)>,
    began: bool,
    life: u32,
    /// The message that this one was queued again from.
    previous: Option<u32>,
}

#[derive(Debug)]
struct Recipient {
    message: u32,
    address: Arc<str>,
    original: Option<Arc<str>>,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    end: Option<End>,
    attempts: u32,
    suspended: u32,
    hops: u32,
    seen: Option<(i64, i64)>,
    /// Went on under another id while it was open.
    is_requeued: bool,
}

impl State {
    fn is_open(&self) -> bool {
        matches!(self.end, None | Some(End::Deferred))
    }
}

impl Book {
    /// Enters a message with its recipients; gives its number and that of its first outcome, the others follow.
    pub(crate) fn enter<'a>(
        &mut self,
        queue_id: &Arc<str>,
        sender: &Arc<str>,
        is_own_bounce: bool,
        recipients: impl Iterator<Item = (&'a Arc<str>, Option<&'a Arc<str>>)>,
    ) -> (u32, u32) {
        let message = self.messages.len() as u32;
        let first = self.outcomes.len() as u32;
        self.outcomes.extend(recipients.map(|(address, original)| Recipient {
            message,
            address: Arc::clone(address),
            original: original.cloned(),
            state: State::default(),
        }));
        self.messages.push(Message {
            queue_id: Arc::clone(queue_id),
            sender: Arc::clone(sender),
            outcomes: first..self.outcomes.len() as u32,
            is_own_bounce,
            seen: None,
            began: false,
            life: 0,
            previous: None,
        });
        (message, first)
    }

    /// The message `next` is `previous` under a new id.
    pub(crate) fn requeue(&mut self, previous: u32, next: u32) {
        if let Some(message) = self.messages.get_mut(next as usize) {
            message.previous = Some(previous);
        }
    }

    /// What was queued again is one message under its last id: hands all that happened before to it.
    fn join_requeued(&mut self) {
        for next in 0..self.messages.len() {
            let Some(message) = self.messages.get(next).filter(|message| message.began) else { continue };
            let (range, Some(previous)) = (message.outcomes.clone(), message.previous) else { continue };
            let Some(before) = self.messages.get(previous as usize).map(|before| before.outcomes.clone()) else { continue };
            for number in before {
                let Some(old) = self.outcomes.get_mut(number as usize) else { continue };
                let state = std::mem::take(&mut old.state);
                if !state.is_requeued {
                    (old.state, old.message) = (state, next as u32);
                    continue;
                }
                let (address, original) = (Arc::clone(&old.address), old.original.clone());
                old.message = u32::MAX;
                let new = range.clone().filter_map(|index| self.outcomes.get(index as usize).map(|outcome| (index, outcome)));
                let mut same =
                    new.filter(|(_, new)| new.address == address && new.original == original).map(|(index, _)| index);
                let Some(index) = same.next_back() else { continue };
                if let Some(new) = self.outcomes.get_mut(index as usize) {
                    new.state.precede(&state);
                }
            }
        }
    }

    /// Folds the facts of the lines that are left, in the order in which they came to be.
    pub(crate) fn settle(mut self, host: &str, facts: impl Iterator<Item = (i64, Fact)>) -> Truth {
        let host: Arc<str> = host.into();
        let mut lines = Lines::default();
        let mut lives: BTreeMap<Arc<str>, u32> = BTreeMap::new();
        for (time, fact) in facts {
            lines.count(fact);
            let Some(message) = self.touch(time, fact) else { continue };
            if message.seen.is_none() {
                let next = lives.entry(Arc::clone(&message.queue_id)).or_default();
                message.life = *next;
                *next += 1;
            }
            message.seen = Some(message.seen.map_or((time, time), |(first, _)| (first, time)));
        }
        self.join_requeued();
        let Self { messages, outcomes } = self;
        let rows = outcomes.iter().filter_map(|recipient| outcome(&host, messages.get(recipient.message as usize)?, recipient));
        Truth { outcomes: rows.collect(), lines: vec![lines] }
    }

    /// Enters one fact, and gives the message that it is about.
    fn touch(&mut self, time: i64, fact: Fact) -> Option<&mut Message> {
        let message = match fact {
            Fact::Noise | Fact::Inbound(_) | Fact::Probe => return None,
            Fact::Context(message) | Fact::Kept(message) | Fact::Notified(message) | Fact::Removed(message) => message,
            Fact::Began(message) | Fact::Expired(message) | Fact::Cancelled(message) | Fact::Requeued(message) => message,
            Fact::Tried(outcome, _)
            | Fact::Suspended(outcome)
            | Fact::Handed(outcome)
            | Fact::Stored(outcome)
            | Fact::Refused(outcome)
            | Fact::GivenUp(outcome) => {
                let recipient = self.outcomes.get_mut(outcome as usize)?;
                recipient.state.enter(time, fact);
                recipient.message
            }
        };
        let entry = self.messages.get_mut(message as usize)?;
        entry.began |= matches!(fact, Fact::Began(_));
        let end = match fact {
            Fact::Expired(_) => End::Expired,
            Fact::Cancelled(_) => End::Cancelled,
            Fact::Requeued(_) => End::HandedOn,
            Fact::Removed(_) => End::Unknown,
            _ => return Some(entry),
        };
        let range = entry.outcomes.start as usize..entry.outcomes.end as usize;
        for recipient in self.outcomes.get_mut(range)?.iter_mut().filter(|recipient| recipient.state.is_open()) {
            recipient.state.end = Some(end);
            recipient.state.is_requeued = matches!(fact, Fact::Requeued(_));
            recipient.state.seen = recipient.state.seen.map(|(first, _)| (first, time));
        }
        Some(entry)
    }
}

impl State {
    /// The same recipient's story before the message was queued again.
    fn precede(&mut self, before: &Self) {
        self.attempts += before.attempts;
        self.suspended += before.suspended;
        self.hops += before.hops;
        if let Some((first, last)) = before.seen {
            self.seen = Some((first, self.seen.map_or(last, |(_, last)| last)));
            self.end = self.end.or(Some(End::Deferred));
        }
    }

    fn enter(&mut self, time: i64, fact: Fact) {
        self.seen = Some(self.seen.map_or((time, time), |(first, _)| (first, time)));
        self.attempts += u32::from(matches!(fact, Fact::Tried(..)));
        self.suspended += u32::from(matches!(fact, Fact::Suspended(_)));
        self.hops += u32::from(matches!(fact, Fact::Handed(_)));
        self.end = Some(match fact {
            Fact::Tried(_, Said::Sent) => End::Accepted,
            Fact::Tried(_, Said::Bounced) | Fact::Refused(_) => End::Refused,
            Fact::GivenUp(_) => End::Expired,
            Fact::Handed(_) => End::HandedOn,
            Fact::Stored(_) => End::Local,
            _ => End::Deferred,
        });
    }
}

/// The row of a recipient. None: no line tells of it, because its part of the log is not there.
fn outcome(host: &Arc<str>, message: &Message, recipient: &Recipient) -> Option<Outcome> {
    let State { end, attempts, suspended, hops, seen, .. } = &recipient.state;
    let (first, last) = match (seen, message.began) {
        (Some(seen), _) => *seen,
        (None, true) => message.seen?,
        (None, false) => return None,
    };
    Some(Outcome {
        host: Arc::clone(host),
        queue_id: Arc::clone(&message.queue_id),
        life: message.life,
        recipient: Arc::clone(&recipient.address),
        original: recipient.original.clone(),
        sender: Arc::clone(&message.sender),
        end: end.unwrap_or(End::Queued),
        attempts: *attempts,
        suspended: *suspended,
        hops: *hops,
        is_own_bounce: message.is_own_bounce,
        is_named: seen.is_some(),
        first,
        last,
    })
}
