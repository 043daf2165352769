//! The lines of the outbound side: one item on its way to one domain.

use super::entry::{Delivered, Entry};
use crate::event::{Attempt, Event, Head, Key, Kind, Micros, Sink, Sort, Speaker, Stage, Status, Target, What};
use crate::format::cursor::{Cursor, millionths, number, split_byte, split_text};
use crate::format::json::attempt;
use crate::format::relay::{OwnRelays, Relay};
use crate::format::said::{said, sort};

/// Recipients of one item that are told one by one: a record may give any number.
const MOST_RECIPIENTS: u64 = 1_000;

/// What is needed to tell events.
pub(super) struct Telling<'s> {
    pub(super) head: Head<'s>,
    pub(super) own: &'s OwnRelays,
    pub(super) into: &'s mut dyn Sink,
    /// For a reply that has to be put together.
    pub(super) reply: &'s mut Vec<u8>,
}

impl Telling<'_> {
    /// Tells one thing of the message of an entry.
    pub(super) fn say(&mut self, entry: &Entry<'_>, what: What<'_>) {
        let id = entry.message_id();
        let key = if id.is_empty() { Key::Whole } else { Key::Message(id) };
        self.into.event(&Event { head: self.head, key, what });
    }
}

pub(super) fn read(entry: &Entry<'_>, telling: &mut Telling<'_>) -> Kind {
    if let Some(delivered) = &entry.delivered {
        return accepted(entry, delivered, telling);
    }
    let found = match entry.message.first() {
        Some(b'r') => recipient(entry, telling),
        Some(b'T') => deferred(entry, telling),
        Some(b'b') => bounced(entry, telling),
        _ => None,
    };
    found.unwrap_or(Kind::Context)
}

/// The record names no recipient: what is known of each is the domain.
fn accepted(entry: &Entry<'_>, delivered: &Delivered<'_>, telling: &mut Telling<'_>) -> Kind {
    let target = [b"@", &*delivered.domain].concat();
    let relay = Relay { host: &delivered.host, ip: &delivered.ip };
    let is_home = telling.own.hold(&relay);
    let sort = match &*delivered.mode {
        b"LMTP" => Sort::Local,
        _ if is_home => Sort::Hop,
        _ => Sort::Real,
    };
    let taken = split_byte(&delivered.recipients, b'/').and_then(|(taken, _)| number(taken)).unwrap_or(1);
    let mut buffer = std::mem::take(telling.reply);
    let words = said(None, None, &delivered.response, &mut buffer);
    for _ in 0..taken.clamp(1, MOST_RECIPIENTS) {
        let attempt = Attempt {
            sort,
            speaker: Speaker::Remote,
            stage: Stage::EndOfData,
            relay: relay.host,
            relay_ip: relay.ip,
            delay_ms: milliseconds(&delivered.delay),
            ..attempt(&target, Status::Delivered, &words)
        };
        telling.say(entry, What::Attempt(attempt));
    }
    *telling.reply = buffer;
    Kind::Delivery
}

/// `recipient <a@b> rejected: REPLY`, `recipient <a@b> deferred: REPLY`, `recipient domain <d> rejected: REPLY`
fn recipient(entry: &Entry<'_>, telling: &mut Telling<'_>) -> Option<Kind> {
    let mut at = Cursor(entry.message.strip_prefix(b"recipient ")?);
    let is_domain = at.take(b"domain ");
    let named = if at.take(b"<") { at.until(b'>')? } else { at.until(b' ')? };
    at.take(b" ");
    let status = match at.until(b':')? {
        b"rejected" => Status::Failed,
        b"deferred" => Status::Deferred,
        _ => return None,
    };
    let target = if is_domain { [b"@", named].concat() } else { named.to_vec() };
    tried(entry, Target::Address(&target), status, at.0, None, telling);
    Some(Kind::Delivery)
}

/// `Temp failing FILE for 64 seconds: REASON`. Its twin `Temp fail for: REASON` is no second one.
fn deferred(entry: &Entry<'_>, telling: &mut Telling<'_>) -> Option<Kind> {
    let (file, rest) = split_text(entry.message.strip_prefix(b"Temp failing ")?, b" for ")?;
    let (_, reason) = split_text(rest, b" seconds: ")?;
    if reason.starts_with(b"Some recipients temp") {
        // Each of them has a line that names him.
        return Some(Kind::Context);
    }
    let delay_ms = telling.head.time.zip(arrival(file)).map(|(time, arrival)| (time.0 - arrival.0) / 1_000);
    tried(entry, Target::AllOpen, Status::Deferred, reason, delay_ms.filter(|delay| *delay >= 0), telling);
    Some(Kind::Delivery)
}

/// `bouncing mail: REASON`, after the last of the configured tries `bouncing mail: Too many failures (REASON)`.
fn bounced(entry: &Entry<'_>, telling: &mut Telling<'_>) -> Option<Kind> {
    let reason = entry.message.strip_prefix(b"bouncing mail: ")?;
    if reason.starts_with(b"Some recipients failed") {
        return Some(Kind::Context);
    }
    let expired = reason.strip_prefix(b"Too many failures (");
    let status = if expired.is_some() { Status::Expired } else { Status::Failed };
    let reason = expired.map_or(reason, |reason| reason.strip_suffix(b")").unwrap_or(reason));
    tried(entry, Target::AllOpen, status, reason, None, telling);
    Some(Kind::Delivery)
}

fn tried(
    entry: &Entry<'_>,
    target: Target<'_>,
    status: Status,
    reason: &[u8],
    delay_ms: Option<i64>,
    telling: &mut Telling<'_>,
) {
    let reason = reason.trim_ascii();
    let reason = reason.strip_prefix(b"Upstream error: ").unwrap_or(reason);
    let mut buffer = std::mem::take(telling.reply);
    let words = said(None, None, reason, &mut buffer);
    let attempt = Attempt { target, sort: sort(status, words.speaker), delay_ms, ..attempt(b"", status, &words) };
    telling.say(entry, What::Attempt(attempt));
    *telling.reply = buffer;
}

/// When the item of a queue file came: its name begins with that, in milliseconds.
fn arrival(file: &[u8]) -> Option<Micros> {
    let digits = Cursor(file).digits();
    let milliseconds = i64::try_from(number(digits)?).ok()?;
    (digits.len() == 13).then(|| Micros(milliseconds * 1_000))
}

/// Seconds with a fraction.
fn milliseconds(seconds: &[u8]) -> Option<i64> {
    let mut at = Cursor(seconds);
    let whole = i64::try_from(number(at.digits())?).ok()?;
    let fraction = if at.take(b".") { millionths(at.digits()) / 1_000 } else { 0 };
    at.0.is_empty().then(|| whole.saturating_mul(1_000).saturating_add(fraction))
}
