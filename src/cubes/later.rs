//! Outcomes that a mail that came back may be about, and which of them it is about.
//!
//! An outcome that the watch list names is not counted at once but held: for each case and key the newest, and how many there were. One
//! that no case can mean any more is let go, and counted as it is. When all is counted, cases are settled in their own order, each by
//! its strongest key: an id with the recipient takes the newest delivery, anything weaker only a single one. Then the held are counted
//! like all others, with the bounce or complaint that they have now: as if the log had told of it. Parts merge in any order.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::keys::{Reason, Translate};
use crate::event::{Micros, Status};
use crate::feedback::{By, CaseWatch, Fate, Link, Offer};
use crate::intern::{Id, Translation};
use crate::rows::{AttemptRow, Bounced, End, OutcomeRow};

/// More outcomes than twice the keys and this are looked through for those that may go.
const SLACK: usize = 256;

/// Bounces that came after delivery, by how they were known, why, and how much later they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AsyncBounce {
    /// Route of the last attempt that shows one.
    pub route: Id,
    /// How it was joined to its outcome.
    pub by: By,
    /// Why.
    pub reason: Reason,
    /// From acceptance to bounce, milliseconds, rounded down to three significant digits. None: the bounce tells no time.
    pub lag_q_ms: Option<i64>,
}

impl Translate for AsyncBounce {
    fn translated(self, by: &Translation) -> Self {
        Self { route: by.of(self.route), ..self }
    }
}

/// Message and number of the recipient: unique.
type Outcome = (u64, u32);

/// An outcome that is not counted yet.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// Without its texts.
    ids: OutcomeRow<'static>,
    /// Recipient, original, sender, Message-ID, queue id, next queue id.
    texts: [Box<[u8]>; 6],
    attempts: Vec<AttemptRow>,
    /// When it was accepted, else its last event.
    at: Micros,
    /// By which key a bounce was joined, and whether that tells its time.
    by: Option<(By, bool)>,
}

impl Held {
    fn new(row: &OutcomeRow<'_>, attempts: &[AttemptRow], at: Micros) -> Self {
        let texts = [row.recipient, row.original, row.sender, row.message_id, row.queue_id, row.handed_to].map(Box::from);
        Self { ids: without_texts(row), texts, attempts: attempts.to_vec(), at, by: None }
    }

    /// The outcome, its attempts, and how its bounce was joined.
    pub(super) fn parts(&self) -> (OutcomeRow<'_>, &[AttemptRow], Option<(By, bool)>) {
        let [recipient, original, sender, message_id, queue_id, handed_to] = &self.texts;
        let row = OutcomeRow { recipient, original, sender, message_id, queue_id, handed_to, ..self.ids };
        (row, &self.attempts, self.by)
    }

    fn translate(&mut self, by: &Translation) {
        let row = &mut self.ids;
        for id in [&mut row.host, &mut row.domain, &mut row.sender_domain, &mut row.campaign, &mut row.instance] {
            *id = by.of(*id);
        }
        if let Some(bounced) = &mut row.bounced_later {
            bounced.signature = by.of(bounced.signature);
        }
        for row in &mut self.attempts {
            for id in [&mut row.relay, &mut row.source, &mut row.route, &mut row.signature, &mut row.tls, &mut row.relay_ip] {
                *id = by.of(*id);
            }
        }
    }

    fn id(&self) -> Outcome {
        (self.ids.message, self.ids.recipient_no)
    }
}

