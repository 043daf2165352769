//! The text mail log: one line to its events.
//!
//! Told by its first words; numbers are found behind their names, since releases moved and left out words. What a customer's users choose
//! (subjects, names of groups) stands behind numbers, so that it can begin no line.

use super::super::cursor::{Cursor, number, rsplit_text, skip_blanks, split_text};
use super::super::row::trim;
use super::super::syslog::Line;
use super::bounce;
use super::literal;
use super::taken_out;
use super::words::{Words, address, numbered, recipients};
use crate::event::{
    Attempt, Closing, Enhanced, Event, Head, Key, Kind, Origin, Sink, Sort, Speaker, Stage, Status, Target, What,
};

/// A line, and where its events go.
pub(super) struct Mail<'a, 's> {
    pub(super) head: Head<'a>,
    pub(super) times: u32,
    pub(super) into: &'s mut dyn Sink,
}

impl Mail<'_, '_> {
    pub(super) fn say(&mut self, key: Key<'_>, what: What<'_>) {
        self.into.event(&Event { head: self.head, key, what });
    }
}

/// Reads the words of a line. None: the appliance does not write such a line, or not in this log.
pub(super) fn read<'a>(line: &Line<'a>, words: &Words<'a>, into: &mut dyn Sink) -> Option<Kind> {
    let head = Head { host: words.host, ..line.head(b"") };
    let mut mail = Mail { head, times: line.times, into };
    let text = words.text;
    let kind = match text.first()? {
        b'M' => message(&mut mail, text),
        b'N' => connected(&mut mail, text),
        b'S' => started(&mut mail, text),
        b'D' | b'B' | b'P' => delivery(&mut mail, text),
        b'R' | b'G' | b'L' => taken_out::read(&mut mail, text),
        b'I' => offered(&mut mail, text),
        b'C' => text.starts_with(b"Connection Error: ").then_some(Kind::Context),
        _ => None,
    };
    kind.or_else(|| is_phrase(text).then_some(Kind::Other))
}

/// What stands without numbers; in a file of bare lines nothing else tells whose it is.
fn is_phrase(text: &[u8]) -> bool {
    const PHRASES: [&[u8]; 7] = [
        b"Internal SMTP ",
        b"Begin Logfile",
        b"End Logfile",
        b"Version: ",
        b"Time offset from UTC: ",
        b"Status: CPULd ",
        b"SDS_CLIENT: ",
    ];
    PHRASES.iter().any(|phrase| text.starts_with(phrase))
}

/// `New SMTP DCID d interface IF address A [port 25]`, `New SMTP ICID …`
fn connected(mail: &mut Mail<'_, '_>, text: &[u8]) -> Option<Kind> {
    let rest = text.strip_prefix(b"New SMTP ")?;
    let mut at = Cursor(rest);
    if !at.take(b"DCID") {
        return rest.starts_with(b"ICID").then_some(Kind::Context);
    }
    let (slot, rest) = numbered(rest, b"DCID")?;
    let (_, rest) = split_text(rest, b" interface ")?;
    let (source, rest) = split_text(rest, b" address ")?;
    let relay_ip = Cursor(rest).word();
    mail.say(Key::Slot(slot), What::Channel { source: interface(source), relay: b"", relay_ip, tls: b"" });
    Some(Kind::Context)
}

/// `Management (10.1.1.1)`: the address is the source, and its name where there is none.
fn interface(text: &[u8]) -> &[u8] {
    match split_text(text, b" (") {
        Some((_, address)) => address.strip_suffix(b")").unwrap_or(address),
        None => text,
    }
}

/// `ICID i …`: of a client's connection only the senders count that were refused: `Address: <s> sender rejected, …`.
fn offered(mail: &mut Mail<'_, '_>, text: &[u8]) -> Option<Kind> {
    let mut at = Cursor(text.strip_prefix(b"ICID ")?);
    at.digits();
    if at.take(b" Address: ") {
        address(&mut at);
        let reply = trim(at.0);
        if reply.starts_with(b"sender rejected") {
            mail.say(Key::Whole, What::Inbound { reply });
        }
    }
    Some(Kind::Context)
}

/// `Start MID m ICID i`, `Start delivery …`, `Status: …`
fn started(mail: &mut Mail<'_, '_>, text: &[u8]) -> Option<Kind> {
    let text = text.strip_prefix(b"Start ")?;
    if text.starts_with(b"delivery of ") {
        // To the quarantine for spam, until 4.7.
        return Some(Kind::Context);
    }
    let (message, rest) = numbered(text, b"MID")?;
    // Connection 0: the appliance itself made it, and another line says from what, before or after its recipients are named.
    let is_own = numbered(rest, b"ICID").is_some_and(|(connection, _)| connection == b"0");
    if !is_own {
        mail.say(Key::Message(message), What::Begin { origin: Origin::Unknown, client: b"" });
    }
    Some(Kind::Context)
}

