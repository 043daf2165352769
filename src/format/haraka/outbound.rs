//! The lines of the outbound side: one item on its way to one domain.

use super::bare;
use super::entry::{Delivered, Entry};
use crate::event::{Attempt, Event, Head, Key, Kind, Micros, Share, Sink, Sort, Speaker, Stage, Status, Target, What};
use crate::format::cursor::{Cursor, milliseconds, number, split_text};
use crate::format::relay::{OwnRelays, Relay};
use crate::format::said::{attempt, said, sort};

/// Recipients of one item: a record may give any number.
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

    /// Tells of a try, and first whose mail it is, if it is our own.
    fn attempt(&mut self, entry: &Entry<'_>, attempt: Attempt<'_>) {
        if entry.is_of_own_mail() {
            self.say(entry, What::OwnBounce { about: b"" });
        }
        self.say(entry, What::Attempt(attempt));
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

/// The record names no recipient, but the domain and how many there are.
fn accepted(entry: &Entry<'_>, delivered: &Delivered<'_>, telling: &mut Telling<'_>) -> Kind {
    let domain = [b"@", &*delivered.domain].concat();
    let relay = Relay { host: &delivered.host, ip: &delivered.ip };
    let is_home = telling.own.hold(&relay);
    let sort = match &*delivered.mode {
        b"LMTP" => Sort::Local,
        _ if is_home => Sort::Hop,
        _ => Sort::Real,
    };
    let mut recipients = delivered.recipients.split(|&byte| byte == b'/').map(|count| number(count).unwrap_or_default());
    let few = |count: u64| count.min(MOST_RECIPIENTS) as u16;
    let count = few(recipients.next().unwrap_or_default()).max(1);
    let of = recipients.take(2).fold(count, |sum, count| sum + few(count));
    let mut buffer = std::mem::take(telling.reply);
    let words = said(None, None, &delivered.response, &mut buffer);
    let attempt = Attempt {
        target: Target::Share(Share { number: entry.share(), domain: &domain, count, of }),
        sort,
        speaker: Speaker::Remote,
        stage: Stage::EndOfData,
        relay: relay.host,
        relay_ip: relay.ip,
        delay_ms: milliseconds(&delivered.delay),
        tls: if *delivered.tls == *b"Y" { b"TLS" } else { b"" },
        ..attempt(b"", Status::Delivered, &words)
    };
    telling.attempt(entry, attempt);
    *telling.reply = buffer;
    Kind::Delivery
}

/// `recipient <a@b> rejected: REPLY`, `recipient <a@b> deferred: REPLY`, `recipient domain <d> rejected: REPLY`
fn recipient(entry: &Entry<'_>, telling: &mut Telling<'_>) -> Option<Kind> {
    let mut at = Cursor(entry.message.strip_prefix(b"recipient ")?);
    let is_domain = at.take(b"domain ");
    let rejected = split_text(at.0, b" rejected: ");
    let deferred = split_text(at.0, b" deferred: ");
    // The reply may hold the other word, too.
    let is_deferred = match (rejected, deferred) {
        (Some((before, _)), Some((other, _))) => other.len() < before.len(),
        (rejected, _) => rejected.is_none(),
    };
    let ((named, reply), status) = if is_deferred { (deferred?, Status::Deferred) } else { (rejected?, Status::Failed) };
    if is_domain {
        let domain = [b"@", bare(named)].concat();
        tried(entry, share(entry, &domain), status, reply, None, telling);
    } else {
        tried(entry, Target::Address(bare(named)), status, reply, None, telling);
    }
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
    let domain = domain_in(reason);
    tried(entry, share(entry, &domain), Status::Deferred, reason, delay_ms.filter(|delay| *delay >= 0), telling);
    Some(Kind::Delivery)
}

/// `bouncing mail: REASON`; in place of `Temp failing`, where the last of the configured tries failed, `bouncing mail: Too many failures (REASON)`.
fn bounced(entry: &Entry<'_>, telling: &mut Telling<'_>) -> Option<Kind> {
    let reason = entry.message.strip_prefix(b"bouncing mail: ")?;
    if reason.starts_with(b"Some recipients failed") {
        return Some(Kind::Context);
    }
    let Some(reason) = reason.strip_prefix(b"Too many failures (") else {
        let domain = domain_in(reason);
        tried(entry, share(entry, &domain), Status::Failed, reason, None, telling);
        return Some(Kind::Delivery);
    };
    let reason = reason.trim_ascii_end();
    let reason = reason.strip_suffix(b")").unwrap_or(reason);
    let domain = domain_in(reason);
    // Recipients that were put off have a line of their own.
    let is_told = reason.starts_with(b"Some recipients temp");
    if !is_told {
        tried(entry, share(entry, &domain), Status::Deferred, reason, None, telling);
    }
    telling.say(entry, What::GaveUp { target: share(entry, &domain) });
    Some(if is_told { Kind::Context } else { Kind::Delivery })
}

/// The item of an entry, of which all that is left is meant.
fn share<'a>(entry: &Entry<'_>, domain: &'a [u8]) -> Target<'a> {
    Target::Share(Share { number: entry.share(), domain, count: 0, of: 0 })
}

/// `@DOMAIN`, where Haraka's own words name the domain of an item.
fn domain_in(reason: &[u8]) -> Vec<u8> {
    const BEFORE: [&[u8]; 6] = [
        b"Nowhere to deliver mail to for domain: ",
        b"Domain ",
        b"No Such Domain: ",
        b"No MX for ",
        b"Temporary MX lookup error for ",
        b"DNS lookup failure: Error: queryMx ",
    ];
    let Some(rest) = BEFORE.iter().find_map(|before| reason.strip_prefix(*before)) else { return Vec::new() };
    // `ESERVFAIL example.com`, `sends and receives no email`
    let mut words = rest.split(|&byte| byte == b' ').skip_while(|word| word.first() == Some(&b'E') && !word.contains(&b'.'));
    let domain = words.next().filter(|word| word.contains(&b'.'));
    domain.map(|domain| [b"@", domain].concat()).unwrap_or_default()
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
    telling.attempt(entry, attempt);
    *telling.reply = buffer;
}

/// When the item of a queue file came: its name begins with that, in milliseconds.
fn arrival(file: &[u8]) -> Option<Micros> {
    let digits = Cursor(file).digits();
    let milliseconds = i64::try_from(number(digits)?).ok()?;
    (digits.len() == 13).then(|| Micros(milliseconds * 1_000))
}
