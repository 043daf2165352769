//! Postfix, from one line to events.
//!
//! Between [`super::syslog`], which took the header off, and the stitch, which joins lines by queue id. Keeps no state. A line is told
//! by one look: the last part of its tag names the program (`postfix/submission/smtpd`), a queue id stands in front or not, and the byte
//! after it decides. `queue.rs` is the smallest reader, see it first. Sources: the Postfix sources (each file names its own),
//! postconf(5), postlogd(8), `DEBUG_README`.
//!
//! Kinds: `to=` of an agent is a delivery (or a suspension, or a probe); other lines with a queue id, and lines of smtp(8) about its
//! connections, are context; rejects of smtpd, postscreen and cleanup are inbound; all else is other.

mod channel;
mod delivery;
mod inbound;
mod queue;
mod queue_id;
mod record;
mod reply;

use crate::event::{Kind, Micros, Sink};
use crate::format::cursor::{near, split_byte};
use crate::format::syslog::{Line, Program};

/// The log of Postfix.
pub(crate) struct Postfix;

impl Program for Postfix {
    fn name(&self) -> &'static str {
        "postfix"
    }

    fn read(&self, line: &Line<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let service = Service::of(line);
        let text = line.envelope.text;
        if let Some((id, rest)) = queue_id::split(text) {
            return about_message(line, &service, id, rest, into);
        }
        if let Some((id, rest)) = odd_id(text).filter(|_| service.is_ours) {
            return delivery::read(line, &service, id, rest, into);
        }
        let found = match text.first() {
            Some(b'N' | b'r' | b'm') => inbound::without_id(line, &service, into),
            Some(b'T' | b'U' | b'V' | b'A' | b'c') if service.is_ours || !line.envelope.framed => {
                channel::read(line, &service, into)
            }
            _ => None,
        };
        found.or_else(|| service.is_ours.then_some(Kind::Other)).or_else(|| is_phrase(line).then_some(Kind::Other))
    }

    fn queued(&self, line: &Line<'_>) -> Option<Micros> {
        let (id, _) = queue_id::split(line.envelope.text).filter(|_| Service::of(line).is_ours)?;
        queue_id::queued(id)
    }
}

/// What stands where an id stands in a delivery record: somebody masked it.
fn odd_id(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (word, rest) = split_byte(text, b' ')?;
    let id = word.strip_suffix(b":").filter(|id| !id.is_empty() && *id != b"NOQUEUE" && *id != b"warning")?;
    rest.starts_with(b"to=").then_some((id, rest))
}

/// `QID: rest`. Of a program that is not Postfix by its name, only what no other program writes is taken.
fn about_message(line: &Line<'_>, service: &Service<'_>, id: &[u8], rest: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    if rest.starts_with(b"to=") {
        return delivery::read(line, service, id, rest, into);
    }
    if !service.is_ours && line.envelope.framed && !service.is_bare(rest) {
        return None;
    }
    let found = match rest.first() {
        Some(b'c') => inbound::client(line, service, id, rest, into).or_else(|| queue::read(line, service, id, rest, into)),
        Some(b'r' | b'm') => {
            inbound::with_id(line, service, id, rest, into).or_else(|| queue::read(line, service, id, rest, into))
        }
        _ => queue::read(line, service, id, rest, into),
    };
    found.or_else(|| service.is_ours.then_some(Kind::Context))
}

/// A log without headers holds the words of many programs; these only Postfix begins a line with.
fn is_phrase(line: &Line<'_>) -> bool {
    const PHRASES: [&[u8]; 16] = [
        b"warning: ",
        b"fatal: ",
        b"panic: ",
        b"statistics: max ",
        b"connect from ",
        b"disconnect from ",
        b"lost connection after ",
        b"timeout after ",
        b"too many errors after ",
        b"improper command pipelining after ",
        b"SSL_accept error from ",
        b"SSL_connect error to ",
        b"Released from hold: ",
        b"Requeued: ",
        b"Unverified: subject_CN=",
        b"reject_warning: ",
    ];
    !line.envelope.framed && PHRASES.iter().any(|phrase| line.envelope.text.starts_with(phrase))
}