/// An outcome whose texts are kept elsewhere.
fn without_texts(row: &OutcomeRow<'_>) -> OutcomeRow<'static> {
    OutcomeRow {
        recipient: b"",
        original: b"",
        sender: b"",
        message_id: b"",
        queue_id: b"",
        handed_to: b"",
        received: row.received,
        last: row.last,
        seen_until: row.seen_until,
        host: row.host,
        domain: row.domain,
        sender_domain: row.sender_domain,
        campaign: row.campaign,
        end: row.end,
        traffic: row.traffic,
        is_head_lost: row.is_head_lost,
        is_first_of_message: row.is_first_of_message,
        message: row.message,
        recipient_no: row.recipient_no,
        instance: row.instance,
        origin: row.origin,
        size: row.size,
        first_seen: row.first_seen,
        ended: row.ended,
        is_tail_open: row.is_tail_open,
        bounced_later: row.bounced_later,
        complained: row.complained,
    }
}

/// When an outcome was accepted: its last attempt says so, else the outcome itself. None: it was not.
pub(super) fn accepted(outcome: &OutcomeRow<'_>, attempts: &[AttemptRow]) -> Option<Micros> {
    let last = attempts.iter().rev().find(|attempt| attempt.status == Status::Delivered).map(|attempt| attempt.time);
    (outcome.end == End::Accepted).then_some(last.unwrap_or(outcome.last))
}

/// What one key of a case found.
#[derive(Clone, Copy, Debug)]
struct Found {
    newest: (Micros, Outcome),
    /// How many outcomes.
    outcomes: u64,
}

/// The outcomes that cases may be about.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    watch: Option<Arc<CaseWatch>>,
    found: HashMap<(u32, Link), Found, FixedState>,
    held: HashMap<Outcome, Held, FixedState>,
    /// Those that no case can mean any more: to be counted.
    free: Vec<Held>,
    /// Cases of mail that failed in our log just when they were written.
    own: HashSet<u32, FixedState>,
}

impl Candidates {
    pub(super) fn new(watch: Arc<CaseWatch>) -> Self {
        Self { watch: Some(watch).filter(|watch| !watch.is_empty()), ..Self::default() }
    }

    pub(super) fn watch(&self) -> Option<&Arc<CaseWatch>> {
        self.watch.as_ref()
    }

    /// Marks the cases by which our own server tells of an outcome that failed, whether or not the scope counts it.
    pub(super) fn mark_own(&mut self, outcome: &OutcomeRow<'_>) {
        if let Some(watch) = &self.watch
            && matches!(outcome.end, End::Refused | End::Expired)
        {
            let failed = outcome.ended.unwrap_or(outcome.last);
            let addresses = [outcome.recipient, outcome.original];
            watch.own(addresses, failed, |case| {
                self.own.insert(case);
            });
        }
    }

    /// Holds an outcome if a case may be about it; false if none is.
    pub(super) fn hold(&mut self, outcome: &OutcomeRow<'_>, attempts: &[AttemptRow]) -> bool {
        let Some(watch) = self.watch.as_ref().map(Arc::clone) else { return false };
        let accepted = accepted(outcome, attempts);
        let OutcomeRow { message_id, queue_id, sender, recipient, original, .. } = *outcome;
        let offer = Offer { message_id, queue_id, sender, recipient, original, accepted };
        let at = accepted.unwrap_or(outcome.last);
        let newest = (at, (outcome.message, outcome.recipient_no));
        let mut is_held = false;
        watch.each(&offer, |case, link| {
            is_held = true;
            self.find((case, link), Found { newest, outcomes: 1 });
        });
        if is_held {
            self.held.insert(newest.1, Held::new(outcome, attempts, at));
            if self.held.len() > 2 * self.found.len() + SLACK {
                self.sweep();
            }
        }
        is_held
    }

    fn find(&mut self, key: (u32, Link), other: Found) {
        let add = |found: &mut Found| {
            found.outcomes += other.outcomes;
            found.newest = found.newest.max(other.newest);
        };
        self.found.entry(key).and_modify(add).or_insert(other);
    }

    /// Lets go what no key means: older ones, and those of which there are several where there may be but one.
    fn sweep(&mut self) {
        let is_meant = |(key, found): &(&(u32, Link), &Found)| !key.1.is_weak || found.outcomes == 1;
        let meant: HashSet<Outcome> = self.found.iter().filter(is_meant).map(|(_, found)| found.newest.1).collect();
        self.free.extend(self.held.extract_if(|id, _| !meant.contains(id)).map(|(_, held)| held));
    }

