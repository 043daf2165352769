//! The life of a message in the queue: pickup, cleanup, qmgr, bounce, postsuper.
//!
//! One function per line. Sources: `src/pickup/pickup.c`, `src/cleanup/cleanup_message.c`, `src/*qmgr/qmgr_active.c`,
//! `src/bounce/bounce_*_service.c`, `src/postsuper/postsuper.c`.

use memchr::memrchr;

use super::Service;
use crate::event::{Closing, Event, Key, Kind, Origin, Sink, Target, What};
use crate::format::cursor::{Cursor, number, rsplit_text, skip_blanks, split_byte};
use crate::format::syslog::Line;

/// Reads what follows the queue id. None: a shape that is not known here, and no event.
pub(super) fn read(line: &Line<'_>, service: &Service<'_>, id: &[u8], rest: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let mut say = |key, what| into.event(&Event { head: line.head(service.instance()), key, what });
    let key = Key::Message(id);
    match rest.first()? {
        b'f' => {
            let (address, after) = sender(rest)?;
            say(key, qmgr(address, after)?);
        }
        b'u' => {
            let (client, previous) = pickup(rest)?;
            say(key, What::Begin { origin: Origin::Submitted, client });
            if let Some(previous) = previous {
                // Of `postsuper -r ALL` no record says which messages it put back, but this one.
                say(Key::Message(previous), What::Close(Closing::Requeued));
                say(key, What::Continues { previous });
            }
        }
        b'm' => {
            if is_redirect(rest) {
                say(key, What::Redirected);
            } else if let Some(message_id) = bare_message_id(rest.strip_prefix(b"message-id=")?) {
                say(key, What::MessageId(message_id));
            }
        }
        b'r' | b'c' | b'e' => {
            if is_redirect(rest) {
                say(key, What::Redirected);
            } else if let Some(closing) = closing(rest, line.envelope.tag.ends_with(b"postsuper")) {
                say(key, What::Close(closing));
            } else if !is_known_detail(rest) {
                return None;
            }
        }
        b's' | b'p' => {
            if let Some(notification) = notification(rest) {
                say(Key::Message(notification), What::OwnBounce { about: id });
            } else if !is_known_detail(rest) {
                return None;
            }
        }
        _ => return is_known_detail(rest).then_some(Kind::Context),
    }
    Some(Kind::Context)
}

/// `from=<ADDRESS>, ` and what follows. Strangers choose the address, and nothing behind it, so it is taken up to the last place where
/// the field stands that must be next.
fn sender(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = rest.strip_prefix(b"from=")?;
    let mut end = inside.len();
    let (address, after) = loop {
        end = memrchr(b',', inside.get(..end)?)?;
        let (address, rest) = inside.split_at_checked(end)?;
        let is_whole = address.ends_with(b">") || !inside.starts_with(b"<");
        if let Some(rest) = rest.strip_prefix(b", ").filter(|_| is_whole)
            && (rest.starts_with(b"size=") || rest.starts_with(b"status="))
        {
            break (address, rest);
        }
    };
    let address = address.strip_prefix(b"<").unwrap_or(address);
    Some((address.strip_suffix(b">").unwrap_or(address), after))
}

/// `size=N, nrcpt=N (queue active)`, `status=expired, returned to sender`
fn qmgr<'a>(address: &'a [u8], after: &[u8]) -> Option<What<'a>> {
    if after.starts_with(b"status=expired") || after.starts_with(b"status=force-expired") {
        return Some(What::GaveUp { target: Target::AllOpen });
    }
    let mut at = Cursor(after);
    at.take(b"size=").then_some(())?;
    let size = number(at.digits());
    if at.0.starts_with(b", class=") {
        // Sendmail's.
        return None;
    }
    let recipients = if at.take(b", nrcpt=") { number(at.digits()) } else { None };
    Some(What::Sender { address, size, recipients: recipients.and_then(|count| u32::try_from(count).ok()) })
}

/// `uid=N from=<ADDRESS>[ orig_id=QID]`: the local user, and the id that the message had before it was put back.
fn pickup(rest: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let mut at = Cursor(rest);
    let client = at.word();
    client.starts_with(b"uid=").then_some(())?;
    at.take(b" from=").then_some(())?;
    let previous = rsplit_text(at.0, b"> orig_id=").and_then(|(_, id)| super::queue_id::leading(id));
    Some((client, previous))
}

/// `<ID>`, or what an odd header left of it; None for an empty one.
fn bare_message_id(text: &[u8]) -> Option<&[u8]> {
    let inside = match text.strip_prefix(b"<") {
        Some(inside) => memrchr(b'>', inside).and_then(|end| inside.get(..end)).unwrap_or(inside),
        None => text,
    };
    (!inside.is_empty()).then_some(inside)
}

/// An access map, or a pattern of header or body: one address takes the mail in place of all recipients.
fn is_redirect(rest: &[u8]) -> bool {
    rest.starts_with(b"redirect: ") || rest.starts_with(b"milter-header-redirect: ")
}

/// Only the operator's postsuper(1) deletes and requeues.
fn closing(rest: &[u8], by_operator: bool) -> Option<Closing> {
    if matches!(rest, b"removed (canceled)" | b"removed (discarded)") {
        // Of what cleanup did not queue, since 3.10.
        return Some(Closing::Cancelled);
    }
    // Spreadsheets leave quotes and commas behind a line.
    let mut at = Cursor(rest);
    match at.run(|byte| byte.is_ascii_alphabetic()) {
        b"removed" if at.0.iter().all(|byte| !byte.is_ascii_alphanumeric()) => {
            Some(if by_operator { Closing::Cancelled } else { Closing::Done })
        }
        b"requeued" => Some(Closing::Requeued),
        b"canceled" => Some(Closing::Cancelled),
        _ => None,
    }
}

/// `sender non-delivery notification: QID`, also of a delay or a success, also to the postmaster.
fn notification(rest: &[u8]) -> Option<&[u8]> {
    let (before, id) = split_byte(rest, b':')?;
    let is_notification =
        before.ends_with(b" notification") && (before.starts_with(b"sender ") || before.starts_with(b"postmaster "));
    is_notification.then(|| super::queue_id::leading(skip_blanks(id)))?
}

/// What else Postfix says of a message: of use to people only. It matters where there is no header to tell that it is Postfix.
fn is_known_detail(rest: &[u8]) -> bool {
    const DETAILS: [&[u8]; 18] = [
        b"host ",
        b"lost connection with ",
        b"conversation with ",
        b"enabling PIX ",
        b"skipped, still being delivered",
        b"placed on hold",
        b"released from hold",
        b"resent-message-id=",
        b"SASL authentication failed",
        b"sender notification failed",
        b"filter: ",
        b"hold: ",
        b"discard: ",
        b"replace: ",
        b"prepend: ",
        b"warning: ",
        b"info: ",
        b"expired",
    ];
    DETAILS.iter().any(|detail| rest.starts_with(detail))
}
