//! What a status says: who spoke, and in which words.
//!
//! `250 2.1.5 Recipient OK`, `550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found`, and since 2013 also
//! `[{LED=450 4.7.0 …};{MSG=…};{FQDN=mx.example.com};{IP=192.0.2.1};{LRT=…}]`: the last error, and the host that it is about. Exchange
//! wraps what a host said into words of its own (`451 4.4.0 Primary target IP address responded with: "421 4.7.0 …"`), and has codes
//! of its own for what no host said.

use memchr::memmem::find;

use super::super::cursor::{place, rsplit_text, split_byte, split_text};
use super::super::numbers;
use super::super::row::trim;
use super::recipients::LONGEST_SHARED;
use crate::event::{Enhanced, Speaker, Stage};

/// A status, taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    pub(super) speaker: Speaker,
    pub(super) stage: Stage,
    pub(super) code: Option<u16>,
    pub(super) enhanced: Option<Enhanced>,
    pub(super) reply: &'a [u8],
    /// The host that the status names.
    pub(super) host: &'a [u8],
    /// Its address.
    pub(super) address: &'a [u8],
    /// Whether age is the reason.
    pub(super) is_expired: bool,
}

/// Reads a status. `is_smtp`: the component that speaks to other hosts wrote it.
pub(super) fn read(status: &[u8], is_smtp: bool) -> Told<'_> {
    let last = part(status, b"{LED=");
    let text = last.unwrap_or(if status.starts_with(b"[{") { part(status, b"{MSG=").unwrap_or(status) } else { status });
    // What was accepted has no words of Exchange's around it.
    let is_success = text.starts_with(b"2");
    let inner = if is_success { None } else { said(text) };
    let reply = inner.unwrap_or(text);
    let (code, enhanced) = numbers::both(reply);
    let unheard = enhanced.filter(|_| inner.is_none()).and_then(unheard);
    let speaker = match (inner, unheard) {
        (Some(_), _) => Speaker::Remote,
        (None, Some(speaker)) => speaker,
        (None, None) if is_success && is_smtp => Speaker::Remote,
        (None, None) => speaker(text, is_smtp && code.is_some()),
    };
    let is_too_old = enhanced.is_some_and(|status| matches!(status, Enhanced { class: 4 | 5, subject: 4, detail: 7 }));
    let has = |words: &[u8]| place(text, words).is_some();
    let is_expired = !is_success && (is_too_old || has(b"QUEUE.Expired") || unheard.is_some() && has(b"Message expired"));
    Told {
        speaker,
        stage: if is_success { Stage::Unknown } else { stage(text) },
        code,
        enhanced,
        reply,
        host: part(status, b"{FQDN=").unwrap_or_default(),
        address: part(status, b"{IP=").unwrap_or_default(),
        is_expired,
    }
}

/// Who speaks where no host was heard, by a detail that only Exchange has: `450 4.4.316 Connection refused [Message=Socket error code
/// 10061]`, and once it gives up `550 5.4.316 Message expired, connection refused`.
fn unheard(status: Enhanced) -> Option<Speaker> {
    match status {
        Enhanced { class: 4 | 5, subject: 4, detail: 310..=312 } => Some(Speaker::Dns),
        Enhanced { class: 4 | 5, subject: 4, detail: 315..=319 } => Some(Speaker::Connection),
        Enhanced { class: 4 | 5, subject: 4, detail: 300..=319 } => Some(Speaker::Own),
        _ => None,
    }
}

/// `{NAME=value}` within a wrapped status; the value may hold a brace, but not one that ends a part.
fn part<'a>(status: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    if !status.starts_with(b"[{") {
        return None;
    }
    let (_, rest) = split_text(status, name)?;
    let ends = [find(rest, b"};{"), find(rest, b"}]")].into_iter().flatten().min();
    let value = ends.and_then(|end| rest.get(..end)).unwrap_or_else(|| rest.strip_suffix(b"}").unwrap_or(rest));
    Some(trim(value)).filter(|value| !value.is_empty())
}

/// The words of a host within Exchange's own: `… responded with: "421 4.7.0 later." Attempted failover …`
fn said(text: &[u8]) -> Option<&[u8]> {
    let (_, rest) = split_text(text, b"responded with: \"").or_else(|| split_text(text, b"responded with \""))?;
    let inner = rsplit_text(rest, b"\"").map_or(rest, |(inner, _)| inner);
    let inner = split_text(inner, b"\" Attempted failover").map_or(inner, |(inner, _)| inner);
    numbers::code(inner).map(|_| inner)
}

/// Whose words they are, where no host's words are quoted.
fn speaker(text: &[u8], may_be_remote: bool) -> Speaker {
    const CONNECTION: [&[u8]; 9] = [
        b"SocketError",
        b"Winsock error",
        b"Failed to connect",
        b"Unable to connect",
        b"Connection dropped",
        b"ConnectionReset",
        b"timed out",
        b"rimary target IP address",
        b"SMTPSEND.",
    ];
    let has = |words: &&[u8]| place(text, words).is_some();
    if [&b"DNS query failed"[..], b"DnsDomainDoesNotExist", b"SMTPSEND.DNS", b"DNS domain", b"InfoNoRecords"].iter().any(has) {
        return Speaker::Dns;
    }
    if CONNECTION.iter().any(has) {
        return Speaker::Connection;
    }
    if text.is_empty() {
        return Speaker::Unknown;
    }
    if may_be_remote && !is_own(text) { Speaker::Remote } else { Speaker::Own }
}

/// `550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found`: a word in two parts, the first in capitals, behind the numbers.
fn is_own(text: &[u8]) -> bool {
    let rest = numbers::code(text).map_or(text, |(_, rest)| rest);
    let mut words = rest.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
    let word = words.find(|word| !word.first().is_some_and(u8::is_ascii_digit)).unwrap_or_default();
    let Some((first, _)) = split_byte(word, b'.') else { return false };
    first.len() > 2 && first.iter().all(u8::is_ascii_uppercase)
}

