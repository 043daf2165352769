//! The words in parentheses at the end of a delivery record: who says what, and at which command.
//!
//! Postfix puts a remote reply into a frame of its own (`host H[ip] said: 550 … (in reply to RCPT TO command)`); other words are its own.
//! Takes the frame off a reply; leaves its own words whole, since they are what there is to show. Sources: `smtp_trouble.c`,
//! `smtp_connect.c`, `smtp_addr.c`, `smtp_proto.c`, `smtp_sasl_glue.c`, `smtp_tls_policy.c`, `dns_lookup.c`, `qmgr_deliver.c`.

use memchr::memrchr;

use crate::event::{Speaker, Stage};
use crate::format::cursor::{split_byte, split_pair, split_text};
use crate::format::relay::Relay;
use crate::format::smtp::code;

/// What the words say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told<'a> {
    /// `delivery temporarily suspended: `: nobody was contacted now; the rest is why, from an earlier attempt.
    pub(super) suspended: bool,
    /// Whose words they are.
    pub(super) speaker: Speaker,
    /// At which command.
    pub(super) stage: Stage,
    /// The host that the words name.
    pub(super) named: Relay<'a>,
    /// The words, a remote reply without its frame.
    pub(super) reply: &'a [u8],
}

/// Reads the text in parentheses.
pub(super) fn read(text: &[u8]) -> Told<'_> {
    const SUSPENDED: &[u8] = b"delivery temporarily suspended: ";
    match text.strip_prefix(SUSPENDED) {
        Some(reason) => Told { suspended: true, ..reason_of(reason) },
        None => reason_of(text),
    }
}

/// One look at the first byte tells which phrases are possible.
fn reason_of(text: &[u8]) -> Told<'_> {
    let told = match text.first() {
        Some(b'2'..=b'5') if code(text).is_some() => Some(remote(text, Relay::default(), Stage::Unknown)),
        Some(b'h') => said(text),
        Some(b'c') => connection(text).or_else(|| conversation(text)),
        Some(b'l') => text.strip_prefix(b"lost connection with ").map(|rest| broken(text, rest, b" while ")),
        Some(b'S') => sasl(text).or_else(|| tls(text)),
        Some(b'C' | b'T' | b'U' | b'n') => tls(text),
        _ => None,
    };
    told.or_else(|| name_service(text)).unwrap_or_else(|| own(text))
}

/// The words are a reply already.
fn remote<'a>(reply: &'a [u8], named: Relay<'a>, stage: Stage) -> Told<'a> {
    Told { suspended: false, speaker: Speaker::Remote, stage, named, reply }
}

/// Postfix's own words. Of nothing at all nobody knows who said it.
fn own(text: &[u8]) -> Told<'_> {
    let speaker = if text.is_empty() { Speaker::Unknown } else { Speaker::Own };
    let named = if text.starts_with(b"message size ") { split_text(text, b" of server ") } else { None };
    let named = named.or_else(|| if text.starts_with(b"SMTPUTF8 ") { split_text(text, b" by host ") } else { None });
    let named = named.map_or(Relay::default(), |(_, rest)| Relay::read(first_word(rest)));
    Told { suspended: false, speaker, stage: Stage::Unknown, named, reply: text }
}

/// `host H[ip] said: REPLY (in reply to COMMAND)`, `host H[ip] refused to talk to me: REPLY`
fn said(text: &[u8]) -> Option<Told<'_>> {
    let (host, rest) = split_byte(text.strip_prefix(b"host ")?, b' ')?;
    let named = Relay::read(host);
    if let Some(reply) = rest.strip_prefix(b"refused to talk to me: ") {
        return Some(remote(reply, named, Stage::Connect));
    }
    let reply = rest.strip_prefix(b"said: ")?;
    Some(match in_reply_to(reply) {
        Some((reply, command)) => remote(reply, named, stage_of(command)),
        None => remote(reply, named, Stage::Unknown),
    })
}

/// The last ` (in reply to …` of a text: what stands before it, and the command.
fn in_reply_to(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut before = text;
    loop {
        before = before.get(..memrchr(b'(', before)?)?;
        let command = text.get(before.len()..)?.strip_prefix(b"(in reply to ");
        if let (Some(command), Some(reply)) = (command, before.strip_suffix(b" ")) {
            return Some((reply, command));
        }
    }
}

/// `connect to H[ip]:25: Connection refused`
fn connection(text: &[u8]) -> Option<Told<'_>> {
    let (host, reason) = split_pair(text.strip_prefix(b"connect to ")?, *b": ")?;
    let named = Relay::read(host);
    if let Some((_, reply)) = split_text(reason, b"refused to talk to me: ") {
        // Postfix before 2.3 had no `host … said` here.
        return Some(remote(reply, named, Stage::Connect));
    }
    Some(Told { suspended: false, speaker: Speaker::Connection, stage: Stage::Connect, named, reply: text })
}

