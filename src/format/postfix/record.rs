//! The delivery record: its fields, from the left.
//!
//! `to=<rcpt>[, orig_to=<orig>], relay=R[, conn_use=N], delay=D[, delays=a/b/c/d][, tls=T][, dsn=x.y.z], status=S (text)`. Strangers choose
//! the bytes of the addresses and of the text, so a field is looked for only where it can stand. Sources: `log_adhoc()` of Postfix
//! (`src/global/log_adhoc.c`), `RELEASE_NOTES` 2.3 (`delays=`, `dsn=`), 3.5 (quoted addresses), 3.11 (`tls=`).

use memchr::{memchr_iter, memmem};

use crate::event::Enhanced;
use crate::format::cursor::{Cursor, near, number, split_byte, split_text};

/// A delivery record, as logged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// The recipient, without angle brackets.
    pub(super) recipient: &'a [u8],
    /// The recipient before alias expansion, where it differs.
    pub(super) original: Option<&'a [u8]>,
    /// `host[ip]:port`, `none`, the name of a transport; empty where the record is cut before it.
    pub(super) relay: &'a [u8],
    /// `conn_use=`: which delivery over its connection; 1 where not logged.
    pub(super) nth: u32,
    /// Milliseconds.
    pub(super) delay_ms: Option<i64>,
    /// Milliseconds.
    pub(super) parts_ms: Option<[i64; 4]>,
    /// Level and result of the channel's security; empty where not logged.
    pub(super) tls: &'a [u8],
    /// `dsn=`.
    pub(super) enhanced: Option<Enhanced>,
    /// `status=`.
    pub(super) status: Word,
    /// What stands in parentheses after the status.
    pub(super) text: &'a [u8],
}

/// The word after `status=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// `sent`
    Sent,
    /// `deferred`
    Deferred,
    /// `bounced`
    Bounced,
    /// `SOFTBOUNCE`: a permanent failure that `soft_bounce = yes` keeps in the queue.
    SoftBounce,
    /// `deliverable`: an address probe.
    Deliverable,
    /// `undeliverable`, `undeliverable-but-not-cached`: an address probe.
    Undeliverable,
    /// The record ends before the word does.
    Cut,
    /// A word that Postfix does not write.
    Strange,
}

/// Reads the fields after the queue id, whole or cut somewhere after the recipient. None: cut within it, or another program's.
pub(super) fn read(fields: &[u8]) -> Option<Record<'_>> {
    let mut at = Cursor(fields.strip_prefix(b"to=")?);
    let recipient = address(&mut at)?;
    let original = if at.take(b"orig_to=") { address(&mut at) } else { None };
    let mut record = Record {
        recipient,
        original,
        relay: b"",
        nth: 1,
        delay_ms: None,
        parts_ms: None,
        tls: b"",
        enhanced: None,
        status: Word::Cut,
        text: b"",
    };
    if at.take(b"relay=") {
        record.relay = value(&mut at);
    }
    loop {
        // In the order in which they are written: one look at each finds them all.
        let before = at.0.len();
        if at.take(b"delay=") {
            record.delay_ms = measure(&mut at, millis);
        }
        if at.take(b"delays=") {
            record.parts_ms = measure(&mut at, parts);
        }
        if at.take(b"tls=") {
            record.tls = value(&mut at);
        }
        if at.take(b"dsn=") {
            record.enhanced = Enhanced::read(value(&mut at));
        }
        if at.take(b"status=") {
            (record.status, record.text) = outcome(at.0);
            return Some(record);
        }
        if at.0.len() == before {
            // conn_use, and what later versions add.
            let name = at.run(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if !at.take(b"=") {
                return Some(record);
            }
            let value = value(&mut at);
            if name == b"conn_use" {
                record.nth = number(value).and_then(|nth| u32::try_from(nth).ok()).unwrap_or(record.nth);
            }
        }
    }
}

/// A value and the separator behind it: `, `, or a blank alone in logs that were edited.
#[inline]
fn value<'a>(at: &mut Cursor<'a>) -> &'a [u8] {
    let length = near(at.0, [b',', b' ']).unwrap_or(at.0.len());
    let (value, rest) = at.0.split_at_checked(length).unwrap_or_default();
    at.0 = rest;
    separator(at);
    value
}

#[inline]
fn separator(at: &mut Cursor<'_>) {
    if !at.take(b", ") {
        at.take(b",");
        at.blanks();
    }
}

