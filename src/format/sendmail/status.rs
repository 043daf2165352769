//! The words of `stat=`: what came of an attempt, and who said so.
//!
//! Of a success Sendmail logs what followed the code, of a deferral the first line of the reply with its code, of a permanent failure a
//! fixed phrase of its own: the server's words are in the bounce, or in `reply=` of newer versions. Sources: `giveresponse()`,
//! `markfailure()`, `libsm/strexit.c`, `sm_errstring()`, `dropenvelope()`.

use crate::event::{Enhanced, Speaker, Stage, Status};
use crate::format::cursor::{rsplit_text, split_byte, split_text};
use crate::format::smtp;

/// What `stat=` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stat<'a> {
    /// `queued`, `quarantined`: put into the queue without trying.
    Queued,
    /// An attempt ended.
    Told(Told<'a>),
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told<'a> {
    pub(super) status: Status,
    /// Whose words they are; [`By::Server`] only if one was reached.
    pub(super) by: By,
    pub(super) stage: Stage,
    /// The words; of a success or a deferral those of the server alone.
    pub(super) reply: &'a [u8],
    /// The host that the words name.
    pub(super) named: &'a [u8],
    /// Given up because of age.
    pub(super) is_expired: bool,
    /// Whether they are words of Sendmail. Words of others are what a filter told the client of an incoming message.
    pub(super) is_known: bool,
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The server, in a reply that is here or that a phrase stands for.
    Server,
    /// The server if one was reached, else the name service.
    Name,
    Connection,
    Dns,
    Own,
    /// Not told.
    Unknown,
}

impl By {
    /// The speaker of an attempt that reached a server, or none.
    pub(super) const fn speaker(self, is_reached: bool) -> Speaker {
        match self {
            Self::Server | Self::Name if is_reached => Speaker::Remote,
            Self::Server | Self::Own => Speaker::Own,
            Self::Connection => Speaker::Connection,
            Self::Dns | Self::Name => Speaker::Dns,
            Self::Unknown => Speaker::Unknown,
        }
    }
}

const TOLD: Told<'static> = Told {
    status: Status::Failed,
    by: By::Unknown,
    stage: Stage::Unknown,
    reply: b"",
    named: b"",
    is_expired: false,
    is_known: true,
};

/// Reads `stat=`. `is_soft` says whether `dsn=` or the code of `reply=` is of class 4: it decides where the words do not, and against a
/// phrase for a server's refusal.
pub(super) fn read(text: &[u8], is_soft: bool) -> Stat<'_> {
    let text = text.trim_ascii_end();
    let told = match text.first() {
        Some(b'q') if text == b"queued" || text == b"quarantined" => return Stat::Queued,
        Some(b'S') => sent(text),
        Some(b'D') => deferred(text),
        _ => None,
    };
    Stat::Told(told.or_else(|| expired(text)).or_else(|| phrase(text, is_soft)).unwrap_or_else(|| other(text, is_soft)))
}

/// `Sent`, `Sent (what followed the code)`
fn sent(text: &[u8]) -> Option<Told<'_>> {
    let rest = text.strip_prefix(b"Sent")?;
    let reply = match rest.strip_prefix(b" (") {
        Some(inside) => inside.strip_suffix(b")").unwrap_or(inside),
        None if rest.is_empty() => b"",
        None => return None,
    };
    Some(Told { status: Status::Delivered, by: By::Server, reply, ..TOLD })
}

/// `Deferred`, `Deferred: why`
fn deferred(text: &[u8]) -> Option<Told<'_>> {
    let soft = Told { status: Status::Deferred, ..TOLD };
    let why = match text.strip_prefix(b"Deferred")? {
        b"" => return Some(Told { by: By::Connection, reply: text, ..soft }),
        rest => rest.strip_prefix(b": ")?,
    };
    let soft = Told { reply: why, ..soft };
    if let Some(code) = smtp::code(why) {
        let (by, stage) = match code {
            403 | 454 if is_policy(why) => (By::Own, Stage::Tls),
            // 403 is Sendmail's own: TLS or authentication fell short of what its rules ask.
            403 => (By::Connection, Stage::Tls),
            454 if is_handshake(why) => (By::Connection, Stage::Tls),
            _ => (By::Server, Stage::Unknown),
        };
        return Some(Told { by, stage, ..soft });
    }
    Some(connection(why, soft).or_else(|| name_service(why, soft)).unwrap_or_else(|| Told { by: at_home(why), ..soft }))
}