/// `conversation with H[ip] timed out while sending RCPT TO`
fn conversation(text: &[u8]) -> Option<Told<'_>> {
    let rest = text.strip_prefix(b"conversation with ")?;
    Some(broken(text, rest, b" timed out while "))
}

/// What broke off `while` something was done; `rest` begins with the host.
fn broken<'a>(text: &'a [u8], rest: &'a [u8], between: &[u8]) -> Told<'a> {
    let stage = split_text(rest, between).map_or(Stage::Unknown, |(_, doing)| stage_of(doing));
    Told { suspended: false, speaker: Speaker::Connection, stage, named: Relay::read(first_word(rest)), reply: text }
}

/// `SASL authentication failed; server H[ip] said: REPLY`
fn sasl(text: &[u8]) -> Option<Told<'_>> {
    let rest = text.strip_prefix(b"SASL authentication failed")?;
    let Some((_, rest)) = split_text(rest, b"server ") else {
        return Some(Told { stage: Stage::Auth, ..own(text) });
    };
    let named = Relay::read(first_word(rest));
    Some(match split_text(rest, b" said: ") {
        Some((_, reply)) => remote(reply, named, Stage::Auth),
        None => Told { stage: Stage::Auth, named, ..own(text) },
    })
}

/// What Postfix says when a channel cannot be made safe, in its many words.
fn tls(text: &[u8]) -> Option<Told<'_>> {
    // What DNSSEC has, or lacks, for a destination that only DANE may reach.
    const DANE: [&[u8]; 4] = [b"TLSA lookup", b"TLSA records ", b"non DNSSEC destination", b"no TLSA records "];
    const PHRASES: [&[u8]; 6] = [
        b"Cannot start TLS",
        b"Server certificate ",
        b"TLS is required",
        b"TLS policy lookup error",
        b"Client certificate ",
        b"TLS not available",
    ];
    let is_dane = DANE.iter().any(|phrase| text.starts_with(phrase));
    (is_dane || PHRASES.iter().any(|phrase| text.starts_with(phrase))).then_some(())?;
    if let Some((before, reply)) = split_text(text, b" refused to start TLS: ") {
        let named = split_text(before, b"host ").map_or(Relay::default(), |(_, host)| Relay::read(first_word(host)));
        return Some(remote(reply, named, Stage::Tls));
    }
    let speaker = if is_dane { Speaker::Dns } else { Speaker::Connection };
    let named = split_text(text, b" by host ").or_else(|| split_text(text, b"lookup error for "));
    let named = named.map_or(Relay::default(), |(_, host)| Relay::read(first_word(host)));
    Some(Told { suspended: false, speaker, stage: Stage::Tls, named, reply: text })
}

/// What the name service said, or did not.
fn name_service(text: &[u8]) -> Option<Told<'_>> {
    const FIRST_WORDS: [&[u8]; 7] = [
        b"Host or domain name not found",
        b"Host not found",
        b"Host found but ",
        b"Name service error",
        b"unable to look up ",
        b"no MX host for ",
        b"DNS ",
    ];
    let is_answer = FIRST_WORDS.iter().any(|phrase| text.starts_with(phrase))
        || (text.starts_with(b"Domain ") && split_text(text, b"(nullMX)").is_some())
        || (text.starts_with(b"unable to find primary relay"));
    is_answer.then_some(Told { speaker: Speaker::Dns, named: Relay::default(), ..own(text) })
}

/// The stage that a command or an activity belongs to: `RCPT TO command`, `while sending RCPT TO`.
fn stage_of(words: &[u8]) -> Stage {
    const STAGES: [(&[u8], Stage); 14] = [
        (b"RCPT TO", Stage::Recipient),
        (b"end of D", Stage::EndOfData),
        (b"end of d", Stage::EndOfData),
        (b"MAIL FROM", Stage::Mail),
        (b"greeting", Stage::Connect),
        (b"EHLO", Stage::Hello),
        (b"HELO", Stage::Hello),
        (b"LHLO", Stage::Hello),
        (b"STARTTLS", Stage::Tls),
        (b"TLS", Stage::Tls),
        (b"AUTH", Stage::Auth),
        (b"authent", Stage::Auth),
        (b"DATA", Stage::Data),
        (b"message body", Stage::Data),
    ];
    let is_at = |rest: &[u8]| STAGES.iter().find_map(|(phrase, stage)| rest.starts_with(phrase).then_some(*stage));
    let mut rest = words;
    loop {
        if let Some(stage) = is_at(rest) {
            return stage;
        }
        match split_byte(rest, b' ') {
            Some((_, next)) => rest = next,
            None => return Stage::Unknown,
        }
    }
}

