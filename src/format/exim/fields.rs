//! The fields of a record: `X=value`, bare words, a host.
//!
//! A value ends at a blank, or at its closing quote if it begins with one. What an address is comes before the fields and has a grammar
//! of its own. Source: `string_log_address()`, `d_hostlog()`, `d_tlslog()`.

use memchr::{memchr, memchr2, memmem};

use crate::format::cursor::{Cursor, rsplit_text, skip_blanks};
use crate::format::relay::Relay;

/// Who a record is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Recipient<'a> {
    /// The address after all rewriting; a path, a command, or a word for what is thrown away.
    pub(super) address: &'a [u8],
    /// `<ADDRESS>`: what was asked for, where it differs.
    pub(super) original: Option<&'a [u8]>,
}

/// The address at the front of `text`, and what follows: fields, or a colon and the words of an error. `longest`: see [`routed`].
///
/// `ADDRESS`, `ADDRESS <ORIGINAL>`, `ADDRESS (PARENT, …) <ORIGINAL>`
pub(super) fn recipient(text: &[u8], longest: usize) -> Option<(Recipient<'_>, &[u8])> {
    if let Some(found) = routed(text, longest) {
        return Some(found);
    }
    let text = skip_blanks(text);
    let (address, mut rest) = spaced(text).unwrap_or_else(|| address(text));
    if address.is_empty() {
        return None;
    }
    if let Some(parents) = rest.strip_prefix(b" (")
        && let Some((_, after)) = split_before(parents, b')', ends)
    {
        rest = after;
    }
    let mut original = None;
    if let Some(inside) = rest.strip_prefix(b" <")
        && let Some((inside, after)) = split_before(inside, b'>', ends)
    {
        (original, rest) = (Some(inside), after);
    }
    let recipient = match original.filter(|original| is_in_ascii(address, original)) {
        Some(address) => Recipient { address, original: None },
        None => Recipient { address, original },
    };
    Some((recipient, rest))
}

/// A local part with blanks that filters and aliases made, before the addresses it comes from: `a - b ("a - b"@c.example, a@c.example)
/// <a@c.example>`. Of fields and of the words of an error none stand in one.
fn spaced(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memmem::find(text, b" (")?;
    let (front, rest) = text.split_at_checked(end)?;
    let is_local =
        memchr(b' ', front).is_some() && memchr2(b'=', b'<', front).is_none() && memmem::find(front, b": ").is_none();
    let (_, after) = split_before(rest.get(2..).filter(|_| is_local)?, b')', |rest| rest.starts_with(b" <"))?;
    split_before(after.get(2..)?, b'>', |rest| rest.starts_with(b" ")).map(|_| (front, rest))
}

/// Whether `address` is `original` as a server without SMTPUTF8 is told it: `xn--…` in place of a local part, or a part of the domain, that
/// has other letters than ASCII's. Earlier records of the same recipient have those. Source: `utf8_downconvert` in `transports/smtp.c`.
fn is_in_ascii(address: &[u8], original: &[u8]) -> bool {
    let is_part = |(part, asked): (&[u8], &[u8])| {
        part.eq_ignore_ascii_case(asked) || (part.starts_with(b"xn--") && part.is_ascii() && !asked.is_ascii())
    };
    let (Some(part), Some(asked)) = (rsplit_text(address, b"@"), rsplit_text(original, b"@")) else { return false };
    let labels = |domain: &[u8]| domain.split(|&byte| byte == b'.').count();
    !original.is_ascii()
        && is_part((part.0, asked.0))
        && labels(part.1) == labels(asked.1)
        && part.1.split(|&byte| byte == b'.').zip(asked.1.split(|&byte| byte == b'.')).all(is_part)
}

/// Bytes of a local part. Source: RFC 5321, section 4.5.3.1.1.
pub(super) const LONGEST_LOCAL_PART: usize = 64;

