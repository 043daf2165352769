//! What a server said, where a format keeps code, enhanced status and text in fields of their own, or a service repeats them in its words.
//!
//! Gives the reply as the server sent it (`550 5.1.1 <a@b>: no such user`), so that one refusal is one text whatever logged it, and who
//! spoke. Sources: RFC 5321 section 4.2, RFC 3463, RFC 3464 section 2.3.6.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::cursor::Cursor;
use crate::event::{Attempt, Enhanced, Sort, Speaker, Stage, Status, Target};

/// A reply or what stands for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said<'a> {
    /// Reply code, by the text, else by the field.
    pub(crate) code: Option<u16>,
    /// Enhanced status, by the text, else by the field.
    pub(crate) enhanced: Option<Enhanced>,
    /// The whole reply.
    pub(crate) reply: &'a [u8],
    /// Who spoke, by code and words.
    pub(crate) speaker: Speaker,
}

/// Puts code and status before `text` where it does not begin with them. `buffer` holds the reply if it has to be put together.
pub(crate) fn said<'b>(code: Option<u16>, enhanced: Option<Enhanced>, text: &[u8], buffer: &'b mut Vec<u8>) -> Said<'b> {
    let text = undress(text);
    buffer.clear();
    let (own_code, rest) = front_code(text);
    let own_enhanced = front_enhanced(rest);
    if let Some(code) = code.filter(|_| own_code.is_none()) {
        buffer.extend_from_slice(&digits(code));
        if let Some(enhanced) = enhanced.filter(|_| own_enhanced.is_none()) {
            write_enhanced(enhanced, buffer);
        }
        if !text.is_empty() {
            buffer.push(b' ');
        }
    }
    buffer.extend_from_slice(text);
    let code = own_code.or(code);
    let speaker = if code.is_some() { Speaker::Remote } else { speaker(text) };
    Said { code, enhanced: own_enhanced.or(enhanced), reply: buffer, speaker }
}

/// Takes off what reports put before the words: blanks, and the type of a Diagnostic-Code (`smtp; 550 …`, `SMTP;550 …`).
fn undress(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    match text.split_first_chunk::<5>() {
        Some((kind, rest)) if kind.eq_ignore_ascii_case(b"smtp;") => rest.trim_ascii_start(),
        _ => text,
    }
}

/// Reply code at the front: three digits from 200 to 559, alone or before a blank, a hyphen or punctuation. Gives what follows, too.
pub(crate) fn front_code(text: &[u8]) -> (Option<u16>, &[u8]) {
    let mut at = Cursor(text);
    let code = match at.digits() {
        &[class @ b'2'..=b'5', tens @ b'0'..=b'5', ones] => {
            let value = |digit: u8| u16::from(digit - b'0');
            value(class) * 100 + value(tens) * 10 + value(ones)
        }
        _ => return (None, text),
    };
    match at.0 {
        [] => (Some(code), at.0),
        [b' ' | b'-' | b':' | b',' | b'\t' | b'\n' | b'\r' | b';', rest @ ..] => (Some(code), rest),
        _ => (None, text),
    }
}

/// `5.1.1` or `#5.1.1` at the front, and then nothing, a blank or punctuation.
pub(crate) fn front_enhanced(text: &[u8]) -> Option<Enhanced> {
    let mut at = Cursor(text.trim_ascii_start());
    at.take(b"#");
    let word = at.run(|byte| byte.is_ascii_digit() || byte == b'.');
    let word = word.strip_suffix(b".").unwrap_or(word);
    let ends = !matches!(at.0.first(), Some(next) if next.is_ascii_alphanumeric());
    Enhanced::read(word).filter(|_| ends)
}

fn digits(code: u16) -> [u8; 3] {
    let digit = |value: u16| b'0' + (value % 10) as u8;
    [digit(code / 100), digit(code / 10), digit(code)]
}

fn write_enhanced(enhanced: Enhanced, to: &mut Vec<u8>) {
    use std::io::Write as _;
    // Writing to a Vec cannot fail.
    let _written = write!(to, " {enhanced}");
}

