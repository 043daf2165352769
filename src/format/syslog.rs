//! What syslog carries: takes the header off a line and asks the programs whose record it is.
//!
//! All formats that are logged by syslog share this reader, so that one file may hold several of them. A line of a program that no
//! module claims is understood and not about mail; a line without a header that none claims is unparsed.

use super::FileContext;
use super::Reader;
use super::clock::Clock;
use super::cursor::{number, skip_blanks};
use super::envelope::{Envelope, Unwrapped};
use super::postfix;
use crate::event::{Event, Head, Key, Kind, Pos, Sink, What};

/// Reads the lines of one segment.
pub(super) struct SyslogReader {
    clock: Clock,
    unwrapped: Unwrapped,
    own_relays: Vec<String>,
}

impl SyslogReader {
    pub(super) fn new(context: &FileContext) -> Self {
        let own_relays = context.own_relays.iter().map(|relay| relay.to_ascii_lowercase()).collect();
        Self { clock: Clock::new(context), unwrapped: Unwrapped::default(), own_relays }
    }
}

impl Reader for SyslogReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        if record.starts_with(b"{") && self.unwrapped.read(record) {
            let envelope = self.unwrapped.envelope(&mut self.clock);
            return told(&envelope, record, at, &self.own_relays, into);
        }
        let envelope = Envelope::open(record, &mut self.clock);
        told(&envelope, record, at, &self.own_relays, into)
    }
}

/// What a record without its header tells.
fn told(envelope: &Envelope<'_>, record: &[u8], pos: Pos, own_relays: &[String], into: &mut dyn Sink) -> Kind {
    let head = Head {
        pos,
        time: envelope.time,
        host: envelope.host,
        instance: envelope.tag.split(|&byte| byte == b'/').next().unwrap_or_default(),
        pid: number(envelope.pid).and_then(|pid| u32::try_from(pid).ok()),
        record,
    };
    if let Some(times) = repeated_before(envelope) {
        into.event(&Event { head, key: Key::Whole, what: What::Repeat { times } });
        return Kind::Context;
    }
    let (text, times) = repeated(envelope.text);
    let source = postfix::Source { head, tag: envelope.tag, own_relays, times };
    if let Some(kind) = postfix::read(&source, text, into) {
        return kind;
    }
    let text = skip_blanks(envelope.text);
    if envelope.framed || text.is_empty() || text.starts_with(b"#") || text.starts_with(b"-- ") {
        return Kind::Other;
    }
    Kind::Unparsed
}

/// `message repeated 2 times: [ TEXT]` of rsyslog: the text, and how often it stands for itself.
fn repeated(text: &[u8]) -> (&[u8], u32) {
    let inner = || {
        let rest = text.strip_prefix(b"message repeated ")?;
        let (times, rest) = super::cursor::split_byte(rest, b' ')?;
        let rest = skip_blanks(rest.strip_prefix(b"times: [")?);
        Some((rest.strip_suffix(b"]").unwrap_or(rest), u32::try_from(number(times)?).ok()?))
    };
    inner().unwrap_or((text, 1))
}

/// `last message repeated 3 times` of BSD's syslogd: the host's record before this one stands for so many more.
fn repeated_before(envelope: &Envelope<'_>) -> Option<u32> {
    let rest = match envelope.text.strip_prefix(b"last message repeated ") {
        Some(rest) => rest,
        None if envelope.host == b"last" => envelope.text.strip_prefix(b"message repeated ")?,
        None => return None,
    };
    let (times, rest) = super::cursor::split_byte(rest, b' ')?;
    rest.starts_with(b"time").then_some(u32::try_from(number(times)?).ok()?)
}
