//! Mail that others wanted to bring and that an ACL refused; other noise at the door.
//!
//! Sources: `smtp_handle_acl_fail()`, `smtp_in.c`, `receive.c`, `local_scan`.

use super::INSTANCE;
use crate::event::{Event, Key, Kind, Sink, What};
use crate::format::cursor::{split_pair, split_text};
use crate::format::syslog::Line;

/// A record without an id. None: no words that Exim is known by.
pub(super) fn read(line: &Line<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    if let Some(reply) = reply(text) {
        into.event(&Event { head: line.head(INSTANCE), key: Key::Whole, what: What::Inbound { reply } });
        return Some(Kind::Inbound);
    }
    is_phrase(text).then_some(Kind::Other)
}

const TOO_MANY: &[u8] = b"too many recipients: ";

/// What a refused client was told: `H=… F=<…> [temporarily ]rejected WHAT: REPLY`.
pub(super) fn reply(text: &[u8]) -> Option<&[u8]> {
    const WHATS: [&[u8]; 14] = [
        b"RCPT",
        b"MAIL",
        b"after DATA",
        b"DATA",
        b"during MIME ACL",
        b"by local_scan",
        b"by non-SMTP ACL",
        b"EHLO",
        b"HELO",
        b"connection",
        b"PRDR",
        b"predata",
        b"from",
        b"BDAT",
    ];
    const UNQUALIFIED: [&[u8]; 2] = [b"unqualified sender rejected", b"unqualified recipient rejected"];
    if text.starts_with(b"unqualified ") {
        // An address without a domain, of a client that may not send such: `… rejected: <root> H=…`.
        return split_pair(text, *b": ").map(|(reply, _)| reply).filter(|reply| UNQUALIFIED.contains(reply));
    }
    if text.starts_with(TOO_MANY) {
        // `message rejected: sender=<…> H=…`, `excess temporarily rejected: …`
        return text.get(..TOO_MANY.len() - 2);
    }
    let is_from_client =
        [&b"H="[..], b"U=", b"F=", b"P=", b"rejected ", b"temporarily rejected "].iter().any(|front| text.starts_with(front));
    let rest = if text.starts_with(b"rejected ") {
        text.strip_prefix(b"rejected ")
    } else {
        split_text(text, b" rejected ").map(|(_, rest)| rest).or_else(|| text.strip_prefix(b"temporarily rejected "))
    };
    let rest = rest.filter(|rest| is_from_client && WHATS.iter().any(|what| rest.starts_with(what)))?;
    Some(split_pair(rest, *b": ").map_or(b"", |(_, reply)| reply))
}

/// Words that Exim begins a record without an id with, and those that it has in one.
pub(crate) fn is_phrase(text: &[u8]) -> bool {
    const FRONTS: [&[u8]; 25] = [
        b"H=",
        b"U=",
        b"Start queue run",
        b"End queue run",
        b"exim ",
        b"Exim ",
        b"SMTP ",
        b"no MAIL in ",
        b"no host name found for IP address ",
        b"no IP address found for host ",
        b"unexpected disconnection while reading SMTP command from ",
        b"refused connection from ",
        b"rejected ",
        b"temporarily rejected ",
        b"TLS error on connection ",
        b"lowest numbered MX record points to local host",
        b"Warning: purging the environment",
        b"connection from ",
        b"Connection from ",
        b"incomplete transaction ",
        b"daemon: ",
        b"DKIM: ",
        b"unqualified sender rejected: ",
        b"unqualified recipient rejected: ",
        TOO_MANY,
    ];
    const WITHIN: [&[u8]; 7] = [
        b" authenticator failed for ",
        b" SMTP connection from ",
        b" SMTP protocol synchronization error ",
        b" no MAIL in SMTP connection from ",
        b" SMTP protocol error in ",
        b" SMTP call from ",
        b" sender verify fail for ",
    ];
    FRONTS.iter().any(|front| text.starts_with(front)) || WITHIN.iter().any(|words| split_text(text, words).is_some())
}
