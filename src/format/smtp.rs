//! What SMTP itself puts into the words of a reply, whichever MTA logged them: reply code, enhanced status, and the queue id under
//! which a server says that it took a message.

use super::cursor::{rsplit_text, split_text, two};
use crate::event::Enhanced;

/// Reply code at the front of a reply: three digits, 2xx to 5xx, and no fourth.
pub(crate) fn code(reply: &[u8]) -> Option<u16> {
    let (digits, rest) = reply.split_first_chunk::<3>()?;
    let [hundreds @ b'2'..=b'5', tens, ones] = digits else { return None };
    let ends = matches!(rest, [] | [b' ' | b'-' | b'\t', ..]);
    let low = two(*tens, *ones)?;
    ends.then(|| u16::from(hundreds - b'0') * 100 + u16::from(low))
}

/// The enhanced status at the front of a reply, after its code if there is one.
pub(crate) fn enhanced(reply: &[u8]) -> Option<Enhanced> {
    let rest = match reply {
        [b'2'..=b'5', _, _, b' ' | b'-', rest @ ..] => rest,
        _ => reply,
    };
    let length = rest.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.').unwrap_or(rest.len());
    Enhanced::read(rest.get(..length)?)
}

/// The MTA that named a next id, by the words in which it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taker {
    /// `queued as ID`
    Postfix,
    /// `ID Message accepted for delivery`
    Sendmail,
    /// `OK id=ID`
    Exim,
}

impl Taker {
    /// The instance that its records carry unless they say otherwise.
    pub(crate) const fn instance(self) -> &'static [u8] {
        match self {
            Self::Postfix => b"postfix",
            Self::Sendmail => b"sendmail",
            Self::Exim => b"exim",
        }
    }
}

/// Shortest id that is believed: hexadecimal microseconds have five digits.
const SHORTEST: usize = 5;
/// `1RookS-000Pg8-VO`
const SHORTEST_OF_EXIM: usize = 16;

/// Who took a message and under which id it goes on there. Postfix may be named in the reply of a filter in front of it: the last one
/// then.
pub(crate) fn next_id(reply: &[u8]) -> Option<(Taker, &[u8])> {
    if let Some((_, rest)) = rsplit_text(reply, b"queued as ") {
        return leading(rest, |byte| byte.is_ascii_alphanumeric(), SHORTEST).map(|id| (Taker::Postfix, id));
    }
    if let Some((before, _)) = split_text(reply, b" Message accepted for delivery") {
        let word = before.rsplit(|&byte| byte == b' ').next()?;
        return leading(word, |byte| byte.is_ascii_alphanumeric(), SHORTEST).map(|id| (Taker::Sendmail, id));
    }
    let rest = reply.strip_prefix(b"OK id=").or_else(|| rsplit_text(reply, b" OK id=").map(|(_, rest)| rest))?;
    leading(rest, |byte| byte.is_ascii_alphanumeric() || byte == b'-', SHORTEST_OF_EXIM).map(|id| (Taker::Exim, id))
}

fn leading(text: &[u8], belongs: impl Fn(u8) -> bool, shortest: usize) -> Option<&[u8]> {
    let length = text.iter().position(|&byte| !belongs(byte)).unwrap_or(text.len());
    text.get(..length).filter(|_| length >= shortest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_three_digits_and_no_more() {
        assert_eq!(code(b"550 x"), Some(550));
        assert_eq!(code(b"421-x"), Some(421));
        assert_eq!(code(b"250"), Some(250));
        for text in [&b"5500 x"[..], b"550x", b"5.1.1 x", b"650 x", b"55", b""] {
            assert_eq!(code(text), None);
        }
    }

    #[test]
    fn an_enhanced_status_follows_the_code_or_stands_alone() {
        let read = |text: &[u8]| enhanced(text).map(|status| status.to_string());
        assert_eq!(read(b"550 5.1.1 no").as_deref(), Some("5.1.1"));
        assert_eq!(read(b"550-5.1.1 no").as_deref(), Some("5.1.1"));
        assert_eq!(read(b"4.2.2 full").as_deref(), Some("4.2.2"));
        assert_eq!(read(b"550 no 5.1.1"), None);
        assert_eq!(read(b""), None);
    }

    #[test]
    fn each_mta_names_its_id_in_words_of_its_own() {
        let next = |text: &'static [u8]| next_id(text);
        assert_eq!(next(b"250 2.0.0 Ok: queued as 4F1A2B3C01"), Some((Taker::Postfix, &b"4F1A2B3C01"[..])));
        assert_eq!(next(b"250 Ok, id=1, from MTA: 250 Ok: queued as 4F1A2B3C02)"), Some((Taker::Postfix, &b"4F1A2B3C02"[..])));
        assert_eq!(next(b"l8E3xVpO007423 Message accepted for delivery"), Some((Taker::Sendmail, &b"l8E3xVpO007423"[..])));
        assert_eq!(next(b"250 OK id=1sDcIj-00BWdE-0W"), Some((Taker::Exim, &b"1sDcIj-00BWdE-0W"[..])));
        assert_eq!(next(b"OK id=1sDcIj-000000004YY-3wAT"), Some((Taker::Exim, &b"1sDcIj-000000004YY-3wAT"[..])));
        for text in [&b"250 ok"[..], b"queued as x", b" Message accepted for delivery", b"250 OK id=12", b""] {
            assert_eq!(next_id(text), None);
        }
    }
}
