//! What one token of a reply is: pure questions about bytes, asked by the scanner of `mask`.
//!
//! A token is a run without white space and brackets. Nothing here looks at another token.

mod host;
mod id;
mod ip;
mod measure;
mod time;

use self::host::host;
pub(super) use self::id::is_id;
pub(super) use self::ip::is_ip6;
pub(super) use self::measure::is_unit;
use self::measure::measure;
pub(super) use self::time::{is_clock, is_date};
use crate::classify::byte_set::ByteSet;
use crate::classify::unfold::is_status;

/// What a token shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Stays as it is.
    Word,
    /// An IPv4 or IPv6 address.
    Ip,
    /// Digits.
    Number,
    /// Digits and a unit: how many bytes are digits.
    Measure(usize),
    /// A date or a time of day.
    Time,
    /// A host or domain name; what of its end is worth keeping, if anything.
    Host(Option<&'a str>),
    /// A name that many share and that says who decides: kept whole.
    KnownHost,
    /// A queue, session or message id, a hash.
    Id,
}

/// Tells what an atom is, whose kinds of bytes are `set`: a token without `@`, `://`, `=` and with colons only inside addresses and
/// times.
pub(super) fn token(text: &str, set: ByteSet) -> Token<'_> {
    const DIGIT: ByteSet = ByteSet::DIGIT;
    const DASHED: ByteSet = DIGIT.and(ByteSet::DASH);
    let bytes = text.as_bytes();
    if !set.has(DIGIT.and(ByteSet::DOT)) {
        // Without digits only capitals in disorder show that it is no word.
        return if is_id(bytes, set) { Token::Id } else { Token::Word };
    }
    if set.is_only(DIGIT) {
        return Token::Number;
    }
    if set.is_only(DIGIT.and(ByteSet::DOT)) {
        return dotted_digits(bytes);
    }
    let begins_with_digit = bytes.first().is_some_and(u8::is_ascii_digit);
    if begins_with_digit && (is_date(bytes) || is_clock(bytes)) {
        return Token::Time;
    }
    if set.is_only(DASHED) && bytes.iter().filter(|byte| byte.is_ascii_digit()).count() > 4 {
        return Token::Id;
    }
    if begins_with_digit && set.has(ByteSet::LETTER) && id::is_stamped(bytes) {
        return Token::Id;
    }
    if set.has(ByteSet::DOT)
        && set.has(ByteSet::LETTER)
        && set.is_only(host::BYTES)
        && let Some(host) = host(text)
    {
        return host;
    }
    if let Some(measure) = measure(bytes) {
        return measure;
    }
    if set.is_only(ByteSet::LOWER.and(DASHED)) && is_label(bytes) {
        return Token::Host(None);
    }
    if (set.is_only(ByteSet::UPPER.and(ByteSet::UNDERSCORE).and(DASHED)) && is_mark(bytes)) || is_status(bytes) {
        return Token::Word;
    }
    if begins_with_digit && time::is_duration(bytes) {
        return Token::Time;
    }
    if is_id(bytes, set) || id::is_short(bytes, set) { Token::Id } else { Token::Word }
}

/// `192.0.2.1`, `5.7.1`, `31.12.2026`, `12.5`.
fn dotted_digits(bytes: &[u8]) -> Token<'static> {
    let dots = memchr::memchr_iter(b'.', bytes).count();
    let mut parts = bytes.split(|&byte| byte == b'.');
    match dots {
        3 if parts.all(|part| (1..=3).contains(&part.len())) => Token::Ip,
        2 if is_status(bytes) => Token::Word,
        2 if parts.next_back().is_some_and(|year| year.len() == 4) => Token::Time,
        // A score or a version. `554.30` is how Yahoo names its own codes.
        1 if bytes.len() > 3 && matches!(bytes, [b'4' | b'5', _, _, b'.', ..]) => Token::Word,
        1 => Token::Number,
        _ => Token::Word,
    }
}