/// `a b@c.example <"a b"@c.example>`: an address whose routing took out quotes and backslashes, or wrote it in small letters, and the same
/// address as it was asked for. That one is the address then, and no original that differs.
///
/// The blanks and brackets of such an address are anybody's, so what tells where it ends is the original that says the same as all that
/// stands before it. A local part may hold just that too, so the last one counts. The words of a server may hold it as well, but behind
/// more text than a local part has: one of more than `longest` bytes is believed only if no whole address stands at the front. In a reply
/// to what was delivered no quote stands without a backslash, so that none of them is an original.
fn routed(text: &[u8], longest: usize) -> Option<(Recipient<'_>, &[u8])> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let near = text.get(..LONGEST_ADDRESS).unwrap_or(text);
    let mut found: Option<(&[u8], Same<'_>)> = None;
    for at in memmem::find_iter(near, b" <") {
        let (Some(front), Some(inside)) = (text.get(..at), text.get(at + 2..)) else { continue };
        let Some(same) = same_address(front, inside) else { continue };
        if found.is_some() && same.length > longest {
            break;
        }
        found = Some((front, same));
    }
    let (front, Same { original, rest, length, is_local }) = found?;
    if length > longest && is_whole(text) {
        return None;
    }
    let recipient = if is_local {
        Recipient { address: front, original: Some(original) }
    } else if original.len() == front.len() {
        Recipient { address: front, original: None }
    } else {
        Recipient { address: original, original: None }
    };
    Some((recipient, rest))
}

/// An original that says the same as what stands before it.
#[derive(Clone, Copy)]
struct Same<'a> {
    original: &'a [u8],
    /// What follows its bracket.
    rest: &'a [u8],
    /// Bytes of the local part, without quotes.
    length: usize,
    /// What stands before it is the local part alone.
    is_local: bool,
}

/// Whether `inside`, up to its bracket, is `front` with quotes and backslashes. Source: `deliver_split_address()`.
fn same_address<'a>(front: &[u8], inside: &'a [u8]) -> Option<Same<'a>> {
    let (mut at, mut is_quoted) = (0, false);
    for byte in front {
        while inside.get(at) == Some(&b'"') {
            (at, is_quoted) = (at + 1, !is_quoted);
        }
        let said = match inside.get(at)? {
            b'\\' if is_quoted => {
                at += 1;
                inside.get(at)?
            }
            b' ' | b'\\' | b'<' | b'>' if !is_quoted => return None,
            said => said,
        };
        if !said.eq_ignore_ascii_case(byte) {
            return None;
        }
        at += 1;
    }
    if is_quoted {
        inside.get(at).filter(|end| **end == b'"')?;
        at += 1;
    }
    let after = inside.get(at..)?;
    let is_local = after.starts_with(b"@");
    let length = after.iter().position(|byte| matches!(byte, b'>' | b' ' | b'"'))?;
    let original = inside.get(..at + length)?;
    let rest = after.get(length..)?.strip_prefix(b">").filter(|rest| ends(rest))?;
    // The domain stands out of quotes, here or at the end of what was compared.
    let domain = memchr::memrchr(b'@', original).and_then(|at| original.get(at + 1..))?;
    let is_whole = !front.is_empty() && (is_local || length == 0) && memchr(b'"', domain).is_none();
    let length = if is_local { front.len() } else { front.len().checked_sub(domain.len() + 1)? };
    is_whole.then_some(Same { original, rest, length, is_local })
}

/// Whether the first word is an address, and a field, an original or the words of an error follow it.
fn is_whole(text: &[u8]) -> bool {
    const NEXTS: [&[u8]; 9] = [b" F=", b" P=", b" R=", b" T=", b" S=", b" <", b" (", b" routing defer ", b" defer ("];
    let (word, rest) = address(text);
    memchr(b'@', word).is_some()
        && (rest.is_empty() || rest.starts_with(b":") || NEXTS.iter().any(|next| rest.starts_with(next)))
}

/// Takes the address at the front of a list that has blanks between them; one within quotes ends none.
pub(super) fn next_address<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let text = skip_blanks(rest);
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| memchr2(b' ', b'"', rest)) {
        at += found;
        let Some(inside) = text.get(at..).and_then(|rest| rest.strip_prefix(b"\"")) else { break };
        at = match after_quote(inside) {
            // A quote that never closes was none.
            [] if !inside.ends_with(b"\"") => at + 1,
            after => text.len() - after.len(),
        };
    }
    let (address, after) = text.split_at_checked(at).filter(|(_, after)| after.starts_with(b" ")).unwrap_or((text, b""));
    *rest = after;
    (!address.is_empty()).then_some(address)
}

