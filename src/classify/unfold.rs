//! What stands round a reply: before masking, the writing of syslog and the frames of MTAs are taken off.
//!
//! Knows the two codes a reply begins with, so that the repeated ones of a multi-line reply can be told and dropped.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;

/// The reply as text: what syslog escaped is decoded where that is certain, broken UTF-8 becomes U+FFFD, and what cannot be
/// seen (controls, direction marks) becomes a space. Borrows when there is nothing to do, as with nearly every reply.
pub(super) fn clean(reply: &[u8]) -> Cow<'_, str> {
    let text = if memchr::memchr2(b'#', b'\\', reply).is_some() { unescape(reply) } else { Cow::Borrowed(reply) };
    if text.is_ascii() {
        // Controls of ASCII are white space to the scanner.
        return match text {
            // Much faster than the lossy way, which goes byte by byte.
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).unwrap_or_default().into(),
            Cow::Owned(bytes) => String::from_utf8(bytes).unwrap_or_default().into(),
        };
    }
    let lossy = String::from_utf8_lossy(&text);
    Cow::Owned(lossy.chars().map(|c| if is_unseen(c) { ' ' } else { c }).collect())
}

/// Controls, zero-width characters and marks of direction: an attacker could hide or turn text with them.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Decodes `#012` and its like (rsyslog writes a control as `#` and three octal digits) and runs of 8-bit bytes written so, if they
/// are UTF-8; Exim writes these with a backslash, and an end of line as `\n`. `#550` of a help page stays, and so does `\n` unless a line of a
/// reply begins behind it: nothing else is certain.
fn unescape(reply: &[u8]) -> Cow<'_, [u8]> {
    let mut out: Option<Vec<u8>> = None;
    let (mut rest, mut kept) = (reply, 0);
    while let Some(mark) = memchr::memchr2(b'#', b'\\', rest) {
        let from = rest.split_at_checked(mark).map_or(&[][..], |(_, tail)| tail);
        let (decoded, used) = escape_at(from);
        let Some(decoded) = decoded else {
            // A backslash that stands for itself is written twice.
            rest = from.strip_prefix(b"\\\\").or_else(|| from.get(1..)).unwrap_or_default();
            continue;
        };
        let at = reply.len() - from.len();
        let out = out.get_or_insert_with(Vec::new);
        out.extend_from_slice(reply.get(kept..at).unwrap_or_default());
        out.extend_from_slice(&decoded);
        kept = at + used;
        rest = reply.get(kept..).unwrap_or_default();
    }
    match out {
        Some(mut out) => {
            out.extend_from_slice(reply.get(kept..).unwrap_or_default());
            Cow::Owned(out)
        }
        None => Cow::Borrowed(reply),
    }
}

/// What the escapes at the start of `from` stand for, and how many bytes they take. None: no escape for certain.
fn escape_at(from: &[u8]) -> (Option<Vec<u8>>, usize) {
    if let Some(length) = line_end(from) {
        return (Some(vec![b' ']), length);
    }
    match octal(from) {
        Some(9 | 10 | 13) => return (Some(vec![b' ']), 4),
        Some(0x80..) => {}
        Some(_) | None => return (None, 0),
    }
    let (mut bytes, mut used) = (Vec::new(), 0);
    while let Some(byte @ 0x80..) = from.get(used..).and_then(octal) {
        bytes.push(byte);
        used += 4;
    }
    if std::str::from_utf8(&bytes).is_ok() { (Some(bytes), used) } else { (None, 0) }
}

/// `\n` or `\r\n` before the next line of a reply, `550-5.1.1 double-checking`: their length.
fn line_end(from: &[u8]) -> Option<usize> {
    let rest = from.strip_prefix(b"\\r").unwrap_or(from).strip_prefix(b"\\n")?;
    let begins =
        matches!(rest, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9'] | [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-', ..]);
    begins.then_some(from.len() - rest.len())
}

/// `#ooo` or `\ooo` at the start of `text`.
fn octal(text: &[u8]) -> Option<u8> {
    let [b'#' | b'\\', digits @ ..] = text.get(..4)? else { return None };
    let value = digits.iter().try_fold(0_u16, |sum, d| (b'0'..=b'7').contains(d).then(|| sum * 8 + u16::from(d - b'0')))?;
    u8::try_from(value).ok()
}

