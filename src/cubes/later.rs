//! Outcomes that a mail that came back may be about, and which of them it is about.
//!
//! While outcomes are counted, those that the watch list names are kept as candidates: for each case and key the newest, and how many
//! there were. Parts merge in any order. When all is counted, cases are settled in their own order, each by its strongest key: an id
//! with the recipient takes the newest delivery, anything weaker only a single one. The outcome then moves in the cubes from delivered
//! to bounced later.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::keys::{BlockCounts, Cube, OutcomeBlock, OutcomeCounts, OutcomeDomain, Reason, State, Translate};
use super::traffic::{OutcomeSender, SenderCounts};
use crate::event::Micros;
use crate::feedback::{By, Fate, Link, Watch};
use crate::intern::{Id, Translation};

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

/// An outcome that a case may be about, with the cells in which it was counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// Message and number of the recipient: unique.
    pub(super) id: (u64, u32),
    /// When it was accepted, else its last event.
    pub(super) at: Micros,
    /// Route by which its replies are judged.
    pub(super) route: Id,
    /// False for mail that was received before or after the period: it is in no cell.
    pub(super) is_of_period: bool,
    /// True where the log itself records a complaint.
    pub(super) is_complained: bool,
    pub(super) domain: (OutcomeDomain, OutcomeCounts),
    pub(super) sender: (OutcomeSender, SenderCounts),
    pub(super) block: Option<(OutcomeBlock, BlockCounts)>,
}

impl Candidate {
    fn translated(self, by: &Translation) -> Self {
        Self {
            route: by.of(self.route),
            domain: (self.domain.0.translated(by), self.domain.1),
            sender: (self.sender.0.translated(by), self.sender.1),
            block: self.block.map(|(key, counts)| (key.translated(by), counts)),
            ..self
        }
    }

    const fn state(&self) -> State {
        self.domain.0.state
    }

    fn age(&self) -> (Micros, (u64, u32)) {
        (self.at, self.id)
    }

    /// The same outcome as one that bounced later.
    fn bounced(mut self, reason: Reason) -> Self {
        (self.domain.0.state, self.domain.0.reason) = (State::BouncedLater, Some(reason));
        (self.domain.1.first_try, self.domain.1.recovered) = (0, 0);
        (self.sender.0.state, self.sender.0.reason) = (State::BouncedLater, Some(reason));
        if let Some((key, _)) = &mut self.block {
            key.state = State::BouncedLater;
        }
        self
    }
}

/// What one key of a case found.
#[derive(Clone, Copy, Debug)]
struct Found {
    newest: Candidate,
    /// How many outcomes.
    outcomes: u64,
}

/// The candidates of all cases.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    watch: Option<Arc<Watch>>,
    found: HashMap<(u32, Link), Found, FixedState>,
}

impl Candidates {
    pub(super) fn new(watch: Option<Arc<Watch>>) -> Self {
        Self { watch: watch.filter(|watch| !watch.is_empty()), found: HashMap::default() }
    }

    pub(super) fn watch(&self) -> Option<&Arc<Watch>> {
        self.watch.as_ref()
    }

    /// Keeps an outcome that a key of a case found.
    pub(super) fn see(&mut self, case: u32, link: Link, candidate: Candidate) {
        self.add(case, link, Found { newest: candidate, outcomes: 1 });
    }

    fn add(&mut self, case: u32, link: Link, other: Found) {
        let add = |found: &mut Found| {
            found.outcomes += other.outcomes;
            if other.newest.age() > found.newest.age() {
                found.newest = other.newest;
            }
        };
        self.found.entry((case, link)).and_modify(add).or_insert(other);
    }

    pub(super) fn absorb(&mut self, other: &Self, by: &Translation) {
        for (&(case, link), found) in &other.found {
            self.add(case, link, Found { newest: found.newest.translated(by), outcomes: found.outcomes });
        }
    }

