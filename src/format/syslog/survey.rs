//! What the head of a file shows: whether a program of syslog wrote it, and how it is framed.

use super::{Offered, PROGRAMS, Program, SyslogReader, table};
use crate::event::{Framing, Kind, Pos};
use crate::format::Confidence;
use crate::format::cursor::unmarked;
use crate::format::detect::Nowhere;
use crate::format::envelope::{Envelope, entries, holds_entries};

/// Whether a file that begins with `head` is the log of `program`. Where several MTAs share a file, it is named after the first to speak.
pub(super) fn recognise(program: &'static dyn Program, head: &[u8]) -> Option<(Confidence, Framing)> {
    if let Some(lines) = table::lines(head) {
        return recognise_records(program, &lines).map(|(confidence, _)| (confidence, Framing::Csv));
    }
    recognise_records(program, head)
}

/// The same of a file whose records say each whose it is.
fn recognise_records(program: &'static dyn Program, head: &[u8]) -> Option<(Confidence, Framing)> {
    let framing = framing(head);
    let mut survey = Survey::new(program, framing);
    let found = match framing {
        Framing::Json => objects(head).find_map(|record| survey.decide(record)),
        Framing::Entries => entries(head).find_map(|record| survey.decide(record)),
        Framing::Lines | Framing::Csv | Framing::Mbox | Framing::Elements => {
            head.split(|&byte| byte == b'\n').find_map(|record| survey.decide(record))
        }
    };
    let confidence = match found {
        Some(first) if first == program.name() => Some(Confidence::Certain),
        Some(_) if survey.own => Some(Confidence::Likely),
        Some(_) => None,
        None => survey.confidence(),
    };
    Some((confidence?, framing))
}

/// Objects that stand each on a line are lines.
pub(in crate::format) fn framing(head: &[u8]) -> Framing {
    if holds_entries(head) {
        return Framing::Entries;
    }
    let text = unmarked(head).trim_ascii_start();
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    match text.first() {
        Some(b'{') if serde_json::from_slice::<serde::de::IgnoredAny>(first).is_err() => Framing::Json,
        Some(b'[') if text.get(1..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"{")) => Framing::Json,
        _ => Framing::Lines,
    }
}

/// The whole objects at the beginning of `text`, in a list or one after the other.
pub(in crate::format) fn objects(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while let [b'[' | b',' | b' ' | b'\n' | b'\r' | b'\t', after @ ..] = rest {
            rest = after;
        }
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<serde::de::IgnoredAny>();
        values.next()?.ok()?;
        let (object, after) = rest.split_at_checked(values.byte_offset())?;
        rest = after;
        Some(object)
    })
}

/// What the head of a file shows of one program.
struct Survey {
    reader: SyslogReader,
    program: &'static dyn Program,
    framing: Framing,
    records: usize,
    /// Lines that syslog wrote.
    of_syslog: usize,
    /// Whether the program wrote one.
    own: bool,
    /// Whether an MTA wrote one that is not the program.
    foreign: bool,
}

/// MTAs by their tags in syslog: a log in which they speak is theirs, and not one in which another has not spoken yet.
const OTHER_MTAS: [&[u8]; 13] = [
    b"courierd",
    b"courieresmtp",
    b"courieresmtpd",
    b"courierlocal",
    b"exim",
    b"exim4",
    b"haraka",
    b"qmail",
    b"sendmail",
    b"sm-mta",
    b"sm-msp-queue",
    b"smtpd",
    b"zone-mta",
];

impl Survey {
    fn new(program: &'static dyn Program, framing: Framing) -> Self {
        Self { reader: SyslogReader::timeless(), program, framing, records: 0, of_syslog: 0, own: false, foreign: false }
    }

    /// The program that wrote a record, if only one program writes such.
    fn decide(&mut self, record: &[u8]) -> Option<&'static str> {
        if self.is_certain(record) {
            return Some(self.program.name());
        }
        let others = PROGRAMS.iter().filter(|other| other.name() != self.program.name());
        let mut taken = others.filter(|other| {
            let found = offer(&mut self.reader, self.framing, **other, record);
            found.is_some_and(|found| is_certain(&found))
        });
        taken.next().map(|other| other.name())
    }

    /// Whether only the program writes such a record.
    fn is_certain(&mut self, record: &[u8]) -> bool {
        self.records += usize::from(!record.trim_ascii().is_empty());
        if !record.starts_with(b"{") && self.framing != Framing::Entries {
            let envelope = self.reader.line(record).envelope;
            self.of_syslog += usize::from(is_placed(&envelope));
            self.foreign |= OTHER_MTAS.contains(&envelope.tag);
        }
        let Some(found) = offer(&mut self.reader, self.framing, self.program, record) else { return false };
        // Without a header these words may be anybody's.
        self.own |= found.kind.is_some_and(|kind| found.framed || kind == Kind::Inbound);
        is_certain(&found)
    }

    /// How likely it is that a file is of the program that shows no certain record of it in its head.
    fn confidence(&self) -> Option<Confidence> {
        // The log of a whole host may come to its mail late.
        let may_follow = self.of_syslog * 2 > self.records && !self.foreign;
        if self.own { Some(Confidence::Likely) } else { may_follow.then_some(Confidence::Possible) }
    }
}

/// Offers a record to one program, for what it makes of it.
fn offer(reader: &mut SyslogReader, framing: Framing, program: &dyn Program, record: &[u8]) -> Option<Offered> {
    if framing == Framing::Entries {
        return reader.offer_entry(&[program], record, Pos::default(), &mut Nowhere);
    }
    reader.offer(&[program], record, Pos::default(), &mut Nowhere)
}

/// Whether only the program that took a record writes such.
fn is_certain(found: &Offered) -> bool {
    match found.kind {
        Some(Kind::Delivery | Kind::Suspended | Kind::Probe) => true,
        Some(Kind::Context | Kind::Inbound) => found.framed,
        Some(Kind::Other | Kind::Unparsed | Kind::Header) | None => false,
    }
}

/// Whether a header says which program spoke and where: other logs have stamps too.
fn is_placed(envelope: &Envelope<'_>) -> bool {
    envelope.framed && !envelope.tag.is_empty() && !(envelope.host.is_empty() && envelope.pid.is_empty())
}

/// Whether records of a file that begins with `head` go on in undated lines: Exim's own logs hold the headers of refused mails, and what
/// administrators let it write. Not where all of it was indented: then blanks at the front say nothing.
pub(super) fn goes_on(head: &[u8]) -> bool {
    let mut reader = SyslogReader::timeless();
    let mut lines = head.split(|&byte| byte == b'\n').filter(|line| !matches!(line.first(), Some(b' ' | b'\t')));
    lines.any(|record| reader.line(record).envelope.is_of_exim())
}

/// Whether `record` is a line that a syslog daemon wrote.
pub(in crate::format) fn is_line(record: &[u8]) -> bool {
    is_placed(&SyslogReader::timeless().line(record).envelope)
}