/// A value that `read` takes to its end, and the separator behind it. None: there is more or something else, which is passed over.
#[inline]
fn measure<'a, T>(at: &mut Cursor<'a>, read: impl Fn(&'a [u8]) -> Option<(T, &'a [u8])>) -> Option<T> {
    let Some((found, rest @ ([] | [b',' | b' ', ..]))) = read(at.0) else {
        value(at);
        return None;
    };
    at.0 = rest;
    separator(at);
    Some(found)
}

/// An address up to the field that must follow it, `orig_to=` or `relay=`, or to the end of a record that is cut there. Angle brackets
/// may be lost. None: cut within the address.
fn address<'a>(at: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let whole = at.0;
    if let Some(inside) = whole.strip_prefix(b"<") {
        if let Some((address, rest)) = bracketed(inside) {
            at.0 = rest;
            return Some(address);
        }
        if near(inside, [b'>']).is_some() {
            return None;
        }
    }
    let (address, rest) = bare(whole)?;
    at.0 = rest;
    Some(address.strip_prefix(b"<").unwrap_or(address))
}

/// `address>, ` before the next field. A quoted local part is skipped whole: `"x>, relay=y"@z` must forge no field.
fn bracketed(inside: &[u8]) -> Option<(&[u8], &[u8])> {
    let quoted = quoted_length(inside);
    if inside.starts_with(b"\"") && quoted.is_none() && memmem::find(inside, b", status=").is_none() {
        // Cut within the quotes; a whole record has an address with one quote, as older versions log it.
        return None;
    }
    let mut from = quoted.unwrap_or(0);
    loop {
        let end = from + near(inside.get(from..)?, [b'>'])?;
        let after = inside.get(end + 1..)?;
        if let Some(rest) = next_field(after).filter(|rest| !is_of_address(rest)) {
            return Some((inside.get(..end)?, rest));
        }
        from = end + 1;
    }
}

/// Whether what looks like the next field is still the address, which is logged without its quotes if the site wants it so
/// (`info_log_address_format = internal`): no relay ends like that.
fn is_of_address(rest: &[u8]) -> bool {
    let relay = rest.strip_prefix(b"relay=").unwrap_or_default();
    near(relay, [b',', b' ']).and_then(|end| relay.get(..end)).is_some_and(|relay| relay.ends_with(b">"))
}

/// `address, ` before the next field, where the brackets are lost. Sendmail's `to=a, delay=…` is not Postfix's.
fn bare(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (address, _) = split_text(text, b", ")?;
    Some((address, next_field(text.get(address.len()..)?)?))
}

/// What follows `, `, if it is the field after an address or a cut piece of it.
fn next_field(after: &[u8]) -> Option<&[u8]> {
    let rest = match after {
        [] | [b','] => return Some(b""),
        [b',', b' ', rest @ ..] => rest,
        _ => return None,
    };
    if rest.starts_with(b"relay=") || rest.starts_with(b"orig_to=") {
        return Some(rest);
    }
    (b"relay=".starts_with(rest) || b"orig_to=".starts_with(rest)).then_some(rest)
}

/// Length of a quoted string that an `@` follows.
fn quoted_length(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.strip_prefix(b"\"")?.iter().enumerate() {
        match byte {
            b'"' if !escaped => return (text.get(at + 2) == Some(&b'@')).then_some(at + 2),
            _ => escaped = *byte == b'\\' && !escaped,
        }
    }
    None
}

/// `sent (text)`: the word, and what stands between the first parenthesis and the last.
fn outcome(rest: &[u8]) -> (Word, &[u8]) {
    let mut at = Cursor(rest);
    let word = at.run(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    let word = word_of(word, at.0.is_empty());
    let Some((_, text)) = split_byte(at.0, b'(') else { return (word, b"") };
    // Scripts and spreadsheets leave quotes, commas and blanks behind the record; if there is more, it is cut and the parenthesis is the text's.
    let is_litter = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'"' | b',' | b';' | b'\'');
    let end = text.iter().rposition(|byte| !is_litter(byte)).map_or(0, |last| last + 1);
    let trimmed = text.get(..end).unwrap_or_default();
    (word, trimmed.strip_suffix(b")").or_else(|| numbered(trimmed)).unwrap_or(text))
}

/// `text) 148`: collectors put the length of a record behind it. In a record that is cut the parenthesis is one that the text opened.
fn numbered(text: &[u8]) -> Option<&[u8]> {
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let inside = text.get(..text.len() - digits).filter(|_| digits > 0)?.strip_suffix(b") ")?;
    let count = |sought: u8| memchr_iter(sought, inside).count();
    (count(b'(') == count(b')')).then_some(inside)
}

