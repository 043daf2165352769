//! Logs that come through syslog: one reader for all MTAs that write so.
//!
//! Takes the header off a record ([`super::envelope`]) and offers the text to each of [`PROGRAMS`]: a host's log holds the lines of
//! many, and two MTAs may share a file. A file is named after the program that its head shows, and read the same whatever the name.
//! A new MTA is one file with its [`Program`] and one line in the list.

mod survey;
mod table;

pub(super) use survey::{framing, is_line, objects};

use super::clock::Clock;
use super::courier::Courier;
use super::cursor::{Cursor, number, skip_blanks, split_pair, unmarked};
use super::envelope::{self, Envelope, Unwrapped};
use super::exim::Exim;
use super::haraka;
use super::opensmtpd::OpenSmtpd;
use super::postfix::Postfix;
use super::relay::OwnRelays;
use super::sendmail::Sendmail;
use super::zonemta;
use super::{Confidence, FileContext, Format, Opening, Reader, ironport, qmail};
use crate::event::{Event, Framing, Head, Key, Kind, Micros, Pos, Sink, What};

/// The programs whose lines are read, in the order in which they are asked.
static PROGRAMS: [&dyn Program; 9] =
    [&Postfix, &Sendmail, &Exim, &qmail::Send, &OpenSmtpd, &Courier, &ironport::MailLog, &haraka::Lines, &zonemta::Lines];

/// An MTA's lines, without the header of syslog.
pub(crate) trait Program: Sync {
    /// The name of its log format.
    fn name(&self) -> &'static str;

    /// Reads `line` into events. None: another program wrote it.
    fn read(&self, line: &Line<'_>, into: &mut dyn Sink) -> Option<Kind>;

    /// When the message of `line` came into the queue, where its id holds that: it tells the year that the stamp leaves out.
    fn queued(&self, line: &Line<'_>) -> Option<Micros>;

    /// See [`Format::repeats_in_folder`].
    fn repeats_in_folder(&self) -> bool {
        false
    }
}

/// One line, as a program is shown it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// Its header and text.
    pub(crate) envelope: Envelope<'a>,
    /// Where it stands.
    pub(crate) pos: Pos,
    /// All of it.
    pub(crate) record: &'a [u8],
    /// The same, or the text that an object of JSON holds.
    pub(crate) plain: &'a [u8],
    /// How many equal lines it stands for.
    pub(crate) times: u32,
    /// The relays that are ours.
    pub(crate) own: &'a OwnRelays,
}

impl<'a> Line<'a> {
    /// The head of its events.
    pub(crate) fn head(&self, instance: &'a [u8]) -> Head<'a> {
        let pid = number(self.envelope.pid).and_then(|pid| u32::try_from(pid).ok());
        Head { pos: self.pos, time: self.envelope.time, host: self.envelope.host, instance, pid, record: self.record }
    }
}

/// The log of one program, alone or among the lines of others.
pub(crate) struct Syslog(pub(crate) &'static dyn Program);

impl Format for Syslog {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        survey::recognise(self.0, head)
    }

    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        let anchor = anchor(head, context);
        let reader = SyslogReader::new(&FileContext { anchor, ..context.clone() });
        if envelope::holds_entries(head) {
            return Box::new(EntryReader(reader));
        }
        if table::lines(head).is_some() {
            return Box::new(table::TableReader::new(reader, head, context));
        }
        Box::new(SyslogReader { goes_on: survey::goes_on(head), ..reader })
    }

