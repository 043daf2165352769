//! The life of a message: its reception, what is done to it, its end.
//!
//! Sources: the Exim specification, "Format of log lines"; `receive_msg()`, `queue_action()`, `deliver_message()`.

use super::INSTANCE;
use super::fields::{self, Field};
use crate::event::{Attempt, Closing, Event, Key, Kind, Origin, Sink, Sort, Speaker, Stage, Status, Target, What};
use crate::format::cursor::{number, rsplit_text, skip_blanks, split_pair, split_text};
use crate::format::relay;
use crate::format::relay::Relay;
use crate::format::syslog::Line;

/// What a reception says beside the sender.
#[derive(Clone, Copy, Debug, Default)]
struct Reception<'a> {
    /// `H=`, as logged up to the address's bracket.
    host: Relay<'a>,
    client: &'a [u8],
    /// `U=`
    user: &'a [u8],
    /// `P=`
    protocol: &'a [u8],
    is_authenticated: bool,
    /// `S=`
    size: Option<u64>,
    /// `id=`, without angle brackets already.
    message_id: &'a [u8],
    /// `R=`: the message that this one reports on.
    about: &'a [u8],
    /// What follows ` for `.
    recipients: &'a [u8],
}

/// `<= SENDER FIELDS[ from <…>][ for RECIPIENT …]`, `(=` where the client was told otherwise.
pub(super) fn received(line: &Line<'_>, id: &[u8], text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let (sender, rest) = fields::address(skip_blanks(text));
    if sender.is_empty() {
        return None;
    }
    let reception = reception(rest);
    let address = if sender == b"<>" { b"" } else { sender };
    let mut say = |what| into.event(&Event { head: line.head(INSTANCE), key: Key::Message(id), what });
    let client = if reception.client.is_empty() { reception.user } else { reception.client };
    say(What::Begin { origin: origin(&reception), client });
    say(What::Sender { address, size: reception.size, recipients: None });
    if !reception.message_id.is_empty() {
        say(What::MessageId(reception.message_id));
    }
    if !reception.about.is_empty() && address.is_empty() {
        say(What::OwnBounce { about: reception.about });
    }
    let mut recipients = reception.recipients;
    while let Some(address) = fields::next_address(&mut recipients) {
        say(What::Recipient { index: None, address });
    }
    Some(Kind::Context)
}

fn reception(text: &[u8]) -> Reception<'_> {
    let (mut reception, mut rest) = (Reception::default(), text);
    loop {
        let before = skip_blanks(rest);
        let Some(field) = fields::next(&mut rest) else { return reception };
        match field {
            Field::Host(host) => {
                reception.host = host;
                let raw = before.get(2..before.len() - rest.len()).unwrap_or_default();
                reception.client = memchr::memrchr(b']', raw).and_then(|end| raw.get(..=end)).unwrap_or(raw);
            }
            Field::Value(b"U", user) => reception.user = user,
            Field::Value(b"P", protocol) => reception.protocol = protocol,
            Field::Value(b"A", _) => reception.is_authenticated = true,
            Field::Value(b"S", digits) => reception.size = number(digits),
            Field::Value(b"id" | b"id*", message_id) => reception.message_id = message_id,
            Field::Value(b"R", about) => reception.about = about,
            Field::Word(b"for") => {
                reception.recipients = rest;
                return reception;
            }
            Field::Word(b"from") => rest = after_raw_sender(rest),
            Field::Value(..) | Field::Word(_) | Field::Error(_) | Field::Text(_) => {}
        }
    }
}

/// What follows `from <…>`, the sender as it was given.
fn after_raw_sender(rest: &[u8]) -> &[u8] {
    let Some(inside) = skip_blanks(rest).strip_prefix(b"<") else { return rest };
    split_text(inside, b"> for ").map_or(b"", |(sender, _)| inside.get(sender.len() + 1..).unwrap_or_default())
}

