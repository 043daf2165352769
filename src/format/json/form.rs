//! Posts of webhooks that are forms, as they stand in a dump of bodies: `mandrill_events=%5B%7B…`, `event=delivered&recipient=…`.
//!
//! A body on a line of its own is turned into the object that it is, each member a string, and read as such. Source: the URL standard,
//! section 5.1, `application/x-www-form-urlencoded`.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Members of a body. No service posts half as many.
const MOST_MEMBERS: usize = 256;

/// The longest name of a member.
const LONGEST_NAME: usize = 64;

/// The object that the form in `text` is, as JSON. None: it is no form.
pub(super) fn object(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}').trim_ascii();
    let mut members = Map::new();
    for pair in text.split('&').take(MOST_MEMBERS) {
        let (name, value) = pair.split_once('=')?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'%' | b'[' | b']' | b'+');
        (!name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(is_name)).then_some(())?;
        // A form has no bytes that a URL has not.
        value.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'{' | b'}' | b'=')).then_some(())?;
        members.insert(decoded(name).into_owned(), Value::String(decoded(value).into_owned()));
    }
    serde_json::to_string(&members).ok()
}

/// Whether a member of the form in `text` holds a list or an object that is cut.
pub(super) fn is_cut(text: &str) -> bool {
    let values = text.trim_ascii().split('&').take(MOST_MEMBERS).filter_map(|pair| Some(decoded(pair.split_once('=')?.1)));
    let mut json = values.filter(|value| value.starts_with(['[', '{']));
    json.any(|value| serde_json::from_str::<serde::de::IgnoredAny>(&value).is_err())
}

/// The text that was encoded: `+` is a blank, `%5B` a byte. Bytes that are no UTF-8 are replaced.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['+', '%']) {
        return text.into();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let byte = match (first, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, behind @ ..]) => match hex(*high).zip(hex(*low)) {
                Some((high, low)) => {
                    rest = behind;
                    high << 4 | low
                }
                None => b'%',
            },
            (other, _) => *other,
        };
        bytes.push(byte);
    }
    String::from_utf8_lossy(&bytes).into_owned().into()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_an_object_of_strings() {
        assert_eq!(
            object("mandrill_events=%5B%7B%22ts%22%3A1%7D%5D\r").as_deref(),
            Some(r#"{"mandrill_events":"[{\"ts\":1}]"}"#)
        );
        assert_eq!(
            object("event=delivered&Message-Id=%3Ca%2Bb%40c.example%3E&x=a+b%2").as_deref(),
            Some(r#"{"Message-Id":"<a+b@c.example>","event":"delivered","x":"a b%2"}"#)
        );
        assert_eq!(object("a=%ff%41").as_deref(), Some("{\"a\":\"\u{fffd}A\"}"));
    }

    #[test]
    fn what_was_cut_off_a_list_is_missed() {
        assert!(is_cut("a=1&b=%5B%7B%22c%22"));
        assert!(!is_cut("a=1&b=%5B%7B%7D%5D&c"));
    }

    #[test]
    fn what_is_no_form_is_none() {
        for text in
            ["", "a", "=b", "a=b c", "a b=c", "a={}", "a=b&", "MESSAGE=5A1B2C: to=<a@b.example>, status=sent", "{\"a\":1}"]
        {
            assert_eq!(object(text), None, "{text}");
        }
    }
}