/// Newer releases have 454 for Sendmail's own verdict on a handshake too, where older ones have 403. Source: `TLS_ERRCODE_T` of `proto.m4`.
fn is_handshake(why: &[u8]) -> bool {
    const WORDS: [&[u8]; 6] = [
        b"TLS handshake failed.",
        b"STARTTLS failed.",
        b"TLS temporarily not available.",
        b"DANE check failed.",
        b"DANE check failed temporarily.",
        b"DANE: missing STARTTLS.",
    ];
    why.strip_prefix(b"454 4.7.0 ").is_some_and(|words| WORDS.contains(&words))
}

/// Our rules demand more TLS than the server has: `454 4.7.0 encryption too weak 0 less than 112`. Source: `TLS_connection` of
/// `proto.m4`.
fn is_policy(why: &[u8]) -> bool {
    const WORDS: [&[u8]; 2] = [b"encryption too weak ", b"other side does not support STARTTLS"];
    WORDS.iter().any(|words| split_text(why, words).is_some())
}

/// Words about a connection: `Connection timed out with H. during client greeting`, `H.: No route to host`.
fn connection<'a>(why: &'a [u8], soft: Told<'a>) -> Option<Told<'a>> {
    const WITH: [&[u8]; 7] = [
        b"Connection refused by ",
        b"Connection reset by ",
        b"Connection timed out with ",
        b"Operation timed out with ",
        b"timeout waiting for input from ",
        b"lost input channel from ",
        b"lost connection to ",
    ];
    const ERRORS: [&[u8]; 12] = [
        b"No route to host",
        b"Network is unreachable",
        b"Network is down",
        b"Network dropped connection on reset",
        b"Software caused connection abort",
        b"Host is down",
        b"Connection refused",
        b"Connection reset",
        b"Connection timed out",
        b"Operation timed out",
        b"Broken pipe",
        b"Cannot assign requested address",
    ];
    let (front, phase) = rsplit_text(why, b" during ").map_or((why, None), |(front, phase)| (front, Some(phase)));
    let stage = phase.map_or(Stage::Connect, stage_of);
    let told = Told { by: By::Connection, stage, ..soft };
    if let Some(named) = WITH.iter().find_map(|with| front.strip_prefix(*with)) {
        return Some(Told { named, ..told });
    }
    if let Some(inside) = front.strip_prefix(b"Host ").and_then(|rest| rest.strip_suffix(b" is down")) {
        return Some(Told { named: inside, ..told });
    }
    let is_error = |text: &[u8]| ERRORS.iter().any(|error| text.starts_with(error));
    if is_error(front) {
        return Some(told);
    }
    let (named, error) = split_text(front, b": ")?;
    is_error(error).then_some(Told { named, ..told })
}

/// The stage of a phase, as `during client MAIL` or `stage=MAIL` name it.
pub(super) fn stage_of(phase: &[u8]) -> Stage {
    let phase = phase.strip_prefix(b"client ").unwrap_or(phase);
    match phase {
        b"greeting" | b"GREET" | b"initial connection" => Stage::Connect,
        b"EHLO" | b"HELO" | b"LHLO" => Stage::Hello,
        b"STARTTLS" => Stage::Tls,
        b"AUTH" => Stage::Auth,
        b"MAIL" => Stage::Mail,
        b"RCPT" => Stage::Recipient,
        b"DATA" | b"DATA 354" => Stage::Data,
        b"DATA status" | b"DATA2" | b"EOM" => Stage::EndOfData,
        _ => Stage::Unknown,
    }
}

/// What the name service did not answer.
fn name_service<'a>(why: &'a [u8], soft: Told<'a>) -> Option<Told<'a>> {
    let is_dns = why.starts_with(b"Name server")
        || why.starts_with(b"DNS ")
        || why.starts_with(b"Host Name Lookup Failure")
        || why.starts_with(b"Host name lookup failure")
        || why.starts_with(b"host map: lookup")
        || why.starts_with(b"CNAME lookup");
    is_dns.then_some(Told { by: By::Dns, ..soft })
}

/// Who put a message back for another reason: a mailer on this host, or somebody that is not told.
fn at_home(why: &[u8]) -> By {
    let is_mailer = split_text(why, b" mailer").is_some_and(|(name, _)| !name.contains(&b' '));
    if is_mailer { By::Own } else { By::Unknown }
}

const EXPIRED: [&[u8]; 4] = [
    b"Cannot send message for ",
    b"Cannot send message within ",
    b"Message could not be delivered for ",
    b"delivery time expired",
];

/// What is said of a message that grew too old.
pub(super) fn expired(text: &[u8]) -> Option<Told<'_>> {
    let is_old = EXPIRED.iter().any(|phrase| text.starts_with(phrase));
    is_old.then_some(Told { by: By::Own, reply: text, is_expired: true, ..TOLD })
}

