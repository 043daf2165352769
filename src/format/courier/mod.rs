//! Courier's mail server, from one line to events.
//!
//! `courierd` schedules: a message is new, a delivery started. The modules (`courieresmtp`, `courierlocal`, …) deliver, and write up to
//! three lines for one recipient: the remote server's words, the host that took it, the outcome. What they have in common, id, sender
//! and recipient as they stand, is a slot that joins them. Keeps no state. Sources: comctlfile.c, cdmsgq2.C, cdmsgq3.C, esmtpclient.c of
//! Courier 0.47 to 1.4; courier(8), courierd(8).

use super::cursor::{Cursor, split_pair, split_text};
use super::numbers;
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
                b"d" => scheduled(head, text, into).or_else(|| delivered(line, head, Module::Daemon, text, into)),
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

/// `0038C081.4D026173.000051A4`: inode, time of arrival, process, each in hexadecimal.
fn arrived(id: &[u8]) -> Option<Micros> {
    let mut parts = Cursor(id).run(|byte| byte.is_ascii_hexdigit() || byte == b'.').split(|&byte| byte == b'.');
    let (_, time, _) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = std::str::from_utf8(time).ok().filter(|digits| digits.len() == 8)?;
    i64::from_str_radix(digits, 16).ok().map(|seconds| Micros(seconds * Micros::SECOND))
}

/// `newmsg,id=ID[, auth=USER]: dns; HELO (name [ip])`, `started,id=ID,from=<…>,module=M,host=H,addr=<…>`, `completed,id=ID`
fn scheduled(head: Head<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let say = |id, what, into: &mut dyn Sink| into.event(&Event { head, key: Key::Message(id), what });
    if let Some(rest) = text.strip_prefix(b"newmsg,id=") {
        let mut at = Cursor(rest);
        let id = at.run(|byte| !matches!(byte, b':' | b',' | b' '));
        let is_authenticated = at.0.starts_with(b", auth=");
        let from = split_text(at.0, b": ").map(|(_, from)| from).unwrap_or_default();
        let from = from.strip_prefix(b"dns; ").unwrap_or(from);
        let is_here = from.is_empty() || from.starts_with(b"localhost (localhost [") || from.starts_with(b"uucp; ");
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
        if from.is_empty() {
            say(id, What::OwnBounce { about: b"" }, into);
        }
        if module != b"local" {
            // A local user is named without his domain here, and with it where he is delivered to.
            say(id, What::Recipient { index: None, address }, into);
        }
        return Some(Kind::Context);
    }
    // A round of deliveries is over, and maybe all of them: what waits begins again.
    text.starts_with(b"completed,id=").then_some(Kind::Context)
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
    let told = Told { head, id, slot, address, module, times: line.times };
    if let Some(word) = at.0.strip_prefix(b",status: ") {
        let status = match word {
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
    let reply = at.0.strip_prefix(b": ")?;
    told.say(Key::Message(id), What::Reply { target: Target::Address(address), reply }, into);
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
    head: Head<'a>,
    id: &'a [u8],
    slot: &'a [u8],
    address: &'a [u8],
    module: Module,
    times: u32,
}

impl Told<'_> {
    fn say(&self, key: Key<'_>, what: What<'_>, into: &mut dyn Sink) {
        into.event(&Event { head: self.head, key, what });
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
        let attempt = Attempt {
            target: Target::Address(self.address),
            original: None,
            slot: is_remote.then_some(self.slot),
            status,
            sort: match self.module {
                Module::Esmtp => Sort::Real,
                Module::Local => Sort::Local,
                Module::Daemon => Sort::Own,
            },
            speaker: match self.module {
                // The line before it has the words; whose they are follows from them.
                Module::Esmtp if is_accepted => Speaker::Remote,
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
            delay_ms: None,
            parts_ms: None,
            tls: b"",
            times: self.times,
            nth: 1,
        };
        self.say(Key::Message(self.id), What::Attempt(attempt), into);
    }
}

/// `error,relay=IP[,port=N],from=<…>[,to=<…>]: 550 User unknown.` of courieresmtpd: a mail of somebody else that was refused. A sender is
/// refused before there is a recipient. Each line of a reply is a record, and the last one counts: the others have a hyphen behind the
/// code. Addresses hold no `>` and no `:` here, they are blanks. Source: courieresmtpd.C, comsubmitclient.c.
fn refused(head: Head<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let rest = text.strip_prefix(b"error,relay=")?;
    let reply = split_text(rest, b",from=<").and_then(|(_, rest)| split_text(rest, b">: "));
    let Some((_, reply)) = reply.filter(|(_, reply)| !goes_on(reply)) else { return Some(Kind::Context) };
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
        assert_eq!(arrived(b"0038C081.4D026173"), None);
        assert_eq!(arrived(b"0038C081.4D02617.000051A4"), None);
        assert_eq!(arrived(b""), None);
    }

    #[test]
    fn an_address_may_hold_what_ends_it() {
        assert_eq!(ended(b"a@b>: 250 <ok>: x"), Some((&b"a@b"[..], &b": 250 <ok>: x"[..])));
        assert_eq!(ended(b"\"a>b\"@c>,status: success"), Some((&b"\"a>b\"@c"[..], &b",status: success"[..])));
        assert_eq!(ended(b"a@b"), None);
    }
}
