//! Exim's main log, from one line to events.
//!
//! Between [`super::syslog`], which took the header off (Exim's own or syslog's, or both), and the stitch, which joins lines by message id.
//! Keeps no state: `=>` without `<=` is no error here. A message's records have its id in front, then a flag of two characters, or words.
//! `message.rs` is the smallest reader, see it first. Sources: the Exim specification, "Log files"; the Exim sources (each file names its
//! own).
//!
//! Kinds: a flag that tells of an attempt is a delivery (or a suspension); other records with an id are context; what an ACL refused is
//! inbound; all else is other.

mod delivery;
mod failure;
mod fields;
mod id;
mod inbound;
mod message;

pub(super) use id::split as split_id;
pub(super) use inbound::is_phrase;

use crate::event::{Event, Key, Kind, Micros, Sink, What};
use crate::format::cursor::{Cursor, number, skip_blanks};
use crate::format::syslog::{Line, Program};

/// The log of Exim.
pub(crate) struct Exim;

/// Ids are unique on a host, and a main log names no instance.
const INSTANCE: &[u8] = b"exim";

impl Program for Exim {
    fn name(&self) -> &'static str {
        "exim"
    }

    fn read(&self, line: &Line<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let text = line.envelope.text;
        let is_ours = is_ours(line.envelope.tag);
        if let Some((id, rest)) = id::split(text) {
            return (is_ours || is_shape(rest)).then(|| about_message(line, id, rest, into));
        }
        if !is_ours {
            return None;
        }
        match text.first() {
            Some(b'[') => Some(bracketed(line, text, into)),
            // Exim's own stamp behind that of syslog: the header within has the year.
            Some(b'0'..=b'9') if is_stamp(text) => None,
            _ => Some(inbound::read(line, text, into).unwrap_or(Kind::Other)),
        }
    }

    fn queued(&self, line: &Line<'_>) -> Option<Micros> {
        let text = line.envelope.text;
        let (id, rest) = id::split(skip_pid(text)).or_else(|| id::split(skip_pid(skip_stamp(text))))?;
        (is_ours(line.envelope.tag) || is_shape(rest)).then(|| id::queued(id))?
    }

    /// The reject log and the panic log say again what the main log says.
    fn repeats_in_folder(&self) -> bool {
        true
    }
}

/// `exim`, `exim4`, or what `syslog_processname` made of it.
fn is_ours(tag: &[u8]) -> bool {
    tag.starts_with(b"exim")
}

/// Whether only Exim writes so behind an id, whatever the tag is.
fn is_shape(rest: &[u8]) -> bool {
    flag(rest).is_some() || rest == b"Completed"
}

/// What a flag says of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flag {
    /// `=>`, `->` of further addresses of one transaction, `>>` while the message was still coming in.
    Delivered,
    /// `==`
    Deferred,
    /// `**`
    Failed,
    /// `*>`: with `-N` all goes its way but nothing is sent.
    Suppressed,
}

/// What a flag is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Attempt(Flag),
    /// `<=`, `(=`
    Received,
}

fn flag(rest: &[u8]) -> Option<(Mark, &[u8])> {
    let (flag, after) = rest.split_first_chunk::<2>()?;
    let mark = match flag {
        b"=>" | b"->" | b">>" => Mark::Attempt(Flag::Delivered),
        b"==" => Mark::Attempt(Flag::Deferred),
        b"**" => Mark::Attempt(Flag::Failed),
        b"<=" | b"(=" => Mark::Received,
        b"*>" => Mark::Attempt(Flag::Suppressed),
        _ => return None,
    };
    (after.is_empty() || after.starts_with(b" ")).then_some((mark, after))
}

fn about_message(line: &Line<'_>, id: &[u8], rest: &[u8], into: &mut dyn Sink) -> Kind {
    match flag(rest) {
        Some((Mark::Attempt(flag), text)) => delivery::read(line, id, flag, text, into).unwrap_or(Kind::Unparsed),
        Some((Mark::Received, text)) => message::received(line, id, text, into).unwrap_or(Kind::Unparsed),
        None => message::other(line, id, rest, into),
    }
}

/// `[pid] record`, or a piece of a record that was too long for syslog or had lines of its own: `[1/3] record`, `[2\3] more`. The stitch
/// puts the pieces together, and the whole is read again.
fn bracketed(line: &Line<'_>, text: &[u8], into: &mut dyn Sink) -> Kind {
    if let Some((index, of, text)) = piece(text) {
        let what = What::Piece { index, of, text };
        into.event(&Event { head: line.head(INSTANCE), key: Key::Slot(line.envelope.pid), what });
        return Kind::Context;
    }
    plain(line, skip_pid(text), into)
}

/// A record without anything before it.
fn plain(line: &Line<'_>, text: &[u8], into: &mut dyn Sink) -> Kind {
    match id::split(text) {
        Some((id, rest)) => about_message(line, id, rest, into),
        None => inbound::read(line, text, into).unwrap_or(Kind::Other),
    }
}

/// `[index/of] `, with a backslash where the part ended at a line end.
fn piece(text: &[u8]) -> Option<(u32, u32, &[u8])> {
    let mut at = Cursor(text);
    at.take(b"[").then_some(())?;
    let index = u32::try_from(number(at.digits())?).ok()?;
    (at.take(b"/") || at.take(b"\\")).then_some(())?;
    let of = u32::try_from(number(at.digits())?).ok()?;
    (at.take(b"] ") && index > 0 && of > 0).then_some((index, of, at.0))
}

/// `[pid] ` of `log_selector = +pid`.
pub(super) fn skip_pid(text: &[u8]) -> &[u8] {
    let mut at = Cursor(text);
    let has_pid = at.take(b"[") && !at.digits().is_empty() && at.take(b"] ");
    if has_pid { at.0 } else { text }
}

/// `yyyy-mm-dd hh:mm:ss`
fn is_stamp(text: &[u8]) -> bool {
    matches!(text, [_, _, _, _, b'-', _, _, b'-', _, _, b' ', _, _, b':', _, _, b':', _, _, ..])
}

/// What follows a stamp of Exim's, its fraction and its zone.
fn skip_stamp(text: &[u8]) -> &[u8] {
    if !is_stamp(text) {
        return text;
    }
    let mut at = Cursor(text.get(19..).unwrap_or_default());
    at.run(|byte| byte == b'.' || byte.is_ascii_digit());
    let rest = skip_blanks(at.0);
    match rest {
        [b'+' | b'-', zone @ ..] if zone.get(4) == Some(&b' ') => skip_blanks(zone.get(4..).unwrap_or_default()),
        _ => rest,
    }
}
