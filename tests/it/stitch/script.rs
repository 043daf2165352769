//! Events written by hand, and how the stitch is fed with them, whole or cut.

use mailtally::event::{Attempt, Event, Head, Key, Micros, Pos, Sink, Sort, Speaker, Stage, Status, Target, What};
use mailtally::rows::RowSink;
use mailtally::stitch::{Noted, Segment};

/// Seconds from here on.
pub(super) const START: i64 = 1_790_000_000;

/// One event: seconds after [`START`], host, what it belongs to and what it says.
#[derive(Clone, Copy)]
pub(super) struct Said {
    pub(super) second: i64,
    pub(super) host: &'static str,
    pub(super) pid: u32,
    pub(super) key: Key<'static>,
    pub(super) what: What<'static>,
    /// Of the same record as the event before.
    pub(super) is_more: bool,
}

/// Bytes as text, so that a failing case can be read.
impl std::fmt::Debug for Said {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:?} {:?}", self.key, self.what);
        let mut words = String::new();
        for part in text.split_inclusive(']') {
            let (before, list) = part.rsplit_once('[').unwrap_or((part, ""));
            let bytes: Option<Vec<u8>> = list.trim_end_matches(']').split(", ").map(|number| number.parse().ok()).collect();
            match bytes {
                Some(bytes) => words.extend([before, "'", &String::from_utf8_lossy(&bytes), "'"]),
                None => words += part,
            }
        }
        let more = if self.is_more { "+" } else { "" };
        write!(to, "{more}{} {} pid {} {words}", self.second, self.host, self.pid)
    }
}

/// An event of message `id`.
pub(super) fn message(second: i64, id: &'static str, what: What<'static>) -> Said {
    Said { second, host: "mx", pid: 7, key: Key::Message(id.as_bytes()), what, is_more: false }
}

/// An event of slot `slot`.
pub(super) fn slot(second: i64, slot: &'static str, what: What<'static>) -> Said {
    Said { second, host: "mx", pid: 7, key: Key::Slot(slot.as_bytes()), what, is_more: false }
}

/// An event that is whole by itself.
pub(super) fn whole(second: i64, what: What<'static>) -> Said {
    Said { second, host: "mx", pid: 7, key: Key::Whole, what, is_more: false }
}

/// An attempt that was accepted.
pub(super) fn delivered(target: Target<'static>) -> Attempt<'static> {
    Attempt {
        target,
        original: None,
        slot: None,
        status: Status::Delivered,
        sort: Sort::Real,
        speaker: Speaker::Remote,
        stage: Stage::Unknown,
        relay: b"",
        relay_ip: b"",
        source: b"",
        code: Some(250),
        enhanced: None,
        reply: b"250 ok",
        delay_ms: None,
        parts_ms: None,
        tls: b"",
        times: 1,
        nth: 1,
    }
}

/// An attempt that failed, with the words for it.
pub(super) fn failed(target: Target<'static>, status: Status, reply: &'static str) -> Attempt<'static> {
    Attempt { status, reply: reply.as_bytes(), code: None, ..delivered(target) }
}

/// A recipient by address.
pub(super) fn to(address: &'static str) -> Target<'static> {
    Target::Address(address.as_bytes())
}

/// The same event, but of the same record as the one before.
#[allow(clippy::large_types_passed_by_value, reason = "a test says it in one breath")]
pub(super) fn more(mut said: Said) -> Said {
    said.is_more = true;
    said
}

/// Cuts events before the records whose numbers are given, and stitches each part alone.
pub(super) fn segments<R: RowSink + Default>(events: &[Said], cuts: &[usize]) -> Vec<Segment<R>> {
    let mut segments = vec![Segment::new(R::default())];
    let mut record = 0;
    for (number, said) in events.iter().enumerate() {
        record = if said.is_more { record } else { number };
        if cuts.contains(&number) && !said.is_more {
            segments.push(Segment::new(R::default()));
        }
        feed(said, record, segments.last_mut().unwrap());
    }
    segments
}

/// Stitches events in parts, and joins each part to those before it.
pub(super) fn run<R: RowSink + Default>(events: &[Said], cuts: &[usize]) -> (R, Noted) {
    let mut whole = Segment::beginning(R::default());
    for segment in segments(events, cuts) {
        whole.join(segment);
    }
    let (_, rows, noted) = whole.finish();
    (rows, noted)
}

/// The same, but joins from the right: what is joined first changes nothing either.
pub(super) fn run_from_the_right<R: RowSink + Default>(events: &[Said], cuts: &[usize]) -> (R, Noted) {
    let mut segments = segments(events, cuts);
    let mut all = segments.pop().unwrap();
    while let Some(mut left) = segments.pop() {
        left.join(all);
        all = left;
    }
    let (_, rows, noted) = all.finish();
    (rows, noted)
}

/// Feeds one event of the record of this number.
pub(super) fn feed<R: RowSink>(said: &Said, record: usize, into: &mut Segment<R>) {
    feed_text(said, record, &format!("record {record}"), into);
}

/// The same, with a text for the record.
pub(super) fn feed_text<R: RowSink>(said: &Said, record: usize, text: &str, into: &mut Segment<R>) {
    let time = Some(Micros((START + said.second) * Micros::SECOND));
    let pos = Pos { file: 0, offset: record as u64 * 100 };
    let head = Head { pos, time, host: said.host.as_bytes(), instance: b"mta", pid: Some(said.pid), record: text.as_bytes() };
    into.event(&Event { head, key: said.key, what: said.what });
}
