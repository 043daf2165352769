//! Which format a file is of, told from its first bytes and never from its name.

use super::{Account, Confidence, FORMATS, FileContext, Format, carried, mail, syslog};
use crate::event::{Event, Framing, Kind, Pos, Sink};

/// What a file turned out to be.
#[derive(Clone, Copy)]
pub struct Detection {
    /// The format.
    pub format: &'static dyn Format,
    /// How sure it is.
    pub confidence: Confidence,
    /// How the file is framed.
    pub framing: Framing,
}

/// The format of a file that begins with `head`: the surest one, and among equals the first of [`FORMATS`]. None: no format that is
/// known wrote it.
#[must_use]
pub fn detect(head: &[u8]) -> Option<Detection> {
    detect_among(&[], head)
}

/// The same with formats of a configuration, which come before [`FORMATS`].
#[must_use]
pub fn detect_among(own: &[&'static dyn Format], head: &[u8]) -> Option<Detection> {
    // A mail may return a log, or quote one: it begins with its header all the same, and no log does.
    if let Some((confidence, framing)) = mail::MAIL.recognise(head) {
        return Some(Detection { format: &mail::MAIL, confidence, framing });
    }
    let mut best: Option<Detection> = None;
    for format in own.iter().copied().chain(FORMATS) {
        if let Some((confidence, framing)) = format.recognise(head)
            && best.is_none_or(|best| confidence > best.confidence)
        {
            best = Some(Detection { format, confidence, framing });
        }
    }
    if best.is_some_and(|best| best.confidence > Confidence::Possible) {
        return best;
    }
    carried::detect(head).or(best)
}

/// The format of this name, as `--format` takes it.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    let mail: &'static dyn Format = &mail::MAIL;
    FORMATS.into_iter().chain([mail]).find(|format| format.name() == name)
}

/// The format that a file of unknown format is nearest to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// The format's name.
    pub format: &'static str,
    /// What is missing of a mapping's columns or members. None: a format that is built in, whose own records are too few.
    pub missing: Option<String>,
    /// How many of the first lines it can read as something about mail.
    pub lines: usize,
}

/// Lines of a head that are looked at where one that is a format's own may come late.
const MOST_LINES: usize = 4_096;

/// The lines of a head that are looked at.
pub(super) fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|&byte| byte == b'\n').take(MOST_LINES)
}

/// Takes events and forgets them: for who only asks what a record is.
pub(super) struct Nowhere;

impl Sink for Nowhere {
    fn event(&mut self, _: &Event<'_>) {}
}

/// Lines of a head that are tried.
const LINES_TRIED: usize = 400;

/// The format that can read most of the first lines of a file of unknown format. None: none can read any.
#[must_use]
pub fn nearest(own: &[&'static dyn Format], head: &[u8], context: &FileContext) -> Option<Near> {
    let misfit = |format: &&'static dyn Format| Some((format.name(), format.misfit(head)?));
    if let Some((format, missing)) = own.iter().find_map(misfit) {
        return Some(Near { format, missing: Some(missing), lines: 0 });
    }
    let read = |format: &'static dyn Format| {
        let mut reader = format.reader(head, context);
        let lines = head.split(|&byte| byte == b'\n').take(LINES_TRIED);
        let is_telling = |line: &[u8]| match reader.read(line, Pos::default(), &mut Account::default()) {
            Kind::Delivery | Kind::Suspended | Kind::Context | Kind::Inbound | Kind::Probe => true,
            Kind::Other | Kind::Unparsed | Kind::Header => false,
        };
        Near { format: format.name(), missing: None, lines: lines.map(is_telling).filter(|is_so| *is_so).count() }
    };
    let mut best: Option<Near> = None;
    for near in FORMATS.into_iter().map(read).filter(|near| near.lines > 0) {
        if best.as_ref().is_none_or(|best| near.lines > best.lines) {
            best = Some(near);
        }
    }
    best
}

/// What a file of unknown format looks like, for a message: `binary data`, `JSON`, `text`.
#[must_use]
pub fn looks_like(head: &[u8]) -> &'static str {
    let text = head.trim_ascii_start();
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    match text.first() {
        None => "an empty file",
        Some(_) if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") => "text in UTF-16 (convert it to UTF-8)",
        Some(_) if head.contains(&0) => "binary data",
        Some(b'{' | b'[') if text.contains(&b'"') => "JSON",
        Some(b'<') => "XML or HTML",
        Some(_) if syslog::is_line(first) => "a system log without an MTA that is known",
        Some(_) if is_access_log(first) => "the access log of a web server",
        Some(_) if is_header(first) => "a mail",
        Some(_) if [b',', b';', b'\t'].iter().any(|&byte| memchr::memchr_iter(byte, first).count() >= 2) => "CSV",
        Some(_) if head.iter().all(|&byte| byte >= b' ' || byte.is_ascii_whitespace()) => "text",
        Some(_) => "binary data",
    }
}

/// `192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 2326`: the common log format of web servers.
fn is_access_log(line: &[u8]) -> bool {
    let request = memchr::memmem::find(line, b"] \"").and_then(|at| line.get(at + 3..));
    let methods: [&[u8]; 7] = [b"GET ", b"POST ", b"HEAD ", b"PUT ", b"DELETE ", b"OPTIONS ", b"CONNECT "];
    request.is_some_and(|request| methods.iter().any(|method| request.starts_with(method)))
}

/// `Name: value`, or the line that stands before a mail in an mbox file.
fn is_header(line: &[u8]) -> bool {
    let name = line.iter().position(|&byte| byte == b':').and_then(|end| line.get(..end));
    line.starts_with(b"From ")
        || name.is_some_and(|name| {
            name.len() > 1
                && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
                && name.first().is_some_and(u8::is_ascii_uppercase)
        })
}
