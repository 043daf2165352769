//! The line of a delivery: one envelope, one attempt.
//!
//! | version | line |
//! | --- | --- |
//! | 5.3 – 5.9 | `relay: Ok for EVPID: [session=SID, ]FIELDS`, `delivery: Ok for EVPID: FIELDS` of the local agent |
//! | 5.9 portable | `smtp-out: session SID: evpid=EVPID, status=Ok, FIELDS` |
//! | 6.0 – 6.3 | `SID mta event=delivery evpid=EVPID FIELDS`, `SID mda event=delivery …` |
//! | 6.4 and later | `SID mta delivery evpid=EVPID FIELDS`, `SID mda delivery …` |
//! | all | `relay: Expire for EVPID: FIELDS`, `delivery: Expire for EVPID: FIELDS` of the queue, and no attempt |
//!
//! FIELDS: `from=<…> to=<…> [rcpt=<…>] [source=…] [relay=…] [user=…] [method=…] delay=… [result=…] stat=…`, with `, ` between before 6.0,
//! and quotes round some from 6.0 on. `stat=` is last and holds what the remote server said, quotes and all.

use super::super::cursor::{Cursor, number, rsplit_text, split_byte, split_pair, split_text};
use super::super::numbers;
use super::super::relay::Relay;
use super::super::row::trim;
use super::super::smtp::{self, Taker};
use super::{INSTANCE, Written, address_of, between, id, message_of};
use crate::event::{Attempt, Event, Key, Kind, Sink, Sort, Speaker, Stage, Status, Target, What};

/// The fields of a delivery, as they stand.
#[derive(Clone, Copy, Debug, Default)]
struct Fields<'a> {
    from: &'a [u8],
    to: &'a [u8],
    rcpt: Option<&'a [u8]>,
    source: &'a [u8],
    relay: &'a [u8],
    delay: &'a [u8],
    result: &'a [u8],
    stat: &'a [u8],
}

/// What a delivery's line says before its fields.
#[derive(Clone, Copy, Debug)]
struct Delivery<'a> {
    session: &'a [u8],
    envelope: &'a [u8],
    is_local: bool,
    status: Status,
}

/// The third and fourth generation: `fields` follow `delivery`.
pub(super) fn by_session(line: &Written<'_>, program: &[u8], session: &[u8], fields: &[u8], into: &mut dyn Sink) -> Kind {
    let read = || {
        let (envelope, rest) = id::<16>(fields.strip_prefix(b"evpid=")?)?;
        let fields = Fields::read(rest)?;
        let status = status(fields.result)?;
        Some((Delivery { session, envelope, is_local: program == b"mda", status }, fields))
    };
    read().map_or(Kind::Unparsed, |(delivery, fields)| tell(line, &delivery, &fields, into))
}

/// The first generation.
pub(super) fn by_word(line: &Written<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let (rest, is_local) = match text.strip_prefix(b"relay: ") {
        Some(rest) => (rest, false),
        None => (text.strip_prefix(b"delivery: ")?, true),
    };
    let (word, rest) = split_text(rest, b" for ")?;
    let (envelope, rest) = id::<16>(rest)?;
    if matches!(word, b"Expire" | b"Remove") {
        return queued(line, word, envelope, rest, into);
    }
    let status = status(word)?;
    let mut at = Cursor(rest.strip_prefix(b": ")?);
    let session = if at.take(b"session=") { at.run(|byte| byte.is_ascii_hexdigit()) } else { b"" };
    between(&mut at);
    let fields = Fields::read(at.0)?;
    Some(tell(line, &Delivery { session, envelope, is_local, status }, &fields, into))
}

/// `relay: Expire for EVPID: FIELDS`, `delivery: Remove for EVPID: FIELDS` of the queue, in all generations: nothing was tried now. Which
/// recipients an administrator removes is one line each, and the message may go on for others. Source: `queue_log()`.
fn queued(line: &Written<'_>, word: &[u8], envelope: &[u8], rest: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let fields = Fields::read(rest.strip_prefix(b": ")?)?;
    let target = Target::Address(fields.to);
    let what = if word == b"Expire" { What::GaveUp { target } } else { What::Cancelled { target } };
    line.say(Key::Message(message_of(envelope)?), what, into);
    Some(Kind::Context)
}

