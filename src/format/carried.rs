//! Logs that no syslog daemon writes, as a shipper or a container passed them on: tables and records of fields as the text of objects, or
//! behind what `docker compose`, Kubernetes, syslog or `grep` put before a line.
//!
//! Looked for only where no format knows a file as it stands. What a record says is read by the format's own reader; a cell with a line end
//! within was cut there by what passed it on, and its row is not whole. Sources: the manuals of Filebeat, Fluent Bit, Loki, Splunk;
//! Kubernetes, "CRI logging".

use super::cursor::{split_byte, split_pair, split_text, unmarked};
use super::detect::{Detection, Nowhere};
use super::envelope::Unwrapped;
use super::exchange::Exchange;
use super::mailerq::MailerQ;
use super::momentum::Momentum;
use super::opensmtpd::OpenSmtpd;
use super::powermta::PowerMta;
use super::qmail::Qmail;
use super::syslog::{self, Syslog};
use super::{Confidence, FileContext, Format, Reader};
use crate::event::{Framing, Kind, Pos, Sink};

/// The formats that may be passed on.
static CARRIED: [Carried; 6] = [
    Carried(&PowerMta),
    Carried(&Exchange),
    Carried(&Momentum),
    Carried(&MailerQ),
    Carried(&Qmail),
    Carried(&Syslog(&OpenSmtpd)),
];

/// A format whose records stand within others.
pub(super) struct Carried(&'static dyn Format);

/// What stands around a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    /// An object that has it as its text.
    Object,
    /// `2026-10-01T08:00:00.1Z stdout F `
    Container,
    /// `mail-1  | `
    Service,
    /// `[pod/mail-0/mail] `
    Pod,
    /// `<13>Oct  1 08:00:00 host tag: `
    Syslog,
    /// `/var/log/file:`
    Path,
}

/// Objects first: what is within one may look like any of the others.
const AROUND: [Around; 6] = [Around::Object, Around::Container, Around::Service, Around::Pod, Around::Syslog, Around::Path];

/// The longest of what stands before a line.
const LONGEST_FRONT: usize = 256;

/// Lines that are read before all others for the names of columns.
const FIRST_LINES: usize = 16;

/// Records that are looked at: folders hold many logs of something else, which nobody should wait for.
const MOST_RECORDS: usize = 200;

/// The format of a file that begins with `head`, if it was passed on.
pub(super) fn detect(head: &[u8]) -> Option<Detection> {
    AROUND.into_iter().find_map(|around| {
        let within = around.head(head);
        let is_certain = |carried: &&Carried| {
            !within.is_empty() && carried.0.recognise(&within).is_some_and(|(confidence, _)| confidence == Confidence::Certain)
        };
        let format = CARRIED.iter().find(is_certain)?;
        Some(Detection { format, confidence: Confidence::Certain, framing: around.framing(head) })
    })
}

impl Around {
    /// The record within. None: nothing of this sort stands around it.
    fn open<'a>(self, record: &'a [u8], object: &'a mut Unwrapped) -> Option<&'a [u8]> {
        let record = unmarked(record);
        if self == Self::Object {
            let is_told = record.starts_with(b"{") && object.read(record);
            return is_told.then(|| object.text());
        }
        let front = record.get(..LONGEST_FRONT.min(record.len()))?;
        let length = match self {
            Self::Object => return None,
            Self::Container => {
                let streams = [&b" stdout F "[..], b" stderr F "];
                let (before, _) = streams.into_iter().find_map(|stream| split_text(front, stream))?;
                before.len() + b" stdout F ".len()
            }
            Self::Service => split_pair(front, *b"| ")?.0.len() + 2,
            Self::Pod => split_pair(front.strip_prefix(b"[")?, *b"] ")?.0.len() + 3,
            Self::Syslog => split_pair(front, *b": ")?.0.len() + 2,
            Self::Path => {
                let (path, _) = split_byte(front, b':')?;
                let is_path = !path.contains(&b' ') && path.iter().any(|byte| matches!(byte, b'/' | b'.'));
                is_path.then_some(path.len() + 1)?
            }
        };
        record.get(length..)
    }

    /// How a file that begins with `head` is framed: objects may go over many lines, or stand in a list.
    fn framing(self, head: &[u8]) -> Framing {
        let is_spread = self == Self::Object && syslog::framing(head) == Framing::Json;
        if is_spread { Framing::Json } else { Framing::Lines }
    }

    /// The head of the log within.
    fn head(self, head: &[u8]) -> Vec<u8> {
        let mut object = Unwrapped::default();
        let mut within = Vec::new();
        let mut add = |record: &[u8]| {
            if let Some(text) = self.open(record.trim_ascii_end(), &mut object) {
                within.extend_from_slice(text);
                within.push(b'\n');
            }
        };
        if self.framing(head) == Framing::Json {
            syslog::objects(unmarked(head)).take(MOST_RECORDS).for_each(&mut add);
        } else {
            head.split(|&byte| byte == b'\n').take(MOST_RECORDS).for_each(&mut add);
        }
        within
    }
}

impl Carried {
    /// What stands around the records, the head of the log within, and how sure its format is.
    fn find(&self, head: &[u8]) -> Option<(Around, Vec<u8>, Confidence)> {
        AROUND.into_iter().find_map(|around| {
            let within = around.head(head);
            let (confidence, _) = self.0.recognise(&within)?;
            (confidence == Confidence::Certain).then_some((around, within, confidence))
        })
    }
}

impl Format for Carried {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        let (around, _, confidence) = self.find(head)?;
        Some((confidence, around.framing(head)))
    }

    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        let Some((around, within, _)) = self.find(head) else { return self.0.reader(head, context) };
        let mut reader = self.0.reader(&within, context);
        // Which columns there are was said at the front, and a part of the file may begin behind it.
        for line in within.split(|&byte| byte == b'\n').take(FIRST_LINES) {
            reader.read(line, Pos::default(), &mut Nowhere);
        }
        Box::new(Within { around, object: Unwrapped::default(), reader })
    }
}

/// Reads the records within others.
struct Within {
    around: Around,
    object: Unwrapped,
    reader: Box<dyn Reader>,
}

impl Reader for Within {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        match self.around.open(record.trim_ascii_end(), &mut self.object) {
            Some(text) => self.reader.read(text, at, into),
            None if is_blank(record) => Kind::Other,
            None => Kind::Unparsed,
        }
    }
}

/// Whether nothing is said: an empty line, or an object without a text.
#[cold]
fn is_blank(record: &[u8]) -> bool {
    record.trim_ascii().is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(record).is_ok()
}
