//! The record of a delivery agent: one recipient, one attempt.
//!
//! `to=<RECIPIENT>, [orig_to=<ADDRESS>, ]relay=RELAY, [conn_use=N, ]delay=S, [delays=A/B/C/D, ][tls=T, ][dsn=X.Y.Z, ]status=WORD (REPLY)`
//! Source: `log_adhoc()` of Postfix; `delays=` and `dsn=` since 2.3, `tls=` since 3.11. Fields never change their order. What senders
//! choose stands first (recipient) and last (reply), so that neither can forge a field between them.

use super::Source;
use super::speech::{self, Speech};
use crate::event::{Attempt, Enhanced, Kind, Sink, Sort, Speaker, Stage, Status, Target, What};
use crate::format::cursor::{Cursor, millionths, number, rsplit_text, split_byte, split_text};

/// The fields of a record, as they stand.
#[derive(Clone, Copy, Debug, Default)]
struct Fields<'a> {
    recipient: &'a [u8],
    original: Option<&'a [u8]>,
    relay: &'a [u8],
    delay: Option<&'a [u8]>,
    delays: Option<&'a [u8]>,
    tls: &'a [u8],
    dsn: Option<Enhanced>,
    /// Empty where the record is cut before it.
    status: &'a [u8],
    reply: &'a [u8],
}

/// Reads `rest`, which followed the queue id `id`. None: it is no delivery record after all.
pub(super) fn read(source: &Source<'_>, id: &[u8], rest: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let fields = fields(rest)?;
    let status = match fields.status {
        b"sent" => Status::Delivered,
        b"deferred" | b"SOFTBOUNCE" => Status::Deferred,
        b"bounced" => Status::Failed,
        b"deliverable" | b"undeliverable" | b"undeliverable-but-not-cached" => return Some(probe(source, id, &fields, into)),
        b"" => Status::Unknown,
        // Postfix writes no other word: the record was edited, and what happened is not told.
        _ => return Some(Kind::Unparsed),
    };
    let speech = speech::read(fields.reply);
    let (relay, relay_ip) = host_and_address(fields.relay);
    let next = next_id(fields.reply);
    let sort = sort(source, &fields, status, &speech, next);
    let attempt = attempt(&fields, status, sort, &speech, (relay, relay_ip), source.times);
    source.say(id, What::Attempt(attempt), into);
    if status == Status::Delivered
        && matches!(sort, Sort::Hop | Sort::Local)
        && let Some(child) = next
    {
        source.say(child, What::Linked { parent: id }, into);
    }
    Some(if sort == Sort::Suspended { Kind::Suspended } else { Kind::Delivery })
}

fn probe(source: &Source<'_>, id: &[u8], fields: &Fields<'_>, into: &mut dyn Sink) -> Kind {
    let status = if fields.status == b"deliverable" { Status::Delivered } else { Status::Failed };
    let place = host_and_address(fields.relay);
    let attempt = attempt(fields, status, Sort::Probe, &speech::read(fields.reply), place, source.times);
    source.say(id, What::Attempt(attempt), into);
    Kind::Probe
}

fn attempt<'a>(
    fields: &Fields<'a>,
    status: Status,
    sort: Sort,
    speech: &Speech<'a>,
    (relay, relay_ip): (&'a [u8], &'a [u8]),
    times: u32,
) -> Attempt<'a> {
    let is_silent = relay.is_empty();
    let is_reply = matches!(speech.speaker, Speaker::Remote);
    Attempt {
        target: Target::Address(fields.recipient),
        original: fields.original,
        slot: None,
        status,
        sort,
        speaker: if is_silent && is_reply && speech.host.is_empty() { Speaker::Unknown } else { speech.speaker },
        stage: if status == Status::Delivered { Stage::EndOfData } else { speech.stage },
        relay: if is_silent { speech.host } else { relay },
        relay_ip: if is_silent { speech.address } else { relay_ip },
        source: b"",
        code: speech.code,
        enhanced: fields.dsn.or(speech.enhanced),
        reply: speech.reply,
        delay_ms: fields.delay.and_then(milliseconds),
        parts_ms: fields.delays.and_then(parts),
        tls: fields.tls,
        times,
    }
}

/// Takes the fields apart, from the left. None where the recipient or the relay is not there: no agent wrote this.
fn fields(rest: &[u8]) -> Option<Fields<'_>> {
    let mut at = Cursor(rest);
    let mut fields = Fields::default();
    at.take(b"to=").then_some(())?;
    let next: &[&[u8]] = &[b", orig_to=", b", relay=", b", delay="];
    fields.recipient = address(&mut at, next)?;
    if at.take(b", orig_to=") {
        fields.original = Some(address(&mut at, next.get(1..).unwrap_or_default())?);
    }
    if at.take(b", relay=") {
        fields.relay = field(&mut at);
    } else if !at.0.starts_with(b", delay=") {
        return at.0.is_empty().then_some(fields);
    }
    while at.take(b", ") || at.take(b" ") {
        if at.take(b"status=") {
            fields.status = at.run(|byte| byte.is_ascii_alphabetic() || byte == b'-');
            fields.reply = parenthesised(at.0);
            break;
        }
        let Some((name, _)) = split_byte(at.0, b'=') else { break };
        at.0 = at.0.get(name.len() + 1..).unwrap_or_default();
        let value = field(&mut at);
        match name {
            b"delay" => fields.delay = Some(value),
            b"delays" => fields.delays = Some(value),
            b"tls" => fields.tls = value,
            b"dsn" => fields.dsn = Enhanced::read(value),
            _ => {}
        }
    }
    Some(fields)
}