/// Who speaks in words without a code: the name service and the connection have phrases of their own in every program.
pub(crate) fn speaker(text: &[u8]) -> Speaker {
    /// The number of phrases about the name service, which stand first.
    const DNS: usize = 21;
    static PHRASES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        let phrases = [
            "domain not found",
            "domain name not found",
            "host not found",
            "unable to get mx",
            "unable to find mx",
            "no mx",
            "null mx",
            "mx lookup",
            "dns lookup",
            "dns error",
            "dns fail",
            "dns time",
            "nxdomain",
            "servfail",
            "name server",
            "no such domain",
            "invalid domain",
            "no mail host",
            "could not be resolved",
            "resolve to any hosts",
            "getaddrinfo",
            "connect",
            "timed out",
            "timeout",
            "refused by host",
            "unreachable",
            "no route",
            "socket",
            "handshake",
            "starttls",
            "i/o error",
            "broken pipe",
            "econn",
            "etimedout",
            "tried all mxs",
        ];
        AhoCorasick::builder().ascii_case_insensitive(true).build(phrases).ok()
    });
    let Some(phrases) = PHRASES.as_ref().filter(|_| !text.is_empty()) else { return Speaker::Unknown };
    let mut speaker = Speaker::Unknown;
    for found in phrases.find_overlapping_iter(text) {
        if found.pattern().as_usize() < DNS {
            return Speaker::Dns;
        }
        speaker = Speaker::Connection;
    }
    speaker
}

/// What `NAME (REPLY)` holds: services put their own word before a reply.
pub(crate) fn within(text: &str) -> &str {
    let inner = text.trim().strip_suffix(')').and_then(|text| text.split_once(" ("));
    match inner {
        Some((_, inner)) if inner.starts_with(|c: char| c.is_ascii_digit()) => inner,
        Some(_) | None => text,
    }
}

/// An attempt of which nothing is known but what came of it and what was said.
pub(crate) fn attempt<'a>(recipient: &'a [u8], status: Status, said: &Said<'a>) -> Attempt<'a> {
    Attempt {
        target: Target::Address(recipient),
        original: None,
        slot: None,
        status,
        sort: Sort::Real,
        speaker: said.speaker,
        stage: Stage::Unknown,
        relay: b"",
        relay_ip: b"",
        source: b"",
        code: said.code,
        enhanced: said.enhanced,
        reply: said.reply,
        delay_ms: None,
        parts_ms: None,
        tls: b"",
        times: 1,
        nth: 1,
    }
}

/// The sort of an attempt by what came of it and who said so: where our own side spoke, nobody was contacted.
pub(crate) fn sort(status: Status, speaker: Speaker) -> Sort {
    match (status, speaker) {
        (Status::Deferred, Speaker::Own) => Sort::Suspended,
        (Status::Failed, Speaker::Own) | (Status::Expired, _) => Sort::Own,
        _ => Sort::Real,
    }
}

/// At which command a reply came, by the command as it was sent: `RCPT TO:<a@b>`, `.` for the end of the content.
pub(crate) fn stage(command: &[u8]) -> Stage {
    let word = Cursor(command.trim_ascii_start()).run(|byte| byte.is_ascii_alphabetic());
    let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
    if command.trim_ascii() == b"." || is(b"BDAT") {
        Stage::EndOfData
    } else if is(b"RCPT") {
        Stage::Recipient
    } else if is(b"MAIL") {
        Stage::Mail
    } else if is(b"DATA") {
        Stage::Data
    } else if is(b"EHLO") || is(b"HELO") || is(b"LHLO") {
        Stage::Hello
    } else if is(b"STARTTLS") {
        Stage::Tls
    } else if is(b"AUTH") {
        Stage::Auth
    } else {
        Stage::Unknown
    }
}

