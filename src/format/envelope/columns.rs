//! Lines whose parts tabs hold apart: exports of log services, syslog servers on Windows, `cat -n`.

use super::shipped::LONGEST_PREFIX;
use super::{Clock, Cursor, Envelope, is_priority_word, rfc5424};
use crate::event::Micros;
use crate::format::cursor::{split_byte, split_pair, split_text};

impl<'a> Envelope<'a> {
    /// A line that begins with a number and a tab: one that was numbered, or one of Papertrail's archives.
    pub(super) fn numbered(line: &'a [u8], clock: &mut Clock) -> Option<Self> {
        let mut at = Cursor(line);
        let is_numbered = !at.digits().is_empty() && at.take(b"\t");
        is_numbered.then_some(())?;
        papertrail(at.0, clock).or_else(|| Self::stamped(at.0, clock))
    }

    /// `2023-…Z","host","text"`, behind the first quote: Graylog's export. The text may begin with a header.
    pub(super) fn of_cells(line: &'a [u8], clock: &mut Clock) -> Option<Self> {
        let (written, rest) = split_text(line, b"\",\"")?;
        let (host, text) = split_text(rest, b"\",\"")?;
        let (time, b"") = rfc5424::stamp(written, clock)? else { return None };
        let envelope = Self { time: Some(time), host, framed: true, ..Self::default() };
        (!host.contains(&b' ')).then(|| envelope.with_tag(text.strip_suffix(b"\"").unwrap_or(text)))
    }

    /// A whole line as a later cell: `"Nov 1, 2023 @ 02:11:18.000",mx1,"Nov  1 02:11:18 mx1 …"` of Kibana, Splunk and others.
    pub(super) fn of_later_cell(line: &'a [u8], clock: &mut Clock) -> Option<Self> {
        let mut cell = line;
        while let Some((before, rest)) = split_pair(cell, *b",\"") {
            (line.len() - cell.len() + before.len() < LONGEST_PREFIX).then_some(())?;
            if let Some(envelope) = Self::stamped(rest, clock) {
                return Some(envelope);
            }
            cell = rest;
        }
        None
    }

    /// What follows the stamp in a file of Kiwi Syslog Server: `<TAB>Mail.Info<TAB>host<TAB>text`. The text is what was sent to it, so it may
    /// begin with a header.
    pub(super) fn of_kiwi(time: Micros, rest: &'a [u8]) -> Option<Self> {
        let (priority, rest) = split_byte(rest.strip_prefix(b"\t")?, b'\t')?;
        let (host, text) = split_byte(rest, b'\t')?;
        is_priority_word(priority).then_some(Self { time: Some(time), host, text, framed: true, ..Self::default() })
    }
}

/// `generated_at received_at source_id source_name source_ip facility severity program message`, behind the record's number.
fn papertrail<'a>(line: &'a [u8], clock: &mut Clock) -> Option<Envelope<'a>> {
    let mut cells = line.splitn(9, |&byte| byte == b'\t');
    let (time, b"") = rfc5424::stamp(cells.next()?, clock)? else { return None };
    let (_received, _source, host) = (cells.next()?, cells.next()?, cells.next()?);
    let (_address, _facility, _severity) = (cells.next()?, cells.next()?, cells.next()?);
    let mut program = Cursor(cells.next()?);
    let tag = program.run(|byte| byte != b'[');
    let pid = if program.take(b"[") { program.digits() } else { b"" };
    Some(Envelope { time: Some(time), host, tag, pid, text: cells.next()?, framed: true })
}
