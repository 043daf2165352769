//! Finding the objects in a text, and walking over the members of one without reading it.

use std::borrow::Cow;

use memchr::memchr;
use serde::de::{Deserialize, IgnoredAny};

use super::members::Name;

/// Reads a value at the beginning of `text`; the value, and its length.
pub(super) fn value<'a, T: Deserialize<'a>>(text: &'a str) -> Option<(T, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

/// Where a value ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Before this byte.
    At(usize),
    /// Beyond the text.
    Cut,
    /// There is no value.
    Broken,
}

/// Where the value at the beginning of `text` ends.
pub(super) fn end(text: &str) -> End {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => End::At(values.byte_offset()),
        Some(Err(error)) if error.is_eof() => End::Cut,
        Some(Err(_)) | None => End::Broken,
    }
}

/// The length of the value at the beginning of `text`, if it is whole.
pub(super) fn length(text: &str) -> Option<usize> {
    match end(text) {
        End::At(length) => Some(length),
        End::Cut | End::Broken => None,
    }
}

/// The first brace in `text` and what follows it, less what stands before: blanks, a stamp, a list's bracket, a comma.
pub(crate) fn object(text: &str) -> Option<&str> {
    text.get(memchr(b'{', text.as_bytes())?..)
}

/// The members of the object at the beginning of `text`, each name with the text of its value, as far as it can be read.
pub(super) fn members(text: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    let mut rest = text.strip_prefix('{').unwrap_or_default();
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
        let (Name(name), taken) = value::<Name<'_>>(rest)?;
        rest = rest.get(taken..)?.trim_start().strip_prefix(':')?.trim_start();
        // A value that the text cuts short is shown as far as it goes.
        let taken = length(rest).unwrap_or(rest.len());
        let (found, after) = rest.split_at_checked(taken)?;
        rest = after;
        Some((name, found))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let found: Vec<_> = members(text).collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(name, value)| (&**name, *value)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn members_are_found_whatever_they_hold() {
        check(
            r#"{"a":1,"b" : {"c":[1,"}"]} , "d\u0065":"x\"" , "f":null}{"g":1}"#,
            &[("a", "1"), ("b", r#"{"c":[1,"}"]}"#), ("de", r#""x\"""#), ("f", "null")],
        );
        check("{\n  \"a\" : true\n}", &[("a", "true")]);
        check("{}", &[]);
        check("[1]", &[]);
    }

    #[test]
    fn an_object_that_is_cut_shows_what_is_left() {
        check(r#"{"a":1,"b":{"c":2"#, &[("a", "1"), ("b", r#"{"c":2"#)]);
        check(r#"{"a":1,"b"#, &[("a", "1")]);
        check(r#"{"a":1,"b":"#, &[("a", "1"), ("b", "")]);
        check(r#"{"a" 1}"#, &[]);
    }
}
