//! Momentum (ecelerity): records of fields between `@`, told by the letter in the fifth.
//!
//! The main log tells of deliveries by domain alone: who the recipient is stands in the record of the reception, which has the same
//! message id, one for each recipient. The bounce log names him. The last field takes the rest, since replies hold `@`. Sources:
//! `log-formats-{mainlog,bouncelog,fbllog,rejectlog}`, `log-formats-connection-stages` of the Momentum 4 documentation.
//!
//! Kinds: `D`, `T`, `P` and `B` are deliveries (`B` of stage 21 came back later: context), `R`, `X` and `F` context, refusals inbound,
//! heartbeats other.

use super::cursor::{Cursor, milliseconds, number, rsplit_text, split_byte, split_text, unmarked};
use super::detect::lines;
use super::said::{Said, attempt, said, sort, speaker};
use super::{Confidence, FileContext, Format, Reader};
use crate::event::{Attempt, Closing, Event, Framing, Head, Key, Kind, Micros, Pos, Sink, Speaker, Stage, Status, What};

/// The format.
pub(crate) struct Momentum;

impl Format for Momentum {
    fn name(&self) -> &'static str {
        "momentum"
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        let is_own = |line: &[u8]| Record::of(line).is_some() || Refusal::of(line).is_some();
        lines(head).any(|line| is_own(unmarked(line.trim_ascii_end()))).then_some((Confidence::Certain, Framing::Lines))
    }

    fn reader(&self, _head: &[u8], _context: &FileContext) -> Box<dyn Reader> {
        Box::new(MomentumReader::default())
    }
}

/// Reads the records of one segment.
#[derive(Default)]
struct MomentumReader {
    recipient: Vec<u8>,
    sender: Vec<u8>,
    reply: Vec<u8>,
}

/// A record by its letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letter {
    Reception,
    Delivery,
    Transient,
    Permanent,
    /// Handed to another node of the cluster.
    Transfer,
    Bounce,
    Feedback,
    Heartbeat,
}

/// What all records have in front.
#[derive(Clone, Copy, Debug)]
struct Record<'a> {
    time: Micros,
    id: &'a [u8],
    letter: Letter,
    /// What follows the letter and its `@`.
    rest: &'a [u8],
}

impl<'a> Record<'a> {
    /// `TIME@MESSAGE@BATCH@CONNECTION@L@…`, or `TIME@MESSAGE@F@…` of the feedback log.
    fn of(line: &'a [u8]) -> Option<Self> {
        let mut at = Cursor(line);
        let time = stamp(at.until(b'@')?)?;
        let id = at.until(b'@')?;
        // A batch is never called so: its id has a slash.
        if let Some(rest) = at.0.strip_prefix(b"F@").filter(|_| !id.is_empty()) {
            return Some(Self { time, id, letter: Letter::Feedback, rest });
        }
        at.until(b'@')?;
        at.until(b'@')?;
        let (letter, rest) = split_byte(at.0, b'@').unwrap_or((at.0, b""));
        let letter = match letter {
            b"R" => Letter::Reception,
            b"D" => Letter::Delivery,
            b"T" => Letter::Transient,
            b"P" => Letter::Permanent,
            b"X" => Letter::Transfer,
            b"B" => Letter::Bounce,
            b"M" | b"M1" if rest.is_empty() => Letter::Heartbeat,
            _ => return None,
        };
        Some(Self { time, id, letter, rest })
    }
}

/// Seconds since 1970 as nine or ten digits, or microseconds as sixteen (`log_hires_timestamp`).
fn stamp(digits: &[u8]) -> Option<Micros> {
    let whole = i64::try_from(number(digits)?).ok()?;
    match digits.len() {
        9 | 10 => Some(Micros(whole * Micros::SECOND)),
        16 => Some(Micros(whole)),
        _ => None,
    }
}

/// The next `N` fields, the last of which takes the rest.
fn fields<const N: usize>(text: &[u8]) -> Option<[&[u8]; N]> {
    let mut found = [&b""[..]; N];
    let mut parts = text.splitn(N, |&byte| byte == b'@');
    for field in &mut found {
        *field = parts.next()?;
    }
    Some(found)
}

impl Reader for MomentumReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        let line = unmarked(record.trim_ascii_end());
        let Some(found) = Record::of(line) else { return other(line, record, at, &mut self.reply, into) };
        let head = Head { pos: at, time: Some(found.time), host: b"", instance: b"", pid: None, record };
        let key = if found.id.is_empty() { Key::Whole } else { Key::Message(found.id) };
        let mut say = |what: What<'_>| into.event(&Event { head, key, what });
        let told = match found.letter {
            Letter::Heartbeat => Some(Kind::Other),
            Letter::Reception => self.reception(found.rest, &mut say),
            Letter::Delivery => self.delivery(found.rest, &mut say),
            Letter::Transfer => {
                say(What::Close(Closing::Requeued));
                Some(Kind::Context)
            }
            Letter::Bounce => self.named_failure(Status::Failed, found.rest, &mut say),
            // The bounce log may tell of temporary failures, too, and names the recipient.
            Letter::Transient => {
                let named = self.named_failure(Status::Deferred, found.rest, &mut say);
                named.or_else(|| self.failure(Status::Deferred, found.rest, &mut say))
            }
            Letter::Permanent => self.failure(Status::Failed, found.rest, &mut say),
            Letter::Feedback => self.feedback(found.rest, &mut say),
        };
        told.unwrap_or(Kind::Unparsed)
    }
}

