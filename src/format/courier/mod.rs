//! Courier's mail server, from one line to events.
//!
//! `courierd` schedules: a message is new, a delivery started. The modules (`courieresmtp`, `courierlocal`, …) deliver, and write up to
//! three sorts of lines for one recipient, in this order: the remote server's words, the host that took it, the outcome. What they have
//! in common, id, sender and recipient as they stand, is a slot that joins them. A module that is ended or loses its connection may
//! write no outcome. Keeps no state. Sources: comctlfile.c, cdmsgq2.C, cdmsgq3.C, esmtpclient.c of Courier 0.47 to 1.4; courier(8),
//! courierd(8).

use super::cursor::{Cursor, rsplit_text, split_byte, split_pair, split_text};
use super::numbers;
use super::said;
use super::syslog::{Line, Program};
use crate::event::{
    Attempt, Closing, Event, Head, Key, Kind, Micros, Origin, Sink, Sort, Speaker, Stage, Status, Target, What,
};

/// Lines of Courier.
pub(super) struct Courier;

impl Program for Courier {
    fn name(&self) -> &'static str {
        "courier"
    }

    fn read(&self, line: &Line<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let module = line.envelope.tag.strip_prefix(b"courier")?;
        let text = line.envelope.text;
        let head = line.head(b"courier");
        Some(
            match module {
                b"d" => scheduled(line, head, text, into).or_else(|| delivered(line, head, Module::Daemon, text, into)),
                b"esmtp" => delivered(line, head, Module::Esmtp, text, into),
                // Makes notifications of delivery, which are messages of their own.
                b"dsn" => Some(Kind::Context),
                b"esmtpd" | b"esmtpd-ssl" | b"esmtpd-msa" => refused(head, text, into),
                // `courieruucp`, `courierfax`; `courierfilter`, `couriertls`, `courier-imap` and the like are not about deliveries.
                b"local" | b"uucp" | b"fax" => delivered(line, head, Module::Local, text, into),
                _ => None,
            }
            .unwrap_or(Kind::Other),
        )
    }

    fn queued(&self, line: &Line<'_>) -> Option<Micros> {
        let text = line.envelope.tag.strip_prefix(b"courier").map(|_| line.envelope.text)?;
        let (_, rest) = split_text(text, b"id=")?;
        arrived(rest)
    }
}

/// Who delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Module {
    /// To other hosts.
    Esmtp,
    /// At home.
    Local,
    /// Nobody: the scheduler cancels.
    Daemon,
}

/// `0038C081.4D026173.000051A4`: inode, time of arrival, process, each in hexadecimal, of 16 digits where numbers have 64 bits.
fn arrived(id: &[u8]) -> Option<Micros> {
    let mut parts = Cursor(id).run(|byte| byte.is_ascii_hexdigit() || byte == b'.').split(|&byte| byte == b'.');
    let (_, time, _) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = std::str::from_utf8(time).ok().filter(|digits| matches!(digits.len(), 8 | 16))?;
    let seconds = i64::from_str_radix(digits, 16).ok()?;
    seconds.checked_mul(Micros::SECOND).map(Micros)
}

/// How long a message has been there. The id's second is the system's own: only a stamp that names its zone can be set against it.
fn delay_ms(line: &Line<'_>, id: &[u8]) -> Option<i64> {
    let (_, after) = split_byte(line.plain, b'T').filter(|(date, _)| date.len() == 10 && date.starts_with(b"2"))?;
    let is_zoned = Cursor(after).word().iter().any(|byte| matches!(byte, b'Z' | b'+' | b'-'));
    let (time, arrival) = line.envelope.time.filter(|_| is_zoned).zip(arrived(id))?;
    Some((time.0 - arrival.0) / 1_000).filter(|delay| *delay >= 0)
}

