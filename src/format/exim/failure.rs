//! The words of `==` and `**`: who says why, at which command, and whether anything was tried.
//!
//! Error numbers differ between systems and have moved between versions, so the words tell. Sources: `check_response()` and the end of
//! `smtp_transport_entry()`, `deliver_message()`, the routers' `entry` functions, `transports/lmtp.c`.

use super::fields::host;
use crate::event::{Speaker, Stage};
use crate::format::cursor::{split_pair, split_text};
use crate::format::phrases::Phrases;
use crate::format::relay::Relay;

/// What the words say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told<'a> {
    pub(super) speaker: Speaker,
    pub(super) stage: Stage,
    /// The host that the words name: older versions have it here and not in `H=`.
    pub(super) named: Relay<'a>,
    /// The words, of a remote server without Exim's frame.
    pub(super) reply: &'a [u8],
    /// Nothing was tried.
    pub(super) is_suspended: bool,
    /// Given up because of age.
    pub(super) is_expired: bool,
}

/// Reads the words of an error. `is_final` for `**`.
pub(super) fn read(text: &[u8], is_final: bool) -> Told<'_> {
    let own = Told {
        speaker: if text.is_empty() { Speaker::Unknown } else { Speaker::Own },
        stage: Stage::Unknown,
        named: Relay::default(),
        reply: text,
        is_suspended: false,
        is_expired: false,
    };
    // Words of a server may say so too, but Exim's frame comes first.
    let is_framed = FRAMES.iter().any(|frame| text.starts_with(frame));
    if is_final && (text.ends_with(b"retry timeout exceeded") || (!is_framed && is_long_failing(text))) {
        return Told { is_expired: true, ..own };
    }
    if !is_final && !is_framed && is_untried(text) {
        return Told { is_suspended: true, ..own };
    }
    server(text, own).or_else(|| connection(text, own)).or_else(|| name_service(text, own)).unwrap_or(own)
}

/// A failure that is the end of a row of deferrals. `delivery cancelled; message timed out` is of a frozen message.
fn is_long_failing(text: &[u8]) -> bool {
    static WORDS: Phrases = Phrases::new(&[b"failing for a long time", b"long failure period", b"message timed out"]);
    WORDS.are_in(text)
}

/// A deferral that comes once for each run of the queue, of mail that waits for its time or its turn.
fn is_untried(text: &[u8]) -> bool {
    static WORDS: Phrases = Phrases::new(&[
        b"retry time not reached",
        b"Retry time not yet reached",
        b"queue_smtp_domains",
        b"queue_domains",
        b"-odq",
        b"explicitly queued",
        b"first-pass only routing",
        b"remote deliveries suppressed",
        b"concurrency limit reached",
        b"connection limit reached",
        b"domain is held",
        b"skips previous routing defer",
        b"local-only delivery",
    ]);
    WORDS.are_in(text)
}

/// What comes before the command and the reply of a server. `PRDR error` and `LMTP error`: of one recipient.
const FRAMES: [&[u8]; 5] = [
    b"SMTP error from remote mail server after ",
    b"SMTP error from remote mailer after ",
    b"LMTP error after ",
    b"PRDR error after ",
    b"SMTP error after ",
];

/// `SMTP error from remote mail server after [pipelined ]COMMAND: [host NAME [IP]: ]REPLY`, `LMTP error after COMMAND: REPLY`
fn server<'a>(text: &'a [u8], own: Told<'a>) -> Option<Told<'a>> {
    let rest = FRAMES.iter().find_map(|frame| text.strip_prefix(*frame))?;
    let (stage, after) = command(rest);
    // A reply for each recipient comes after the data, whatever the command is called.
    let is_of_one = text.starts_with(b"PRDR") || text.starts_with(b"LMTP");
    let stage = if is_of_one && stage == Stage::Data { Stage::EndOfData } else { stage };
    let reply = split_pair(after, *b": ").map_or(after, |(_, reply)| reply);
    let (named, reply) = said(reply);
    Some(Told { speaker: Speaker::Remote, stage, named, reply, ..own })
}

/// `host NAME [IP]: REPLY`
fn said(reply: &[u8]) -> (Relay<'_>, &[u8]) {
    let whole = (Relay::default(), reply);
    let Some((named, rest)) = reply.strip_prefix(b"host ").map(host) else { return whole };
    let Some(reply) = rest.strip_prefix(b": ").filter(|_| !named.ip.is_empty()) else { return whole };
    (named, reply)
}

