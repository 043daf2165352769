//! Lines about sessions: messages that come in, refusals, connections that go out.

use super::super::cursor::{Cursor, number, rsplit_text, split_byte, split_text};
use super::super::said;
use super::{Written, address_of, id, message_of};
use crate::event::{Key, Kind, Origin, Sink, What};

/// `SID smtp …`: `rest` follows `smtp `, without `event=`.
pub(super) fn incoming(line: &Written<'_>, rest: &[u8], into: &mut dyn Sink) -> Kind {
    if let Some(rest) = rest.strip_prefix(b"message ") {
        return message(line, rest, into).unwrap_or(Kind::Context);
    }
    if let Some(rest) = rest.strip_prefix(b"envelope ") {
        return envelope(line, rest, into).unwrap_or(Kind::Context);
    }
    if let Some(rest) = rest.strip_prefix(b"failed-command ") {
        return refused(line, rest, into).unwrap_or(Kind::Context);
    }
    Kind::Context
}

/// `msgid=f6e94209 [from=<…> to=<…> ]size=802 nrcpt=1 proto=ESMTP`, with `, ` between in 5.9.
fn message(line: &Written<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let (message, rest) = id::<8>(text.strip_prefix(b"msgid=")?)?;
    let rest = rest.strip_prefix(b", status=Ok").unwrap_or(rest);
    begun(line, message, rest, into);
    Some(Kind::Context)
}

/// A message is in the queue. Since 6.4 its sender is told by its envelopes, and `nrcpt` counts recipients as the client named them: an
/// alias may make several envelopes of one.
fn begun(line: &Written<'_>, message: &[u8], rest: &[u8], into: &mut dyn Sink) {
    let key = Key::Message(message);
    line.say(key, What::Begin { origin: Origin::Unknown, client: b"" }, into);
    let mut at = Cursor(rest);
    super::between(&mut at);
    let address = address_of(&mut at, b"from=");
    let size = split_text(at.0, b"size=").and_then(|(_, size)| number(Cursor(size).digits()));
    if address.is_some() || size.is_some() {
        line.say(key, What::Sender { address: address.unwrap_or_default(), size, recipients: None }, into);
    }
}

/// `evpid=EVPID from=<…> to=<…>`: the recipient as the client named it. Aliases may lead elsewhere, so that it need not be one.
fn envelope(line: &Written<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let (envelope, rest) = id::<16>(text.strip_prefix(b"evpid=")?)?;
    let mut at = Cursor(rest);
    super::between(&mut at);
    let address = address_of(&mut at, b"from=")?;
    line.say(Key::Message(message_of(envelope)?), What::Sender { address, size: None, recipients: None }, into);
    Some(Kind::Context)
}

/// `command="RCPT TO:<…>" result="550 …"`
fn refused(line: &Written<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let (command, rest) = split_text(text, b" result=\"")?;
    let reply = rsplit_text(rest, b"\"").map_or(rest, |(reply, _)| reply);
    refusal(line, command.strip_prefix(b"command=\"")?, reply, into)
}

/// A command of a client that wanted to bring a mail, and our answer to it.
fn refusal(line: &Written<'_>, command: &[u8], reply: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    said::refuses(command, reply).then(|| {
        line.say(Key::Whole, What::Inbound { reply }, into);
        Kind::Inbound
    })
}

/// `SID mta …`, `SID mda …` but for deliveries.
pub(super) fn outgoing(line: &Written<'_>, session: &[u8], rest: &[u8], into: &mut dyn Sink) -> Kind {
    let tls = rest.strip_prefix(b"tls ciphers=").or_else(|| rest.strip_prefix(b"starttls ciphers="));
    if let Some(tls) = tls.map(version) {
        channel(line, session, tls, into);
    }
    Kind::Context
}

fn channel(line: &Written<'_>, session: &[u8], tls: &[u8], into: &mut dyn Sink) {
    let what = What::Channel { source: b"", relay: b"", relay_ip: b"", tls };
    line.say(Key::Slot(session), what, into);
}

/// `TLSv1.2:ECDHE-…:256` since 6.4; `version=TLSv1.2, cipher=…` before.
fn version(ciphers: &[u8]) -> &[u8] {
    let ciphers = ciphers.strip_prefix(b"version=").unwrap_or(ciphers);
    Cursor(ciphers).run(|byte| !matches!(byte, b':' | b',' | b' '))
}

/// Lines of 5.x, which name what they are about in words.
pub(super) fn before_six(line: &Written<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    if let Some(rest) = text.strip_prefix(b"smtp-in: Accepted message ") {
        let (message, rest) = id::<8>(rest)?;
        let (_, rest) = split_text(rest, b": ")?;
        begun(line, message, rest, into);
        return Some(Kind::Context);
    }
    if let Some(rest) = text.strip_prefix(b"smtp-in: Failed command on session ") {
        let (_, rest) = split_text(rest, b": \"")?;
        let (command, reply) = split_text(rest, b"\" => ")?;
        return refusal(line, command, reply, into).or(Some(Kind::Context));
    }
    if let Some(rest) = text.strip_prefix(b"smtp-out: Started TLS on session ") {
        let (session, rest) = id::<16>(rest)?;
        channel(line, session, version(rest.strip_prefix(b": ")?), into);
        return Some(Kind::Context);
    }
    let rest = text.strip_prefix(b"smtp-in: ").or_else(|| text.strip_prefix(b"smtp-out: "))?;
    if let Some((_, rest)) = rest.strip_prefix(b"session ").and_then(id::<16>) {
        let rest = rest.strip_prefix(b": ")?;
        return message(line, rest, into).or(Some(Kind::Context));
    }
    let (word, _) = split_byte(rest, b' ')?;
    word.first()?.is_ascii_uppercase().then_some(Kind::Context)
}