/// The phrases that stand for an exit status, sysexits(3). Two of them leave the message in the queue.
const PHRASES: [(&[u8], Status, By, Stage); 25] = [
    (b"User unknown", Status::Failed, By::Server, Stage::Recipient),
    (b"Service unavailable", Status::Failed, By::Server, Stage::Unknown),
    (b"Host unknown (", Status::Failed, By::Dns, Stage::Unknown),
    (b"Host unknown", Status::Failed, By::Name, Stage::Unknown),
    (b"Data format error", Status::Failed, By::Server, Stage::Unknown),
    (b"Remote protocol error", Status::Failed, By::Server, Stage::Unknown),
    (b"Unknown mailer error", Status::Failed, By::Own, Stage::Unknown),
    (b"unknown mailer error", Status::Failed, By::Own, Stage::Unknown),
    (b"Message exceeds maximum", Status::Failed, By::Own, Stage::Unknown),
    (b"Can't create output", Status::Failed, By::Own, Stage::Unknown),
    (b"Cannot open input", Status::Failed, By::Own, Stage::Unknown),
    (b"Local configuration error", Status::Failed, By::Own, Stage::Unknown),
    (b"Permission denied", Status::Failed, By::Own, Stage::Unknown),
    (b"Insufficient permission", Status::Failed, By::Own, Stage::Unknown),
    (b"Address unchanged", Status::Failed, By::Own, Stage::Unknown),
    (b"Command line usage error", Status::Failed, By::Own, Stage::Unknown),
    (b"Internal error", Status::Failed, By::Own, Stage::Unknown),
    (b"System file missing", Status::Failed, By::Own, Stage::Unknown),
    (b"return to sender", Status::Failed, By::Own, Stage::Unknown),
    (b"Message from <> rejected", Status::Failed, By::Own, Stage::Unknown),
    (b"Too many hops", Status::Failed, By::Own, Stage::Unknown),
    (b"I/O error", Status::Deferred, By::Own, Stage::Unknown),
    (b"Operating system error", Status::Deferred, By::Own, Stage::Unknown),
    (b"timeout", Status::Failed, By::Own, Stage::Unknown),
    (b"Null MX", Status::Failed, By::Dns, Stage::Unknown),
];

fn phrase(text: &[u8], is_soft: bool) -> Option<Told<'_>> {
    let &(_, status, by, stage) = PHRASES.iter().find(|(phrase, ..)| text.starts_with(phrase))?;
    // A temporary reply leaves the message in the queue, whatever phrase stands for it.
    let status = if is_soft && by == By::Server { Status::Deferred } else { status };
    let told = Told { status, by, stage, reply: text, ..TOLD };
    Some(match reason(text) {
        Some(reply) => Told { by: By::Server, reply, ..told },
        None => told,
    })
}

/// Whether a phrase says less than the status that the server gave with its refusal: any 5xx to `MAIL` or to the content may be `Service
/// unavailable`, any 550, 551 or 553 to `RCPT` is `User unknown`. `Deferred` alone says nothing: recipients whose connection broke before they
/// were answered have it. Source: `smtpmailfrom()`, `smtprcptstat()`, `smtpdatastat()`.
pub(super) fn hides(phrase: &[u8], dsn: Enhanced) -> bool {
    let own: &[u16] = match phrase {
        b"Service unavailable" => &[],
        b"User unknown" if dsn.subject == 1 => return dsn.detail > 6,
        b"User unknown" if dsn.subject == 2 => return dsn.detail > 1,
        b"User unknown" | b"Deferred" => &[0],
        b"Data format error" => &[0, 6],
        b"Remote protocol error" => &[0, 5],
        _ => return false,
    };
    !own.contains(&dsn.subject)
}

/// `User unknown(Reason from remote:550 5.1.1 User unknown)` of appliances that descend from Sendmail.
fn reason(text: &[u8]) -> Option<&[u8]> {
    let (_, reply) = split_text(text, b"(Reason from remote:")?;
    Some(reply.strip_suffix(b")").unwrap_or(reply))
}

/// Words that Sendmail took from elsewhere.
fn other(text: &[u8], is_soft: bool) -> Told<'_> {
    let by = if smtp::code(text).is_some() { By::Server } else { By::Unknown };
    let status = match is_soft {
        _ if is_cut(text) => Status::Unknown,
        true => Status::Deferred,
        false => Status::Failed,
    };
    Told { status, by, reply: text, is_known: false, ..TOLD }
}