/// Who brought a message: who authenticated or ran the program submits it. From this machine it may come back from a filter.
fn origin(reception: &Reception<'_>) -> Origin {
    let address = if reception.host.ip.is_empty() { reception.host.host } else { reception.host.ip };
    match reception.protocol {
        _ if reception.is_authenticated => Origin::Submitted,
        _ if !reception.host.is_none() => {
            if relay::is_loopback(address) {
                Origin::Loopback
            } else {
                Origin::Network
            }
        }
        b"local" | b"local-smtp" | b"local-bsmtp" | b"local-esmtp" => Origin::Submitted,
        // A filter hands the mail back by the command line, with a protocol's name of its own: `P=spam-scanned`.
        _ if !reception.user.is_empty() && !reception.protocol.is_empty() => Origin::Loopback,
        _ if !reception.user.is_empty() => Origin::Submitted,
        _ => Origin::Unknown,
    }
}

/// A record with an id and no flag: what was done to the message, or any words of an ACL. The outcome of an address is always told by a
/// flag, also where a host that was tried is told here.
pub(super) fn other(line: &Line<'_>, id: &[u8], text: &[u8], into: &mut dyn Sink) -> Kind {
    let mut say = |what| into.event(&Event { head: line.head(INSTANCE), key: Key::Message(id), what });
    match text.first() {
        Some(b'C') if text == b"Completed" || text.starts_with(b"Completed ") => say(What::Close(Closing::Done)),
        Some(b'r') if text.starts_with(b"removed by ") => say(What::Close(Closing::Cancelled)),
        Some(b'r') if text.starts_with(b"recipient <") => {
            if let Some(address) = added(text) {
                say(What::Recipient { index: None, address });
            }
        }
        Some(b'M') if text.starts_with(b"Message removed because ") => say(What::Close(Closing::Cancelled)),
        Some(b'c') if text == b"cancelled by timeout_frozen_after" => say(What::GaveUp { target: Target::AllOpen }),
        Some(b'c') if text.starts_with(b"cancelled by system filter") => {
            say(What::Attempt(refused_at_home(line, text)));
            return Kind::Delivery;
        }
        Some(b'c') if text.starts_with(b"cancelled by ") => say(What::Close(Closing::Cancelled)),
        Some(b'a') if text.starts_with(b"all addresses marked delivered by ") => say(What::Close(Closing::Cancelled)),
        Some(b'a') if text.starts_with(b"address <") => {
            // By order: the others are tried on.
            if let Some(address) = marked(text) {
                say(What::Cancelled { target: Target::Address(address) });
            }
        }
        _ => {
            if let Some(reply) = super::inbound::reply(text) {
                say(What::Inbound { reply });
                return Kind::Inbound;
            }
        }
    }
    Kind::Context
}

/// `cancelled by system filter: WORDS`: what its `fail` says to the sender.
fn refused_at_home<'a>(line: &Line<'a>, text: &'a [u8]) -> Attempt<'a> {
    let reply = split_pair(text, *b": ").map_or(b"".as_slice(), |(_, reply)| reply);
    Attempt { status: Status::Failed, sort: Sort::Own, reply, ..at_home(line) }
}

/// What is decided here of all recipients at once.
pub(super) fn at_home<'a>(line: &Line<'a>) -> Attempt<'a> {
    Attempt {
        target: Target::AllOpen,
        original: None,
        slot: None,
        status: Status::Delivered,
        sort: Sort::Local,
        speaker: Speaker::Own,
        stage: Stage::Unknown,
        relay: b"",
        relay_ip: b"",
        source: b"",
        code: None,
        enhanced: None,
        reply: b"",
        delay_ms: None,
        parts_ms: None,
        tls: b"",
        times: line.times,
        nth: 1,
    }
}

/// `address <ADDRESS> marked delivered by USER`
fn marked(text: &[u8]) -> Option<&[u8]> {
    rsplit_text(text.strip_prefix(b"address <")?, b"> marked delivered by ").map(|(address, _)| address)
}

/// `recipient <ADDRESS> added by USER`
fn added(text: &[u8]) -> Option<&[u8]> {
    rsplit_text(text.strip_prefix(b"recipient <")?, b"> added by ").map(|(address, _)| address)
}
