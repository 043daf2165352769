//! The ways in which mailers list who failed and why.

use super::Said;
use crate::feedback::{address, parsed::Parsed, reply};

/// How many recipients of one mail are kept.
const MOST: usize = 1_000;

/// The text behind the first of the words (in lower case) that stands in it; all of it if none does.
pub(super) fn behind<'a>(text: &'a str, words: &[&str]) -> &'a str {
    within(text, words).unwrap_or(text)
}

/// The text behind the first of the words (in lower case) that stands in it.
pub(super) fn within<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    let lower = text.to_ascii_lowercase();
    words.iter().find_map(|words| lower.find(words).and_then(|at| text.get(at + words.len()..)))
}

/// The text before the first of the words (in lower case) that stands in it; all of it if none does.
pub(super) fn before<'a>(text: &'a str, words: &[&str]) -> &'a str {
    let lower = text.to_ascii_lowercase();
    let end = words.iter().filter_map(|words| lower.find(words)).min();
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// One recipient.
pub(super) fn one(address: &str, words: &str) -> Said {
    Said { address: address.to_owned(), original: String::new(), reply: reply::said(words) }
}

/// Ends the words about the last recipient: they say why, unless it was told before.
fn close(said: &mut [Said], words: &mut String) {
    if let Some(last) = said.last_mut().filter(|last| last.reply.is_empty()) {
        last.reply = reply::said(words);
    }
    words.clear();
}

/// Blocks: a recipient at the beginning of a line, alone or with a colon behind it, then why, until an empty line. Where an empty line
/// follows the recipient itself, the next paragraph says why.
pub(super) fn blocks(mail: &Parsed) -> Vec<Said> {
    blocks_in(&mail.text)
}

/// [`blocks`] in a part of the text.
pub(super) fn blocks_in(text: &str) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    let mut words = String::new();
    let mut is_open = false;
    for line in text.lines() {
        let bare = without_marks(line);
        let begun = recipient(bare).filter(|(one, _, _)| !is_continued(is_open, &words, said.last(), one));
        if let Some((one, original, rest)) = begun {
            close(&mut said, &mut words);
            if said.len() == MOST {
                break;
            }
            said.push(Said { address: one.to_owned(), original: original.to_owned(), reply: String::new() });
            words.push_str(rest);
            is_open = true;
        } else if bare.is_empty() {
            if !words.trim().is_empty() {
                close(&mut said, &mut words);
                is_open = false;
            }
        } else if is_open {
            if let (Some(origin), Some(last)) = (origin(bare), said.last_mut()) {
                origin.clone_into(&mut last.original);
            } else if !is_rule(line) {
                words.push(' ');
                words.push_str(bare);
            }
        }
    }
    close(&mut said, &mut words);
    said
}

/// Whether a line with an address goes on with the reason: the same address, with nothing between.
fn is_continued(is_open: bool, words: &str, last: Option<&Said>, address: &str) -> bool {
    is_open && !words.trim().is_empty() && last.is_some_and(|last| last.address.eq_ignore_ascii_case(address))
}

/// A line without what stands before lists and quotations.
fn without_marks(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with(">>>") || line.starts_with("<<<") {
        return line;
    }
    line.trim_start_matches(['>', '*', '-', '|', '\u{2022}', ' ', '\t'])
}

/// A line that only divides.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("---") || line.starts_with("===") || line.starts_with("***") || line.starts_with("...")
}

/// A line that begins with a recipient: the address, the one that it was made from, and what the line says besides.
fn recipient(line: &str) -> Option<(&str, &str, &str)> {
    let (one, rest) = address::leading(line)?;
    let rest = rest.trim_start();
    if rest.is_empty() {
        return Some((one, "", ""));
    }
    if let Some(rest) = rest.strip_prefix(':') {
        return Some((one, "", rest.trim()));
    }
    if let Some(link) = rest.strip_prefix("<mailto:") {
        return Some((one, "", link.split_once('>').map_or("", |(_, rest)| rest.trim_start_matches(':').trim())));
    }
    if let Some(made) = rest.strip_prefix("(expanded from").and_then(|rest| rest.split_once("):")) {
        let original = address::first(made.0).map_or("", |(address, _)| address);
        return Some((one, original, made.1.trim()));
    }
    if let Some(rest) = rest.strip_prefix("- ") {
        return Some((one, "", rest.trim()));
    }
    let follows = ["(", "[", "on ", "said:", "<"];
    follows.iter().any(|begin| rest.starts_with(begin)).then_some((one, "", rest))
}

/// `(ultimately generated from user@example.org)`: the address that we sent to.
fn origin(line: &str) -> Option<&str> {
    let line = line.strip_prefix('(')?;
    let rest = line.strip_prefix("ultimately ").unwrap_or(line).strip_prefix("generated from ")?;
    address::first(rest).map(|(address, _)| address)
}

/// Recipients in a list that all failed for one reason.
pub(super) fn all(list: &str, words: &str) -> Vec<Said> {
    let mut said = Vec::new();
    let mut rest = list;
    while let Some((address, behind)) = address::first(rest) {
        if said.len() == MOST {
            break;
        }
        said.push(one(address, words));
        rest = behind;
    }
    said
}

/// The recipients that the header lists (`X-Failed-Recipients`), for a reason in the text.
pub(super) fn of_header(mail: &Parsed, words: &str) -> Vec<Said> {
    mail.header.each("x-failed-recipients").flat_map(|list| all(list, words)).collect()
}

/// The first address on a line that holds one of the words (in lower case), for a reason in the text.
pub(super) fn named(text: &str, words: &[&str], why: &str) -> Vec<Said> {
    let Some(rest) = within(text, words) else { return Vec::new() };
    // The address may be folded to the next line.
    let lines: String = rest.lines().take(3).collect::<Vec<_>>().join(" ");
    address::first(&lines).map(|(address, _)| one(address, why)).into_iter().collect()
}

/// The value of a line such as `Reason: no such user`; the label in lower case.
pub(super) fn value<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let line = line.trim();
        let begin = line.get(..label.len())?;
        begin.eq_ignore_ascii_case(label).then(|| line.get(label.len()..).unwrap_or_default().trim())
    })
}

/// The last line that quotes a refusal of the other side: behind one of the marks, with a code.
pub(super) fn refusal<'a>(text: &'a str, marks: &[&str]) -> Option<&'a str> {
    let mut found = None;
    for line in text.lines() {
        let line = line.trim();
        let said = marks.iter().find_map(|mark| line.split_once(mark).map(|(_, rest)| rest.trim()));
        if let Some(said) = said.filter(|said| reply::code(said).is_some_and(|code| code >= 400)) {
            found = Some(said);
        }
    }
    found
}

/// Pairs of lines for each recipient, `who` and an address, then `why` and words, which may go on over the next lines (labels in lower
/// case).
pub(super) fn labelled(text: &str, who: &str, why: &str) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    let mut words = String::new();
    let mut is_open = false;
    for line in text.lines() {
        if let Some(value) = value(line, who) {
            close(&mut said, &mut words);
            is_open = false;
            if let Some((address, _)) = address::first(value).filter(|_| said.len() < MOST) {
                said.push(one(address, ""));
            }
        } else if let Some(value) = value(line, why) {
            words.push_str(value);
            is_open = true;
        } else if line.trim().is_empty() {
            is_open = false;
        } else if is_open {
            words.push(' ');
            words.push_str(line.trim());
        }
    }
    close(&mut said, &mut words);
    said
}