/// What stands before the first `end` that `fits` what follows it, and what follows it.
fn split_before(text: &[u8], end: u8, fits: fn(&[u8]) -> bool) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let at = from + memchr(end, text.get(from..)?)?;
        let (inside, rest) = text.split_at_checked(at)?;
        let rest = rest.get(1..)?;
        if fits(rest) {
            return Some((inside, rest));
        }
        from = at + 1;
    }
}

/// Whether an address or a field may have ended here.
fn ends(rest: &[u8]) -> bool {
    matches!(rest, [] | [b' ', ..] | [b':'] | [b':', b' ', ..])
}

/// A quoted local part whole; of a path or a command all up to what must follow it; else a word, whose colon is the error's.
pub(super) fn address(text: &[u8]) -> (&[u8], &[u8]) {
    let end = match text.first() {
        Some(b'|' | b'/' | b'>') => after_command(text),
        Some(b's') if text.starts_with(b"save ") => after_command(text),
        Some(b'"') => {
            let quoted = text.len() - after_quote(text.get(1..).unwrap_or_default()).len();
            text.get(quoted..).and_then(|rest| memchr(b' ', rest)).map(|length| quoted + length)
        }
        _ => memchr(b' ', text),
    };
    let (word, rest) = end.and_then(|end| text.split_at_checked(end)).unwrap_or((text, b""));
    match word.strip_suffix(b":") {
        Some(address) if !address.is_empty() && !word.starts_with(b":") => {
            (address, text.get(address.len()..).unwrap_or_default())
        }
        Some(_) | None => (word, rest),
    }
}

/// Where a path or a command ends: before the address that it stands for, which nearly all have, else before a field.
fn after_command(text: &[u8]) -> Option<usize> {
    const FIELDS: [&[u8]; 5] = [b" F=", b" Q=", b" P=", b" R=", b" T="];
    let first = |nexts: &[&[u8]]| nexts.iter().filter_map(|next| memmem::find(text, next)).min();
    memmem::find(text, b" <").and_then(|_| first(&[b" <", b" ("])).or_else(|| first(&FIELDS))
}

/// What follows the quote that closes; a backslash takes its meaning from the next byte.
fn after_quote(mut inside: &[u8]) -> &[u8] {
    while let Some(rest) = memchr2(b'"', b'\\', inside).and_then(|at| inside.get(at..)) {
        match rest {
            [b'"', rest @ ..] => return rest,
            [_, _, rest @ ..] => inside = rest,
            [] | [_] => break,
        }
    }
    b""
}

/// What stands next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// `X=value`, without quotes.
    Value(&'a [u8], &'a [u8]),
    /// `H=name [ip]:port`
    Host(Relay<'a>),
    /// `defer (N)`
    Error(i32),
    /// `L`, `K`, `PRDR`, `DS`, `routing`, and what else says nothing here.
    Word(&'a [u8]),
    /// A colon: the rest are the words of an error.
    Text(&'a [u8]),
}

/// An address with quotes and blanks in it is believed up to this length; RFC 5321 allows 254.
const LONGEST_ADDRESS: usize = 1_024;

/// Takes the field at the front of `rest`. None at the end.
pub(super) fn next<'a>(rest: &mut &'a [u8]) -> Option<Field<'a>> {
    let text = skip_blanks(rest);
    match text {
        [] => return None,
        [b':', words @ ..] if words.is_empty() || words.starts_with(b" ") => {
            *rest = b"";
            return Some(Field::Text(skip_blanks(words)));
        }
        _ => {}
    }
    if let Some(after) = text.strip_prefix(b"H=") {
        let (host, after) = host(after);
        *rest = after;
        return Some(Field::Host(host));
    }
    if let Some(mut at) = text.strip_prefix(b"defer (").map(Cursor) {
        let digits = at.run(|byte| byte == b'-' || byte.is_ascii_digit());
        if at.take(b")") {
            *rest = at.0;
            return Some(Field::Error(number(digits)));
        }
    }
    Some(value(text, rest).unwrap_or_else(|| Field::Word(word(text, rest))))
}