/// The stage of the command at the front of `text`, and what follows its address: an address may hold a colon.
fn command(text: &[u8]) -> (Stage, &[u8]) {
    const COMMANDS: [(&[u8], Stage); 16] = [
        (b"RCPT TO:<", Stage::Recipient),
        (b"MAIL FROM:<", Stage::Mail),
        (b"end of data", Stage::EndOfData),
        (b"DATA", Stage::Data),
        (b"BDAT", Stage::EndOfData),
        (b"initial connection", Stage::Connect),
        (b"EHLO", Stage::Hello),
        (b"HELO", Stage::Hello),
        (b"LHLO", Stage::Hello),
        (b"STARTTLS", Stage::Tls),
        (b"TLS", Stage::Tls),
        (b"AUTH", Stage::Auth),
        (b"sending data block", Stage::Data),
        (b"PRDR", Stage::EndOfData),
        (b"RCPT", Stage::Recipient),
        (b"MAIL", Stage::Mail),
    ];
    let text = text.strip_prefix(b"pipelined ").unwrap_or(text);
    let Some(&(command, stage)) = COMMANDS.iter().find(|(command, _)| text.starts_with(command)) else {
        return (Stage::Unknown, text);
    };
    let rest = text.get(command.len()..).unwrap_or_default();
    let after = if command.ends_with(b"<") { after_address(rest) } else { rest };
    (stage, after)
}

/// What follows the `>` of an address: a quoted local part may hold one.
fn after_address(inside: &[u8]) -> &[u8] {
    let mut is_quoted = false;
    let end = inside.iter().position(|&byte| {
        is_quoted ^= byte == b'"';
        byte == b'>' && !is_quoted
    });
    // A quote that never closes was none.
    let end = end.or_else(|| memchr::memchr(b'>', inside));
    end.and_then(|end| inside.get(end + 1..)).unwrap_or(inside)
}

/// No reply: refused, timed out, closed, not safe enough.
fn connection<'a>(text: &'a [u8], own: Told<'a>) -> Option<Told<'a>> {
    const SAFETY: [&[u8]; 6] = [
        b"TLS ",
        b"a TLS session is required",
        b"(TLS",
        b"DANE error",
        b"SSL verify error",
        b"certificate verification failed",
    ];
    const ERRORS: [&[u8]; 13] = [
        b"Connection timed out",
        b"Connection refused",
        b"Connection reset",
        b"Operation timed out",
        b"No route to host",
        b"Network is unreachable",
        b"Network is down",
        b"Host is down",
        b"Broken pipe",
        b"Network Error",
        b"Cannot assign requested address",
        b"Remote host closed connection",
        b"could not connect to ",
    ];
    static AUTHENTICATION: Phrases =
        Phrases::new(&[b"authentication attempt", b"Authenticator ", b"authenticator failed", b"requires authentication"]);
    const PHRASES: [&[u8]; 4] = [b"Remote host ", b"SMTP timeout ", b"LMTP timeout ", b"Malformed SMTP "];
    let broken = Told { speaker: Speaker::Connection, ..own };
    if PHRASES.iter().any(|phrase| text.starts_with(phrase)) {
        let doing = split_text(text, b" in response to ").or_else(|| split_text(text, b" after "));
        let stage = doing.map_or(Stage::Unknown, |(_, doing)| command(doing).0);
        let named = split_text(text, b" connected to ").map(|(_, rest)| rest).or_else(|| text.strip_prefix(b"Remote host "));
        let named = named.map(|rest| host(rest).0).filter(|named| !named.ip.is_empty()).unwrap_or_default();
        return Some(Told { stage, named, ..broken });
    }
    if SAFETY.iter().any(|phrase| text.starts_with(phrase)) {
        return Some(Told { stage: Stage::Tls, ..broken });
    }
    if AUTHENTICATION.are_in(text) {
        return Some(Told { stage: Stage::Auth, ..broken });
    }
    let error = ERRORS.iter().find(|error| text.starts_with(error))?;
    let stage = if error.starts_with(b"Broken") || error.starts_with(b"Remote") { Stage::Unknown } else { Stage::Connect };
    Some(Told { stage, ..broken })
}

/// What the name service said, or did not.
fn name_service<'a>(text: &'a [u8], own: Told<'a>) -> Option<Told<'a>> {
    static WORDS: Phrases = Phrases::new(&[
        b"host lookup",
        b"MX records point to non-existent hosts",
        b"all MXs point to missing A records",
        b"MX or SRV record indicated no SMTP service",
        b"lookup failed for all hosts",
        b"host address lookups",
        b"lookup defer for mx_domains",
        b"fail_defer_domains",
        b"no IP address found for",
        b"host not found when",
        b"no host found for existing SMTP connection",
        b"DNS lookup",
        b"DNS error",
    ]);
    WORDS.are_in(text).then_some(Told { speaker: Speaker::Dns, ..own })
}

#[cfg(test)]
mod tests {
    use bstr::BStr;

    use super::*;

    #[track_caller]
    fn check_as(text: &str, is_final: bool, expected: &str) {
        let told = read(text.as_bytes(), is_final);
        let mut shown = format!(
            "{:?} {:?} [{}/{}] {}",
            told.speaker,
            told.stage,
            BStr::new(told.named.host),
            BStr::new(told.named.ip),
            BStr::new(told.reply)
        );
        for (is, word) in [(told.is_suspended, "suspended"), (told.is_expired, "expired")] {
            if is {
                shown = format!("{word} {shown}");
            }
        }
        assert_eq!(shown, expected, "{text}");
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        check_as(text, false, expected);
    }

