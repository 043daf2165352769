//! Replies as Python writes them: `('550', ['line one', "it's line two"])`.

use memchr::memmem::find;

use super::super::cursor::Cursor;

/// A reply taken out of its tuple.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// None: `'000'`, no server answered.
    pub(super) code: Option<u16>,
    /// The lines, with the code in front if there is one and a blank between: as the server sent them, but for the line ends.
    pub(super) text: Vec<u8>,
}

/// The tuple in a text, wherever it begins.
pub(super) fn reply(text: &[u8]) -> Option<Reply> {
    let mut from = 0;
    loop {
        let at = from + find(text.get(from..)?, b"('")?;
        let rest = text.get(at + 2..)?;
        if let [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b'\'', rest @ ..] = rest {
            let value = |digit: &u8| u16::from(digit - b'0');
            let code = value(a) * 100 + value(b) * 10 + value(c);
            let mut text = Vec::new();
            if code > 0 {
                text.extend_from_slice(&[*a, *b, *c]);
            }
            joined(rest.strip_prefix(b",").unwrap_or(rest), &mut text);
            return Some(Reply { code: (code > 0).then_some(code), text });
        }
        from = at + 2;
    }
}

/// Appends the strings of a list, or a string alone, each behind a blank.
pub(super) fn joined(list: &[u8], into: &mut Vec<u8>) {
    let mut at = Cursor(list);
    at.blanks();
    let is_list = at.take(b"[");
    loop {
        at.blanks();
        // `u'…'` and `b'…'`: what Python calls the string does not matter.
        if matches!(at.0, [b'u' | b'b', b'\'' | b'"', ..]) {
            at.0 = at.0.get(1..).unwrap_or_default();
        }
        let Some((quote, rest)) = at.0.split_first().filter(|(quote, _)| matches!(quote, b'\'' | b'"')) else { return };
        at.0 = rest;
        if !into.is_empty() {
            into.push(b' ');
        }
        string(&mut at, *quote, into);
        if !(is_list && at.take(b",")) {
            return;
        }
    }
}

/// Appends a string up to its closing quote, without its escapes; line ends become blanks.
fn string(at: &mut Cursor<'_>, quote: u8, into: &mut Vec<u8>) {
    loop {
        let plain = at.run(|byte| byte != quote && byte != b'\\');
        into.extend_from_slice(plain);
        let Some((byte, rest)) = at.0.split_first() else { return };
        at.0 = rest;
        if *byte == quote {
            return;
        }
        let Some((escaped, rest)) = at.0.split_first() else { return };
        at.0 = rest;
        match escaped {
            b'n' | b'r' | b't' if into.last() == Some(&b' ') => {}
            b'n' | b'r' | b't' => into.push(b' '),
            b'x' => {
                let digits = at.0.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else { continue };
                into.push(byte);
                at.0 = at.0.get(2..).unwrap_or_default();
            }
            other => into.push(*other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(Option<u16>, &str)>) {
        let found = reply(text.as_bytes()).map(|reply| (reply.code, String::from_utf8_lossy(&reply.text).into_owned()));
        assert_eq!(found.as_ref().map(|(code, text)| (*code, text.as_str())), expected, "{text}");
    }

    #[test]
    fn lines_are_joined_behind_the_code() {
        check("Unknown address error ('550', ['no such user']) []", Some((Some(550), "550 no such user")));
        check("x (y) ('421', ['one', \"it's two\"])[]", Some((Some(421), "421 one it's two")));
        check("('550', 'alone')", Some((Some(550), "550 alone")));
        check("('250', [u'a', u'b'])", Some((Some(250), "250 a b")));
    }

    #[test]
    fn three_noughts_are_no_reply() {
        check(
            "Bad destination host ('000', ['DNS Hard Error looking up x (MX):  NXDomain'])",
            Some((None, "DNS Hard Error looking up x (MX):  NXDomain")),
        );
        check("Bad destination host ('000', [])", Some((None, "")));
    }

    #[test]
    fn escapes_are_taken_out() {
        check(r"('550', ['a\r\n\tb\\c\'d\xe9'])", Some((Some(550), "550 a b\\c'd\u{fffd}")));
        check(r"('550', ['cut \", Some((Some(550), "550 cut ")));
    }

    #[test]
    fn other_parentheses_are_none() {
        check("Delivery expired (message too old)", None);
        check("('x', [])", None);
        check("", None);
    }
}