/// Takes off what our side or a notification wrote round the remote server's words: `smtp; `, `host mx[192.0.2.1] said: `,
/// ` (in reply to RCPT TO command)`. Nothing is taken off when nothing would be left.
pub(super) fn unframe(text: &str) -> &str {
    let mut text = text.trim();
    while let Some(inner) = unframe_once(text).map(str::trim).filter(|inner| !inner.is_empty()) {
        text = inner;
    }
    text
}

fn unframe_once(text: &str) -> Option<&str> {
    if let Some(inner) = text.strip_suffix(" command)").and_then(|head| head.rsplit_once(" (in reply to ")) {
        // Only the last words of a reply: `rsplit_once` must not reach back over another bracket.
        if inner.1.len() < 24 && !inner.1.contains(')') {
            return Some(inner.0);
        }
    }
    let first = *text.as_bytes().first()?;
    let inner = match first.to_ascii_lowercase() {
        b's' | b'x' => ["smtp;", "X-Postfix;", "x-unix;", "SMTP;"].iter().find_map(|frame| text.strip_prefix(frame)),
        b'h' => {
            let (name, inner) = text.strip_prefix("host ")?.split_once(" said: ")?;
            (!name.contains(' ')).then_some(inner)
        }
        b'd' => text.strip_prefix("delivery temporarily suspended: "),
        _ => None,
    };
    // What begins with a code is the remote server's already; all other frames end before one.
    inner.or_else(|| if code(text).is_some() { None } else { after_frame(text) })
}

/// Ends of frames: Exim, qmail, Sendmail, Exchange and others put them before the words of the remote server.
const FRAMES: [&str; 6] = [
    "SMTP error from remote mail",
    "emote host said: ",
    " did not like our ",
    "emote Server returned '",
    " says: ",
    " - Unknown address error ",
];

/// What looks for them: made once, as every reply that begins without a code is searched.
static FINDERS: LazyLock<[Finder<'static>; FRAMES.len()]> = LazyLock::new(|| FRAMES.map(Finder::new));

/// What the remote server said behind a frame: its words begin with a code there.
fn after_frame(text: &str) -> Option<&str> {
    let head = text.as_bytes();
    // Most replies without a code at their beginning have none: less work to see than that they have no frame.
    memchr::memchr2_iter(b'4', b'5', head).find(|&at| text.get(at..).is_some_and(|inner| code(inner).is_some()))?;
    let at = FINDERS.iter().find_map(|frame| Some(frame.find(head)? + frame.needle().len()))?;
    let rest = text.get(at..)?;
    let mut from = 0;
    // The code stands behind a colon, a quote or a space: `after RCPT TO:<a@b.org>: host mx [192.0.2.1]: 550 no`.
    while let Some(next) = rest.get(from..)?.bytes().position(|byte| matches!(byte, b'4' | b'5')) {
        let start = from + next;
        let before = start.checked_sub(1).and_then(|at| rest.as_bytes().get(at));
        let inner = rest.get(start..)?;
        if before.is_none_or(|byte| b": '".contains(byte)) && code(inner).is_some_and(|(_, after)| !after.is_empty()) {
            // qmail ends with `Giving up on 192.0.2.1.`; the quote of an IronPort closes before its count of attempts.
            let inner = inner.split_once("Giving up on ").map_or(inner, |(inner, _)| inner);
            let inner = inner.rsplit_once("' (delivery attempts: ").map_or(inner, |(inner, _)| inner);
            return Some(inner.trim_end_matches(['/', ' ']));
        }
        from = start + 1;
    }
    None
}

/// The three digits and the status that a reply begins with; the scanner drops their repetitions.
#[derive(Clone, Copy, Default)]
pub(super) struct Opening<'a> {
    /// Reply code; empty where the text begins otherwise.
    pub code: &'a str,
    /// True for `550-…`: the reply was of several lines.
    pub is_folded: bool,
    /// Enhanced status; empty where there is none.
    pub status: &'a str,
}

