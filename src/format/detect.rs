//! Which format a file is of, told from its first bytes and never from its name.

use super::{Confidence, FORMATS, Format, Framing};

/// What the head of a file shows.
#[derive(Clone, Copy)]
pub enum Detection {
    /// One of [`FORMATS`].
    Known {
        /// The format.
        format: &'static dyn Format,
        /// How sure it is.
        confidence: Confidence,
        /// How the file is cut into records.
        framing: Framing,
    },
    /// None of them.
    Unknown {
        /// The nearest guess, for a message: `binary data`, `JSON`, `text`.
        looks_like: &'static str,
    },
}

/// The format of a file that begins with `head`: the surest one, and among equals the first of [`FORMATS`].
#[must_use]
pub fn detect(head: &[u8]) -> Detection {
    let mut best: Option<(&'static dyn Format, Confidence, Framing)> = None;
    for format in FORMATS {
        if let Some((confidence, framing)) = format.recognise(head)
            && best.is_none_or(|(_, surest, _)| confidence > surest)
        {
            best = Some((format, confidence, framing));
        }
    }
    match best {
        Some((format, confidence, framing)) => Detection::Known { format, confidence, framing },
        None => Detection::Unknown { looks_like: looks_like(head) },
    }
}

/// The format of this name, as `--format` takes it.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    FORMATS.into_iter().find(|format| format.name() == name)
}

fn looks_like(head: &[u8]) -> &'static str {
    let text = head.trim_ascii_start();
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    match text.first() {
        None => "an empty file",
        Some(_) if head.contains(&0) => "binary data",
        Some(b'{' | b'[') if text.contains(&b'"') => "JSON",
        Some(b'<') => "XML or HTML",
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