/// Who wrote a line. What the parts of its tag say is asked only where it matters: most lines need no more than whose they are.
#[derive(Clone, Copy)]
struct Service<'a> {
    tag: &'a [u8],
    /// Whether a header told the tag.
    framed: bool,
    /// Whether the tag is Postfix's.
    is_ours: bool,
}

/// The programs that differ in what their records mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Agent {
    /// smtp(8)
    Smtp,
    /// smtp(8) that speaks LMTP
    Lmtp,
    /// local(8), virtual(8), pipe(8), discard(8)
    Local,
    /// error(8), which serves `retry` too
    Error,
    /// qmgr(8), oqmgr(8)
    Qmgr,
    /// Another of Postfix's programs
    Other,
    /// Not told
    Unknown,
}

impl<'a> Service<'a> {
    #[inline]
    fn of(line: &Line<'a>) -> Self {
        let (tag, framed) = (line.envelope.tag, line.envelope.framed);
        Self { tag, framed, is_ours: tag.starts_with(b"postfix") || is_by_program(tag, framed) }
    }

    /// Whether the tag may be one of Postfix's programs by its own name, as macOS logs it: who the text is to tell. Sendmail's lines have
    /// an id in front too, and OpenSMTPD's program is called as Postfix's.
    fn is_bare(&self, rest: &[u8]) -> bool {
        let is_known = Agent::of(self.tag) != Agent::Unknown && self.tag != b"sendmail";
        is_known && (self.tag != b"smtpd" || rest.starts_with(b"client="))
    }

    /// The first part of the tag: `postfix`, `postfix-out`.
    #[inline]
    fn instance(&self) -> &'a [u8] {
        let whole = if self.framed { self.tag } else { b"" };
        match near(self.tag, [b'/']) {
            // Each program by its own name is of the same Postfix.
            None if Agent::of(self.tag) != Agent::Unknown => b"",
            None => whole,
            // A tag that begins with its only `/` has no parts.
            Some(0) if parts(self.tag).0.is_empty() => whole,
            Some(at) => self.tag.get(..at).unwrap_or_default(),
        }
    }

    /// The parts of the tag between instance and program: `submission`, `10025`, `relay`.
    fn role(&self) -> &'a [u8] {
        split_byte(parts(self.tag).0, b'/').map_or(b"", |(_, role)| role)
    }

    fn agent(&self) -> Agent {
        Agent::of(parts(self.tag).1)
    }
}

/// What stands before the last `/` of a tag, and the program behind it.
fn parts(tag: &[u8]) -> (&[u8], &[u8]) {
    match tag.iter().rposition(|&byte| byte == b'/').and_then(|at| tag.split_at_checked(at)) {
        Some((front, rest)) => (front, rest.get(1..).unwrap_or_default()),
        None => (b"", tag),
    }
}

/// A `syslog_name` need not begin with `postfix`, but then a known program must follow it. A column of an export has the program alone.
fn is_by_program(tag: &[u8], framed: bool) -> bool {
    let (front, program) = parts(tag);
    (!front.is_empty() || (!framed && !tag.is_empty())) && Agent::of(program) != Agent::Unknown
}

impl Agent {
    fn of(program: &[u8]) -> Self {
        match program {
            b"smtp" => Self::Smtp,
            b"lmtp" => Self::Lmtp,
            b"local" | b"virtual" | b"pipe" | b"discard" => Self::Local,
            b"error" | b"retry" => Self::Error,
            b"qmgr" | b"oqmgr" | b"nqmgr" => Self::Qmgr,
            b"smtpd" | b"cleanup" | b"postscreen" | b"bounce" | b"defer" | b"trace" | b"pickup" | b"postsuper" | b"anvil"
            | b"scache" | b"dnsblog" | b"tlsproxy" | b"tlsmgr" | b"verify" | b"trivial-rewrite" | b"proxymap"
            | b"proxywrite" | b"flush" | b"showq" | b"master" | b"postdrop" | b"postqueue" | b"sendmail" | b"qmqpd"
            | b"spawn" | b"postlogd" | b"postfix-script" | b"postmap" | b"postalias" | b"trivial_rewrite"
            // What Barracuda calls its smtpd(8) and cleanup(8).
            | b"pass1" | b"pass2" => Self::Other,
            _ => Self::Unknown,
        }
    }
}