/// Reads the opening of a reply and gives what follows it.
pub(super) fn opening(text: &str) -> (Opening<'_>, &str) {
    let mut opening = Opening::default();
    let mut rest = text;
    if let Some((code, after)) = code(text) {
        opening.is_folded = after.starts_with('-');
        opening.code = code;
        rest = after.get(1..).unwrap_or_default().trim_start();
    }
    if rest.starts_with(|first: char| first.is_ascii_digit()) {
        let end = rest.bytes().position(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end).unwrap_or_default();
        if is_status(word.as_bytes()) {
            opening.status = word;
            rest = after;
        }
    }
    (opening, rest)
}

/// Three digits, 2xx to 5xx, followed by a space, a dash or nothing.
pub(super) fn code(text: &str) -> Option<(&str, &str)> {
    let (code, after) = text.split_at_checked(3)?;
    let is_code = matches!(code.as_bytes(), [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9']);
    let ends = after.is_empty() || after.starts_with([' ', '-', '\t', '\r', '\n']);
    (is_code && ends).then_some((code, after))
}

/// `x.y.z` of RFC 3463, whole.
pub(super) fn is_status(word: &[u8]) -> bool {
    matches!(word, [b'2' | b'4' | b'5', b'.', _, _, ..]) && crate::event::Enhanced::read(word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syslog_escapes_are_decoded_where_certain() {
        assert_eq!(clean(b"one#012two#015#012three"), "one two  three");
        assert_eq!(clean(b"bo#303#256te pleine"), "bo\u{ee}te pleine");
        assert_eq!(clean(b"see DOC-1369#550 and #216 or #303 alone"), "see DOC-1369#550 and #216 or #303 alone");
    }

    #[test]
    fn the_lines_of_a_reply_that_exim_escaped_are_lines() {
        assert_eq!(
            clean(br"550-5.1.1 Please try\n550-5.1.1 double-checking\r\n550 5.1.1 it"),
            "550-5.1.1 Please try 550-5.1.1 double-checking 550 5.1.1 it"
        );
        assert_eq!(clean(br"550-one\n550-\n550"), "550-one 550- 550");
        assert_eq!(clean(br"550 bo\303\256te pleine"), "550 bo\u{ee}te pleine");
        for kept in [r"550 C:\new\550x", r"550 the share \\n\\n550 is gone", r"550 \303 alone", r"550 ends \n"] {
            assert_eq!(clean(kept.as_bytes()), kept);
        }
    }

    #[test]
    fn what_cannot_be_seen_becomes_a_space() {
        assert_eq!(clean("a\u{202e}b\u{9b}c".as_bytes()), "a b c");
        assert_eq!(clean(b"bo\xeete"), "bo\u{fffd}te");
    }

    #[test]
    fn frames_of_our_own_side_are_taken_off() {
        let reply = "550 5.1.1 no such user";
        for framed in [
            "550 5.1.1 no such user",
            "smtp; 550 5.1.1 no such user",
            "host mx.example.org[192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command)",
            "X-Postfix; host mx.example.org[192.0.2.1] said: 550 5.1.1 no such user",
            "R=dns T=smtp: SMTP error from remote mail server after RCPT TO:<a@b.org>: host mx.b.org [192.0.2.4]: 550 5.1.1 no such user",
            "192.0.2.4 does not like recipient./Remote host said: 550 5.1.1 no such user/Giving up on 192.0.2.4./",
            "mx.example.org [192.0.2.25] did not like our RCPT TO:550 5.1.1 no such user",
            "mx.example.org Remote Server returned '550 5.1.1 no such user",
        ] {
            assert_eq!(unframe(framed), reply, "{framed}");
        }
        assert_eq!(unframe("smtp;"), "smtp;", "nothing would be left");
        assert_eq!(unframe("5.1.0 - Unknown address error 550-'5.2.2 full' (delivery attempts: 0)"), "550-'5.2.2 full");
        for kept in ["SMTP error from remote mail server after DATA: timeout", "550 he says: 550 is a code", "421 later"] {
            assert_eq!(unframe(kept), kept);
        }
    }

    #[test]
    fn the_opening_is_code_and_status() {
        let (opening, rest) = opening("550-5.7.26 Your email");
        assert_eq!((opening.code, opening.is_folded, opening.status, rest), ("550", true, "5.7.26", " Your email"));
        assert_eq!(super::opening("5504 x").0.code, "");
        assert_eq!(super::opening("421").0.code, "421");
    }
}
