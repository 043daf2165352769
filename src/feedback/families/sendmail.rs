//! Sendmail and its descendants: a list of addresses, and the transcript of the dialogue. Source: savemail.c, `errbody()`.

use super::{Family, Said, Tell::Text, shapes};
use crate::feedback::{address, parsed::Parsed, reply};

pub(super) const SENDMAIL: Family = Family {
    name: "sendmail",
    tells: &[
        &[Text("the following addresses had permanent fatal errors")],
        &[Text("the following addresses had permanent delivery errors")],
        &[Text("the following addresses had delivery")],
        &[Text("the following address had")],
        &[Text("transcript of session follows")],
        &[Text("transcript of the session follows")],
        &[Text("transcript of session")],
    ],
    read,
};

const TRANSCRIPT: &[&str] = &["transcript of session", "transcript of the session"];

fn read(mail: &Parsed) -> Vec<Said> {
    // A person may have forwarded it, quoted.
    let text: String = mail.text.lines().flat_map(|line| [unquoted(line), "\n"]).collect();
    let transcript = shapes::within(&text, TRANSCRIPT).unwrap_or_default();
    let list = shapes::within(shapes::before(&text, TRANSCRIPT), &["the following address"]).unwrap_or_default();
    let mut said = listed(list);
    if said.is_empty() {
        return tried(transcript);
    }
    let lines = tried(transcript);
    let own = || transcript.lines().map(str::trim).find(|line| line.starts_with(['4', '5']) && reply::code(line).is_some());
    let last = shapes::refusal(transcript, &["<<<"]).or_else(own).unwrap_or_default();
    for one in said.iter_mut().filter(|one| one.reply.is_empty()) {
        let line = lines.iter().find(|line| line.address.eq_ignore_ascii_case(&one.address));
        one.reply = line.map_or_else(|| reply::said(last), |line| line.reply.clone());
    }
    said
}

/// A line of a mail that was quoted: `> ` before it, but not the `>>>` of the dialogue.
fn unquoted(line: &str) -> &str {
    match line.strip_prefix("> ") {
        Some(rest) => rest,
        None if line == ">" => "",
        None => line.strip_prefix(">").filter(|rest| rest.starts_with(">>>")).unwrap_or(line),
    }
}

/// `<user@example.org>`, then `(reason: 550 5.1.1 …)` or another word in parentheses.
fn listed(list: &str) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    for line in list.lines().skip(1) {
        let line = line.trim().trim_start_matches(">>>").trim_start();
        if let Some((address, rest)) = address::leading(line) {
            let words = inside(rest.trim());
            // Sendmail 8.6 says of each recipient only whether it goes on; why stands in the transcript.
            let is_verdict = matches!(words, "unrecoverable error" | "transient failure");
            said.push(shapes::one(address, if words.starts_with('<') || is_verdict { "" } else { words }));
        } else if let Some(last) = said.last_mut() {
            let words = inside(line);
            if let Some(from) = words.strip_prefix("expanded from:") {
                last.original = address::first(from).map(|(address, _)| address.to_owned()).unwrap_or_default();
            } else if let Some(reason) = words.strip_prefix("reason:") {
                last.reply = reply::said(reason);
            } else if last.reply.is_empty() && !words.starts_with("--") {
                last.reply = reply::said(words);
            }
        }
    }
    said
}

fn inside(text: &str) -> &str {
    text.strip_prefix('(').map_or(text, |text| text.strip_suffix(')').unwrap_or(text)).trim()
}

/// The lines `550 <user@example.org>... User unknown` of a transcript. What the other side said before them says more.
fn tried(transcript: &str) -> Vec<Said> {
    let mut said = Vec::new();
    let mut refused = "";
    for line in transcript.lines().map(str::trim) {
        if line.to_ascii_lowercase().contains("while talking to") {
            refused = "";
        } else if let Some(answer) = line.strip_prefix("<<<") {
            refused = if reply::code(answer.trim()).is_some_and(|code| code >= 400) { answer.trim() } else { refused };
        } else if let Some((code, words)) =
            line.split_once(' ').filter(|(code, _)| matches!(code.as_bytes(), [b'4' | b'5', _, _]))
            && let Some((address, rest)) = failed(words)
        {
            let words = rest.trim_start_matches('.').trim();
            let own = if reply::code(words).is_some() { words.to_owned() } else { format!("{code} {words}") };
            said.push(shapes::one(address, if refused.is_empty() { &own } else { refused }));
            refused = "";
        }
    }
    said
}

/// The address of a line, which a status may precede: `5.1.1 <user@example.org>... User unknown`.
fn failed(words: &str) -> Option<(&str, &str)> {
    let words = words.trim_start_matches(|one: char| one.is_ascii_digit() || one == '.').trim_start();
    let (address, rest) = address::leading(words.trim_end_matches(['.'])).or_else(|| {
        let (local, rest) = words.split_once("...")?;
        address::is_address(local).then_some((local, rest))
    })?;
    Some((address, rest))
}
