//! Which format a file is of, told from its first bytes and never from its name.

use super::{Confidence, FORMATS, Format, mail, syslog};
use crate::event::Framing;

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
    // A mail may return a log, or quote one: it begins with its header all the same, and no log does.
    if let Some((confidence, framing)) = mail::MAIL.recognise(head) {
        return Some(Detection { format: &mail::MAIL, confidence, framing });
    }
    let mut best: Option<Detection> = None;
    for format in FORMATS {
        if let Some((confidence, framing)) = format.recognise(head)
            && best.is_none_or(|best| confidence > best.confidence)
        {
            best = Some(Detection { format, confidence, framing });
        }
    }
    best
}

/// The format of this name, as `--format` takes it.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    let mail: &'static dyn Format = &mail::MAIL;
    FORMATS.into_iter().chain([mail]).find(|format| format.name() == name)
}

/// What a file of unknown format looks like, for a message: `binary data`, `JSON`, `text`.
#[must_use]
pub fn looks_like(head: &[u8]) -> &'static str {
    let text = head.trim_ascii_start();
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    match text.first() {
        None => "an empty file",
        Some(_) if head.contains(&0) => "binary data",
        Some(b'{' | b'[') if text.contains(&b'"') => "JSON",
        Some(b'<') => "XML or HTML",
        Some(_) if syslog::is_line(first) => "a system log without an MTA that is known",
        Some(_) if is_header(first) => "a mail",
        Some(_) if memchr::memchr_iter(b',', first).count() >= 2 => "CSV",
        Some(_) if head.iter().all(|&byte| byte >= b' ' || byte.is_ascii_whitespace()) => "text",
        Some(_) => "binary data",
    }
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