/// `newmsg,id=ID[, auth=USER]: dns; HELO (name [ip])`, `started,id=ID,from=<…>,module=M,host=H,addr=<…>`, `completed,id=ID`
fn scheduled(line: &Line<'_>, head: Head<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let say = |id, what, into: &mut dyn Sink| into.event(&Event { head, key: Key::Message(id), what });
    if let Some(rest) = text.strip_prefix(b"newmsg,id=") {
        let mut at = Cursor(rest);
        let id = at.run(|byte| !matches!(byte, b':' | b',' | b' '));
        let is_authenticated = at.0.starts_with(b", auth=");
        let from = split_text(at.0, b": ").map(|(_, from)| from).unwrap_or_default();
        let from = from.strip_prefix(b"dns; ").unwrap_or(from);
        let is_here = from.is_empty() || is_loopback(from) || from.starts_with(b"uucp; ");
        let origin = if is_authenticated || is_here { Origin::Submitted } else { Origin::Network };
        say(id, What::Begin { origin, client: from }, into);
        return Some(Kind::Context);
    }
    if let Some(rest) = text.strip_prefix(b"started,id=") {
        let (id, rest) = split_text(rest, b",from=<")?;
        let (from, rest) = split_text(rest, b">,module=")?;
        let (module, rest) = split_text(rest, b",host=")?;
        let (host, address) = split_text(rest, b",addr=<")?;
        let address = address.strip_suffix(b">").unwrap_or(address);
        if module == b"dsn" {
            // Who fails is told to the sender, and the message goes; unless this is but the warning that it waits.
            if host != b"deferred" {
                say(id, What::GaveUp { target: Target::AllOpen }, into);
                say(id, What::Close(Closing::Done), into);
            }
            return Some(Kind::Context);
        }
        say(id, What::Sender { address: from, size: None, recipients: None }, into);
        // `#@[]`: about a notification that came back.
        if matches!(from, b"" | b"#@[]") {
            say(id, What::OwnBounce { about: b"" }, into);
        }
        if module != b"local" {
            // A local user is named without his domain here, and with it where he is delivered to.
            say(id, What::Recipient { index: None, address }, into);
        }
        return Some(Kind::Context);
    }
    // A round of deliveries is over, and maybe all of them: what waits begins again. Of whom nothing was told, the module was ended.
    let rest = text.strip_prefix(b"completed,id=")?;
    let id = Cursor(rest).run(|byte| byte.is_ascii_hexdigit() || byte == b'.');
    let told = Told { line, head, id, slot: b"", target: Target::Awaited, module: Module::Esmtp };
    told.attempt(Status::Deferred, b"", into);
    Some(Kind::Context)
}

/// Whether `HELO (name [ip])` is of the host itself: the address is Courier's, what stands before it is not.
fn is_loopback(from: &[u8]) -> bool {
    let Some((_, rest)) = rsplit_text(from, b"[") else { return false };
    let Some((ip, _)) = split_byte(rest, b']') else { return false };
    let ip = ip.strip_prefix(b"::ffff:").unwrap_or(ip);
    ip == b"::1" || ip.starts_with(b"127.")
}

/// `id=ID,from=<…>,addr=<…>` and then: `: WORDS` of the remote server, `[,size=N],success: WORDS`, `[,size=N],status: WORD`
fn delivered(line: &Line<'_>, head: Head<'_>, module: Module, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let rest = text.strip_prefix(b"id=")?;
    let (id, after) = split_text(rest, b",from=<")?;
    let (_, after) = split_text(after, b">,addr=<")?;
    let (address, after) = ended(after)?;
    let slot = rest.get(..rest.len() - after.len())?;
    let mut at = Cursor(after);
    if at.take(b",size=") {
        at.digits();
    }
    let told = Told { line, head, id, slot, target: Target::Address(address), module };
    if let Some(word) = at.0.strip_prefix(b",status: ") {
        let status = match word.trim_ascii_end() {
            b"success" => Status::Delivered,
            b"deferred" => Status::Deferred,
            b"failure" => Status::Failed,
            _ => return Some(Kind::Unparsed),
        };
        told.attempt(status, b"", into);
        return Some(Kind::Delivery);
    }
    if let Some(words) = at.0.strip_prefix(b",success: ") {
        if module == Module::Local {
            // No other line tells the outcome.
            told.attempt(Status::Delivered, words, into);
            return Some(Kind::Delivery);
        }
        told.took(words, into);
        return Some(Kind::Context);
    }
    told.words(at.0.strip_prefix(b": ")?, into);
    Some(Kind::Context)
}

/// An address up to the bracket behind which one of the three ways to go on follows: the address may hold brackets itself.
fn ended(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr(b'>', text.get(from..)?)?;
        let after = text.get(at + 1..)?;
        if [&b": "[..], b",size=", b",success: ", b",status: "].iter().any(|next| after.starts_with(next)) {
            return Some((text.get(..at)?, after));
        }
        from = at + 1;
    }
}

/// What the lines of one delivery have in common.
struct Told<'a> {
    line: &'a Line<'a>,
    head: Head<'a>,
    id: &'a [u8],
    /// Empty where no connection is meant.
    slot: &'a [u8],
    target: Target<'a>,
    module: Module,
}