/// `X=value`, `X="value"`, `X=<value>`. The closing quote is sought before the blank: a value may be nearly all of a record.
fn value<'a>(text: &'a [u8], rest: &mut &'a [u8]) -> Option<Field<'a>> {
    let mut at = Cursor(text);
    let name = at.run(|byte| byte.is_ascii_alphanumeric() || byte == b'*');
    (!name.is_empty() && at.take(b"=")).then_some(())?;
    if let Some(inside) = at.0.strip_prefix(b"\"") {
        let after = after_quote(inside);
        let value = inside.get(..inside.len() - after.len()).unwrap_or_default();
        *rest = after;
        return Some(Field::Value(name, value.strip_suffix(b"\"").unwrap_or(value)));
    }
    if let Some(inside) = at.0.strip_prefix(b"<")
        && let Some((address, _)) = split_before(inside.get(..LONGEST_ADDRESS).unwrap_or(inside), b'>', ends)
    {
        *rest = inside.get(address.len() + 1..).unwrap_or_default();
        return Some(Field::Value(name, address));
    }
    Some(Field::Value(name, word(at.0, rest)))
}

/// What stands before the next blank, without a colon that belongs to the error behind it; leaves the rest to read.
fn word<'a>(text: &'a [u8], rest: &mut &'a [u8]) -> &'a [u8] {
    let word = text.get(..memchr(b' ', text).unwrap_or(text.len())).unwrap_or_default();
    let bare = word.strip_suffix(b":").unwrap_or(word);
    *rest = text.get(bare.len()..).unwrap_or_default();
    bare
}