    fn repeats_in_folder(&self) -> bool {
        self.0.repeats_in_folder()
    }
}

/// Whether the lines stand in a table.
pub(crate) fn is_table(head: &[u8]) -> bool {
    table::lines(head).is_some()
}

/// How far the lines of a file may lie before its first dated line, and their span, when a queue id dates it.
const YEAR_OF_LOG: i64 = 330 * Micros::DAY;
/// The longest that a message of a log's head is believed to have been queued.
const LONGEST_QUEUED: i64 = 30 * Micros::DAY;

/// The context's anchor, or an earlier one that a queue id in the head proves: an old log that was copied without its time.
///
/// The stamp must fit the id: not before it (a day, for the zone), and not a month after it. Then the file reaches from a month before
/// that stamp to eleven months after it.
fn anchor(head: &[u8], context: &FileContext) -> Micros {
    let mut survey = SyslogReader::new(context);
    let mut dated = head.split(|&byte| byte == b'\n').filter_map(|record| {
        let line = survey.line(record);
        let queued = PROGRAMS.iter().find_map(|program| program.queued(&line))?;
        (queued < context.anchor).then_some(())?;
        let anchor = Micros(queued.0.saturating_add(LONGEST_QUEUED));
        let stamp = SyslogReader::new(&FileContext { anchor, ..context.clone() }).line(record).envelope.time?;
        (stamp.0 >= queued.0 - Micros::DAY).then_some(Micros(stamp.0.saturating_add(YEAR_OF_LOG)))
    });
    dated.next().map_or(context.anchor, |dated| dated.min(context.anchor))
}

/// Reads the records of one segment.
struct SyslogReader {
    clock: Clock,
    own: OwnRelays,
    json: Unwrapped,
    /// Whether a record may go on in lines without a stamp.
    goes_on: bool,
}

/// What became of an offered record.
struct Offered {
    /// None: no program took it.
    kind: Option<Kind>,
    /// Whether it has a header.
    framed: bool,
}

impl Reader for SyslogReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        if self.is_continuation(record) {
            return Kind::Other;
        }
        match self.offer(&PROGRAMS, record, at, into) {
            Some(Offered { kind: Some(kind), .. }) => kind,
            Some(Offered { kind: None, framed: true, .. }) => Kind::Other,
            Some(Offered { kind: None, framed: false, .. }) if self.goes_on || is_remark(record) => Kind::Other,
            None if is_filtered(record) => Kind::Other,
            Some(Offered { kind: None, framed: false, .. }) | None => Kind::Unparsed,
        }
    }

    /// Every line with a header says so, whichever program wrote it.
    fn opening(&mut self, record: &[u8]) -> Option<Opening> {
        if self.is_continuation(record) {
            return None;
        }
        let envelope = match object_of(record) {
            Some(object) => {
                self.json.read(object).then_some(())?;
                self.json.envelope(&mut self.clock).dated_by(record, &mut self.clock)
            }
            None => Envelope::open(record, &mut self.clock),
        };
        // Exim names no host behind its own stamp: what stands in the place of one are words.
        let host = if self.goes_on { b"" } else { envelope.host };
        Some(Opening { time: envelope.time?, host: host.to_vec() })
    }
}

/// Reads entries of the journal with a field a line.
struct EntryReader(SyslogReader);

impl Reader for EntryReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        match self.0.offer_entry(&PROGRAMS, record, at, into) {
            Some(offered) => offered.kind.unwrap_or(Kind::Other),
            None if is_remark(record) => Kind::Other,
            None => Kind::Unparsed,
        }
    }

    fn opening(&mut self, record: &[u8]) -> Option<Opening> {
        let Self(reader) = self;
        reader.json.read_entry(record).then_some(())?;
        let envelope = reader.json.envelope(&mut reader.clock);
        Some(Opening { time: envelope.time?, host: envelope.host.to_vec() })
    }
}

impl SyslogReader {
    /// For who asks of a record what it is and not when.
    fn timeless() -> Self {
        Self::new(&FileContext { anchor: Micros(i64::MAX), zone: jiff::tz::TimeZone::UTC, own_relays: Vec::new() })
    }

    fn new(context: &FileContext) -> Self {
        let (clock, own) = (Clock::new(context), OwnRelays::new(&context.own_relays));
        Self { clock, own, json: Unwrapped::default(), goes_on: false }
    }

    /// Whether a record is a folded header, as a stranger wrote it.
    fn is_continuation(&self, record: &[u8]) -> bool {
        self.goes_on && matches!(record.first(), Some(b' ' | b'\t'))
    }