    #[test]
    fn a_remote_reply_loses_its_frame() {
        check(
            "SMTP error from remote mail server after RCPT TO:<a@b.example>: host mx.b.example [192.0.2.1]: 450 4.3.2 later",
            "Remote Recipient [mx.b.example/192.0.2.1] 450 4.3.2 later",
        );
        check(
            "SMTP error from remote mail server after RCPT TO:<\"a>: b\"@b.example>: 550 host x [y]: no",
            "Remote Recipient [/] 550 host x [y]: no",
        );
        check(
            "SMTP error from remote mailer after pipelined MAIL FROM:<a@b.example> SIZE=1: 421 4.7.0 busy",
            "Remote Mail [/] 421 4.7.0 busy",
        );
        for (command, stage) in [
            ("end of data", "EndOfData"),
            ("DATA", "Data"),
            ("initial connection", "Connect"),
            ("EHLO mail.example.org", "Hello"),
            ("STARTTLS", "Tls"),
            ("pipelined DATA", "Data"),
            ("QUIT", "Unknown"),
        ] {
            check(
                &format!("SMTP error from remote mail server after {command}: 451 x: y"),
                &format!("Remote {stage} [/] 451 x: y"),
            );
        }
        check("LMTP error after RCPT TO:<a@b.example>: 550 no", "Remote Recipient [/] 550 no");
        check("LMTP error after DATA: 554 no", "Remote EndOfData [/] 554 no");
        check("PRDR error after BDAT 304 LAST: 554 5.7.1 no", "Remote EndOfData [/] 554 5.7.1 no");
        check(
            "PRDR error after DATA: 451 4.7.1 retry time not reached",
            "Remote EndOfData [/] 451 4.7.1 retry time not reached",
        );
        check_as(
            "SMTP error from remote mail server after DATA: 550 message timed out",
            true,
            "Remote Data [/] 550 message timed out",
        );
    }

    #[test]
    fn no_reply_is_the_connections_fault() {
        for (text, stage) in [
            ("Connection timed out", "Connect"),
            ("Operation timed out", "Connect"),
            ("No route to host", "Connect"),
            ("Remote host closed connection in response to initial connection", "Connect"),
            ("Remote host closed connection in response to end of data", "EndOfData"),
            ("SMTP timeout after pipelined DATA", "Data"),
            ("a TLS session is required, but the server did not offer TLS support", "Tls"),
            ("TLS session: (SSL_connect): timed out", "Tls"),
            ("authentication required but authentication attempt(s) failed", "Auth"),
            ("Malformed SMTP reply in response to EHLO x: hello", "Hello"),
        ] {
            check(text, &format!("Connection {stage} [/] {text}"));
        }
        for text in [
            "Remote host mx.b.example [192.0.2.1] closed connection in response to RCPT TO:<a@b.example>",
            "SMTP timeout while connected to mx.b.example [192.0.2.1] after RCPT TO:<a@b.example>",
        ] {
            check(text, &format!("Connection Recipient [mx.b.example/192.0.2.1] {text}"));
        }
    }

    #[test]
    fn the_name_service_and_exim_speak_too() {
        for text in [
            "host lookup did not complete",
            "all relevant MX records point to non-existent hosts",
            "an MX or SRV record indicated no SMTP service",
            "all host address lookups for 'b.example' failed permanently",
        ] {
            check_as(text, true, &format!("Dns Unknown [/] {text}"));
        }
        for text in [
            "Unrouteable address",
            "No Such User Here",
            "mailbox is full",
            "lowest numbered MX record points to local host",
            "mail domain \"[192.0.2.1]\" is syntactically invalid",
        ] {
            check_as(text, true, &format!("Own Unknown [/] {text}"));
        }
        check("", "Unknown Unknown [/] ");
    }

    #[test]
    fn what_waits_was_not_tried() {
        for text in [
            "retry time not reached for any host for 'b.example'",
            "retry time not reached",
            "Retry time not yet reached",
            "domain matches queue_smtp_domains, or -odqs set",
            "domain is in queue_domains",
            "concurrency limit reached for transport",
            "SMTP delivery explicitly queued",
        ] {
            check(text, &format!("suspended Own Unknown [/] {text}"));
        }
        check(
            "SMTP error from remote mail server after DATA: 451 retry time not reached",
            "Remote Data [/] 451 retry time not reached",
        );
    }

    #[test]
    fn age_ends_a_row_of_deferrals() {
        for text in [
            "retry timeout exceeded",
            "retry time not reached for any host after a long failure period",
            "all hosts for 'b.example' have been failing for a long time (and retry time not reached)",
            "delivery cancelled; message timed out",
        ] {
            check_as(text, true, &format!("expired Own Unknown [/] {text}"));
        }
    }
}