/// Whether our answer to a client's command refuses a mail that it wanted to bring. That we do not know the command, or that it comes too
/// early, refuses none (RFC 5321 section 4.2.2: 500, 502 to 504).
pub(crate) fn refuses(command: &[u8], reply: &[u8]) -> bool {
    let is_mail = matches!(stage(command), Stage::Hello | Stage::Mail | Stage::Recipient | Stage::Data);
    is_mail && front_code(reply).0.is_some_and(|code| code >= 400 && !matches!(code, 500 | 502..=504))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Enhanced;

    #[track_caller]
    fn check(code: Option<u16>, enhanced: &str, text: &str, expected: &str) {
        let mut buffer = Vec::new();
        let Said { code, enhanced, reply, speaker } =
            said(code, Enhanced::read(enhanced.as_bytes()), text.as_bytes(), &mut buffer);
        let enhanced = enhanced.map_or("-".to_owned(), |enhanced| enhanced.to_string());
        let reply = std::str::from_utf8(reply).unwrap();
        assert_eq!(format!("{} {enhanced} {speaker:?} [{reply}]", code.unwrap_or_default()), expected);
    }

    #[test]
    fn code_and_status_stand_before_the_text_once() {
        check(Some(421), "4.7.0", "[TS04] later", "421 4.7.0 Remote [421 4.7.0 [TS04] later]");
        check(Some(550), "5.1.1", "550 5.1.1 no", "550 5.1.1 Remote [550 5.1.1 no]");
        check(Some(451), "", "4.7.652 too many", "451 4.7.652 Remote [451 4.7.652 too many]");
        check(Some(451), "4.7.652", "4.7.652 too many", "451 4.7.652 Remote [451 4.7.652 too many]");
        check(Some(250), "", "", "250 - Remote [250]");
        check(None, "", "552-5.2.2 full\r\n552 5.2.2 really", "552 5.2.2 Remote [552-5.2.2 full\r\n552 5.2.2 really]");
        check(None, "5.1.1", "no such user", "0 5.1.1 Unknown [no such user]");
    }

    #[test]
    fn the_text_is_believed_rather_than_the_field() {
        check(Some(554), "5.0.0", "550 5.1.1 no", "550 5.1.1 Remote [550 5.1.1 no]");
        check(None, "5.0.0", "550 #5.1.0 Address rejected.", "550 5.1.0 Remote [550 #5.1.0 Address rejected.]");
    }

    #[test]
    fn a_diagnostic_code_loses_its_type() {
        check(None, "", "smtp; 550 5.1.1 no", "550 5.1.1 Remote [550 5.1.1 no]");
        check(None, "", "SMTP;550 no", "550 - Remote [550 no]");
    }

    #[test]
    fn numbers_that_are_no_codes_are_text() {
        for text in ["4500 mails", "250000", "605 x", "550a", "199 x", "12 x", "561 x"] {
            check(None, "", text, &format!("0 - Unknown [{text}]"));
        }
    }

    #[test]
    fn words_tell_who_spoke() {
        check(None, "", "unable to get MX info: failed", "0 - Dns [unable to get MX info: failed]");
        check(None, "", "connect to mx1.example.net: DNS error", "0 - Dns [connect to mx1.example.net: DNS error]");
        check(None, "", "Connection timed out", "0 - Connection [Connection timed out]");
        check(None, "", "Bounced Address", "0 - Unknown [Bounced Address]");
    }

    #[test]
    fn a_reply_in_parentheses_is_taken_out() {
        assert_eq!(within("sent (250 2.0.0 OK (x) - gsmtp)"), "250 2.0.0 OK (x) - gsmtp");
        assert_eq!(within("user unknown (see below)"), "user unknown (see below)");
        assert_eq!(within("250 OK"), "250 OK");
    }

    #[test]
    fn not_every_answer_to_a_command_refuses_a_mail() {
        for (command, reply, expected) in [
            ("MAIL FROM:<a@b> SIZE=9", "534 SIZE=Message too big.", true),
            ("ehlo bad.example", "554 5.7.1 Bad HELO", true),
            ("RCPT TO:<a@b>", "451 4.7.1 later", true),
            ("RCPT TO:<a@b>", "503 5.5.1 Invalid command: Command not allowed at this point.", false),
            ("RCPT TO:<a b>", "501 5.1.3 Recipient address syntax error", true),
            ("RCPT TO:<a@b>", "502 ESMTP command error", false),
            ("RCPT TO:<a@b>", "250 Ok", false),
            ("AUTH LOGIN", "535 Authentication failed.", false),
            ("VRFY root", "550 no", false),
            ("", "421 bye", false),
        ] {
            assert_eq!(refuses(command.as_bytes(), reply.as_bytes()), expected, "{command} {reply}");
        }
    }

    #[test]
    fn commands_tell_the_stage() {
        for (command, expected) in [
            ("RCPT TO:<a@b>\r\n", Stage::Recipient),
            (".", Stage::EndOfData),
            ("ehlo mx", Stage::Hello),
            ("MAIL FROM:<>", Stage::Mail),
            ("DATA", Stage::Data),
            ("", Stage::Unknown),
        ] {
            assert_eq!(stage(command.as_bytes()), expected, "{command}");
        }
    }
}
