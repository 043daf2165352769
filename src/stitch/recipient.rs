//! One recipient of a message, and how far it got.

use super::tale::Span;
use crate::event::{Closing, Micros, Sort, Status};
use crate::intern::Id;
use crate::rows::{AttemptRow, Bounced, End, Traffic};

/// How far a recipient got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Untold,
    Deferred,
    GivenUp,
    Cancelled,
    Withheld,
    Failed,
    Accepted,
    HandedOn,
    Stored,
}

/// An attempt of a recipient, each by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub(super) recipient: u32,
    /// Index into [`Tale::tries`](super::tale::Tale::tries).
    pub(super) attempt: u32,
}

/// One recipient of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recipient {
    /// Empty where no record tells.
    pub(super) address: Span,
    pub(super) original: Span,
    pub(super) domain: Id,
    /// Its number, where the format has one.
    pub(super) index: Option<u32>,
    /// The share of the message of which it is an unknown recipient; None: it is no such.
    pub(super) share: Option<u16>,
    progress: Progress,
    pub(super) last: Micros,
    /// Sort of its last attempt that was one.
    sort: Sort,
    pub(super) is_tried: bool,
    /// It was named since its last attempt.
    pub(super) is_awaited: bool,
    /// The last line of the words of its next attempt.
    pub(super) words: Option<u32>,
    pub(super) last_try: Option<u32>,
    /// How often it stands in the queue file: as often as records in a row say the same of it, since all its entries are tried at once,
    /// and as often as records say that it was delivered to or failed, since each entry ends once.
    pub(super) entries: usize,
    /// How many records in a row say what the last one says.
    alike: usize,
    /// How many records say that it was delivered to, or failed.
    ended: usize,
    pub(super) handed_to: Span,
    pub(super) bounced: Option<Bounced>,
    pub(super) complained: Option<Micros>,
}

impl Recipient {
    pub(super) fn new(address: Span, index: Option<u32>, original: Span, domain: Id) -> Self {
        Self {
            address,
            original,
            domain,
            index,
            share: None,
            progress: Progress::Untold,
            last: Micros(i64::MIN),
            sort: Sort::Suspended,
            is_tried: false,
            is_awaited: false,
            words: None,
            last_try: None,
            entries: 1,
            alike: 0,
            ended: 0,
            handed_to: Span::default(),
            bounced: None,
            complained: None,
        }
    }

    pub(super) fn is_accepted(&self) -> bool {
        self.progress == Progress::Accepted
    }

    /// A record of an attempt: whether it says what the one before said, and whether it ends an entry under this address as it was asked for.
    pub(super) fn repeat(&mut self, is_repeated: bool, is_end: bool) {
        self.alike = if is_repeated { self.alike + 1 } else { 1 };
        self.ended += usize::from(is_end);
        self.entries = self.entries.max(self.alike).max(self.ended);
    }

    /// An attempt: what was accepted stays accepted, and what failed for good stays failed, whatever a late record adds.
    pub(super) fn take(&mut self, row: &AttemptRow) {
        self.last = self.last.max(row.time);
        self.is_tried = true;
        self.is_awaited = false;
        // The record in which our MTA says that it gives up is no attempt: the ones before it show what sort of mail it was. One of a delivery at
        // home is none either, and shows that it was local.
        let is_given_up = matches!(self.progress, Progress::GivenUp | Progress::Cancelled);
        let is_giving_up = matches!(row.sort, Sort::Own | Sort::Local) && row.status == Status::Failed && is_given_up;
        if row.sort != Sort::Suspended && !(is_giving_up && row.sort == Sort::Own) {
            self.sort = row.sort;
        }
        let is_final = matches!(self.progress, Progress::Accepted | Progress::HandedOn | Progress::Stored);
        self.progress = match row.status {
            _ if is_final => self.progress,
            Status::Delivered => match row.sort {
                Sort::Hop => Progress::HandedOn,
                Sort::Local => Progress::Stored,
                Sort::Real | Sort::Suspended | Sort::Own | Sort::Probe | Sort::NotSent => Progress::Accepted,
            },
            Status::Failed if is_giving_up => self.progress,
            // A service that sends nothing, or mail that is sent in play: no rate counts it, but a later attempt would.
            Status::Failed | Status::Unknown if row.sort == Sort::NotSent => Progress::Withheld,
            Status::Failed => Progress::Failed,
            Status::Expired if self.progress != Progress::Failed => Progress::GivenUp,
            Status::Deferred if self.progress == Progress::Untold => Progress::Deferred,
            Status::Expired | Status::Deferred | Status::Unknown => self.progress,
        };
    }

    /// Whether an attempt is no attempt but the bounce of what was accepted before.
    pub(super) fn is_bounced_by(&self, row: &AttemptRow) -> bool {
        self.progress == Progress::Accepted
            && self.bounced.is_none()
            && row.status == Status::Failed
            && row.sort == Sort::Real
            && row.time > self.last
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.progress, Progress::Untold | Progress::Deferred)
    }

    /// An address that stands for others: the mail goes to those.
    pub(super) fn expand(&mut self) {
        if self.progress == Progress::Untold {
            self.progress = Progress::HandedOn;
        }
    }

    pub(super) fn give_up(&mut self, time: Micros) {
        if self.is_open() {
            self.progress = Progress::GivenUp;
            self.last = self.last.max(time);
        }
    }

    /// The operator took it out of the queue.
    pub(super) fn cancel(&mut self, time: Micros) {
        if self.is_open() {
            self.progress = Progress::Cancelled;
            self.last = self.last.max(time);
        }
    }

    pub(super) fn end(&self, closing: Option<Closing>, is_gone: bool) -> End {
        match self.progress {
            Progress::Accepted => End::Accepted,
            Progress::HandedOn => End::HandedOn,
            Progress::Stored => End::Local,
            Progress::Failed => End::Refused,
            Progress::GivenUp => End::Expired,
            Progress::Cancelled => End::Cancelled,
            Progress::Withheld => End::NotSent,
            Progress::Deferred | Progress::Untold => match closing {
                Some(Closing::Cancelled) => End::Cancelled,
                Some(Closing::Requeued) => End::HandedOn,
                Some(Closing::Done) => End::Unknown,
                None if is_gone => End::Unknown,
                None if self.progress == Progress::Deferred => End::Deferred,
                None if self.is_tried => End::Unknown,
                None => End::Queued,
            },
        }
    }

    pub(super) fn traffic(&self, is_own_bounce: bool) -> Traffic {
        match self.sort {
            _ if is_own_bounce => Traffic::OwnBounce,
            Sort::Local => Traffic::Internal,
            Sort::Real | Sort::Suspended | Sort::Hop | Sort::Own | Sort::Probe | Sort::NotSent => Traffic::Outbound,
        }
    }
}

/// Whether two rows say the same, the delay to the digit included: of one record written twice, or of one try. What an accepted reply said is in no row.
pub(super) fn is_same_record(one: &AttemptRow, other: &AttemptRow) -> bool {
    one.pos != other.pos && one.delay_ms.is_some() && AttemptRow { pos: other.pos, ..*one } == *other
}

/// Whether two rows say the same within a second: of one try of two entries, as far as the delay tells.
pub(super) fn is_same_try(one: &AttemptRow, other: &AttemptRow) -> bool {
    one.time.0.abs_diff(other.time.0) <= Micros::SECOND as u64
        && is_same_record(&AttemptRow { time: other.time, ..*one }, other)
}