/// Lines that begin with `MID` or `Message`.
fn message(mail: &mut Mail<'_, '_>, text: &[u8]) -> Option<Kind> {
    if let Some(rest) = text.strip_prefix(b"MID") {
        let (id, rest) = numbered(text, b"MID").filter(|_| matches!(rest.first(), Some(b' ' | b':')))?;
        about(mail, id, Cursor(rest));
        return Some(Kind::Context);
    }
    let rest = text.strip_prefix(b"Message ")?;
    if rest.starts_with(b"done ") {
        return done(mail, rest).or(Some(Kind::Unparsed));
    }
    let (closing, rest) = match rest.strip_prefix(b"finished ") {
        Some(rest) => (Closing::Done, rest),
        None => match rest.strip_prefix(b"aborted ") {
            Some(rest) => (Closing::Cancelled, rest),
            // `Message m to RID [0] pending till …`
            None => return rest.first()?.is_ascii_digit().then_some(Kind::Context),
        },
    };
    let (id, _) = numbered(rest, b"MID")?;
    mail.say(Key::Message(id), What::Close(closing));
    Some(Kind::Context)
}

/// What stands behind `MID m`.
fn about(mail: &mut Mail<'_, '_>, id: &[u8], mut at: Cursor<'_>) {
    let key = Key::Message(id);
    at.take(b":");
    at.blanks();
    if at.take(b"ICID ") {
        at.digits();
        at.blanks();
        return injected(mail, key, at);
    }
    if let Some(text) = at.0.strip_prefix(b"Message-ID ") {
        let text = unquoted(text);
        let text = text.strip_prefix(b"<").and_then(|text| text.strip_suffix(b">")).unwrap_or(text);
        return mail.say(key, What::MessageId(text));
    }
    if let Some(text) = at.0.strip_prefix(b"ready ") {
        let mut rest = Cursor(text);
        let size = number(rest.digits());
        if rest.take(b" bytes from ") {
            mail.say(key, What::Sender { address: address(&mut rest), size, recipients: None });
        }
        return;
    }
    if let Some(text) = at.0.strip_prefix(b"RID ") {
        return response(mail, key, text);
    }
    if let Some(text) = at.0.strip_prefix(b"was ").unwrap_or(at.0).strip_prefix(b"generated ") {
        return generated(mail, key, text);
    }
    if let Some(entry) = at.0.strip_prefix(b"Global unsubscribe matched entry ") {
        return taken_out::unsubscribed(mail, key, entry);
    }
    if taken_out::OUT.iter().any(|words| at.0.starts_with(words)) {
        return mail.say(key, What::Close(Closing::Cancelled));
    }
    // Until 4.5 without `MID` before the new number.
    let is_rewritten = at.take(b"rewritten to ");
    if is_rewritten || at.take(b"was split creating ") {
        at.take(b"MID ");
        let next = at.digits();
        if next.is_empty() {
            return;
        }
        // A mail that is rewritten goes on under the new number, and `Message finished` of the old one ends nothing. Of one that is
        // split some recipients, or all, go over, group by group: the new one names them.
        mail.say(key, if is_rewritten { What::Close(Closing::Requeued) } else { What::Split });
        mail.say(Key::Message(next), What::Continues { previous: id });
    }
}

/// `for bounce of MID m`, `based on MID m by bcc filter 'NAME'`: a new mail beside the old one. Until 4.5 without `was` before it.
fn generated(mail: &mut Mail<'_, '_>, key: Key<'_>, text: &[u8]) {
    let Some((about, rest)) = numbered(text, b"MID") else { return };
    mail.say(key, What::Begin { origin: Origin::Submitted, client: b"" });
    if text.starts_with(b"for bounce of ") || rest.starts_with(b" by notify") {
        mail.say(key, What::OwnBounce { about });
    }
}

/// `From: <s>`, `RID k To: <r>[ Rejected by …]`, `invalid bounce, rcpt address <r> rejected by …`. Who is refused often gets no number.
fn injected(mail: &mut Mail<'_, '_>, key: Key<'_>, mut at: Cursor<'_>) {
    if at.0.starts_with(b"invalid bounce, rcpt address ") {
        return mail.say(Key::Whole, What::Inbound { reply: trim(at.0) });
    }
    if at.take(b"From: ") {
        return mail.say(key, What::Sender { address: address(&mut at), size: None, recipients: None });
    }
    let index = if at.take(b"RID ") { number(at.digits()).and_then(|index| u32::try_from(index).ok()) } else { None };
    at.blanks();
    if !at.take(b"To: ") {
        return;
    }
    let address = address(&mut at);
    match trim(at.0) {
        reply if reply.starts_with(b"Rejected by ") => mail.say(Key::Whole, What::Inbound { reply }),
        _ if index.is_some() => mail.say(key, What::Recipient { index, address }),
        _ => {}
    }
}

/// `[0] Response 'ok 1083 qp 3998'`, in quotes or bare, without the 250 that it had.
fn response(mail: &mut Mail<'_, '_>, key: Key<'_>, text: &[u8]) {
    let Some((indices, rest)) = recipients(text) else { return };
    let Some(words) = trim(rest).strip_prefix(b"Response ") else { return };
    let mut reply = b"250".to_vec();
    if matches!(words.first(), Some(b'\'' | b'"')) {
        literal::joined(words, &mut reply);
    } else {
        reply.push(b' ');
        reply.extend_from_slice(trim(words));
    }
    reply.truncate(bounce::LONGEST_REPLY);
    for index in indices {
        mail.say(key, What::Reply { target: Target::Index(index), reply: &reply });
    }
}