/// The second generation.
pub(super) fn by_status(line: &Written<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let (rest, is_local) = match text.strip_prefix(b"smtp-out: session ") {
        Some(rest) => (rest, false),
        None => (text.strip_prefix(b"mda: session ")?, true),
    };
    let (session, rest) = id::<16>(rest)?;
    let (envelope, rest) = id::<16>(rest.strip_prefix(b": evpid=")?)?;
    let (word, rest) = split_byte(rest.strip_prefix(b", status=")?, b',')?;
    let fields = Fields::read(rest)?;
    Some(tell(line, &Delivery { session, envelope, is_local, status: status(word)? }, &fields, into))
}

fn status(word: &[u8]) -> Option<Status> {
    match word {
        b"Ok" => Some(Status::Delivered),
        b"TempFail" => Some(Status::Deferred),
        b"PermFail" | b"LoopFail" => Some(Status::Failed),
        _ => None,
    }
}

impl<'a> Fields<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let mut at = Cursor(text);
        between(&mut at);
        let from = address_of(&mut at, b"from=")?;
        let to = address_of(&mut at, b"to=")?;
        let rcpt = address_of(&mut at, b"rcpt=").filter(|rcpt| *rcpt != b"-");
        let (fields, stat) = split_text(at.0, b"stat=")?;
        let (source, relay) = (value(fields, b"source="), value(fields, b"relay="));
        let (delay, result) = (value(fields, b"delay="), value(fields, b"result="));
        Some(Self { from, to, rcpt, source, relay, delay, result, stat: unquoted(stat) })
    }
}

/// The value of a field: in quotes, or up to where the next begins.
fn value<'a>(fields: &'a [u8], name: &[u8]) -> &'a [u8] {
    const NEXT: [&[u8]; 4] = [b", ", b" relay=", b" delay=", b" result="];
    let Some((before, rest)) = split_text(fields, name) else { return b"" };
    if !before.is_empty() && !before.ends_with(b" ") {
        return b"";
    }
    if let Some(inside) = rest.strip_prefix(b"\"") {
        return split_byte(inside, b'"').map_or(inside, |(value, _)| value);
    }
    let end = NEXT.iter().filter_map(|next| memchr::memmem::find(rest, next)).min();
    let value = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
    trim(trim(value).strip_suffix(b",").unwrap_or(value))
}

/// Quotes within are not escaped: the value runs to the last one.
fn unquoted(stat: &[u8]) -> &[u8] {
    let stat = trim(stat);
    match stat.strip_prefix(b"\"") {
        Some(inside) => rsplit_text(inside, b"\"").map_or(inside, |(value, _)| value),
        None => stat,
    }
}

/// `1d4h26m40s`: parts of value nothing are left out. None if the clock went back.
fn delay_ms(text: &[u8]) -> Option<i64> {
    let mut at = Cursor(text);
    let mut seconds = 0_i64;
    while !at.0.is_empty() {
        let count = i64::try_from(number(at.digits())?).ok()?;
        let unit = match at.0.first()? {
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        at.0 = at.0.get(1..)?;
        seconds = seconds.checked_add(count.checked_mul(unit)?)?;
    }
    if text.is_empty() { None } else { seconds.checked_mul(1_000) }
}

/// `IP (reverse name)`, or what was sought when nothing was connected.
fn relay(text: &[u8]) -> Relay<'_> {
    let is_address =
        |text: &[u8]| text.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'[' | b']'));
    match split_pair(text, *b" (") {
        Some((ip, name)) => {
            let name = name.strip_suffix(b")").unwrap_or(name);
            let ip = ip.strip_prefix(b"[").and_then(|ip| ip.strip_suffix(b"]")).unwrap_or(ip);
            Relay { host: if is_address(name) { b"" } else { name }, ip }
        }
        None if text == b"-" => Relay::default(),
        None => Relay { host: text, ip: b"" },
    }
}