    /// Opens a record and offers it to `programs`. None: an object of JSON that cannot be read.
    #[inline]
    fn offer(&mut self, programs: &[&dyn Program], record: &[u8], pos: Pos, into: &mut dyn Sink) -> Option<Offered> {
        if let Some(object) = object_of(record) {
            return self.offer_object(programs, record, object, pos, into);
        }
        let envelope = Envelope::open(record, &mut self.clock);
        let mut line = Line { envelope, pos, record, plain: record, times: 1, own: &self.own };
        let framed = line.envelope.framed;
        Some(Offered { kind: offer_line(programs, &mut line, &mut self.clock, into), framed })
    }

    /// Opens an object of JSON and offers it to `programs`. None: it cannot be read.
    #[inline(never)]
    fn offer_object(
        &mut self,
        programs: &[&dyn Program],
        record: &[u8],
        object: &[u8],
        pos: Pos,
        into: &mut dyn Sink,
    ) -> Option<Offered> {
        self.json.read(object).then_some(())?;
        Some(self.offer_unwrapped(programs, record, pos, into))
    }

    /// Opens an entry of the journal and offers it to `programs`. None: it cannot be read.
    fn offer_entry(&mut self, programs: &[&dyn Program], entry: &[u8], pos: Pos, into: &mut dyn Sink) -> Option<Offered> {
        self.json.read_entry(entry).then_some(())?;
        Some(self.offer_unwrapped(programs, entry, pos, into))
    }

    /// Offers what was unwrapped of a record to `programs`.
    fn offer_unwrapped(&mut self, programs: &[&dyn Program], record: &[u8], pos: Pos, into: &mut dyn Sink) -> Offered {
        let envelope = self.json.envelope(&mut self.clock).dated_by(record, &mut self.clock);
        let mut line = Line { envelope, pos, record, plain: self.json.text(), times: 1, own: &self.own };
        let framed = line.envelope.framed;
        Offered { kind: offer_line(programs, &mut line, &mut self.clock, into), framed }
    }

    /// A record's line, for its header alone.
    fn line<'a>(&'a mut self, record: &'a [u8]) -> Line<'a> {
        let envelope = Envelope::open(record, &mut self.clock);
        Line { envelope, pos: Pos::default(), record, plain: record, times: 1, own: &self.own }
    }
}

/// The object of JSON that a record is, or that it ends with: Fluentd writes `stamp<TAB>tag<TAB>object`, `journalctl -o json-seq` a byte
/// before each (RFC 7464), `-o json-sse` the name of a field.
#[inline]
fn object_of(record: &[u8]) -> Option<&[u8]> {
    match record {
        [b'{', ..] => Some(record),
        [.., b'}'] => object_behind(record),
        _ => None,
    }
}

/// The object behind the mark of the byte order, behind a tab, or behind what the journal puts before it.
#[inline(never)]
fn object_behind(record: &[u8]) -> Option<&[u8]> {
    let record = unmarked(record);
    if record.starts_with(b"{") {
        return Some(record);
    }
    let front = record.strip_prefix(b"\x1e").or_else(|| record.strip_prefix(b"data: "));
    if let Some(object) = front.filter(|object| object.starts_with(b"{")) {
        return Some(object);
    }
    let head = record.get(..record.len().min(LONGEST_FRONT))?;
    let (before, _) = split_pair(head, *b"\t{")?;
    record.get(before.len() + 1..)
}

/// The longest stamp and tag before an object.
const LONGEST_FRONT: usize = 160;

/// Headers within headers that are opened: a container's, that of the daemon in it, the program's own.
const MOST_HEADERS: usize = 3;

/// Offers a line to each program, and if none takes it, what stands behind a further header of it.
#[inline]
fn offer_line(programs: &[&dyn Program], line: &mut Line<'_>, clock: &mut Clock, into: &mut dyn Sink) -> Option<Kind> {
    if is_repetition(line, into) {
        return None;
    }
    let taken = programs.iter().find_map(|program| program.read(line, into));
    if taken.is_some() || !line.envelope.framed { taken } else { offer_inner(programs, line, clock, into) }
}