fn word_of(word: &[u8], at_end: bool) -> Word {
    const WORDS: [(&[u8], Word); 7] = [
        (b"sent", Word::Sent),
        (b"deferred", Word::Deferred),
        (b"bounced", Word::Bounced),
        (b"SOFTBOUNCE", Word::SoftBounce),
        (b"deliverable", Word::Deliverable),
        (b"undeliverable", Word::Undeliverable),
        (b"undeliverable-but-not-cached", Word::Undeliverable),
    ];
    if word == b"sent" {
        return Word::Sent;
    }
    if let Some((_, known)) = WORDS.iter().find(|(known, _)| *known == word) {
        return *known;
    }
    let is_cut = at_end && WORDS.iter().any(|(known, _)| known.starts_with(word));
    if is_cut { Word::Cut } else { Word::Strange }
}

/// Seconds with a fraction or without at the front, in milliseconds, and what follows; what is finer is dropped.
#[inline]
fn millis(text: &[u8]) -> Option<(i64, &[u8])> {
    let (first, mut rest) = digit(text)?;
    let mut whole = first;
    while let Some((digit, after)) = digit(rest) {
        whole = whole.checked_mul(10)?.checked_add(digit)?;
        rest = after;
    }
    let mut fraction = 0;
    if let Some(after) = rest.strip_prefix(b".") {
        rest = after;
        for weight in [100, 10, 1] {
            let Some((digit, after)) = digit(rest) else { break };
            fraction += digit * weight;
            rest = after;
        }
        while let Some((_, after)) = digit(rest) {
            rest = after;
        }
    }
    Some((whole.checked_mul(1_000)?.checked_add(fraction)?, rest))
}

#[inline]
fn digit(text: &[u8]) -> Option<(i64, &[u8])> {
    match text {
        [digit @ b'0'..=b'9', rest @ ..] => Some((i64::from(digit - b'0'), rest)),
        _ => None,
    }
}