/// Takes a local part and the `@` after it; a quoted one may hold others.
fn local_part<'a>(at: &mut Cursor<'a>) -> Option<&'a [u8]> {
    if !at.0.starts_with(b"\"") {
        return at.until(b'@');
    }
    let end = memchr::memmem::find(at.0, b"\"@")? + 1;
    let (local, rest) = at.0.split_at_checked(end)?;
    at.0 = rest.get(1..)?;
    Some(local)
}

/// Takes local part and domain of two addresses, each with the `@` after it.
fn addresses<'a>(at: &mut Cursor<'a>) -> Option<[&'a [u8]; 4]> {
    Some([local_part(at)?, at.until(b'@')?, local_part(at)?, at.until(b'@')?])
}

fn join(local: &[u8], domain: &[u8], to: &mut Vec<u8>) {
    to.clear();
    to.extend_from_slice(local);
    if !domain.is_empty() {
        to.push(b'@');
        to.extend_from_slice(domain);
    }
}

impl MomentumReader {
    /// `LOCAL@DOMAIN@SENDER_LOCAL@SENDER_DOMAIN@CLIENT@SIZE@PROTOCOL@GROUP@BINDING`
    fn reception(&mut self, rest: &[u8], say: &mut dyn FnMut(What<'_>)) -> Option<Kind> {
        let mut at = Cursor(rest);
        let [local, domain, from_local, from_domain] = addresses(&mut at)?;
        let [_client, size, ..] = fields::<5>(at.0)?;
        join(local, domain, &mut self.recipient);
        join(from_local, from_domain, &mut self.sender);
        say(What::Sender { address: &self.sender, size: number(size), recipients: None });
        say(What::Recipient { index: None, address: &self.recipient });
        Some(Kind::Context)
    }

    /// `DOMAIN@SIZE@GROUP@BINDING@RETRIES@DELAY@RELAY`
    fn delivery(&mut self, rest: &[u8], say: &mut dyn FnMut(What<'_>)) -> Option<Kind> {
        let [domain, _size, _group, binding, _retries, delay, relay] = fields::<7>(rest)?;
        join(b"", domain, &mut self.recipient);
        let words = Said { code: None, enhanced: None, reply: b"", speaker: Speaker::Remote };
        say(What::Attempt(Attempt {
            stage: Stage::EndOfData,
            relay_ip: address(relay),
            source: binding,
            delay_ms: milliseconds(delay),
            ..attempt(&self.recipient, Status::Delivered, &words)
        }));
        Some(Kind::Delivery)
    }

    /// `DOMAIN@BYTES@GROUP@BINDING@STAGE@RETRIES@DELAY@RELAY@REPLY`
    fn failure(&mut self, status: Status, rest: &[u8], say: &mut dyn FnMut(What<'_>)) -> Option<Kind> {
        let [domain, _bytes, _group, binding, stage, _retries, delay, relay, reply] = fields::<9>(rest)?;
        number(stage)?;
        join(b"", domain, &mut self.recipient);
        let (status, words) = judged(status, said(None, None, reply, &mut self.reply));
        say(What::Attempt(Attempt {
            sort: sort(status, words.speaker),
            stage: stage_of(stage),
            relay_ip: address(relay),
            source: binding,
            delay_ms: milliseconds(delay),
            ..attempt(&self.recipient, status, &words)
        }));
        Some(Kind::Delivery)
    }

    /// `LOCAL@DOMAIN@SENDER_LOCAL@SENDER_DOMAIN@GROUP@BINDING@STAGE@CLASS@SIZE@RELAY@REPLY`
    fn named_failure(&mut self, status: Status, rest: &[u8], say: &mut dyn FnMut(What<'_>)) -> Option<Kind> {
        let mut at = Cursor(rest);
        let [local, domain, from_local, from_domain] = addresses(&mut at)?;
        let [_group, binding, stage, class, size, relay, reply] = fields::<7>(at.0)?;
        let (_, _) = (number(stage)?, number(class)?);
        join(local, domain, &mut self.recipient);
        join(from_local, from_domain, &mut self.sender);
        let words = said(None, None, reply, &mut self.reply);
        if stage == b"21" {
            if is_bounce_class(number(class)) {
                say(What::Feedback { complaint: false, recipient: &self.recipient, reply: words.reply });
            }
            return Some(Kind::Context);
        }
        let (status, words) = judged(status, words);
        say(What::Sender { address: &self.sender, size: number(size), recipients: None });
        say(What::Attempt(Attempt {
            sort: sort(status, words.speaker),
            stage: stage_of(stage),
            relay_ip: address(relay),
            source: binding,
            ..attempt(&self.recipient, status, &words)
        }));
        Some(Kind::Delivery)
    }

    /// `LOCAL@DOMAIN@BINDING@GROUP@TYPE@REPORTER@USER`
    fn feedback(&mut self, rest: &[u8], say: &mut dyn FnMut(What<'_>)) -> Option<Kind> {
        let mut at = Cursor(rest);
        let (local, domain) = (local_part(&mut at)?, at.until(b'@')?);
        let [_binding, _group, kind, ..] = fields::<4>(at.0)?;
        join(local, domain, &mut self.recipient);
        say(What::Feedback { complaint: true, recipient: &self.recipient, reply: kind });
        Some(Kind::Context)
    }
}

/// Whether a class of the bounce classifier is of bounces: not automatic replies (60), subscribing and unsubscribing (80, 90), nor
/// challenges (100).
pub(crate) fn is_bounce_class(class: Option<u64>) -> bool {
    !matches!(class, Some(60 | 80 | 90 | 100))
}

/// Momentum marks its own words with `[internal]`: no server said them, whatever code stands before them, and the one who did is given.
/// A message that it gave up because of age has expired.
pub(crate) fn judge(status: Status, reply: &[u8]) -> (Status, Option<Speaker>) {
    let has = |needle: &[u8]| memchr::memmem::find(reply, needle).is_some();
    if !has(b"[internal]") {
        return (status, None);
    }
    if status == Status::Failed && has(b"exceeded max time") {
        return (Status::Expired, Some(Speaker::Own));
    }
    match speaker(reply) {
        Speaker::Unknown | Speaker::Own | Speaker::Remote => (status, Some(Speaker::Own)),
        known @ (Speaker::Connection | Speaker::Dns) => (status, Some(known)),
    }
}

/// The words as [`judge`] takes them.
fn judged(status: Status, words: Said<'_>) -> (Status, Said<'_>) {
    match judge(status, words.reply) {
        (status, Some(speaker)) => (status, Said { code: None, speaker, ..words }),
        (status, None) => (status, words),
    }
}

/// The connection stages of Momentum.
fn stage_of(number: &[u8]) -> Stage {
    match number {
        b"0" | b"12" => Stage::Connect,
        b"2" | b"3" => Stage::Mail,
        b"4" | b"5" => Stage::Recipient,
        b"6" | b"7" => Stage::Data,
        b"8" | b"9" => Stage::EndOfData,
        b"10" | b"11" => Stage::Hello,
        b"15" | b"16" | b"17" | b"18" => Stage::Tls,
        _ => Stage::Unknown,
    }
}

/// An address without a port that may follow it.
fn address(relay: &[u8]) -> &[u8] {
    match split_byte(relay, b':') {
        Some((host, port)) if !port.contains(&b':') => host,
        _ => relay,
    }
}

/// A record of the reject log: `TIME: R="ip:port" L="…" … E=550 M=… CTXCONN=[…] CTXMESS=[…] text`.
#[derive(Clone, Copy, Debug)]
struct Refusal<'a> {
    time: Micros,
    code: Option<u16>,
    text: &'a [u8],
}

impl<'a> Refusal<'a> {
    fn of(line: &'a [u8]) -> Option<Self> {
        let (time, rest) = split_byte(line, b':')?;
        let time = stamp(time)?;
        rest.starts_with(b" R=\"").then_some(())?;
        let code = split_text(rest, b" E=").and_then(|(_, rest)| u16::try_from(number(Cursor(rest).digits())?).ok());
        let text = rsplit_text(rest, b"] ").map_or(&b""[..], |(_, text)| text);
        Some(Self { time, code, text })
    }
}

/// A line that is no record of a message: a refusal, `TIME: Marker 1`, a remark.
fn other(line: &[u8], record: &[u8], at: Pos, buffer: &mut Vec<u8>, into: &mut dyn Sink) -> Kind {
    if let Some(Refusal { time, code, text }) = Refusal::of(line) {
        let head = Head { pos: at, time: Some(time), host: b"", instance: b"", pid: None, record };
        let reply = said(code, None, text, buffer).reply;
        into.event(&Event { head, key: Key::Whole, what: What::Inbound { reply } });
        return Kind::Inbound;
    }
    let is_marker = split_byte(line, b':').is_some_and(|(time, rest)| stamp(time).is_some() && rest.starts_with(b" Marker"));
    if is_marker || line.is_empty() || line.starts_with(b"#") { Kind::Other } else { Kind::Unparsed }
}
