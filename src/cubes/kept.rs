//! The rows behind the counts, kept for whoever asks for them by name.
//!
//! A report needs none of them: a [`Tally`](super::Tally) keeps rows only where it was told to, and those that it counts, no others.
//! They are kept small (texts that repeat as the ids of the stitch, addresses and message ids as ids of an interner of their own) and
//! no more of them than was allowed: beyond that all are dropped, so that no answer is given on a part of them.

use super::keys::{OutcomeCounts, OutcomeDomain};
use super::{Disposition, Reason, State};
use crate::event::{Enhanced, Micros, Pos, Sort, Speaker, Stage, Status};
use crate::intern::{Id, Interner, Translation};
use crate::rows::{AttemptRow, Network, OutcomeRow};

/// Which rows are kept, and how many at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Attempts.
    pub attempts: bool,
    /// Outcomes.
    pub outcomes: bool,
    /// Most rows of both together.
    pub most: usize,
}

/// An attempt that was counted.
#[derive(Clone, Copy, Debug)]
pub struct KeptAttempt {
    /// When it ended.
    pub time: Micros,
    /// Where its record stands.
    pub pos: Pos,
    /// Its message.
    pub message: u64,
    /// Number of the recipient within the message, from 0.
    pub recipient_no: u32,
    /// Number of the attempt within its outcome, from 1, what the MTA put back without trying included.
    pub attempt_no: u32,
    /// The first real attempt of its outcome.
    pub is_first: bool,
    /// Host that wrote the log.
    pub host: Id,
    /// Recipient address: an id of [`Kept::words`].
    pub recipient: Id,
    /// Recipient domain.
    pub domain: Id,
    /// Who runs the mailbox, as it shows it.
    pub route: Id,
    /// Who sent.
    pub source: Id,
    /// The host that answered or was sought.
    pub relay: Id,
    /// Its address.
    pub relay_ip: Id,
    /// Which protocol that is of.
    pub network: Network,
    /// As logged.
    pub status: Status,
    /// What sort of attempt.
    pub sort: Sort,
    /// Who gave the reply.
    pub speaker: Speaker,
    /// At which command.
    pub stage: Stage,
    /// Reply code; 0 where none is logged.
    pub code: u16,
    /// Enhanced status.
    pub enhanced: Option<Enhanced>,
    /// The masked reply of a failure.
    pub signature: Id,
    /// Why it failed.
    pub reason: Option<Reason>,
    /// What it came to.
    pub disposition: Disposition,
    /// Since arrival in the queue, milliseconds.
    pub delay_ms: Option<i64>,
    /// Before the queue manager, in the queue, connection set-up, transmission; milliseconds, 49 days at most.
    pub parts_ms: Option<[u32; 4]>,
    /// TLS version or policy.
    pub tls: Id,
}

/// An outcome that was counted.
#[derive(Clone, Copy, Debug)]
pub struct KeptOutcome {
    /// Day, domain, route, state and reason under which it was counted.
    pub key: OutcomeDomain,
    /// What it added to the counts.
    pub counts: OutcomeCounts,
    /// Reception.
    pub received: Micros,
    /// Its end, or its last event.
    pub last: Micros,
    /// Until when the log shows that nothing more happened.
    pub seen_until: Micros,
    /// Its message.
    pub message: u64,
    /// Number of the recipient within the message, from 0.
    pub recipient_no: u32,
    /// Host that wrote the log.
    pub host: Id,
    /// MTA instance.
    pub instance: Id,
    /// Domain of the envelope sender.
    pub sender_domain: Id,
    /// Job or campaign.
    pub campaign: Id,
    /// Recipient address: like the four below an id of [`Kept::words`].
    pub recipient: Id,
    /// The recipient as asked for, where it differs.
    pub original: Id,
    /// Envelope sender.
    pub sender: Id,
    /// Message-ID.
    pub message_id: Id,
    /// Queue id.
    pub queue_id: Id,
    /// Source of the last attempt.
    pub source: Id,
    /// Relay of the last attempt.
    pub relay: Id,
    /// Masked reply of the last attempt, if it failed.
    pub signature: Id,
    /// Reply code of the last attempt; 0 where none is logged.
    pub code: u16,
    /// Enhanced status of the last attempt.
    pub enhanced: Option<Enhanced>,
    /// Bytes of the message.
    pub size: Option<u64>,
    /// Whether it was passed on for somebody else.
    pub is_forwarded: bool,
    /// Whether it began before the first record that we have.
    pub is_head_lost: bool,
    /// Whether the log ends before it left the queue.
    pub is_tail_open: bool,
    /// When a bounce came after it was accepted.
    pub bounced_later: Option<Micros>,
    /// When a complaint came in.
    pub complained: Option<Micros>,
}

/// An attempt as the tally judges it.
pub(super) struct Seen<'a> {
    pub(super) row: &'a AttemptRow,
    pub(super) reason: Option<Reason>,
    pub(super) disposition: Disposition,
    /// Whether it is in attempt figures.
    pub(super) is_real: bool,
    /// Whether it lies in the period.
    pub(super) is_inside: bool,
}

/// The rows that were kept: by one worker alone, or by all together. In no order that means anything.
pub struct Kept {
    /// Attempts.
    pub attempts: Vec<KeptAttempt>,
    /// Outcomes.
    pub outcomes: Vec<KeptOutcome>,
    /// Addresses, message ids and queue ids.
    pub words: Interner,
    /// True where there were more rows than allowed: then none is left.
    pub is_over: bool,
    keep: Keep,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows = (self.attempts.len(), self.outcomes.len());
        to.debug_struct("Kept").field("rows", &rows).field("is_over", &self.is_over).finish_non_exhaustive()
    }
}