    /// The outcome that a case is about, by its strongest key; or why there is none. `is_own`: a host of ours reports, so that the mail
    /// is one that failed in our log, and not another to the same recipient.
    fn of(&self, case: u32, is_own: bool) -> Result<(By, Candidate), Fate> {
        let all = [By::EnvelopeId, By::MessageId, By::Verp, By::QueueId, By::Header, By::Recipient];
        let keys = all.into_iter().filter(|by| !is_own || !matches!(by, By::Verp | By::Recipient));
        let mut is_ambiguous = false;
        for (by, is_weak) in keys.flat_map(|by| [(by, false), (by, true)]) {
            match self.found.get(&(case, Link { by, is_weak })) {
                Some(found) if found.outcomes == 1 || !is_weak => return Ok((by, found.newest)),
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
}

/// Settles the cases of a run.
pub(super) struct Settling<'a> {
    pub(super) candidates: &'a Candidates,
    /// Bounces later than this are not looked at.
    pub(super) end: Micros,
    /// Outcomes that moved, as they are now.
    moved: HashMap<(u64, u32), Candidate, FixedState>,
    complained: HashMap<(u64, u32), (), FixedState>,
}

/// What settling a case asks of the cubes.
pub(super) enum Change {
    /// Nothing.
    Nothing(Fate),
    /// An outcome bounced later: it was counted as the first and is the second now.
    Bounced(By, Box<(Candidate, Candidate)>),
    /// A complaint is about this outcome, as it is now.
    Complained(By, Box<Candidate>),
}

impl<'a> Settling<'a> {
    pub(super) fn new(candidates: &'a Candidates, end: Micros) -> Self {
        Self { candidates, end, moved: HashMap::default(), complained: HashMap::default() }
    }

    /// Settles a bounce whose reason `judge` gives.
    pub(super) fn bounce(
        &mut self,
        case: u32,
        (time, is_own): (Option<Micros>, bool),
        judge: impl FnOnce(Id) -> Reason,
    ) -> Change {
        if time.is_some_and(|time| time > self.end) {
            return Change::Nothing(Fate::Late);
        }
        let (by, candidate) = match self.candidates.of(case, is_own) {
            Ok(found) => found,
            Err(fate) => return Change::Nothing(fate),
        };
        if self.moved.contains_key(&candidate.id) {
            return Change::Nothing(Fate::Again);
        }
        match candidate.state() {
            State::BouncedLater => return Change::Nothing(Fate::Known),
            State::Delivered => {}
            State::Blocked | State::Bounced | State::Expired => return Change::Nothing(Fate::Own),
            State::Deferred | State::Queued | State::Cancelled | State::Unknown => return Change::Nothing(Fate::Unmatched),
        }
        let after = candidate.bounced(judge(candidate.route));
        self.moved.insert(candidate.id, after);
        if !candidate.is_of_period {
            return Change::Nothing(Fate::Elsewhere(by));
        }
        Change::Bounced(by, Box::new((candidate, after)))
    }

    /// Settles a complaint. Bounces are settled before.
    pub(super) fn complaint(&mut self, case: u32) -> Change {
        let (by, candidate) = match self.candidates.of(case, false) {
            Ok(found) => found,
            Err(fate) => return Change::Nothing(fate),
        };
        if candidate.is_complained {
            return Change::Nothing(Fate::Known);
        }
        if !matches!(candidate.state(), State::Delivered | State::BouncedLater) {
            return Change::Nothing(Fate::Unmatched);
        }
        if self.complained.insert(candidate.id, ()).is_some() {
            return Change::Nothing(Fate::Again);
        }
        if !candidate.is_of_period {
            return Change::Nothing(Fate::Elsewhere(by));
        }
        Change::Complained(by, Box::new(self.moved.get(&candidate.id).copied().unwrap_or(candidate)))
    }
}

/// Moves an outcome from the cell in which it was counted to another.
pub(super) fn shift<K: Translate, M: super::keys::Removable>(cube: &mut Cube<K, M>, before: (K, M), after: (K, M)) {
    cube.remove(before.0, before.1);
    cube.add(after.0, after.1);
}
