//! Records that tell of a message and of no attempt.

use super::{Source, refused};
use crate::event::{Closing, Kind, Origin, Sink, What};
use crate::format::cursor::{Cursor, number, split_byte, split_text};

/// Reads `rest`, which followed the queue id `id`.
pub(super) fn read(source: &Source<'_>, id: &[u8], rest: &[u8], into: &mut dyn Sink) -> Kind {
    if rest.starts_with(b"reject: ") || rest.starts_with(b"milter-reject: ") {
        return refused(source, rest, into);
    }
    match source.program() {
        b"qmgr" | b"nqmgr" | b"oqmgr" => manager(source, id, rest, into),
        b"postsuper" => operator(source, id, rest, into),
        b"bounce" | b"defer" | b"trace" => notification(source, id, rest, into),
        _ => entry(source, id, rest, into),
    }
    Kind::Context
}

/// smtpd, pickup, cleanup, whatever their services are called.
fn entry(source: &Source<'_>, id: &[u8], rest: &[u8], into: &mut dyn Sink) {
    if let Some(client) = rest.strip_prefix(b"client=") {
        let (client, more) = split_text(client, b", ").unwrap_or((client, b""));
        let origin = origin(client, more);
        source.say(id, What::Begin { origin, client }, into);
    } else if let Some(user) = rest.strip_prefix(b"uid=") {
        let user = split_byte(user, b' ').map_or(user, |(user, _)| user);
        source.say(id, What::Begin { origin: Origin::Submitted, client: user }, into);
        if let Some((_, previous)) = split_text(rest, b" orig_id=") {
            let previous = Cursor(previous).run(|byte| byte.is_ascii_alphanumeric());
            source.say(id, What::Continues { previous }, into);
        }
    } else if let Some(text) = rest.strip_prefix(b"message-id=").or_else(|| rest.strip_prefix(b"resent-message-id=")) {
        let text = text.strip_prefix(b"<").unwrap_or(text);
        source.say(id, What::MessageId(text.strip_suffix(b">").unwrap_or(text)), into);
    } else if rest == b"canceled" {
        source.say(id, What::Close(Closing::Cancelled), into);
    }
}

/// Who brought the message: `name[address]`, then `, key=value` fields.
fn origin(client: &[u8], more: &[u8]) -> Origin {
    let has = |needle: &[u8]| memchr::memmem::find(more, needle).is_some();
    if has(b"sasl_username=") || has(b"sasl_method=") {
        return Origin::Submitted;
    }
    if has(b"orig_queue_id=") || has(b"orig_client=") || client.starts_with(b"localhost[") {
        return Origin::Loopback;
    }
    let address = split_byte(client, b'[').map_or(client, |(_, address)| address);
    if address.starts_with(b"127.") || address.starts_with(b"::1]") {
        return Origin::Loopback;
    }
    Origin::Network
}

/// `from=<SENDER>, size=N, nrcpt=N (queue active)`, `from=<SENDER>, status=expired, returned to sender`, `removed`
fn manager(source: &Source<'_>, id: &[u8], rest: &[u8], into: &mut dyn Sink) {
    if rest == b"removed" {
        return source.say(id, What::Close(Closing::Done), into);
    }
    let Some(address) = rest.strip_prefix(b"from=<") else { return };
    // A sender may hold `>, size=` in quotes: the last one counts, since only numbers follow it.
    if let Some((address, numbers)) = crate::format::cursor::rsplit_text(address, b">, size=") {
        let mut at = Cursor(numbers);
        let size = number(at.digits());
        let recipients = at.take(b", nrcpt=").then(|| number(at.digits())).flatten();
        let recipients = recipients.and_then(|count| u32::try_from(count).ok());
        return source.say(id, What::Sender { address, size, recipients }, into);
    }
    let Some((_, status)) = crate::format::cursor::rsplit_text(address, b">, status=") else { return };
    if status.starts_with(b"expired") || status.starts_with(b"force-expired") {
        source.say(id, What::GaveUp { target: crate::event::Target::AllOpen }, into);
    }
}

fn operator(source: &Source<'_>, id: &[u8], rest: &[u8], into: &mut dyn Sink) {
    let closing = match rest {
        b"removed" => Closing::Cancelled,
        b"requeued" => Closing::Requeued,
        _ => return,
    };
    source.say(id, What::Close(closing), into);
}

/// `sender non-delivery notification: QID2` and its kin.
fn notification(source: &Source<'_>, about: &[u8], rest: &[u8], into: &mut dyn Sink) {
    let Some((_, id)) = split_text(rest, b"notification: ") else { return };
    let id = Cursor(id).run(|byte| byte.is_ascii_alphanumeric());
    if !id.is_empty() {
        source.say(id, What::OwnBounce { about }, into);
    }
}
