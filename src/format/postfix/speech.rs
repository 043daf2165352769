//! What the text in parentheses says: who spoke, where in the dialogue, and the reply without Postfix's own frame.
//!
//! Source: `smtp_proto.c`, `smtp_connect.c`, `smtp_addr.c`, `smtp_trouble.c`, `smtp_tls_policy.c` of Postfix.

use crate::event::{Enhanced, Speaker, Stage};
use crate::format::cursor::{Cursor, rsplit_text, split_byte, split_text};

/// A reply, taken out of its frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Speech<'a> {
    /// The queue manager held the destination dead: nobody was asked now, the rest is an earlier reply.
    pub(super) is_suspended: bool,
    pub(super) speaker: Speaker,
    pub(super) stage: Stage,
    /// The host that the text names, and its address; empty if none.
    pub(super) host: &'a [u8],
    pub(super) address: &'a [u8],
    pub(super) code: Option<u16>,
    pub(super) enhanced: Option<Enhanced>,
    pub(super) reply: &'a [u8],
}

/// Takes a text apart. Never fails: what has no frame is the reply.
pub(super) fn read(text: &[u8]) -> Speech<'_> {
    let (is_suspended, text) = match text.strip_prefix(b"delivery temporarily suspended: ") {
        Some(inner) => (true, inner),
        None => (text == b"delivery temporarily suspended", text),
    };
    let mut speech = Speech {
        is_suspended,
        speaker: Speaker::Unknown,
        stage: Stage::Unknown,
        host: b"",
        address: b"",
        code: None,
        enhanced: None,
        reply: text,
    };
    if !(speech.said(text) || speech.silent(text)) {
        speech.own(text);
    }
    let mut at = Cursor(speech.reply);
    let digits = at.digits();
    if let (&[class @ b'2'..=b'5', tens, ones], Some(b' ' | b'-') | None) = (digits, at.0.first()) {
        let value = |digit: u8| u16::from(digit - b'0');
        speech.code = Some(value(class) * 100 + value(tens) * 10 + value(ones));
        let status = at.0.get(1..).map(|rest| Cursor(rest).word()).unwrap_or_default();
        speech.enhanced = Enhanced::read(status);
        if speech.speaker == Speaker::Unknown {
            speech.speaker = Speaker::Remote;
        }
    }
    speech
}

impl<'a> Speech<'a> {
    /// `host H[ip] said: REPLY (in reply to X command)`, `host H[ip] refused to talk to me: REPLY`
    fn said(&mut self, text: &'a [u8]) -> bool {
        let rest = text.strip_prefix(b"host ").or_else(|| rsplit_text(text, b"; host ").map(|(_, rest)| rest));
        let Some(rest) = rest else { return false };
        if let Some((host, reply)) = split_text(rest, b" said: ") {
            self.name(host);
            let (reply, stage) = match rsplit_text(reply, b" (in reply to ") {
                Some((reply, command)) => (reply, stage_of(command)),
                None => (reply, Stage::Unknown),
            };
            (self.speaker, self.stage, self.reply) = (Speaker::Remote, stage, reply);
            return true;
        }
        if let Some((host, reply)) = split_text(rest, b" refused to talk to me: ") {
            self.name(host);
            (self.speaker, self.stage, self.reply) = (Speaker::Remote, Stage::Connect, reply);
            return true;
        }
        false
    }

    /// Nobody answered: the connection or the name service failed.
    fn silent(&mut self, text: &'a [u8]) -> bool {
        if let Some(rest) = text.strip_prefix(b"connect to ") {
            self.name(split_text(rest, b": ").map_or(rest, |(host, _)| host));
            (self.speaker, self.stage) = (Speaker::Connection, Stage::Connect);
            return true;
        }
        for talk in
            [&b"lost connection with "[..], b"conversation with ", b"timed out while talking to ", b"Connection closed by "]
        {
            if let Some(rest) = text.strip_prefix(talk) {
                let (host, _) = split_byte(rest, b' ').unwrap_or((rest, b""));
                self.name(host);
                let stage = split_text(rest, b" while ").map_or(Stage::Unknown, |(_, doing)| stage_of(doing));
                (self.speaker, self.stage) = (Speaker::Connection, stage);
                return true;
            }
        }
        let has = |needle: &[u8]| memchr::memmem::find(text, needle).is_some();
        let is_lookup = text.starts_with(b"Host or domain name not found")
            || has(b"Name service error")
            || has(b"(nullMX)")
            || has(b"name server reply")
            || text.starts_with(b"unable to look up host")
            || text.starts_with(b"Host not found");
        if is_lookup {
            self.speaker = Speaker::Dns;
            return true;
        }
        let is_tls = text.starts_with(b"TLS is required")
            || text.starts_with(b"Server certificate")
            || text.starts_with(b"Cannot start TLS")
            || text.starts_with(b"TLSA lookup error");
        if is_tls {
            (self.speaker, self.stage) = (Speaker::Connection, Stage::Tls);
        }
        is_tls
    }

    /// Our own words.
    fn own(&mut self, text: &[u8]) {
        let is_own = text.starts_with(b"mail for ")
            || text.starts_with(b"unknown mail transport error")
            || text.starts_with(b"mail transport unavailable")
            || text.starts_with(b"unknown user: ")
            || text.starts_with(b"user lookup error")
            || text.starts_with(b"bounce failed")
            || text.starts_with(b"cannot ")
            || text.starts_with(b"delivered ")
            || text.starts_with(b"forwarded as ")
            || text.starts_with(b"message size ")
            || text.starts_with(b"SMTPUTF8 is required");
        if is_own {
            self.speaker = Speaker::Own;
        }
    }

    /// `H[ip]` or `H[ip]:port`
    fn name(&mut self, host: &'a [u8]) {
        match split_byte(host, b'[') {
            Some((name, rest)) => {
                self.host = name;
                self.address = split_byte(rest, b']').map_or(rest, |(address, _)| address);
            }
            None => self.host = host,
        }
    }
}

/// From `RCPT TO command)`, `performing the EHLO handshake`, `sending end of data -- message may be sent more than once`.
fn stage_of(text: &[u8]) -> Stage {
    let starts = |word: &[u8]| text.starts_with(word);
    let has = |word: &[u8]| memchr::memmem::find(text, word).is_some();
    if starts(b"end of DATA") || has(b"sending end of data") || has(b"sending message body") {
        Stage::EndOfData
    } else if starts(b"DATA") || has(b"sending DATA") {
        Stage::Data
    } else if starts(b"RCPT") || has(b"sending RCPT") {
        Stage::Recipient
    } else if starts(b"MAIL") || has(b"sending MAIL") {
        Stage::Mail
    } else if has(b"STARTTLS") || has(b"TLS handshake") {
        Stage::Tls
    } else if starts(b"AUTH") || has(b"SASL") {
        Stage::Auth
    } else if starts(b"EHLO")
        || starts(b"HELO")
        || starts(b"LHLO")
        || has(b"HELO handshake")
        || has(b"EHLO handshake")
        || has(b"LHLO handshake")
    {
        Stage::Hello
    } else if has(b"initial server greeting") || has(b"greeting") {
        Stage::Connect
    } else {
        Stage::Unknown
    }
}