/// Whose words `stat=` are. Of what no host said, OpenSMTPD says so in these. Sources: `mta_on_mx()`, `mta_session.c`.
fn speaker(stat: &[u8], is_asked: bool) -> Speaker {
    const DNS: [&[u8]; 7] = [
        b"No MX found",
        b"Invalid domain name",
        b"Temporary failure in MX lookup",
        b"Domain does not exist",
        b"Domain does not accept mail",
        b"Host not found",
        b"MX lookup",
    ];
    const CONNECTION: [&[u8]; 10] = [
        b"Network error",
        b"Connection ",
        b"No valid route",
        b"Address family mismatch",
        b"IO Error",
        b"TLS",
        b"Bad certificate",
        b"Bad response",
        b"Input too long",
        b"Remote host sent too much data",
    ];
    let begins = |phrase: &&[u8]| stat.starts_with(phrase);
    if is_asked && numbers::code(stat).is_some() {
        Speaker::Remote
    } else if DNS.iter().any(begins) {
        Speaker::Dns
    } else if CONNECTION.iter().any(begins) || numbers::code(stat).is_some() {
        Speaker::Connection
    } else {
        Speaker::Own
    }
}

/// Whether mail was put back of which nobody was asked: the host refused too many others over this connection, or all of late; it may not
/// be asked, or with what is not known. Sources: `mta_flush()`, `mta_on_source()`, `MTA_RCPT` of `mta_session.c`.
fn is_put_back(status: Status, stat: &[u8]) -> bool {
    const WORDS: [&[u8]; 4] = [
        b"Too many consecutive errors",
        b"Destination seem to reject all mails",
        b"All routes to destination blocked",
        b"Could not retrieve ",
    ];
    status == Status::Deferred && WORDS.iter().any(|words| stat.starts_with(words))
}

fn tell(line: &Written<'_>, delivery: &Delivery<'_>, fields: &Fields<'_>, into: &mut dyn Sink) -> Kind {
    let Some(message) = message_of(delivery.envelope) else { return Kind::Unparsed };
    let key = Key::Message(message);
    line.say(key, What::Sender { address: fields.from, size: None, recipients: None }, into);
    if fields.from.is_empty() && !delivery.is_local {
        line.say(key, What::OwnBounce { about: b"" }, into);
    }
    let relay = if delivery.is_local { Relay::default() } else { relay(fields.relay) };
    let at_home = line.line.own.hold(&relay);
    let next = if delivery.status == Status::Delivered && at_home { next_message(fields.stat) } else { None };
    let sort = sort(delivery, fields.stat, at_home, next.is_some());
    line.say(key, What::Attempt(Attempt { sort, ..attempt(delivery, fields, &relay, at_home, line.line.times) }), into);
    if let Some((instance, next)) = next {
        let head = line.line.head(instance);
        into.event(&Event { head, key: Key::Message(next), what: What::Linked { parent: message } });
    }
    if sort == Sort::Suspended { Kind::Suspended } else { Kind::Delivery }
}

/// A filter of ours took the mail under another id, kept it or threw it away; it refused, and nobody else will be asked; or it was not
/// ready, and the hop is still to come.
fn sort(delivery: &Delivery<'_>, stat: &[u8], at_home: bool, is_hop: bool) -> Sort {
    match delivery.status {
        _ if delivery.is_local => Sort::Local,
        status if is_put_back(status, stat) => Sort::Suspended,
        _ if !at_home => Sort::Real,
        Status::Delivered if !is_hop => Sort::Local,
        Status::Failed => Sort::Own,
        Status::Delivered | Status::Deferred | Status::Expired | Status::Unknown => Sort::Hop,
    }
}

/// The attempt, but for its sort.
fn attempt<'a>(delivery: &Delivery<'a>, fields: &Fields<'a>, relay: &Relay<'a>, at_home: bool, times: u32) -> Attempt<'a> {
    let is_asked = !fields.source.is_empty() && fields.source != b"-" || fields.source.is_empty() && !relay.is_none();
    let is_accepted = delivery.status == Status::Delivered;
    let (code, enhanced) = numbers::both(fields.stat);
    Attempt {
        target: Target::Address(fields.to),
        original: fields.rcpt.filter(|rcpt| !rcpt.eq_ignore_ascii_case(fields.to)),
        slot: delivery.session.iter().any(|&digit| digit != b'0').then_some(delivery.session),
        status: delivery.status,
        sort: Sort::Real,
        speaker: if delivery.is_local || at_home { Speaker::Own } else { speaker(fields.stat, is_asked) },
        stage: if is_accepted && !delivery.is_local { Stage::EndOfData } else { Stage::Unknown },
        relay: relay.host,
        relay_ip: relay.ip,
        source: if fields.source == b"-" { b"" } else { fields.source },
        code: code.filter(|_| !delivery.is_local),
        enhanced,
        reply: fields.stat,
        delay_ms: delay_ms(fields.delay),
        parts_ms: None,
        tls: b"",
        times,
        nth: recipient_of(delivery.envelope),
    }
}