/// The whole number of an error; 0, which is none, for anything else.
fn number(digits: &[u8]) -> i32 {
    std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// `name [ip]:port`, `name DS [ip]`, `name (helo) [ip]`, `(helo) [ip]`, `[ip]`, `name`: the name that was verified or sought, the
/// address, and what follows. The bracket of a cut record never closes.
pub(super) fn host(text: &[u8]) -> (Relay<'_>, &[u8]) {
    let (mut host, mut rest) = (Relay::default(), text);
    if !matches!(text.first(), Some(b'(' | b'[')) {
        let word = text.get(..memchr(b' ', text).unwrap_or(text.len())).unwrap_or_default();
        host.host = word.strip_suffix(b":").unwrap_or(word);
        rest = text.get(host.host.len()..).unwrap_or_default();
    }
    loop {
        // The blank belongs to the host only if the host goes on.
        let next = skip_blanks(rest);
        match next {
            [b'[', inside @ ..] => {
                let (ip, after) = address_literal(inside);
                host.ip = ip;
                return (host, skip_port(after));
            }
            [b'D', b'S', after @ ..] if after.starts_with(b" [") => rest = after,
            [b'(', ..] => match split_before(next, b')', ends) {
                Some((_, after)) => rest = after,
                None => return (host, b""),
            },
            _ => return (host, rest),
        }
    }
}

/// What stands before `]`. Where a blank or the end comes first, before that; a colon is then the error's.
fn address_literal(inside: &[u8]) -> (&[u8], &[u8]) {
    let length = inside.iter().position(|byte| matches!(byte, b']' | b' ')).unwrap_or(inside.len());
    let (ip, rest) = inside.split_at_checked(length).unwrap_or((inside, b""));
    if let Some(rest) = rest.strip_prefix(b"]") {
        return (ip, rest);
    }
    let bare = ip.strip_suffix(b":").unwrap_or(ip);
    (bare, inside.get(bare.len()..).unwrap_or_default())
}

/// `:25`, and the star of a connection that was used before.
fn skip_port(text: &[u8]) -> &[u8] {
    let rest = match text {
        [b':', digits @ ..] if digits.first().is_some_and(u8::is_ascii_digit) => {
            let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
            digits.get(length..).unwrap_or_default()
        }
        _ => text,
    };
    rest.strip_prefix(b"*").unwrap_or(rest)
}

/// `3s`, `2m7s`, `1d3h5m`, `0.123s` in milliseconds. Source: `readconf_printtime()`, `string_timediff()`.
pub(super) fn interval_ms(text: &[u8]) -> Option<i64> {
    let (mut sum, mut rest) = (0_i64, text);
    while !rest.is_empty() {
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let whole = i64::try_from(crate::format::cursor::number(rest.get(..length)?)?).ok()?;
        rest = rest.get(length..)?;
        let mut millis = 0;
        if let Some(fraction) = rest.strip_prefix(b".") {
            let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            millis = crate::format::cursor::millionths(fraction.get(..length)?) / 1_000;
            rest = fraction.get(length..)?;
        }
        let seconds = match rest.first()? {
            b'w' => 604_800,
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        sum = sum.checked_add(whole.checked_mul(seconds * 1_000)?)?.checked_add(millis)?;
        rest = rest.get(1..)?;
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use bstr::BStr;

    use super::*;

    #[track_caller]
    fn check_recipient(text: &str, address: &str, original: &str, rest: &str) {
        let (found, found_rest) = recipient(text.as_bytes(), LONGEST_LOCAL_PART).unwrap();
        let found_original = found.original.map_or(BStr::new("-"), BStr::new);
        assert_eq!(
            (BStr::new(found.address), found_original, BStr::new(found_rest)),
            (address.into(), original.into(), rest.into())
        );
    }

    #[test]
    fn an_address_has_parents_and_an_original() {
        check_recipient("a@b.example R=x", "a@b.example", "-", " R=x");
        check_recipient("a@b.example <c@d.example> R=x", "a@b.example", "c@d.example", " R=x");
        check_recipient(" foo@b.example <\" foo.bar\"@d.example> R=x", "foo@b.example", "\" foo.bar\"@d.example", " R=x");
        check_recipient("user (p@d.example, q@d.example) <c@d.example> R=x", "user", "c@d.example", " R=x");
        check_recipient("\"a b: c\"@d.example: Unrouteable", "\"a b: c\"@d.example", "-", ": Unrouteable");
        check_recipient("a@b.example: retry timeout exceeded", "a@b.example", "-", ": retry timeout exceeded");
        check_recipient("a@b.example <c@d.example>: Unrouteable", "a@b.example", "c@d.example", ": Unrouteable");
        check_recipient("|/bin/x -a \"b c\" <c@d.example> R=x", "|/bin/x -a \"b c\"", "c@d.example", " R=x");
        check_recipient("|/bin/x R=y T=z <c@d.example> R=x", "|/bin/x R=y T=z", "c@d.example", " R=x");
        check_recipient("/var/mail/a b <c@d.example> R=x", "/var/mail/a b", "c@d.example", " R=x");
        check_recipient(">user (p@d.example) <c@d.example> R=x", ">user", "c@d.example", " R=x");
        check_recipient("a - b (\"a - b\"@d.example, p@d.example) <c@d.example> R=x", "a - b", "c@d.example", " R=x");
        check_recipient(
            "a |/bin/x c@d.example /y (c@d.example) <c@d.example> R=x",
            "a |/bin/x c@d.example /y",
            "c@d.example",
            " R=x",
        );
        check_recipient("a@b.example R=x (y) <z>", "a@b.example", "-", " R=x (y) <z>");
        check_recipient("a@b.example: no such (user) <x> y", "a@b.example", "-", ": no such (user) <x> y");
        check_recipient(":blackhole: <c@d.example> R=x", ":blackhole:", "c@d.example", " R=x");
        check_recipient("a@[10.1.1.1] R=x", "a@[10.1.1.1]", "-", " R=x");
        check_recipient("SRS0=x=y=z@b.example", "SRS0=x=y=z@b.example", "-", "");
        assert_eq!(recipient(b"", 64), None);
        assert_eq!(recipient(b"  ", 64), None);
    }

    #[test]
    fn quotes_that_routing_took_out_come_back_with_the_original() {
        check_recipient("a b@c.example <\"a b\"@c.example> R=x", "\"a b\"@c.example", "-", " R=x");
        check_recipient(" x: y@c.example <\"x: y\"@c.example>: no", "\"x: y\"@c.example", "-", ": no");
        check_recipient(" a <q>@c.example <\"a <q>\"@c.example> R=x", "\"a <q>\"@c.example", "-", " R=x");
        check_recipient(" => a@c.example <\"=> a\"@c.example> R=x", "\"=> a\"@c.example", "-", " R=x");
        check_recipient(" C=\"a@c.example <\"C=\\\"a\"@c.example> R=x", "\"C=\\\"a\"@c.example", "-", " R=x");
        check_recipient(" a\\b@c.example <\"a\\\\b\"@c.example>", "\"a\\\\b\"@c.example", "-", "");
        check_recipient(" a.b c@c.example <a.\"b c\"@c.example> R=x", "a.\"b c\"@c.example", "-", " R=x");
        check_recipient(" a b <\"a b\"@c.example> R=x", "a b", "\"a b\"@c.example", " R=x");
        check_recipient(" up@c.example <Up@C.Example> R=x", "up@c.example", "-", " R=x");
        check_recipient(" a b@c.example <\"a b\"@d.example> R=x", "a", "-", " b@c.example <\"a b\"@d.example> R=x");
        check_recipient("a <\"a\"> R=x", "a", "\"a\"", " R=x");
        check_recipient("a@b.example <\"a@b.example\"> R=x", "a@b.example", "\"a@b.example\"", " R=x");
    }

    #[test]
    fn letters_that_a_server_does_not_know_come_back_with_the_original() {
        check_recipient("a@xn--tst-bma.example <A@tést.example> R=x", "A@tést.example", "-", " R=x");
        check_recipient("xn--ok.sera-p2a@b.example <ok.üserA@b.example> R=x", "ok.üserA@b.example", "-", " R=x");
        check_recipient(
            "xn--ok.sera-p2a@b.example <ok.üserA@c.example> R=x",
            "xn--ok.sera-p2a@b.example",
            "ok.üserA@c.example",
            " R=x",
        );
        check_recipient("a@xn--tst-bma.example <a@mx.tést.example> R=x", "a@xn--tst-bma.example", "a@mx.tést.example", " R=x");
        check_recipient("b@xn--tst-bma.example <a@tést.example> R=x", "b@xn--tst-bma.example", "a@tést.example", " R=x");
        check_recipient("a@xn--tst-bma.example <a@test.example> R=x", "a@xn--tst-bma.example", "a@test.example", " R=x");
    }

    #[test]
    fn an_address_within_an_address_is_none() {
        // A local part that holds a record.
        let inner = "a@b.example <\"a\"@b.example> R=x T=y: 550 no";
        let quoted = "\"a@b.example <\\\"a\\\"@b.example> R=x T=y: 550 no\"@c.example";
        check_recipient(&format!(" {inner}@c.example <{quoted}> R=z"), quoted, "-", " R=z");
        // A server's words that hold an address, and what was said before them.
        let before = "a@b.example R=dnslookup T=remote_smtp H=mx.b.example [192.0.2.1]: SMTP error from remote mail server after \
                      end of data: 550 x";
        let forged = format!("{before}@b.example <\"{before}\"@b.example> R=z");
        let rest = forged.strip_prefix("a@b.example").unwrap().to_owned();
        check_recipient(&format!(" {forged}"), "a@b.example", "-", &rest);
        let forged = format!("{before} <\"{before}\"@b.example> R=z");
        let rest = forged.strip_prefix("a@b.example").unwrap().to_owned();
        check_recipient(&forged, "a@b.example", "-", &rest);
        // The same in a reply to what was delivered, where a backslash stands before each quote.
        let forged = "a@b.example R=x C=\"250 x@b.example <\\\"a@b.example R=x C=\\\"250 x\\\"@b.example> R=z\"";
        let (found, rest) = recipient(forged.as_bytes(), usize::MAX).unwrap();
        assert_eq!(
            (BStr::new(found.address), BStr::new(rest)),
            ("a@b.example".into(), forged.strip_prefix("a@b.example").unwrap().into())
        );
        // A long one that nothing speaks against.
        let long = "a ".repeat(60);
        let quoted = format!("\"{long}\"@b.example");
        check_recipient(&format!(" {long}@b.example <{quoted}> R=z"), &quoted, "-", " R=z");
    }

    #[test]
    fn a_list_of_addresses_is_split_at_blanks_out_of_quotes() {
        let split = |text: &'static str| {
            let mut rest = text.as_bytes();
            std::iter::from_fn(move || next_address(&mut rest))
                .map(|address| BStr::new(address).to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(split("a@b.example c@d.example"), ["a@b.example", "c@d.example"]);
        assert_eq!(
            split(" \"a b\"@c.example  x.\"y \\\" z\"@c.example d"),
            ["\"a b\"@c.example", "x.\"y \\\" z\"@c.example", "d"]
        );
        assert_eq!(split("a\"b@c.example d@c.example"), ["a\"b@c.example", "d@c.example"]);
        assert_eq!(split("a \"b\""), ["a", "\"b\""]);
        assert_eq!(split(""), [""; 0]);
        assert_eq!(split("  "), [""; 0]);
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut rest = text.as_bytes();
        let mut found = Vec::new();
        while let Some(field) = next(&mut rest) {
            found.push(match field {
                Field::Value(name, value) => format!("{}={}", BStr::new(name), BStr::new(value)),
                Field::Host(host) => format!("host {} [{}]", BStr::new(host.host), BStr::new(host.ip)),
                Field::Error(number) => format!("error {number}"),
                Field::Word(word) => format!("word {}", BStr::new(word)),
                Field::Text(text) => format!("text {}", BStr::new(text)),
            });
        }
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn fields_end_at_blanks_quotes_and_colons() {
        check(
            "F=<a@b> R=dnslookup T=remote_smtp S=12 H=mx.example.com [192.0.2.1]:25* I=[192.0.2.9]:1234 X=TLS1.3:AES:256 CV=yes \
             DN=\"C=US,ST=A B,O=\\\"x\\\"\" L K PRDR C=\"250 OK id=1\" QT=3s DT=0.1s",
            &[
                "F=a@b",
                "R=dnslookup",
                "T=remote_smtp",
                "S=12",
                "host mx.example.com [192.0.2.1]",
                "I=[192.0.2.9]:1234",
                "X=TLS1.3:AES:256",
                "CV=yes",
                "DN=C=US,ST=A B,O=\\\"x\\\"",
                "word L",
                "word K",
                "word PRDR",
                "C=250 OK id=1",
                "QT=3s",
                "DT=0.1s",
            ],
        );
        check("R=virtual_aliases: No Such User Here", &["R=virtual_aliases", "text No Such User Here"]);
        check("T=x defer (-44) H=mx [192.0.2.1]: a: b", &["T=x", "error -44", "host mx [192.0.2.1]", "text a: b"]);
        check("T=x defer (110): Connection timed out", &["T=x", "error 110", "text Connection timed out"]);
        check("T=x H=mx [192.0.2.1] : new style", &["T=x", "host mx [192.0.2.1]", "text new style"]);
        check("H=(relay.test) [192.0.2.1: SMTP error", &["host  [192.0.2.1]", "text SMTP error"]);
        check("H=([]) [192.0.2.1]:1337 P=x", &["host  [192.0.2.1]", "P=x"]);
        check("H=a.example (b c) [192.0.2.1] P=x", &["host a.example [192.0.2.1]", "P=x"]);
        check("H=mx DS [2001:db8::1]:25: words", &["host mx [2001:db8::1]", "text words"]);
        check("H=mx R=x", &["host mx []", "R=x"]);
        check("H=", &["host  []"]);
        check("C=\"250 cut", &["C=250 cut"]);
        check("F=<> routing defer (-1): x", &["F=", "word routing", "error -1", "text x"]);
    }

    #[test]
    fn an_interval_has_units() {
        assert_eq!(interval_ms(b"3s"), Some(3_000));
        assert_eq!(interval_ms(b"2m7s"), Some(127_000));
        assert_eq!(interval_ms(b"1w1d1h"), Some(694_800_000));
        assert_eq!(interval_ms(b"0.123s"), Some(123));
        for text in [&b""[..], b"3", b"qqs", b"3x", b"99999999999999999999s", b"9223372036854775807w"] {
            assert_eq!(interval_ms(text), None);
        }
    }
}
