//! Whether the head of a file is of a service, and how its objects stand in it.

use std::borrow::Cow;

use super::walk::{self, End};
use super::{DEEPEST, Object, SERVICES, Service, content, form, rows};
use crate::event::Framing;
use crate::format::Confidence;

/// Objects of services after which the head's service is settled.
const ENOUGH: usize = 64;

/// Objects that go on beyond the head: each is read to its end.
const MOST_CUT: usize = 8;

/// Braces that begin no object.
const MOST_BROKEN: usize = 4_096;

/// Whether most objects of services in `head` are of `service`; among equals the first that occurs counts.
pub(super) fn recognise(service: &Service, head: &[u8]) -> Option<(Confidence, Framing)> {
    if let Some(messages) = rows::messages(head) {
        let most = most(&owners(&messages))?;
        return (most == service.name).then_some((Confidence::Certain, Framing::Csv));
    }
    let has_object = memchr::memchr(b'{', head).is_some();
    // A form has no brace, and encodes every `@`.
    if !has_object && memchr::memchr(b'%', head).is_none() {
        return None;
    }
    let text = String::from_utf8_lossy(head);
    let mut found = if has_object { owners(&text) } else { Vec::new() };
    if found.is_empty() {
        found = owners(&posts(&text));
    }
    (most(&found)? == service.name).then(|| (Confidence::Certain, framing(&text)))
}

/// The service that occurs most.
fn most(found: &[&'static str]) -> Option<&'static str> {
    let count = |name: &str| found.iter().filter(|&&owner| owner == name).count();
    // The last of equals wins in `max_by_key`.
    found.iter().rev().copied().max_by_key(|name| count(name))
}

/// The forms on lines of `text`, as objects: a dump of bodies in which nothing else stands.
fn posts(text: &str) -> String {
    let lines =
        text.split('\n').filter(|line| line.get(..LONGEST_BEFORE.min(line.len())).is_some_and(|line| line.contains('=')));
    lines.filter_map(form::object).take(ENOUGH).collect()
}

/// A form's first name is no longer.
const LONGEST_BEFORE: usize = 64;

/// Whose the objects in `text` are, in order.
fn owners(text: &str) -> Vec<&'static str> {
    tops(text).filter_map(|object| owner(object, DEEPEST)).take(ENOUGH).collect()
}

/// The objects of `text` that lie in no other, in order, each with what follows it; of one that the text cuts short, those within.
pub(crate) fn tops(text: &str) -> impl Iterator<Item = &str> {
    let (mut rest, mut cut, mut broken) = (text, 0, 0);
    std::iter::from_fn(move || {
        while cut < MOST_CUT && broken < MOST_BROKEN {
            let at = walk::object(rest)?;
            let length = match walk::end(at) {
                End::At(length) => length,
                End::Cut => {
                    cut += 1;
                    1
                }
                End::Broken => {
                    broken += 1;
                    rest = at.get(1..).unwrap_or_default();
                    continue;
                }
            };
            rest = at.get(length..).unwrap_or_default();
            return Some(at);
        }
        None
    })
}

/// Objects within an envelope that are asked whose they are: before the first event may stand a confirmation, or the other columns of a
/// query's row.
const MOST_HELD: usize = 16;

/// Whose the object at the beginning of `text` is, or the first of the objects that it holds which is a service's.
fn owner(text: &str, depth: u8) -> Option<&'static str> {
    let object = Object::of(text);
    if let Some(service) = SERVICES.iter().find(|service| (service.knows)(&object)) {
        return Some(service.name);
    }
    let depth = depth.checked_sub(1)?;
    let mut contents = object.0.iter().filter_map(|(name, value)| content(name, value));
    contents.find_map(|content: Cow<'_, str>| held(&content).take(MOST_HELD).find_map(|object| owner(object, depth)))
}

/// The objects in what an envelope holds, in order, up to one that the text cuts short, each with what follows it.
fn held(content: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(content);
    std::iter::from_fn(move || {
        let at = walk::object(rest?)?;
        rest = walk::length(at).and_then(|length| at.get(length..));
        Some(at)
    })
}

/// Objects that stand each whole on a line of their own are lines, which can be read from the middle of a file. A line that is cut
/// between two whole ones is damage, and the lines after it are lines still.
pub(crate) fn framing(text: &str) -> Framing {
    let mut lines = text.split('\n').map(|line| line.trim_start_matches('\u{feff}').trim()).peekable();
    let mut is_first = true;
    while let Some(line) = lines.next() {
        // The last line may be cut by the end of the head.
        let is_last = lines.peek().is_none() && !is_first;
        is_first = false;
        let is_whole = match line.starts_with('{').then(|| walk::end(line)) {
            None | Some(End::Broken) => true,
            Some(End::At(length)) => length == line.len(),
            Some(End::Cut) => lines.peek().is_some_and(|next| next.starts_with('{') && walk::length(next) == Some(next.len())),
        };
        if !is_last && (!is_whole || is_part(line)) {
            return Framing::Json;
        }
    }
    Framing::Lines
}

/// Whether a line is a piece of a list or of an object that stands on several lines.
fn is_part(line: &str) -> bool {
    let after = |first: char| line.strip_prefix(first).map(str::trim_start);
    let opens = after('[').is_some_and(|rest| rest.is_empty() || rest.starts_with(['{', '[']));
    let is_member = after('"').is_some_and(|rest| rest.contains("\":") || rest.contains("\" :"));
    opens || is_member || line.starts_with(['}', ','])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_whose_its_first_event_is_whatever_stands_before_it() {
        let event = r#"{\"eventType\":\"Send\",\"mail\":{}}"#;
        let confirmation = r#"{\"Type\":\"SubscriptionConfirmation\"}"#;
        for text in [
            format!(r#"{{"Messages":[{{"Body":"{confirmation}"}},{{"Body":"{event}"}}]}}"#),
            format!(r#"{{"results":[[{{"field":"@timestamp","value":"x"}},{{"field":"@message","value":"{event}"}}]]}}"#),
        ] {
            assert_eq!(owners(&text), ["ses"], "{text}");
        }
        assert!(owners(r#"{"Messages":[{"Body":"{}"},{"Body":"x"}]}"#).is_empty());
    }

    #[test]
    fn whole_objects_on_lines_are_lines() {
        for text in [
            "{\"a\":1}\n{\"b\":[{}]}\r\n{\"c\"",
            "{\"a\":1}",
            "\u{feff}{\"a\":1}\n",
            "[x] noise\n{\"a\":1}\n",
            "{\"a\":1,\"b\n{\"a\":2}\n{broken}\n",
        ] {
            assert_eq!(framing(text), Framing::Lines, "{text}");
        }
    }

    #[test]
    fn lists_and_objects_over_lines_are_cut_as_json() {
        for text in
            ["[{\"a\":1}]", "[\n{\"a\":1},\n", "{\n  \"a\": 1\n}\n", "{\"a\":1}{\"a\":2}\n", "{\"a\":1,", "noise\n[\n  {\n"]
        {
            assert_eq!(framing(text), Framing::Json, "{text}");
        }
    }
}