/// The first word without punctuation behind it.
fn first_word(text: &[u8]) -> &[u8] {
    let word = split_byte(text, b' ').map_or(text, |(word, _)| word);
    word.strip_suffix(b":").or_else(|| word.strip_suffix(b",")).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `speaker stage [host/ip] reply`
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let told = read(text.as_bytes());
        let show = String::from_utf8_lossy;
        let suspended = if told.suspended { "suspended " } else { "" };
        let (host, ip, reply) = (show(told.named.host), show(told.named.ip), show(told.reply));
        assert_eq!(format!("{suspended}{:?} {:?} [{host}/{ip}] {reply}", told.speaker, told.stage), expected, "{text}");
    }

    #[test]
    fn a_remote_reply_loses_its_frame() {
        check("250 2.0.0 Ok: queued as 4F", "Remote Unknown [/] 250 2.0.0 Ok: queued as 4F");
        check(
            "host mx.example.com[192.0.2.1] said: 550 5.1.1 (no) such user (in reply to RCPT TO command)",
            "Remote Recipient [mx.example.com/192.0.2.1] 550 5.1.1 (no) such user",
        );
        check(
            "host mx.example.com[2001:db8::1] refused to talk to me: 421 busy",
            "Remote Connect [mx.example.com/2001:db8::1] 421 busy",
        );
        check("host mx.example.com[192.0.2.1] said: 550 cut", "Remote Unknown [mx.example.com/192.0.2.1] 550 cut");
        check(
            "connect to mx.example.com[192.0.2.1]: server refused to talk to me: 421 busy  (port 25)",
            "Remote Connect [mx.example.com/192.0.2.1] 421 busy  (port 25)",
        );
        check(
            "SASL authentication failed; server mx.example.com[192.0.2.1] said: 535 no",
            "Remote Auth [mx.example.com/192.0.2.1] 535 no",
        );
        check(
            "TLS is required, but host mx.example.com[192.0.2.1] refused to start TLS: 454 no",
            "Remote Tls [mx.example.com/192.0.2.1] 454 no",
        );
    }

    #[test]
    fn no_reply_is_the_connections_fault() {
        for (text, stage) in [
            ("connect to mx.example.com[192.0.2.1]:25: Connection timed out", "Connect"),
            ("lost connection with mx.example.com[192.0.2.1] while receiving the initial server greeting", "Connect"),
            ("lost connection with mx.example.com[192.0.2.1] while performing the EHLO handshake", "Hello"),
            ("lost connection with mx.example.com[192.0.2.1] while sending MAIL FROM", "Mail"),
            ("conversation with mx.example.com[192.0.2.1] timed out while sending DATA command", "Data"),
            ("conversation with mx.example.com[192.0.2.1] timed out while sending message body", "Data"),
            (
                "lost connection with mx.example.com[192.0.2.1] while sending end of data -- message may be sent more than once",
                "EndOfData",
            ),
            ("TLS is required, but was not offered by host mx.example.com[192.0.2.1]", "Tls"),
            ("lost connection with mx.example.com[192.0.2.1]", "Unknown"),
        ] {
            check(text, &format!("Connection {stage} [mx.example.com/192.0.2.1] {text}"));
        }
        check("Server certificate not trusted", "Connection Tls [/] Server certificate not trusted");
        check("Cannot start TLS: handshake failure", "Connection Tls [/] Cannot start TLS: handshake failure");
    }

    #[test]
    fn the_name_service_and_our_own_mta_speak_too() {
        for text in [
            "Host or domain name not found. Name service error for name=example.com type=MX: Host not found, try again",
            "Name service error for name=example.com type=MX: Malformed or unexpected name server reply",
            "Domain example.com does not accept mail (nullMX)",
            "unable to look up host mx.example.com: No address associated with hostname",
        ] {
            check(text, &format!("Dns Unknown [/] {text}"));
        }
        for text in ["non DNSSEC destination", "no TLSA records found", "TLSA records unusable"] {
            check(text, &format!("Dns Tls [/] {text}"));
        }
        for text in ["mail for example.com loops back to myself", "unknown user: \"x\"", "delivered to mailbox", "5.1.1 gone"] {
            check(text, &format!("Own Unknown [/] {text}"));
        }
        check(
            "message size 9 exceeds size limit 8 of server mx.example.com[192.0.2.1]",
            "Own Unknown [mx.example.com/192.0.2.1] message size 9 exceeds size limit 8 of server mx.example.com[192.0.2.1]",
        );
        check("", "Unknown Unknown [/] ");
    }

    #[test]
    fn a_suspension_carries_an_earlier_reason() {
        check(
            "delivery temporarily suspended: host mx.example.com[192.0.2.1] refused to talk to me: 421 busy",
            "suspended Remote Connect [mx.example.com/192.0.2.1] 421 busy",
        );
        check("delivery temporarily suspended: transport is unavailable", "suspended Own Unknown [/] transport is unavailable");
    }
}
