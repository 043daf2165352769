//! Cisco Secure Email Gateway (`IronPort` `AsyncOS`): four logs that tell of deliveries.
//!
//! The text mail log names connections (DCID), messages (MID) and recipients by their number in the message (RID); what a number stands
//! for was said by another line, and the stitch joins them. The bounce log and the consolidated events (CEF) are whole by themselves. The
//! delivery log is read as the vendor's tool renders it, in elements. Reading two of the four for one period counts twice. Sources:
//! `AsyncOS` user guides 7.1 to 15, chapter "Logging"; Cisco technote 118232.

mod bounce;
mod cef;
mod elements;
mod literal;
mod mail;
mod taken_out;
mod words;

use super::clock::Clock;
use super::cursor::{Cursor, number, split_text, unmarked};
use super::envelope::Envelope;
use super::syslog::{self, Line, Program, Syslog};
use super::{Confidence, FileContext, First, Format, Opening, Reader};
use crate::event::{Framing, Head, Kind, Micros, Pos, Sink};

/// The appliance's logs, as they are fetched or pushed.
pub(super) struct IronPort;

/// Its lines, once the header is off.
pub(super) struct MailLog;

impl Format for IronPort {
    fn name(&self) -> &'static str {
        MailLog.name()
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        let is_table = syslog::is_table(head);
        if !is_table && cef::holds(head) {
            return Some((Confidence::Certain, Framing::Lines));
        }
        if elements::is_ours(head) {
            return Some((Confidence::Certain, Framing::Elements));
        }
        Syslog(&MailLog).recognise(head)
    }

    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        let zone = offset(head).unwrap_or_else(|| context.zone.clone());
        let context = FileContext { zone, ..context.clone() };
        let holds_events = cef::holds(head) && !syslog::is_table(head);
        Box::new(LineReader { clock: Clock::new(&context), carried: Syslog(&MailLog).reader(head, &context), holds_events })
    }
}

/// `Info: Time offset from UTC: -14400 seconds`: newer releases say so at the beginning of each file.
fn offset(head: &[u8]) -> Option<jiff::tz::TimeZone> {
    let (_, rest) = split_text(head, b"Time offset from UTC: ")?;
    let mut at = Cursor(rest);
    let is_west = at.take(b"-");
    let seconds = i32::try_from(number(at.digits())?).ok()?;
    at.0.starts_with(b" seconds").then_some(())?;
    let offset = jiff::tz::Offset::from_seconds(if is_west { -seconds } else { seconds }).ok()?;
    Some(jiff::tz::TimeZone::fixed(offset))
}

/// Reads lines and elements. What needs no stamp of its own is syslog's.
struct LineReader {
    clock: Clock,
    carried: Box<dyn Reader>,
    /// Whether the head of the file has consolidated events: then their own stamps are read.
    holds_events: bool,
}

impl Reader for LineReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        if unmarked(record).starts_with(b"<")
            && let Some(kind) = elements::read(record, at, &mut self.clock, into)
        {
            return kind;
        }
        if self.holds_events
            && !record.starts_with(b"{")
            && let Some(event) = cef::event(record)
        {
            let carrier = Envelope::open(record, &mut self.clock);
            let carrier = if carrier.framed { carrier } else { Envelope::default() };
            let head = Head { pos: at, time: carrier.time, host: carrier.host, instance: b"", pid: None, record };
            return cef::read(head, event, Some(&mut self.clock), into);
        }
        self.carried.read(record, at, into)
    }

    fn opening(&mut self, record: &[u8]) -> Option<Opening> {
        if let Some(opening) = self.carried.opening(record) {
            return Some(opening);
        }
        // An event without a header, or an element: the stamp stands within.
        let mut opening = None;
        self.read(record, Pos::default(), &mut First(&mut opening));
        opening
    }
}

impl Program for MailLog {
    fn name(&self) -> &'static str {
        "ironport"
    }

    fn read(&self, line: &Line<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let text = line.envelope.text;
        if matches!(text.first(), Some(b'C' | b'0' | b'I')) && cef::holds(text) {
            let tagged = if line.envelope.tag == b"CEF" { Some(text) } else { None };
            if let Some(event) = cef::event(text).or(tagged) {
                return Some(cef::read(line.head(b""), event, None, into));
            }
        }
        let words = words::Words::of(line)?;
        mail::read(line, &words, into)
    }

    fn queued(&self, _: &Line<'_>) -> Option<Micros> {
        None
    }
}