/// `a/b/c/d` at the front, and what follows.
fn parts(text: &[u8]) -> Option<([i64; 4], &[u8])> {
    let (first, mut rest) = millis(text)?;
    let mut parts = [first, 0, 0, 0];
    for part in parts.iter_mut().skip(1) {
        (*part, rest) = millis(rest.strip_prefix(b"/")?)?;
    }
    Some((parts, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &[u8]) -> String {
        String::from_utf8_lossy(text).into_owned()
    }

    /// `recipient|original|relay|delay|status|text`
    #[track_caller]
    fn check(fields: &str, expected: &str) {
        let found = read(fields.as_bytes()).map_or("none".to_owned(), |found| {
            let original = found.original.map_or("-".to_owned(), show);
            let delay = found.delay_ms.map_or("-".to_owned(), |delay| delay.to_string());
            let (recipient, relay, text) = (show(found.recipient), show(found.relay), show(found.text));
            format!("{recipient}|{original}|{relay}|{delay}|{:?}|{text}", found.status)
        });
        assert_eq!(found, expected, "{fields}");
    }

    #[test]
    fn fields_are_found_by_name() {
        let fields = b"to=<a@b.example>, orig_to=<c>, relay=mx[192.0.2.1]:25, conn_use=2, delay=1.25, delays=0.1/0/1/0.152, tls=may, dsn=2.0.0, status=sent (250 ok)";
        let found = read(fields).unwrap();
        assert_eq!((found.parts_ms, found.tls, found.nth), (Some([100, 0, 1_000, 152]), &b"may"[..], 2));
        assert_eq!(found.enhanced, Enhanced::read(b"2.0.0"));
        check(std::str::from_utf8(fields).unwrap(), "a@b.example|c|mx[192.0.2.1]:25|1250|Sent|250 ok");
        check("to=<a@b>, relay=none, delay=17, status=bounced (x (y) z)", "a@b|-|none|17000|Bounced|x (y) z");
        check("to=<a@b>, relay=mx, conn_use=2 delay=0.21, status=SOFTBOUNCE (x)", "a@b|-|mx|210|SoftBounce|x");
        check("to=<a@b>, relay=mx, delay=0.21, new=x, status=deferred (x)", "a@b|-|mx|210|Deferred|x");
    }

    #[test]
    fn strangers_choose_the_address() {
        check("to=<>, relay=none, delay=0, status=sent (x)", "|-|none|0|Sent|x");
        check("to=<a b@c>, relay=none, delay=0, status=sent (x)", "a b@c|-|none|0|Sent|x");
        check("to=<a,b=c:d]@e>, relay=none, delay=0, status=sent (x)", "a,b=c:d]@e|-|none|0|Sent|x");
        check("to=<x>, relay=y@z>, relay=none, delay=0, status=sent (x)", "x>, relay=y@z|-|none|0|Sent|x");
        check(r#"to=<"x>, relay=y"@z>, relay=none, delay=0, status=sent (x)"#, r#""x>, relay=y"@z|-|none|0|Sent|x"#);
        check(r#"to=<"a\"b>, relay=y"@z>, relay=none, delay=0, status=sent (x)"#, r#""a\"b>, relay=y"@z|-|none|0|Sent|x"#);
        check(
            r#"to=<"a@b>, relay=none, delay=0, status=bounced (unknown user: "a")"#,
            r#""a@b|-|none|0|Bounced|unknown user: "a""#,
        );
        check("to=<a@[192.0.2.1]>, relay=none, delay=0, status=sent (x)", "a@[192.0.2.1]|-|none|0|Sent|x");
        check("to=<a>b@c>, relay=none, delay=0, status=sent (x)", "a>b@c|-|none|0|Sent|x");
        check("to=a@b, relay=local, delay=0, status=sent (x)", "a@b|-|local|0|Sent|x");
        check("to=a@b, orig_to=c, relay=local, delay=0, status=sent (x)", "a@b|c|local|0|Sent|x");
    }

    #[test]
    fn a_reply_forges_no_field() {
        check(
            "to=<a@b>, relay=mx, delay=0, dsn=5.0.0, status=bounced (550 to=<c>, relay=x, status=sent (250 ok))",
            "a@b|-|mx|0|Bounced|550 to=<c>, relay=x, status=sent (250 ok)",
        );
    }

    #[test]
    fn litter_behind_a_record_is_dropped_and_a_cut_text_kept() {
        check("to=<a@b>, relay=mx, delay=0, status=sent (250 ok)\",,,", "a@b|-|mx|0|Sent|250 ok");
        check("to=<a@b>, relay=mx, delay=0, status=sent (250 ok) 148", "a@b|-|mx|0|Sent|250 ok");
        check("to=<a@b>, relay=mx, delay=0, status=sent (250 ok (1) 148", "a@b|-|mx|0|Sent|250 ok (1) 148");
        check("to=<a@b>, relay=mx, delay=0, status=sent (250 2.6.0 <x> (q) [In", "a@b|-|mx|0|Sent|250 2.6.0 <x> (q) [In");
        check("to=<a@b>, relay=mx, delay=0, status=sent", "a@b|-|mx|0|Sent|");
        check("to=<a@b>, relay=mx, delay=0, status=sent ", "a@b|-|mx|0|Sent|");
        check("to=<a@b>, relay=mx, delay=0, status=failed (x)", "a@b|-|mx|0|Strange|x");
        check("to=<a@b>, relay=mx, delay=0, status=def", "a@b|-|mx|0|Cut|");
        check("to=<a@b>, relay=m", "a@b|-|m|-|Cut|");
        check("to=<a@b>, orig_to=<c@", "a@b|-||-|Cut|");
        check("to=<a@b>, r", "a@b|-||-|Cut|");
        check("to=<a@b", "none");
        check("to=a@b", "none");
    }

    #[test]
    fn sendmails_records_are_not_postfixs() {
        check("to=<a@b>, delay=0, mailer=esmtp, relay=mx. [192.0.2.1], stat=Sent", "none");
        check("to=a, ctladdr=<b> (0/0), delay=00:01:03, mailer=relay, relay=[127.0.0.1] [127.0.0.1], stat=Sent", "none");
    }

    #[test]
    fn delays_are_milliseconds() {
        let read = |text: &'static [u8]| {
            let mut at = Cursor(text);
            (measure(&mut at, millis), at.0)
        };
        assert_eq!((read(b"0.0719, x"), read(b"151541 x")), ((Some(71), &b"x"[..]), (Some(151_541_000), &b"x"[..])));
        assert_eq!((read(b"3.5"), read(b"3.")), ((Some(3_500), &b""[..]), (Some(3_000), &b""[..])));
        for wrong in [&b", x"[..], b"-1, x", b"1.x, x", b"1.2.3, x", b"1/2, x", b"99999999999999999999, x", b".5, x"] {
            assert_eq!(read(wrong), (None, &b"x"[..]));
        }
        let four = |text| measure(&mut Cursor(text), parts);
        assert_eq!(four(b"0.02/0/1.5/12, x"), Some([20, 0, 1_500, 12_000]));
        for wrong in [&b"1/2/3"[..], b"1/2/3/4/5", b"1/2//4", b"", b"1/2/3/x"] {
            assert_eq!(four(wrong), None);
        }
    }
}