impl Kept {
    /// Will keep what `keep` says.
    #[must_use]
    pub fn new(keep: Keep) -> Self {
        Self { attempts: Vec::new(), outcomes: Vec::new(), words: Interner::default(), is_over: false, keep }
    }

    /// Keeps those attempts of an outcome that lie in the period.
    pub(super) fn attempts<'a>(&mut self, outcome: &OutcomeRow<'_>, attempts: impl Iterator<Item = Seen<'a>>) {
        if !self.keep.attempts || self.is_over {
            return;
        }
        let recipient = self.words.intern(outcome.recipient);
        let mut is_first = true;
        for (seen, attempt_no) in attempts.zip(1..) {
            if seen.is_inside {
                self.attempts.push(kept(outcome, &seen, recipient, attempt_no, is_first && seen.is_real));
            }
            is_first &= !seen.is_real;
        }
        self.prune();
    }

    /// Keeps an outcome, as it was counted.
    pub(super) fn outcome(
        &mut self,
        outcome: &OutcomeRow<'_>,
        (key, counts): (OutcomeDomain, OutcomeCounts),
        last: Option<&AttemptRow>,
    ) {
        if !self.keep.outcomes || self.is_over {
            return;
        }
        let mut word = |text| self.words.intern(text);
        let id = |of: fn(&AttemptRow) -> Id| last.map(of).unwrap_or_default();
        let row = KeptOutcome {
            key,
            counts,
            received: outcome.received,
            last: outcome.last,
            seen_until: outcome.seen_until,
            message: outcome.message,
            recipient_no: outcome.recipient_no,
            host: outcome.host,
            instance: outcome.instance,
            sender_domain: outcome.sender_domain,
            campaign: outcome.campaign,
            recipient: word(outcome.recipient),
            original: word(outcome.original),
            sender: word(outcome.sender),
            message_id: word(outcome.message_id),
            queue_id: word(outcome.queue_id),
            source: id(|row| row.source),
            relay: id(|row| row.relay),
            signature: id(|row| row.signature),
            code: last.map_or(0, |row| row.code),
            enhanced: last.and_then(|row| row.enhanced),
            size: outcome.size,
            is_forwarded: outcome.is_forwarded(),
            is_head_lost: outcome.is_head_lost,
            is_tail_open: outcome.is_tail_open,
            bounced_later: outcome.bounced_later.filter(|_| key.state == State::BouncedLater).map(|bounced| bounced.time),
            complained: outcome.complained,
        };
        self.outcomes.push(row);
        self.prune();
    }

    /// Takes over what another part kept in its own numbers.
    pub fn absorb(&mut self, other: Self, by: &Translation) {
        if self.is_over || other.is_over {
            self.drop_all();
            return;
        }
        let words = self.words.absorb(&other.words);
        self.attempts.extend(other.attempts.into_iter().map(|row| row.translated(by, &words)));
        self.outcomes.extend(other.outcomes.into_iter().map(|row| row.translated(by, &words)));
        self.prune();
    }

    fn prune(&mut self) {
        if self.attempts.len() + self.outcomes.len() > self.keep.most {
            self.drop_all();
        }
    }

    fn drop_all(&mut self) {
        *self = Self { is_over: true, ..Self::new(self.keep) };
    }
}

/// An attempt of `outcome` as it is kept, with its recipient, its number and whether it is the first real one.
fn kept(outcome: &OutcomeRow<'_>, seen: &Seen<'_>, recipient: Id, attempt_no: u32, is_first: bool) -> KeptAttempt {
    let row = seen.row;
    let part = |ms: i64| u32::try_from(ms.max(0)).unwrap_or(u32::MAX);
    KeptAttempt {
        time: row.time,
        pos: row.pos,
        message: outcome.message,
        recipient_no: outcome.recipient_no,
        attempt_no,
        is_first,
        host: outcome.host,
        recipient,
        domain: outcome.domain,
        route: row.route,
        source: row.source,
        relay: row.relay,
        relay_ip: row.relay_ip,
        network: row.network,
        status: row.status,
        sort: row.sort,
        speaker: row.speaker,
        stage: row.stage,
        code: row.code,
        enhanced: row.enhanced,
        signature: row.signature,
        reason: seen.reason,
        disposition: seen.disposition,
        delay_ms: row.delay_ms,
        parts_ms: row.parts_ms.map(|parts| parts.map(part)),
        tls: row.tls,
    }
}

impl KeptAttempt {
    fn translated(self, by: &Translation, words: &Translation) -> Self {
        Self {
            host: by.of(self.host),
            recipient: words.of(self.recipient),
            domain: by.of(self.domain),
            route: by.of(self.route),
            source: by.of(self.source),
            relay: by.of(self.relay),
            relay_ip: by.of(self.relay_ip),
            signature: by.of(self.signature),
            tls: by.of(self.tls),
            ..self
        }
    }
}

impl KeptOutcome {
    fn translated(self, by: &Translation, words: &Translation) -> Self {
        let key = OutcomeDomain { domain: by.of(self.key.domain), route: by.of(self.key.route), ..self.key };
        Self {
            key,
            host: by.of(self.host),
            instance: by.of(self.instance),
            sender_domain: by.of(self.sender_domain),
            campaign: by.of(self.campaign),
            recipient: words.of(self.recipient),
            original: words.of(self.original),
            sender: words.of(self.sender),
            message_id: words.of(self.message_id),
            queue_id: words.of(self.queue_id),
            source: by.of(self.source),
            relay: by.of(self.relay),
            signature: by.of(self.signature),
            ..self
        }
    }
}