    pub(super) fn absorb(&mut self, other: Self, by: &Translation) {
        for (key, found) in other.found {
            self.find(key, found);
        }
        self.own.extend(other.own);
        for mut held in other.held.into_values().chain(other.free) {
            held.translate(by);
            self.held.insert(held.id(), held);
        }
        self.sweep();
    }

    /// What may be counted now.
    pub(super) fn free(&mut self) -> Vec<Held> {
        std::mem::take(&mut self.free)
    }

    /// All that is held, in an order of its own.
    pub(super) fn into_held(self) -> Vec<Held> {
        let mut held: Vec<Held> = self.held.into_values().chain(self.free).collect();
        held.sort_by_key(Held::id);
        held
    }

    /// The outcome that a case is about, by its strongest key; or why there is none. `is_own`: a host of ours reports, so that the mail
    /// is one that failed in our log, and not another to the same recipient.
    fn of(&self, case: u32, is_own: bool) -> Result<(By, Outcome), Fate> {
        let all = [By::EnvelopeId, By::MessageId, By::Verp, By::QueueId, By::Header, By::Recipient];
        let keys = all.into_iter().filter(|by| !is_own || !matches!(by, By::Verp | By::Recipient));
        let mut is_ambiguous = false;
        for (by, is_weak) in keys.flat_map(|by| [(by, false), (by, true)]) {
            match self.found.get(&(case, Link { by, is_weak })) {
                Some(found) if found.outcomes == 1 || !is_weak => return Ok((by, found.newest.1)),
                Some(_) => is_ambiguous = true,
                None => {}
            }
        }
        Err(match (is_own, is_ambiguous) {
            (true, _) => Fate::Own,
            (false, true) => Fate::Ambiguous,
            (false, false) => Fate::Unmatched,
        })
    }

    /// Settles a bounce: its time if that is told, whether a host of ours reports, its reply.
    pub(super) fn bounce(&mut self, case: u32, time: Option<Micros>, is_own: bool, told: Bounced, within: Within) -> Fate {
        if time.is_some_and(|time| time > within.end) {
            return Fate::Late;
        }
        let (by, id) = match self.of(case, is_own || self.own.contains(&case)) {
            Ok(found) => found,
            Err(fate) => return fate,
        };
        let Some(held) = self.held.get_mut(&id) else { return Fate::Unmatched };
        match (held.ids.end, held.ids.bounced_later, held.by) {
            (_, _, Some(_)) => Fate::Again,
            (End::Accepted, Some(_), None) => Fate::Known,
            (End::Accepted, None, None) if held.at > within.end => Fate::Late,
            (End::Accepted, None, None) => {
                held.ids.bounced_later = Some(Bounced { time: time.unwrap_or(held.at).max(held.at), ..told });
                held.by = Some((by, time.is_some()));
                within.fate(held, by)
            }
            (End::Refused | End::Expired, ..) => Fate::Own,
            (End::Deferred | End::Queued | End::Cancelled | End::Unknown | End::HandedOn | End::Local | End::NotSent, ..) => {
                Fate::Unmatched
            }
        }
    }

    /// Settles a complaint.
    pub(super) fn complaint(&mut self, case: u32, time: Option<Micros>, within: Within) -> Fate {
        let (by, id) = match self.of(case, false) {
            Ok(found) => found,
            Err(fate) => return fate,
        };
        let Some(held) = self.held.get_mut(&id).filter(|held| held.ids.end == End::Accepted) else { return Fate::Unmatched };
        if held.ids.complained.is_some() {
            return Fate::Again;
        }
        held.ids.complained = Some(time.unwrap_or(held.at));
        within.fate(held, by)
    }
}

/// The period of a run, and the last moment that may finish an outcome.
#[derive(Clone, Copy)]
pub(super) struct Within {
    pub(super) since: Micros,
    pub(super) until: Micros,
    pub(super) end: Micros,
}

impl Within {
    fn fate(self, held: &Held, by: By) -> Fate {
        let is_of_period = (self.since..self.until).contains(&held.ids.received);
        if is_of_period { Fate::Joined(by) } else { Fate::Elsewhere(by) }
    }
}
