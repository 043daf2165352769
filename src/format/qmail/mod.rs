//! qmail, netqmail, notqmail, s/qmail, indimail: the log of qmail-send.
//!
//! The result of a delivery names neither message nor recipient, but the number of the delivery, which the line that began it bound to
//! both: numbers are slots, and the stitch joins them. A message is the inode of its queue file, used again as soon as it is free; a
//! `new msg` is a new message. Keeps no state. Sources: qmail-log(5), qmail-send.c, qmail-rspawn.c, qmail-remote.c, qsutil.c,
//! qmail-local.c of notqmail; multilog(8), tai64nlocal(8), splogger(8).

mod report;
mod statement;

use super::clock::Clock;
use super::cursor::{skip_blanks, split_byte};
use super::envelope;
use super::row::trim;
use super::syslog::{Line, Program, Syslog};
use super::{Confidence, FileContext, Format, Opening, Reader};
use crate::event::{Event, Framing, Head, Key, Kind, Micros, Pos, Sink, What};

/// The log of qmail-send, in its own framings or carried by syslog.
pub(super) struct Qmail;

/// Its lines, once syslog's header is off.
pub(super) struct Send;

impl Format for Qmail {
    fn name(&self) -> &'static str {
        Send.name()
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        let context = FileContext { anchor: Micros(i64::MAX), zone: jiff::tz::TimeZone::UTC, own_relays: Vec::new() };
        let mut clock = Clock::new(&context);
        let mut lines = head.split(|&byte| byte == b'\n').map(trim);
        let is_ours = lines.any(|line| own_stamp(line, &mut clock).is_some_and(|(_, text)| statement::is_certain(text)));
        if is_ours { Some((Confidence::Certain, Framing::Lines)) } else { Syslog(&Send).recognise(head) }
    }

    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        Box::new(LineReader { clock: Clock::new(context), carried: Syslog(&Send).reader(head, context) })
    }
}

/// Reads lines in qmail's own framings; others are syslog's.
struct LineReader {
    clock: Clock,
    carried: Box<dyn Reader>,
}

impl Reader for LineReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        if let Some((time, text)) = own_stamp(record, &mut self.clock) {
            let head = Head { pos: at, time: Some(time), host: b"", instance: b"", pid: None, record };
            if let Some(kind) = statement::read(head, trim(text), 1, into) {
                return kind;
            }
            if record.starts_with(b"@") {
                // Another program's, in the same log.
                return Kind::Other;
            }
        }
        self.carried.read(record, at, into)
    }

    fn opening(&mut self, record: &[u8]) -> Option<Opening> {
        match own_stamp(record, &mut self.clock) {
            Some((time, text)) if record.starts_with(b"@") || statement::is_certain(trim(text)) => {
                Some(Opening { time, host: Vec::new() })
            }
            Some(_) | None => self.carried.opening(record),
        }
    }
}

/// The stamps that multilog, tai64nlocal and splogger put right before qmail's words, and the words.
fn own_stamp<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(Micros, &'a [u8])> {
    let (time, rest) = match line.first()? {
        b'@' => envelope::tai64n(line)?,
        b'0'..=b'9' => envelope::epoch(line).or_else(|| envelope::iso(line, clock))?,
        _ => return None,
    };
    Some((time, skip_blanks(rest)))
}

impl Program for Send {
    fn name(&self) -> &'static str {
        "qmail"
    }

    fn read(&self, line: &Line<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let tag = line.envelope.tag;
        let is_ours = tag.starts_with(b"qmail");
        // A status, a warning: qmail's word ends like a tag. Without qmail's name before it, it may be anybody's.
        if !is_ours && !tag.is_empty() {
            return None;
        }
        let text = trim(line.envelope.text);
        let (text, is_named) = match text.strip_prefix(b"qmail: ") {
            Some(text) if tag.is_empty() => (text, true),
            Some(_) | None => (text, is_ours),
        };
        if !is_named && !statement::is_certain(text) {
            return None;
        }
        // In a wrapper, what follows the text would stand between the pieces.
        let may_be_piece = line.record.ends_with(text);
        // splogger puts the exact time behind syslog's, which has no year.
        let (time, text) = match envelope::epoch(text) {
            Some((time, rest)) => {
                let text = skip_blanks(rest);
                if may_be_piece && goes_on(text) && statement::is_result(text) {
                    return Some(piece(line, time, 1, text, into));
                }
                (Some(time), text)
            }
            None => match continued(text).filter(|_| may_be_piece) {
                Some((time, text)) => return Some(piece(line, time, 0, text, into)),
                None => (line.envelope.time, text),
            },
        };
        let head = Head { time, ..line.head(b"") };
        statement::read(head, text, line.times, into).or(Some(Kind::Other))
    }

    fn queued(&self, line: &Line<'_>) -> Option<Micros> {
        let text = line.envelope.text.get(..).filter(|_| line.envelope.tag.starts_with(b"qmail"))?;
        envelope::epoch(text).map(|(time, _)| time)
    }
}

/// As much as splogger puts into one record (`buf` of splogger.c). What is longer goes on in the next, with the same stamp and a `+`.
const PIECE: usize = 799;

/// Whether splogger has more to say of this line. A report has the end of its last line, a `/`, for its end.
fn goes_on(text: &[u8]) -> bool {
    text.len() == PIECE && !text.ends_with(b"/")
}

/// `1591785771.138809+more`
fn continued(text: &[u8]) -> Option<(Micros, &[u8])> {
    let (time, rest) = envelope::epoch_before(text, b'+')?;
    Some((time, rest.get(1..)?))
}

/// A part of a line that was too long for splogger. The stitch puts them together, and the whole is read again.
fn piece(line: &Line<'_>, time: Micros, index: u32, text: &[u8], into: &mut dyn Sink) -> Kind {
    let what = What::Piece { index, of: u32::from(!goes_on(text)), text };
    let head = Head { time: Some(time), ..line.head(b"qmail") };
    into.event(&Event { head, key: Key::Slot(line.envelope.pid), what });
    Kind::Context
}

/// The word that indimail puts at the end of each line: which of its queues it is about. Numbers of messages and deliveries are each
/// queue's own.
fn split_queue(text: &[u8]) -> (&[u8], &[u8]) {
    let Some(at) = memchr::memrchr(b' ', text) else { return (text, b"") };
    let (rest, word) = text.split_at_checked(at).unwrap_or((text, b""));
    let word = skip_blanks(word);
    if is_queue(word) { (trim(rest), word) } else { (text, b"") }
}

/// The folders of indimail's queues: those that share the work, and those for slow mail, for itself, for mail from elsewhere.
fn is_queue(word: &[u8]) -> bool {
    match word.strip_prefix(b"queue") {
        Some(number) => !number.is_empty() && number.iter().all(u8::is_ascii_digit),
        None => matches!(word, b"slowq" | b"qmta" | b"nqueue"),
    }
}

/// A number at the front of a text that `end` ends; what follows.
fn numbered(text: &[u8], end: u8) -> Option<(&[u8], &[u8])> {
    let (number, rest) = split_byte(text, end)?;
    (!number.is_empty() && number.iter().all(u8::is_ascii_digit)).then_some((number, rest))
}

/// The number of a delivery at the front of a text, up to the colon: `7`, or `7.3` of an indimail whose instances are told apart.
fn delivery_number(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (number, rest) = split_byte(text, b':')?;
    let (digits, instance) = split_byte(number, b'.').unwrap_or((number, b"0"));
    let is_number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    (is_number(digits) && instance.iter().all(u8::is_ascii_alphanumeric)).then_some((number, rest))
}