/// A value up to the next `, `, or to the end of a record that is cut.
fn field<'a>(at: &mut Cursor<'a>) -> &'a [u8] {
    let length = memchr::memmem::find(at.0, b", ").unwrap_or(at.0.len());
    let (value, rest) = at.0.split_at_checked(length).unwrap_or((at.0, b""));
    at.0 = rest;
    value
}

/// An address in angle brackets, up to the `>` that the next field follows: it may hold blanks, commas, quotes and `>` itself. Scripts
/// that handle logs lose the brackets at times.
fn address<'a>(at: &mut Cursor<'a>, next: &[&[u8]]) -> Option<&'a [u8]> {
    let is_bracketed = at.take(b"<");
    let text = at.0;
    let from = if is_bracketed { after_quotes(text) } else { 0 };
    let tail = text.get(from..)?;
    let ends = |field: &&[u8]| memchr::memmem::find(tail, field);
    let length = match next.iter().filter_map(ends).min() {
        Some(length) => from + length,
        // Cut within the address or right after it.
        None if is_bracketed => text.iter().position(|&byte| byte == b'>').map_or(text.len(), |end| end + 1),
        None => return None,
    };
    let (address, rest) = text.split_at_checked(length)?;
    at.0 = rest;
    Some(if is_bracketed { address.strip_suffix(b">").unwrap_or(address) } else { address })
}

/// Where a quoted local part ends: what it holds forges no field.
fn after_quotes(text: &[u8]) -> usize {
    if !text.starts_with(b"\"") {
        return 0;
    }
    let mut is_escaped = false;
    for (index, &byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return index,
            _ => {}
        }
    }
    0
}

/// From the first `(` to the last `)`; to the end where the record is cut.
fn parenthesised(text: &[u8]) -> &[u8] {
    let Some((_, inner)) = split_byte(text, b'(') else { return b"" };
    rsplit_text(inner, b")").map_or(inner, |(inner, _)| inner)
}

/// `host[ip]:port`, `host[/unix/path]`, `none`, `local`, a transport's name: the host and what the brackets hold.
fn host_and_address(relay: &[u8]) -> (&[u8], &[u8]) {
    if relay == b"none" {
        return (b"", b"");
    }
    let Some((host, rest)) = split_byte(relay, b'[') else { return (relay, b"") };
    (host, rsplit_text(rest, b"]").map_or(rest, |(address, _)| address))
}

/// What sort of attempt, told from the agent, the relay, the reply and the configuration alone.
fn sort(source: &Source<'_>, fields: &Fields<'_>, status: Status, speech: &Speech<'_>, next: Option<&[u8]>) -> Sort {
    if speech.is_suspended {
        return Sort::Suspended;
    }
    match source.program() {
        // `forwarded as QID`: the mail goes on as a message of its own.
        b"local" | b"virtual" if status == Status::Delivered && next.is_some() => return Sort::Hop,
        b"local" | b"virtual" | b"pipe" | b"discard" => return Sort::Local,
        b"error" | b"retry" | b"qmgr" | b"nqmgr" | b"cleanup" | b"bounce" => return Sort::Own,
        _ => {}
    }
    if !is_home(source, fields.relay) {
        return Sort::Real;
    }
    match status {
        Status::Delivered if next.is_some() => Sort::Hop,
        Status::Delivered => Sort::Local,
        // A filter that refuses: nobody else was asked, and the sender's mail failed all the same.
        Status::Failed => Sort::Own,
        Status::Deferred | Status::Expired | Status::Unknown => Sort::Hop,
    }
}

/// Loopback, a unix socket, the agents at home, or a relay that the configuration calls ours.
fn is_home(source: &Source<'_>, relay: &[u8]) -> bool {
    let (host, address) = host_and_address(relay);
    let is_loopback = address.starts_with(b"127.") || address == b"::1" || address.starts_with(b"::ffff:127.");
    // A unix socket stands as a path in the brackets: `[private/dovecot-lmtp]`.
    if is_loopback || address.contains(&b'/') || host.starts_with(b"/") || host == b"localhost" {
        return true;
    }
    if matches!(host, b"local" | b"virtual") {
        return true;
    }
    source
        .own_relays
        .iter()
        .any(|own| host.eq_ignore_ascii_case(own.as_bytes()) || address.eq_ignore_ascii_case(own.as_bytes()))
}

/// The id that the next hop gave the message: after the last `queued as` of a filter's nested reply, or `forwarded as`.
fn next_id(reply: &[u8]) -> Option<&[u8]> {
    let (_, id) = rsplit_text(reply, b"queued as ").or_else(|| split_text(reply, b"forwarded as "))?;
    let id = Cursor(id).run(|byte| byte.is_ascii_alphanumeric());
    (id.len() >= 5).then_some(id)
}

/// `0.52`, `1234`, `1e+05`-like forms never occur: seconds with a fraction, as milliseconds.
fn milliseconds(text: &[u8]) -> Option<i64> {
    let mut at = Cursor(text);
    let whole = at.digits();
    let fraction = if at.take(b".") { at.digits() } else { b"" };
    if !at.0.is_empty() || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let seconds = if whole.is_empty() { 0 } else { i64::try_from(number(whole)?).ok()? };
    seconds.checked_mul(1_000)?.checked_add(millionths(fraction) / 1_000)
}

/// `a/b/c/d`
fn parts(text: &[u8]) -> Option<[i64; 4]> {
    let mut parts = text.split(|&byte| byte == b'/').map(milliseconds);
    let four = [parts.next()??, parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(four)
}
