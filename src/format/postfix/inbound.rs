//! Mail that others bring: who brings it, and what is refused.
//!
//! `client=` begins a message of the queue. A reject is never deliverability of ours; only `reject:`, `milter-reject:` and
//! `milter-header-reject:` refuse: a warning, a hold or a discard let the client go on. Sources: `src/smtpd/smtpd.c`, `smtpd_check.c`,
//! `src/postscreen/postscreen_smtpd.c`, `src/cleanup/cleanup_message.c`, `cleanup_milter.c`.

use super::Service;
use crate::event::{Event, Key, Kind, Origin, Sink, What};
use crate::format::cursor::{rsplit_text, skip_blanks, split_pair, split_text};
use crate::format::relay::{self, Relay};
use crate::format::syslog::Line;

/// `client=h[ip][, orig_queue_id=…][, orig_client=…][, sasl_method=…, sasl_username=…]`
pub(super) fn client(line: &Line<'_>, service: &Service<'_>, id: &[u8], rest: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let rest = rest.strip_prefix(b"client=")?;
    let (client, more) = split_pair(rest, *b", ").unwrap_or((rest, b""));
    let what = What::Begin { origin: origin(service.role(), client, more), client };
    into.event(&Event { head: line.head(service.instance()), key: Key::Message(id), what });
    Some(Kind::Context)
}

/// Who authenticated submits. A client on loopback is a content filter that hands a mail back, as a rule: nothing tells it from a
/// program that speaks SMTP to its own host, but the name of a service that is for submission. Addresses of our networks are not known
/// here: they are network.
fn origin(role: &[u8], client: &[u8], more: &[u8]) -> Origin {
    let mut field = Some(more).filter(|more| !more.is_empty());
    while let Some(text) = field {
        if text.starts_with(b"sasl_username=") || text.starts_with(b"sasl_method=") {
            return Origin::Submitted;
        }
        field = split_pair(text, *b", ").map(|(_, next)| next);
    }
    let client = Relay::read(client);
    let address = if client.ip.is_empty() { client.host } else { client.ip };
    match role {
        _ if client.is_none() => Origin::Unknown,
        b"submission" | b"submissions" | b"smtps" => Origin::Submitted,
        _ if relay::is_loopback(address) => Origin::Loopback,
        _ => Origin::Network,
    }
}

/// `reject: …`, `milter-reject: …`, `milter-header-reject: …` after a queue id.
pub(super) fn with_id(line: &Line<'_>, service: &Service<'_>, id: &[u8], rest: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    reject(line, service, Key::Message(id), rest, into)
}

/// `NOQUEUE: reject: …`; before 2.0 without that word.
pub(super) fn without_id(line: &Line<'_>, service: &Service<'_>, into: &mut dyn Sink) -> Option<Kind> {
    let text = line.envelope.text;
    let rest = text.strip_prefix(b"NOQUEUE:").map(skip_blanks);
    if !service.is_ours && line.envelope.framed {
        return None;
    }
    match rest {
        Some(rest) => reject(line, service, Key::Whole, rest, into).or(Some(Kind::Other)),
        None => reject(line, service, Key::Whole, text, into),
    }
}

fn reject(line: &Line<'_>, service: &Service<'_>, key: Key<'_>, rest: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    const REFUSALS: [&[u8]; 3] = [b"reject: ", b"milter-reject: ", b"milter-header-reject: "];
    let what = REFUSALS.iter().find_map(|refusal| rest.strip_prefix(*refusal))?;
    let what = What::Inbound { reply: reply(what) };
    into.event(&Event { head: line.head(service.instance()), key, what });
    Some(Kind::Inbound)
}

/// `STAGE from CLIENT: REPLY; from=<…> to=<…> …`; a header or body pattern has its reply at the end: `header … helo=<…>: REPLY`.
fn reply(what: &[u8]) -> &[u8] {
    let is_content = [&b"header "[..], b"body ", b"mime-header ", b"nested-header "].iter().any(|kind| what.starts_with(kind));
    if is_content {
        return rsplit_text(what, b">: ").map_or(b"", |(_, reply)| reply);
    }
    let Some((_, rest)) = split_text(what, b" from ").and_then(|(_, rest)| split_pair(rest, *b": ")) else { return b"" };
    let mut after = rest;
    while let Some((_, next)) = split_pair(after, *b"; ") {
        if next.starts_with(b"from=<") || next.starts_with(b"to=<") || next.starts_with(b"proto=") {
            return rest.get(..rest.len() - next.len() - 2).unwrap_or_default();
        }
        after = next;
    }
    rest
}