/// Offers what stands behind further headers of a line.
#[inline(never)]
fn offer_inner(programs: &[&dyn Program], line: &mut Line<'_>, clock: &mut Clock, into: &mut dyn Sink) -> Option<Kind> {
    for _ in 1..MOST_HEADERS {
        let inner = line.envelope.nested(clock).filter(|inner| inner.framed)?;
        let host = if inner.host.is_empty() { line.envelope.host } else { inner.host };
        let pid = if inner.pid.is_empty() { line.envelope.pid } else { inner.pid };
        line.envelope = Envelope { time: inner.time.or(line.envelope.time), host, pid, ..inner };
        if is_repetition(line, into) {
            return None;
        }
        let taken = programs.iter().find_map(|program| program.read(line, into));
        if taken.is_some() {
            return taken;
        }
    }
    None
}

/// What syslog itself says of lines, it says for all programs: whether that is all that the line says.
#[inline]
fn is_repetition(line: &mut Line<'_>, into: &mut dyn Sink) -> bool {
    // One look at the first byte is all that most lines need.
    matches!(line.envelope.text.first(), Some(b'm' | b'l' | b'-')) && is_said_of_lines(line, into)
}

/// The whole look.
#[inline(never)]
fn is_said_of_lines(line: &mut Line<'_>, into: &mut dyn Sink) -> bool {
    let text = line.envelope.text;
    match text.first() {
        Some(b'm') => {
            if let Some((times, inner)) = repeated(text) {
                (line.times, line.envelope.text) = (times, inner);
            }
        }
        Some(b'l' | b'-') => {
            if let Some(times) = last_repeated(text) {
                // Not ours to tell which line that was: the stitch knows the host's last.
                into.event(&Event { head: line.head(b""), key: Key::Whole, what: What::Repeat { times } });
                return true;
            }
        }
        _ => {}
    }
    false
}

/// `message repeated 2 times: [ text]` of rsyslog.
fn repeated(text: &[u8]) -> Option<(u32, &[u8])> {
    let mut at = Cursor(text.strip_prefix(b"message repeated ")?);
    let times = u32::try_from(number(at.digits())?).ok()?;
    at.take(b" times: [").then_some(())?;
    let inner = skip_blanks(at.0);
    Some((times.max(1), inner.strip_suffix(b"]").unwrap_or(inner)))
}

/// `last message repeated 2 times` of BSD daemons, `--- last message repeated 2 times ---` of macOS.
fn last_repeated(text: &[u8]) -> Option<u32> {
    let text = text.strip_prefix(b"--- ").unwrap_or(text);
    let mut at = Cursor(text.strip_prefix(b"last message repeated ")?);
    u32::try_from(number(at.digits())?).ok()
}

/// What people, scripts, `journalctl -x` and `tail` of several files put between lines.
fn is_remark(record: &[u8]) -> bool {
    let text = record.trim_ascii();
    let is_name = text.starts_with(b"==> ") && text.ends_with(b" <==");
    let is_start = super::haraka::is_start(text);
    is_start
        || text.is_empty()
        || text == b"--"
        || text.starts_with(b"-- ")
        || text.starts_with(b"---")
        || text.starts_with(b"#")
        || is_name
        // The names of the columns of macOS' log(1).
        || text.starts_with(b"Timestamp   ")
        || is_header(text)
}

/// What Proofpoint's stream tells of filters (`message`) and of administrators (`audit`) beside the lines of its Sendmail: of no delivery.
fn is_filtered(text: &[u8]) -> bool {
    let has = |name: &[u8]| memchr::memmem::find(text, name).is_some();
    text.starts_with(b"{") && has(b"\"guid\":") && (has(b"\"audit\":{") || has(b"\"filter\":{") && has(b"\"envelope\":{"))
}

/// The names of columns above lines that a search exported: `"timestamp","source","message"`, `_time,_raw`.
fn is_header(text: &[u8]) -> bool {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'"' | b',' | b'@' | b'_' | b'.' | b'-');
    let is_text =
        |cell: &[u8]| matches!(cell, b"message" | b"\"message\"" | b"@message" | b"\"@message\"" | b"_raw" | b"\"_raw\"");
    text.iter().all(belongs) && text.contains(&b',') && text.split(|&byte| byte == b',').any(is_text)
}