/// Whether this is the beginning of words that are known whole: the record ends within them.
fn is_cut(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 4] = [b"Sent", b"Deferred: ", b"queued", b"quarantined"];
    let phrases = PHRASES.iter().map(|(phrase, ..)| *phrase);
    WORDS.into_iter().chain(EXPIRED).chain(phrases).any(|words| words.starts_with(text))
}

/// `reply=` of newer versions: the code, maybe an enhanced status, and the server's words. A code below 400 is none.
pub(super) fn server_words(reply: &[u8]) -> Option<&[u8]> {
    let is_refusal = smtp::code(reply).is_some_and(|code| code >= 400);
    (is_refusal && split_byte(reply, b' ').is_some()).then_some(reply)
}

/// What Sendmail itself puts into `reply=` where the host that it spoke with said no more, in words of a connection. It names that host; or
/// one that was tried before, or the name that `relay=` has shortened, and then `stat=` says so too (`is_told`). Source: `reply()` of
/// `usersmtp.c`.
pub(super) fn lost<'a>(reply: &'a [u8], relay: &[u8], is_told: bool) -> Option<&'a [u8]> {
    const LOST: [&[u8]; 3] =
        [b"421 4.4.1 Connection reset by ", b"451 4.4.1 reply: read error from ", b"451 4.4.2 reply: read error from "];
    let named = LOST.iter().find_map(|words| reply.strip_prefix(*words))?;
    let is_relay = !relay.is_empty() && named.strip_suffix(b".").unwrap_or(named) == relay;
    (is_relay || is_told).then(|| reply.get(b"421 4.4.1 ".len()..)).flatten()
}