/// The part of an envelope's number that is not its message's: a recipient may have two envelopes.
fn recipient_of(envelope: &[u8]) -> u32 {
    let digits = envelope.get(8..).and_then(|digits| std::str::from_utf8(digits).ok());
    digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(1)
}

/// The instance and the id under which the mail goes on: `250 2.0.0: f6e94209 Message accepted for delivery` of another OpenSMTPD, or what
/// another MTA says.
fn next_message(stat: &[u8]) -> Option<(&[u8], &[u8])> {
    let (taker, next) = smtp::next_id(stat)?;
    let is_ours = taker == Taker::Sendmail && id::<8>(next).is_some_and(|(_, rest)| rest.is_empty());
    Some((if is_ours { INSTANCE } else { taker.instance() }, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_has_parts() {
        assert_eq!(delay_ms(b"0s"), Some(0));
        assert_eq!(delay_ms(b"1d4h26m40s"), Some(102_400_000));
        assert_eq!(delay_ms(b"5m"), Some(300_000));
        for wrong in [&b""[..], b"-1s", b"1x", b"s", b"99999999999999999999s", b"9223372036854775807d"] {
            assert_eq!(delay_ms(wrong), None);
        }
    }

    #[test]
    fn two_envelopes_of_one_recipient_are_told_apart() {
        assert_eq!((recipient_of(b"f6e9420e00000001"), recipient_of(b"f6e9420effffffff")), (1, u32::MAX));
        assert_eq!(recipient_of(b"f6e9420e"), 1);
    }

    #[test]
    fn a_relay_is_an_address_and_its_name() {
        let check = |text: &'static [u8], host: &'static [u8], ip: &'static [u8]| {
            assert_eq!(relay(text), Relay { host, ip });
        };
        check(b"173.194.76.27 (ws-in-f27.1e100.net)", b"ws-in-f27.1e100.net", b"173.194.76.27");
        check(b"104.47.38.33 (104.47.38.33)", b"", b"104.47.38.33");
        check(b"[2001:db8::1] (mx.example.com)", b"mx.example.com", b"2001:db8::1");
        check(b"mysmtp.local", b"mysmtp.local", b"");
        check(b"-", b"", b"");
    }

    #[test]
    fn a_stranger_forges_no_field() {
        let fields = Fields::read(br#"from=<"x> to=<y> stat=250"@z> to=<a@b> rcpt=<-> source="-" relay="mx" delay=1s result="TempFail" stat="say "what" stat=1" "#).unwrap();
        assert_eq!((fields.from, fields.to, fields.rcpt), (&br#""x> to=<y> stat=250"@z"#[..], &b"a@b"[..], None));
        assert_eq!((fields.relay, fields.delay, fields.result), (&b"mx"[..], &b"1s"[..], &b"TempFail"[..]));
        assert_eq!(fields.stat, br#"say "what" stat=1"#);
    }

    #[test]
    fn the_oldest_lines_have_neither_brackets_nor_all_commas() {
        let fields = Fields::read(b"from=c@d, to=a@b, relay=192.0.2.1 (mx.b) delay=9s, stat=250 ok").unwrap();
        assert_eq!(
            (fields.from, fields.to, fields.relay, fields.delay, fields.stat),
            (&b"c@d"[..], &b"a@b"[..], &b"192.0.2.1 (mx.b)"[..], &b"9s"[..], &b"250 ok"[..])
        );
    }

    #[test]
    fn words_tell_whether_anybody_was_asked() {
        assert_eq!(speaker(b"550 5.7.1 no", true), Speaker::Remote);
        assert_eq!(speaker(b"451 4.4.1 no", false), Speaker::Connection);
        assert_eq!(speaker(b"No MX found for domain", false), Speaker::Dns);
        assert_eq!(speaker(b"Network error on destination MXs", false), Speaker::Connection);
        assert_eq!(speaker(b"Loop detected", true), Speaker::Own);
    }
}
