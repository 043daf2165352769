//! Text that is nearly JSON: bytes that are no UTF-8, bare control characters in strings, halves of surrogate pairs.
//!
//! Programs that cut a text by its length, or print it as it came, write such. Only what could not be read otherwise is changed, and
//! no value is invented: a damaged character becomes U+FFFD, a control character a blank.

/// `record` as text that a reader of JSON can take, if that was all that was wrong with it.
pub(crate) fn repair(record: &[u8]) -> String {
    let text = String::from_utf8_lossy(record);
    let mut repaired = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find(|c: char| c == '\\' || c < ' ') {
        let (before, from) = rest.split_at(at);
        repaired.push_str(before);
        let taken = match from.as_bytes() {
            [b'\\', b'u', ..] => surrogates(from, &mut repaired),
            [b'\\', ..] => escape(from, &mut repaired),
            _ => {
                repaired.push(' ');
                1
            }
        };
        rest = from.get(taken..).unwrap_or_default();
    }
    repaired.push_str(rest);
    repaired
}

/// A backslash and the character after it, whatever that is. Gives their length.
fn escape(from: &str, to: &mut String) -> usize {
    let taken: String = from.chars().take(2).collect();
    to.push_str(&taken);
    taken.len()
}

/// `\ud83d\ude00` is kept, and so is any other `\uXXXX`; half a pair is not. Gives the length taken.
fn surrogates(from: &str, to: &mut String) -> usize {
    let first = unit(from);
    let kept = match first {
        Some(0xd800..0xdc00) => from.get(6..).and_then(unit).filter(|second| (0xdc00..0xe000).contains(second)).map(|_| 12),
        Some(0xdc00..0xe000) => None,
        Some(_) => Some(6),
        None => return escape(from, to),
    };
    let Some(whole) = kept.and_then(|length| from.get(..length)) else {
        to.push('\u{fffd}');
        return 6;
    };
    to.push_str(whole);
    whole.len()
}

/// The UTF-16 unit of `\uXXXX` at the front.
fn unit(from: &str) -> Option<u16> {
    let digits = from.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_whole_stays_as_it_is() {
        for text in [r#"{"a":"\"\\\u00e9\ud83d\ude00 x"}"#, "{\"é\":1}", "", r#"{"a":"\\ud83d"}"#] {
            assert_eq!(repair(text.as_bytes()), text);
        }
    }

    #[test]
    fn halves_and_control_characters_are_made_readable() {
        for (broken, whole) in [
            (&br#"{"a":"x\ud83d"}"#[..], "x\u{fffd}"),
            (br#"{"a":"\ude00\ud83d\ud83d\ude00"}"#, "\u{fffd}\u{fffd}\u{1f600}"),
            (b"{\"a\":\"x\ty\nz\"}", "x y z"),
            (b"{\"a\":\"caf\xe9\"}", "caf\u{fffd}"),
        ] {
            let read: serde_json::Value = serde_json::from_str(&repair(broken)).unwrap();
            assert_eq!(read["a"], whole);
        }
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for text in [&b"\\"[..], b"\\u", b"\\u12", b"\\ud83d\\u", b"{\"a\":\"\\u12\xc3\"}", b"\\\xf0\x9f\x98\x80"] {
            assert!(serde_json::from_str::<serde_json::Value>(&repair(text)).is_err());
        }
    }
}