#[cfg(test)]
mod tests {
    use bstr::BStr;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = match read(text.as_bytes(), false) {
            Stat::Queued => "queued".to_owned(),
            Stat::Told(told) => {
                let named = if told.named.is_empty() { "-".into() } else { BStr::new(told.named).to_string() };
                let mut shown = format!("{:?} {:?} {:?} {named} {}", told.status, told.by, told.stage, BStr::new(told.reply));
                for (is, word) in [(told.is_expired, "expired"), (!told.is_known, "strange")] {
                    if is {
                        shown = format!("{word} {shown}");
                    }
                }
                shown
            }
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_success_has_what_followed_the_code() {
        check("Sent", "Delivered Server Unknown - ");
        check("Sent (ok:  Message 40279894 accepted)", "Delivered Server Unknown - ok:  Message 40279894 accepted");
        check("Sent (cut (as it ...", "Delivered Server Unknown - cut (as it ...");
        check("Sentence", "strange Failed Unknown Unknown - Sentence");
        check("queued", "queued");
        check("quarantined", "queued");
    }

    #[test]
    fn a_deferral_has_its_reply_or_a_reason() {
        check("Deferred: 421-4.7.0 unusual rate of", "Deferred Server Unknown - 421-4.7.0 unusual rate of");
        check("Deferred: 403 4.7.0 TLS handshake failed.", "Deferred Connection Tls - 403 4.7.0 TLS handshake failed.");
        check("Deferred: 454 4.7.0 TLS handshake failed.", "Deferred Connection Tls - 454 4.7.0 TLS handshake failed.");
        check("Deferred: 454 4.7.0 TLS not available", "Deferred Server Unknown - 454 4.7.0 TLS not available");
        check(
            "Deferred: 454 4.7.0 encryption too weak 0 less than 112",
            "Deferred Own Tls - 454 4.7.0 encryption too weak 0 less than 112",
        );
        check(
            "Deferred: 403 4.7.0 other side does not support STARTTLS",
            "Deferred Own Tls - 403 4.7.0 other side does not support STARTTLS",
        );
        check("Deferred: 454 4.7.0 TLS not available", "Deferred Server Unknown - 454 4.7.0 TLS not available");
        check("Deferred", "Deferred Connection Unknown - Deferred");
        let reason = |text: &str, expected: &str| check(&format!("Deferred: {text}"), &format!("Deferred {expected} {text}"));
        reason("Connection refused by mx.b.example.", "Connection Connect mx.b.example.");
        reason("Connection timed out with mx.b.example.", "Connection Connect mx.b.example.");
        reason("Connection reset by mx.b.example. during client RCPT", "Connection Recipient mx.b.example.");
        reason("Operation timed out with mx.b.example. during client DATA status", "Connection EndOfData mx.b.example.");
        reason("timeout waiting for input from mx.b.example. during client greeting", "Connection Connect mx.b.example.");
        reason("mx.b.example.: No route to host", "Connection Connect mx.b.example.");
        reason("Host mx.b.example. is down", "Connection Connect mx.b.example.");
        reason("Connection timed out", "Connection Connect -");
        reason("Name server: mx.b.example.: host name lookup failure", "Dns Unknown -");
        reason("Host Name Lookup Failure", "Dns Unknown -");
        reason("local mailer (/usr/bin/procmail) exited with EX_TEMPFAIL", "Own Unknown -");
        reason("Insufficient disk space", "Unknown Unknown -");
    }

    #[test]
    fn a_failure_has_a_phrase() {
        check("User unknown", "Failed Server Recipient - User unknown");
        check("Service unavailable", "Failed Server Unknown - Service unavailable");
        check(
            "Host unknown (Name server: b.example: host not found)",
            "Failed Dns Unknown - Host unknown (Name server: b.example: host not found)",
        );
        check("Host unknown", "Failed Name Unknown - Host unknown");
        check("Message exceeds maximum fixed size (1000)", "Failed Own Unknown - Message exceeds maximum fixed size (1000)");
        check("Local configuration error", "Failed Own Unknown - Local configuration error");
        check("I/O error", "Deferred Own Unknown - I/O error");
        check("Cannot send message for 5 days", "expired Failed Own Unknown - Cannot send message for 5 days");
        check("User unknown(Reason from remote:550 5.1.1 no)", "Failed Server Recipient - 550 5.1.1 no");
        check("virus infected", "strange Failed Unknown Unknown - virus infected");
        check("Use", "strange Unknown Unknown Unknown - Use");
        check("Deferred:", "strange Unknown Unknown Unknown - Deferred:");
        check("", "strange Unknown Unknown Unknown - ");
        for text in ["disk full", "User unknown", "Service unavailable"] {
            assert!(matches!(read(text.as_bytes(), true), Stat::Told(Told { status: Status::Deferred, .. })), "{text}");
        }
        assert!(matches!(read(b"Cannot send message for 5 days", true), Stat::Told(Told { status: Status::Failed, .. })));
    }

    #[test]
    fn a_phrase_hides_a_status_that_says_more() {
        let hides = |phrase: &str, dsn: &str| hides(phrase.as_bytes(), Enhanced::read(dsn.as_bytes()).unwrap());
        for dsn in ["5.0.0", "5.7.1", "5.2.2", "5.1.1", "4.2.0"] {
            assert!(hides("Service unavailable", dsn), "{dsn}");
        }
        for (dsn, expected) in [("5.0.0", false), ("5.1.1", false), ("5.1.6", false), ("5.2.1", false), ("5.1.8", true)] {
            assert_eq!(hides("User unknown", dsn), expected, "{dsn}");
        }
        for (dsn, expected) in [("5.1.10", true), ("5.2.2", true), ("5.7.1", true), ("5.4.1", true)] {
            assert_eq!(hides("User unknown", dsn), expected, "{dsn}");
        }
        assert!(hides("Data format error", "5.1.8") && !hides("Data format error", "5.6.0"));
        assert!(hides("Remote protocol error", "5.7.1") && !hides("Remote protocol error", "5.5.4"));
        assert!(!hides("Host unknown", "5.1.2") && !hides("Local configuration error", "5.3.5"));
    }

    #[test]
    fn words_of_a_server_begin_with_a_refusing_code() {
        assert_eq!(server_words(b"550 5.1.1 <x>... User unknown"), Some(&b"550 5.1.1 <x>... User unknown"[..]));
        for text in [&b"250 ok"[..], b"550", b"x", b""] {
            assert_eq!(server_words(text), None);
        }
    }

    #[test]
    fn a_lost_connection_is_no_reply() {
        let words = |text: &'static str| lost(text.as_bytes(), b"mx.b.example", false).map(BStr::new);
        assert_eq!(words("421 4.4.1 Connection reset by mx.b.example."), Some(BStr::new("Connection reset by mx.b.example.")));
        assert_eq!(
            words("451 4.4.1 reply: read error from mx.b.example."),
            Some(BStr::new("reply: read error from mx.b.example."))
        );
        assert_eq!(words("421 4.4.1 Connection reset by db.b.example."), None);
        assert_eq!(words("421 4.4.1 mx.b.example"), None);
        let before = lost(b"451 4.4.2 reply: read error from mx.b.example.", b"mx.c.example", true);
        assert_eq!(before.map(BStr::new), Some(BStr::new("reply: read error from mx.b.example.")));
        assert_eq!(lost(b"451 4.7.1 later", b"mx.c.example", true), None);
    }
}