/// Only what Exchange says in words.
fn stage(text: &[u8]) -> Stage {
    let has = |words: &[u8]| place(text, words).is_some();
    if has(b"STARTTLS is required") || has(b"TLS negotiation failed") { Stage::Tls } else { Stage::Unknown }
}

/// The reply to the whole message in `source-context`: `08D…;250 2.6.0 <id> [InternalId=…] Queued mail for delivery;ClientSubmitTime:`.
pub(super) fn reply_to_message(context: &[u8]) -> Option<&[u8]> {
    let mut rest = context;
    loop {
        if numbers::code(rest).is_some_and(|(_, after)| after.starts_with(b" ") || after.starts_with(b"-")) {
            let end = place(rest, b";ClientSubmitTime").or_else(|| memchr::memchr(b';', rest));
            let reply = trim(end.and_then(|end| rest.get(..end)).unwrap_or(rest));
            return Some(reply.get(..LONGEST_SHARED).unwrap_or(reply));
        }
        (_, rest) = split_byte(rest, b';')?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: &str, expected: &str) {
        let told = read(status.as_bytes(), true);
        let text = |text| std::str::from_utf8(text).unwrap();
        let numbers = format!(
            "{} {}",
            told.code.map_or("-".to_owned(), |code| code.to_string()),
            told.enhanced.map_or("-".to_owned(), |enhanced| enhanced.to_string())
        );
        let expired = if told.is_expired { " expired" } else { "" };
        let host = if told.host.is_empty() { String::new() } else { format!(" {}[{}]", text(told.host), text(told.address)) };
        assert_eq!(format!("{:?} {numbers}{expired}{host} {}", told.speaker, text(told.reply)), expected);
    }

    #[test]
    fn a_status_is_the_hosts_or_exchanges_own() {
        check("250 2.1.5 Recipient OK", "Remote 250 2.1.5 250 2.1.5 Recipient OK");
        check(
            "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found",
            "Own 550 5.1.1 550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found",
        );
        check("550 4.4.7 QUEUE.Expired; message expired", "Own 550 4.4.7 expired 550 4.4.7 QUEUE.Expired; message expired");
        check(
            "550 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain",
            "Dns 550 5.4.4 550 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain",
        );
        check("", "Unknown - - ");
    }

    #[test]
    fn a_wrapped_status_names_its_host() {
        check(
            "[{LED=550 5.7.1 refused {x}};{MSG=};{FQDN=mx.example.com};{IP=192.0.2.1};{LRT=10/1/2026 8:02:06 AM}]",
            "Remote 550 5.7.1 mx.example.com[192.0.2.1] 550 5.7.1 refused {x}",
        );
        check(
            "[{LRT=};{LED=441 4.4.1 Error encountered while communicating with primary target IP address: \"Failed to connect. Winsock error code: 10060\"};{FQDN=mx};{IP=192.0.2.1}]",
            "Connection 441 4.4.1 mx[192.0.2.1] 441 4.4.1 Error encountered while communicating with primary target IP address: \"Failed to connect. Winsock error code: 10060\"",
        );
        check("[{LED=", "Own - - [{LED=");
    }

    #[test]
    fn exchange_has_details_of_its_own_where_no_host_was_heard() {
        check(
            "[{LED=450 4.4.316 Connection refused [Message=Socket error code 10061] [LastAttemptedServerName=mx.example.com]};{MSG=};{FQDN=mx.example.com};{IP=192.0.2.1}]",
            "Connection 450 4.4.316 mx.example.com[192.0.2.1] 450 4.4.316 Connection refused [Message=Socket error code 10061] [LastAttemptedServerName=mx.example.com]",
        );
        check(
            "550 5.4.316 Message expired, connection refused(Socket error code 10061)",
            "Connection 550 5.4.316 expired 550 5.4.316 Message expired, connection refused(Socket error code 10061)",
        );
        check("550 5.4.300 Message expired", "Own 550 5.4.300 expired 550 5.4.300 Message expired");
        check(
            "450 4.4.312 DNS query failed [Message=InfoNoRecords]",
            "Dns 450 4.4.312 450 4.4.312 DNS query failed [Message=InfoNoRecords]",
        );
        check("421 4.4.2 Connection refused", "Remote 421 4.4.2 421 4.4.2 Connection refused");
    }

    #[test]
    fn what_a_host_said_is_taken_out_of_exchanges_words() {
        check(
            "451 4.4.0 Primary target IP address responded with: \"421 4.7.0 Try \"again\" later.\" Attempted failover to alternate host, but that did not succeed.",
            "Remote 421 4.7.0 421 4.7.0 Try \"again\" later.",
        );
        check(
            "451 4.4.0 Primary target IP address responded with: \"\"",
            "Connection 451 4.4.0 451 4.4.0 Primary target IP address responded with: \"\"",
        );
    }

    #[test]
    fn the_reply_to_the_message_stands_in_the_context() {
        let read =
            |context: &'static str| reply_to_message(context.as_bytes()).map(|reply| std::str::from_utf8(reply).unwrap());
        assert_eq!(
            read(
                "08DF000000000002;250 2.6.0 <a@b> [InternalId=1, Hostname=ex2] Queued mail for delivery;ClientSubmitTime:2026"
            ),
            Some("250 2.6.0 <a@b> [InternalId=1, Hostname=ex2] Queued mail for delivery")
        );
        assert_eq!(read("08DF000000000002;2026-10-01T08:02:00.000Z;0"), None);
        assert_eq!(read(""), None);
    }
}