/// `mx024`, `lpn-prd-vrin012`, `mxgmx114`: a machine's first label alone, among texts of small letters, digits and dashes. Small letters
/// first, digits at the end.
fn is_label(bytes: &[u8]) -> bool {
    let letters = bytes.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    let (word, _) = bytes.split_at_checked(letters).unwrap_or_default();
    letters >= 2
        && bytes.len() - letters <= 24
        && bytes.last().is_some_and(u8::is_ascii_digit)
        && !matches!(
            word,
            b"ipv"
                | b"utf"
                | b"iso"
                | b"sha"
                | b"md"
                | b"base"
                | b"tls"
                | b"tlsv"
                | b"ssl"
                | b"sslv"
                | b"rfc"
                | b"spf"
                | b"http"
                | b"smtp"
                | b"esmtp"
                | b"level"
                | b"type"
                | b"error"
                | b"rule"
                | b"code"
                | b"section"
                | b"windows"
                | b"koi"
                | b"big"
                | b"gb"
                | b"win"
                | b"mime"
                | b"arc"
                | b"part"
                | b"sender"
                | b"port"
                | b"imap"
                | b"pop"
                | b"exim"
                | b"reason"
                | b"net"
        )
        && !is_id(bytes, ByteSet::of(bytes))
}

/// A provider's own code: a few capitals, then digits, perhaps joined (`S3140`, `AS16012611`, `OFR_506`, `LPN007_416`, `RP-001`).
fn is_mark(bytes: &[u8]) -> bool {
    let capitals = bytes.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let (_, rest) = bytes.split_at_checked(capitals).unwrap_or_default();
    let is_hash = bytes.len() >= 12 && capitals > 1 && bytes.iter().all(u8::is_ascii_hexdigit);
    (1..=6).contains(&capitals)
        && bytes.len() <= 14
        && !is_hash
        && rest.first().is_some_and(|byte| byte.is_ascii_digit() || b"_-".contains(byte))
        && rest.iter().all(|byte| byte.is_ascii_digit() || b"_-".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Token<'_>) {
        assert_eq!(token(text, ByteSet::of(text.as_bytes())), expected, "{text}");
    }

    #[test]
    fn what_carries_meaning_is_a_word() {
        for word in [
            "S3140",
            "AS16012611",
            "TSS04",
            "OFR_506",
            "IB103",
            "G28",
            "ATTR34",
            "RP-001",
            "LPN007_416",
            "BL000000",
            "5.7.1",
            "S2017062302",
            "RecipientNotFound",
            "QuotaExceededException",
            "STOREDRV.Deliver",
            "RESOLVER.ADR.RecipientNotFound",
            "MapiExceptionShutoffQuotaExceeded",
            "IPv6AuthError",
            "UnsolicitedRateLimitError",
            "ipv6",
            "utf-8",
            "554.30",
            "header_contenttype_1",
            "zen",
            "later.Please",
            "double-checking",
            "help_spam.htm",
        ] {
            check(word, Token::Word);
        }
    }

    #[test]
    fn what_varies_is_told() {
        for ip in ["192.0.2.1", "4.16.55.1"] {
            check(ip, Token::Ip);
        }
        for id in [
            "3171A7A82274CAE6",
            "d8e97081",
            "1rQwXy-0003kL-2A",
            "38308e7fff4ca-2f03d196db7si15964611fa.640",
            "4XyZ9k2fQzz1B",
            "01234567-89ab-cdef-0123-456789abcdef",
            "O8CowEDJVFKCokVaRhz+AA--.26016S3",
            "g0000000000ggg.00",
            "aBcDXeFgHiJk",
            "1760000000-abcdefghij",
        ] {
            check(id, Token::Id);
        }
        for time in ["2025-02-20T14:30:32.425Z", "2026-10-01", "10/31/2026", "31.12.2026", "09:18:00"] {
            check(time, Token::Time);
        }
        for host in ["mail.example.org", "mx024", "mxgmx114", "example.co.uk", "host.corp.local"] {
            check(host, Token::Host(None));
        }
        check("AM1PR04.eurprd02.prod.outlook.com", Token::Host(Some("prod.outlook.com")));
        check("zen.spamhaus.org", Token::KnownHost);
        check("work.drbl.example.net", Token::KnownHost);
        check("10MB", Token::Measure(2));
    }

    #[test]
    fn ip6_is_told_from_times_and_words() {
        assert!(is_ip6(b"2001:db8::1") && is_ip6(b"::ffff:192.0.2.1") && is_ip6(b"2a01:e35:8b88:a850:4a5b:39ff:fe49:16cd"));
        assert!(!is_ip6(b"12:30") && !is_ip6(b"a:b:c") && !is_ip6(b"RTR:DU:1"));
    }
}