impl Told<'_> {
    fn say(&self, key: Key<'_>, what: What<'_>, into: &mut dyn Sink) {
        into.event(&Event { head: self.head, key, what });
    }

    /// A line of a reply, or of Courier's own words. Those of the scheduler have a code, unless they are the operator's.
    fn words(&self, reply: &[u8], into: &mut dyn Sink) {
        let (key, target) = (Key::Message(self.id), self.target);
        let has_code = numbers::code(reply).is_some();
        let speaker = match self.module {
            Module::Local | Module::Daemon => Speaker::Own,
            Module::Esmtp if has_code => Speaker::Remote,
            Module::Esmtp if reply == b"<command failed>" || reply.starts_with(b"Network ") => Speaker::Connection,
            Module::Esmtp => said::speaker(reply),
        };
        self.say(key, What::ReplyAhead { target, reply, speaker }, into);
        if self.module == Module::Daemon && !has_code {
            self.say(key, What::Cancelled { target }, into);
        }
    }

    /// `delivered: HOST [IP]`
    fn took(&self, words: &[u8], into: &mut dyn Sink) {
        let Some(host) = words.strip_prefix(b"delivered: ") else { return };
        let (relay, ip) = split_pair(host, *b" [").unwrap_or((host, b""));
        let relay_ip = ip.strip_suffix(b"]").unwrap_or(ip);
        let relay_ip = relay_ip.strip_prefix(b"::ffff:").unwrap_or(relay_ip);
        self.say(Key::Slot(self.slot), What::Channel { source: b"", relay, relay_ip, tls: b"" }, into);
    }

    fn attempt(&self, status: Status, reply: &[u8], into: &mut dyn Sink) {
        let is_remote = self.module == Module::Esmtp;
        let is_accepted = status == Status::Delivered;
        let is_ended = self.target == Target::Awaited;
        let attempt = Attempt {
            target: self.target,
            original: None,
            slot: (is_remote && !is_ended).then_some(self.slot),
            status,
            sort: match self.module {
                Module::Esmtp => Sort::Real,
                Module::Local => Sort::Local,
                Module::Daemon => Sort::Own,
            },
            speaker: match self.module {
                // The line before it has the words; whose they are follows from them.
                Module::Esmtp if is_accepted => Speaker::Remote,
                Module::Esmtp if is_ended => Speaker::Connection,
                Module::Esmtp => Speaker::Unknown,
                Module::Local | Module::Daemon => Speaker::Own,
            },
            stage: if is_remote && is_accepted { Stage::EndOfData } else { Stage::Unknown },
            relay: b"",
            relay_ip: b"",
            source: b"",
            code: None,
            enhanced: numbers::enhanced(reply),
            reply,
            delay_ms: delay_ms(self.line, self.id),
            parts_ms: None,
            tls: b"",
            times: if is_ended { 0 } else { self.line.times },
            nth: 1,
        };
        self.say(Key::Message(self.id), What::Attempt(attempt), into);
    }
}

/// `error,relay=IP[,port=N],from=<…>[,to=<…>]: 550 User unknown.` of courieresmtpd: a mail of somebody else that was refused. A sender is
/// refused before there is a recipient. Each line of a reply is a record, and the last one counts: the others have a hyphen behind the
/// code. Addresses hold no `>` and no `:` here, they are blanks. Source: courieresmtpd.C, comsubmitclient.c.
///
/// `error,relay=IP[,port=N],msg="534 SIZE=Message too big.",cmd: MAIL FROM:<…> SIZE=N`: a command that was refused.
fn refused(head: Head<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let rest = text.strip_prefix(b"error,relay=")?;
    let said = split_text(rest, b",msg=\"").and_then(|(_, rest)| split_text(rest, b"\",cmd: "));
    let reply = match said {
        Some((reply, command)) => Some(reply).filter(|reply| said::refuses(command, reply)),
        None => split_text(rest, b",from=<").and_then(|(_, rest)| split_text(rest, b">: ")).map(|(_, reply)| reply),
    };
    let Some(reply) = reply.filter(|reply| !goes_on(reply)) else { return Some(Kind::Context) };
    into.event(&Event { head, key: Key::Whole, what: What::Inbound { reply } });
    Some(Kind::Inbound)
}

/// Whether further lines of a reply follow.
fn goes_on(reply: &[u8]) -> bool {
    let mut at = Cursor(reply);
    at.digits().len() == 3 && at.take(b"-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_when_its_message_came() {
        assert_eq!(arrived(b"0038C081.4D026173.000051A4,from"), Some(Micros(0x4d02_6173 * Micros::SECOND)));
        assert_eq!(arrived(b"000000000038C081.000000004D026173.00000000000051A4"), Some(Micros(0x4d02_6173 * Micros::SECOND)));
        assert_eq!(arrived(b"0038C081.7FFFFFFFFFFFFFFF.000051A4"), None);
        assert_eq!(arrived(b"0038C081.4D026173"), None);
        assert_eq!(arrived(b"0038C081.4D02617.000051A4"), None);
        assert_eq!(arrived(b""), None);
    }

    #[test]
    fn who_brings_a_message_is_told_by_the_address() {
        for here in ["mail.example.org (localhost [::ffff:127.0.0.1])", "localhost (localhost [127.0.0.1])", "a ([::1])"] {
            assert!(is_loopback(here.as_bytes()), "{here}");
        }
        for elsewhere in
            ["localhost [127.0.0.1] (a.example [::ffff:192.0.2.1])", "localhost ([192.0.2.1])", "localhost", "", "a["]
        {
            assert!(!is_loopback(elsewhere.as_bytes()), "{elsewhere}");
        }
    }

    #[test]
    fn an_address_may_hold_what_ends_it() {
        assert_eq!(ended(b"a@b>: 250 <ok>: x"), Some((&b"a@b"[..], &b": 250 <ok>: x"[..])));
        assert_eq!(ended(b"\"a>b\"@c>,status: success"), Some((&b"\"a>b\"@c"[..], &b",status: success"[..])));
        assert_eq!(ended(b"a@b"), None);
    }
}
