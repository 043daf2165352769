//! The life of a message in the queue: its receipt, its clones, the notifications about it, its end.
//!
//! Sources: `logsender()`, `returntosender()`, `sendall()`, `split_by_recipient()`, `dropenvelope()`.

use std::sync::LazyLock;

use memchr::memmem::{Finder, FinderRev};

use super::{INSTANCE, delivery, queue_id, record, relay_of, status};
use crate::event::{Attempt, Closing, Event, Key, Kind, Origin, Sink, Target, What};
use crate::format::cursor::{Cursor, number, place, rsplit_text, split_byte, split_found, split_text};
use crate::format::relay;
use crate::format::syslog::Line;

/// Reads what follows the queue id. None: nothing of the message's life.
pub(super) fn read(line: &Line<'_>, id: &[u8], rest: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let mut say = |key, what| into.event(&Event { head: line.head(INSTANCE), key, what });
    match rest.first()? {
        b'f' => return receipt(rest, id, line.envelope.host, &mut say),
        b'm' => say(Key::Message(id), What::MessageId(message_id(rest.strip_prefix(b"msgid=")?)?)),
        b'd' if rest.starts_with(b"done;") || rest == b"discarded" => say(Key::Message(id), What::Close(Closing::Done)),
        b's' if rest.starts_with(b"split: ") => split(rest).for_each(|child| go_on(id, child, &mut say)),
        _ => {
            let other = queue_id::split(rest).filter(|other| other.part.is_none())?;
            about_other(id, other.id, other.rest, &mut say)?;
            if let Some(attempt) = looped(line, other.rest) {
                say(Key::Message(id), What::Attempt(attempt));
            }
        }
    }
    Some(Kind::Context)
}

static RELAY: LazyLock<FinderRev<'_>> = LazyLock::new(|| FinderRev::new(b", relay="));
static RECIPIENTS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"nrcpts="));
static MESSAGE_ID: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"msgid="));
static AUTH: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b", auth="));

/// `from=ADDRESS, size=N, class=N[, pri=N], nrcpts=N[, msgid=…][, …], relay=…`, once for each message.
///
/// `nrcpts` is what the list came to after aliases, and need not be the number of recipients in `to=`: it is not passed on. Where it is 0
/// and no byte came, nothing was accepted.
fn receipt<'a>(rest: &'a [u8], id: &'a [u8], host: &[u8], say: &mut impl FnMut(Key<'a>, What<'a>)) -> Option<Kind> {
    let (from, fields) = record::addresses(rest.strip_prefix(b"from=")?);
    let fields = fields.unwrap_or_default();
    let size = fields.strip_prefix(b"size=").and_then(|digits| number(Cursor(digits).digits()));
    let relay = RELAY.rfind(fields).and_then(|at| fields.get(at + RELAY.needle().len()..)).unwrap_or_default();
    let recipients = split_found(fields, &RECIPIENTS).and_then(|(_, digits)| number(Cursor(digits).digits()));
    if size == Some(0) && recipients == Some(0) {
        return Some(Kind::Context);
    }
    let key = Key::Message(id);
    let (sender, origin) = (record::bare(from), origin(relay, fields));
    say(key, What::Begin { origin, client: relay });
    say(key, What::Sender { address: sender, size, recipients: None });
    if let Some(message_id) = split_found(fields, &MESSAGE_ID).and_then(|(_, rest)| message_id(rest)) {
        say(key, What::MessageId(message_id));
        if sender.is_empty() && origin == Origin::Loopback && is_of_host(message_id, host) {
            // The notification that the submission program wrote of what it could not hand on. It logs of which message under its own id.
            say(key, What::OwnBounce { about: b"" });
        }
    }
    Some(Kind::Context)
}

/// Whether Sendmail on this host made a Message-ID: `202603051200.625C01aB002076@mx1.example.org`. Source: `$t.$i@$j` of the `H?M?` header.
fn is_of_host(message_id: &[u8], host: &[u8]) -> bool {
    let parts = split_byte(message_id, b'@').and_then(|(local, domain)| Some((split_byte(local, b'.')?, domain)));
    let Some(((stamp, id), domain)) = parts else { return false };
    let is_stamp = stamp.len() == 12 && stamp.iter().all(u8::is_ascii_digit);
    let rest = domain.strip_prefix(host).or_else(|| host.strip_prefix(domain)).filter(|_| !host.is_empty());
    is_stamp && queue_id::queued(id).is_some() && rest.is_some_and(|rest| matches!(rest, [] | [b'.', ..]))
}

