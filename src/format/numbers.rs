//! The numbers at the front of a reply: `550 5.1.1 text`, RFC 5321 section 4.2 and RFC 2034.

use super::cursor::Cursor;
use crate::event::Enhanced;

/// The reply code, and what follows it. None: the text begins with none.
pub(crate) fn code(reply: &[u8]) -> Option<(u16, &[u8])> {
    let [class @ b'2'..=b'5', tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = reply else { return None };
    let value = |digit: &u8| u16::from(digit - b'0');
    let is_end = rest.first().is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'.');
    is_end.then_some((value(class) * 100 + value(tens) * 10 + value(ones), rest))
}

/// The enhanced status at the front of a text, behind a code or not: `5.1.1 …`, `-5.1.1 …`, `#5.1.1`, `(#5.1.1)`.
pub(crate) fn enhanced(text: &[u8]) -> Option<Enhanced> {
    let mut at = Cursor(text);
    at.run(|byte| matches!(byte, b' ' | b'-' | b'#' | b'(' | b'['));
    let status = at.run(|byte| byte.is_ascii_digit() || byte == b'.');
    Enhanced::read(status.strip_suffix(b".").unwrap_or(status))
}

/// Code and enhanced status of a reply, each if it is there.
pub(crate) fn both(reply: &[u8]) -> (Option<u16>, Option<Enhanced>) {
    match code(reply) {
        Some((code, rest)) => (Some(code), enhanced(rest)),
        None => (None, enhanced(reply)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reply: &str, expected: Option<u16>, status: Option<&str>) {
        let (code, enhanced) = both(reply.as_bytes());
        assert_eq!((code, enhanced.map(|status| status.to_string()).as_deref()), (expected, status), "{reply}");
    }

    #[test]
    fn code_and_status_stand_in_front() {
        check("550 5.1.1 no such user", Some(550), Some("5.1.1"));
        check("550-5.1.1 no such user", Some(550), Some("5.1.1"));
        check("554 #5.7.1. refused", Some(554), Some("5.7.1"));
        check("451 (#4.4.1) later", Some(451), Some("4.4.1"));
        check("4.3.2 try again later", None, Some("4.3.2"));
        check("421", Some(421), None);
    }

    #[test]
    fn other_numbers_are_none() {
        check("550 192.0.2.1 is blocked", Some(550), None);
        check("5501 messages", None, None);
        check("550x", None, None);
        check("192.0.2.1 is blocked", None, None);
        check("", None, None);
        check("650 5", None, None);
    }
}