/// `'text'` or `"text"`
fn unquoted(text: &[u8]) -> &[u8] {
    let text = trim(text);
    match text {
        [b'\'', inside @ .., b'\''] | [b'"', inside @ .., b'"'] => inside,
        _ => text,
    }
}

/// `done DCID d MID m to RID [0, 1] [('header', 'value'), …]`: delivered for each of these.
fn done(mail: &mut Mail<'_, '_>, text: &[u8]) -> Option<Kind> {
    let (slot, rest) = numbered(text, b"DCID")?;
    let (id, rest) = numbered(rest, b"MID").or_else(|| numbered(rest, b"Message"))?;
    let rest = skip_blanks(rest).strip_prefix(b"to ")?;
    let (indices, _) = recipients(rest.strip_prefix(b"RID ").unwrap_or(rest))?;
    let mut any = false;
    for index in indices {
        any = true;
        let target = Target::Index(index);
        let attempt = Attempt { speaker: Speaker::Remote, stage: Stage::EndOfData, ..plain(target, slot, Status::Delivered) };
        mail.say(Key::Message(id), What::Attempt(Attempt { times: mail.times, ..attempt }));
    }
    any.then_some(Kind::Delivery)
}

/// An attempt of which only this much is known.
pub(super) fn plain<'a>(target: Target<'a>, slot: &'a [u8], status: Status) -> Attempt<'a> {
    Attempt {
        target,
        original: None,
        // Connection 0: none was made.
        slot: (!slot.is_empty() && slot != b"0").then_some(slot),
        status,
        sort: Sort::Real,
        speaker: Speaker::Unknown,
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
        times: 1,
        nth: 1,
    }
}

/// Lines that begin with `Delivery`, `DCID`, `Delayed`, `Deleted`, `Bounced`, `Double bounce`, `Possible Delivery`.
fn delivery(mail: &mut Mail<'_, '_>, text: &[u8]) -> Option<Kind> {
    if let Some(rest) = text.strip_prefix(b"DCID") {
        let (slot, rest) = numbered(text, b"DCID").filter(|_| matches!(rest.first(), Some(b' ' | b':')))?;
        connection(mail, slot, rest);
        return Some(Kind::Context);
    }
    if let Some(rest) = text.strip_prefix(b"Delayed: ") {
        return bounce::read(mail, Status::Deferred, rest).or(Some(Kind::Unparsed));
    }
    if let Some(rest) = text.strip_prefix(b"Bounced: ") {
        return bounce::read(mail, Status::Failed, rest).or(Some(Kind::Unparsed));
    }
    if let Some(rest) = text.strip_prefix(b"Deleted: ") {
        return taken_out::deleted(mail, rest);
    }
    if let Some(rest) = text.strip_prefix(b"Possible Delivery: ") {
        // The connection died behind the data: nobody knows.
        return bounce::read(mail, Status::Unknown, rest).or(Some(Kind::Unparsed));
    }
    if let Some(rest) = text.strip_prefix(b"Double bounce: ") {
        // A notice of the appliance's own could not be delivered: told of the notice, and no attempt of the mail.
        if let Some((id, _)) = numbered(rest, b"MID").or_else(|| numbered(rest, b"Message")) {
            mail.say(Key::Message(id), What::OwnBounce { about: b"" });
        }
        return Some(Kind::Context);
    }
    if let Some(rest) = text.strip_prefix(b"Delivery of ") {
        return taken_out::quarantined(mail, rest);
    }
    text.starts_with(b"Delivery start ").then_some(Kind::Context)
}

/// `close`, `lost`, `TLS success protocol TLSv1.2 cipher …`
fn connection(mail: &mut Mail<'_, '_>, slot: &[u8], rest: &[u8]) {
    let rest = trim(rest);
    if let Some(success) = rest.strip_prefix(b"TLS success") {
        // Until 5 without the version.
        let tls = success.strip_prefix(b" protocol ").map_or(&b"TLS"[..], |protocol| Cursor(protocol).word());
        let what = What::Channel { source: b"", relay: b"", relay_ip: b"", tls };
        return mail.say(Key::Slot(slot), what);
    }
    if rest == b"close" || rest == b"lost" {
        mail.say(Key::Slot(slot), What::Close(Closing::Done));
    }
}

/// The reason that the appliance gives: `5.1.0 - Unknown address error`, and what stands behind it.
pub(super) fn reason(text: &[u8]) -> (Option<Enhanced>, &[u8]) {
    let text = trim(text);
    match split_text(text, b" - ") {
        Some((status, reason)) => (Enhanced::read(trim(status)), reason),
        None => (None, text),
    }
}

/// The words of a reason without the reply that follows them.
pub(super) fn without_reply(text: &[u8]) -> &[u8] {
    trim(rsplit_text(text, b" ('").map_or(text, |(reason, _)| reason))
}