/// The Message-ID without its brackets. Strangers choose it: its bracket ends it, or the fields that may follow.
fn message_id(rest: &[u8]) -> Option<&[u8]> {
    const NEXT: [&[u8]; 8] =
        [b", bodytype=", b", proto=", b", daemon=", b", tls_verify=", b", tls_version=", b", cipher=", b", auth=", b", relay="];
    let closed = if rest.starts_with(b"<") { place(rest, b">, ").map(|end| end + 1) } else { None };
    let end = closed.or_else(|| NEXT.iter().filter_map(|next| split_text(rest, next).map(|(id, _)| id.len())).min());
    let id = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
    Some(record::bare(id)).filter(|id| !id.is_empty())
}

/// Who brought a message: `user@localhost` ran the program, others came by a connection. A submission comes over loopback again.
fn origin(relay: &[u8], fields: &[u8]) -> Origin {
    let is_authenticated = split_found(fields, &AUTH).is_some_and(|(_, how)| !how.starts_with(b"NONE"));
    let client = relay_of(relay);
    let address = if client.ip.is_empty() { client.host } else { client.ip };
    match relay {
        b"" | b"[RESPONSE]" => Origin::Unknown,
        _ if is_authenticated => Origin::Submitted,
        _ if !relay.contains(&b'[') && relay.contains(&b'@') => Origin::Submitted,
        _ if relay::is_loopback(address) => Origin::Loopback,
        _ => Origin::Network,
    }
}

/// Some recipients of a message go on in one of their own, which has no receipt.
fn go_on<'a>(id: &'a [u8], child: &'a [u8], say: &mut impl FnMut(Key<'a>, What<'a>)) {
    say(Key::Message(child), What::Begin { origin: Origin::Unknown, client: b"" });
    say(Key::Message(child), What::Continues { previous: id });
}

/// `split: maxrcpts=N, rcpts=N, count=N, id=ID`, `split: count=N, ids=ID; ID`: the ids of the messages that take some of the recipients.
fn split(rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ids = split_text(rest, b", ids=").or_else(|| split_text(rest, b", id=")).map_or(&b""[..], |(_, ids)| ids);
    ids.split(|&byte| matches!(byte, b';' | b',' | b' ')).filter(|id| queue_id::is_id(id))
}

/// `DSN: Too many hops 31 (25 max): from <a> via H, to <b>`: no other record tells that this recipient was given up. Source: `deliver()`.
fn looped<'a>(line: &Line<'a>, words: &'a [u8]) -> Option<Attempt<'a>> {
    let text = words.strip_prefix(b"DSN: ").or_else(|| words.strip_prefix(b"return to sender: "))?;
    let (reason, rest) = split_text(text, b": from ").filter(|(reason, _)| reason.starts_with(b"Too many hops "))?;
    let (_, recipient) = rsplit_text(rest, b", to ")?;
    delivery::given_up(line, record::bare(recipient), reason)
}

/// `OTHER: words` after a queue id: another message that came from this one.
fn about_other<'a>(id: &'a [u8], other: &'a [u8], words: &'a [u8], say: &mut impl FnMut(Key<'a>, What<'a>)) -> Option<()> {
    let (kind, text) = split_byte(words, b':')?;
    match kind {
        // A list with an owner has an envelope of its own.
        b"clone" => {
            go_on(id, other, say);
            if let Some((_, owner)) = split_text(text, b"owner=") {
                say(Key::Message(other), What::Sender { address: record::bare(owner), size: None, recipients: None });
            }
        }
        b"DSN" | b"return to sender" | b"sender notify" | b"postmaster notify" => {
            // The failure of recipients that no record names is told here alone, but not which they are: only age takes all that are open.
            if status::expired(text.trim_ascii_start()).is_some() {
                say(Key::Message(id), What::GaveUp { target: Target::AllOpen });
            }
            say(Key::Message(other), What::OwnBounce { about: id });
        }
        b"Return receipt" => say(Key::Message(other), What::OwnBounce { about: id }),
        _ => return None,
    }
    Some(())
}
