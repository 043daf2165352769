//! Mail that others wanted to bring and did not: rulesets, filters, unknown users.
//!
//! A record with `reject=` is a mail that was refused, and an event. Other noise at the door is inbound too, but either stands beside such
//! a record or is about no mail. Sources: `parseaddr.c` (rscheck), `srvrsmtp.c`, `milter.c`, `err.c`.

use super::INSTANCE;
use crate::event::{Event, Key, Kind, Sink, What};
use crate::format::cursor::{rsplit_text, split_text};
use crate::format::syslog::Line;

/// Reads a record with or without a queue id.
pub(super) fn read(line: &Line<'_>, key: Key<'_>, rest: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let is_decision = rest.starts_with(b"ruleset=") || rest.starts_with(b"Milter") || rest.starts_with(b"milter=");
    if is_decision && refuses_no_mail(rest) {
        return Some(Kind::Context);
    }
    if is_decision && let Some(reply) = reply(rest) {
        into.event(&Event { head: line.head(INSTANCE), key, what: What::Inbound { reply } });
        return Some(Kind::Inbound);
    }
    is_noise(rest).then_some(Kind::Inbound)
}

/// What we demand of a server, before mail of ours goes there; and a client that may not name another author (`AUTH=`): its mail is taken.
fn refuses_no_mail(rest: &[u8]) -> bool {
    const RULESETS: [&[u8]; 5] =
        [b"ruleset=tls_server,", b"ruleset=tls_rcpt,", b"ruleset=try_tls,", b"ruleset=authinfo,", b"ruleset=trust_auth,"];
    RULESETS.iter().any(|ruleset| rest.starts_with(ruleset))
}

/// `reject=` is the last field; arguments before it are strangers'. Versions before 8.9 had ` rejection: ` there.
fn reply(rest: &[u8]) -> Option<&[u8]> {
    rsplit_text(rest, b", reject=").or_else(|| split_text(rest, b" rejection: ")).map(|(_, reply)| reply)
}

/// What is said of clients that are refused, or that ask for what they should not.
fn is_noise(rest: &[u8]) -> bool {
    if rest.starts_with(b"<") {
        // `<a@b>... User unknown`: our reply to a recipient, also to one of the command line.
        return split_text(rest, b"... ").is_some();
    }
    let is_discard = (rest.starts_with(b"Milter") || rest.starts_with(b"ruleset=")) && rest.ends_with(b", discard");
    is_discard
        || rest.starts_with(b"rejecting commands from ")
        || rest.ends_with(b" [rejected]")
        || split_text(rest, b"possible SMTP attack").is_some()
        || split_text(rest, b"Possible SMTP RCPT flood").is_some()
        || split_text(rest, b"probable open proxy").is_some()
}
