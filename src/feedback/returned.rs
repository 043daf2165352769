//! Where the words for people end and the returned message begins.
//!
//! The original may hold everything that bounces say, so nothing behind this place is looked at. Mailers announce it in words of their
//! own; some just begin with its header.

use super::fields;
use super::text::lower;

/// What announces a returned message, in a line without its dashes.
const ANNOUNCED: &[&str] = &[
    "this is a copy of",
    "below this line is a copy of",
    "enclosed is a copy of",
    "below is a copy of",
    "included is a copy of",
    "a copy of the original message",
    "a copy of your message",
    "a summary of the undelivered message",
    "the header of the original message",
    "the original message header",
    "the original message follows",
    "the original mail header",
    "the message headers follow",
    "header of the original",
    "headers of the original",
    "original message",
    "original mail",
    "original header",
    "original text follows",
    "message header follows",
    "message headers follow",
    "message headers:",
    "headers follow",
    "message follows",
    "unsent message",
    "undelivered message",
    "undelivered mail follows",
    "returned message",
    "returned mail follows",
    "the unsent message",
    "message text follows",
    "text of your message follows",
    "the forwarded message follows",
    "header information follows",
    "start of returned",
    "received message header",
    "mensaje original",
    "mensagem original",
    "message d'origine",
    "message original",
    "ursprüngliche nachricht",
    "originalnachricht",
    "ursprungsnachricht",
    "копия сообщения",
    "исходное сообщение",
    "----- this is a copy",
    "content-type: message/rfc822",
    "content-description: undelivered message",
];

/// The words for people, and the returned message if it begins in this text.
pub(crate) fn split(text: &str) -> (&str, Option<&str>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let rest = text.get(at..).unwrap_or_default();
        if is_announced(line) {
            let behind = rest.get(line.len()..).unwrap_or_default();
            return (text.get(..at).unwrap_or_default(), Some(from_header(behind)));
        }
        if at > 0 && begins_header(rest) {
            return (text.get(..at).unwrap_or_default(), Some(rest));
        }
        at += line.len();
    }
    (text, None)
}

fn is_announced(line: &str) -> bool {
    let line = line.trim();
    if line.len() > 120 {
        return false;
    }
    let words = lower(line);
    let words = words.trim_matches(|one: char| !one.is_alphanumeric());
    // A sentence of the notice may hold such words too; an announcement begins with them.
    ANNOUNCED.iter().any(|announced| {
        let announced = announced.trim_matches(|one: char| !one.is_alphanumeric());
        words.strip_prefix(announced).is_some_and(is_end)
    })
}

/// What may follow an announcement: nothing, or a few words that are no sentence about what became of the mail.
fn is_end(rest: &str) -> bool {
    let sentence =
        ["was", "will", "could", "has", "is ", "wurde", "received", "from:", "to:", "cannot", "can't", "below could", "sent"];
    let rest = rest.trim_start();
    !sentence.iter().any(|word| rest.starts_with(word)) && rest.len() < 80
}

/// Whether a text begins with the header of a mail: a field that programs write, and another behind it.
fn begins_header(text: &str) -> bool {
    let first = [
        "Received: ",
        "Received:from ",
        "Return-Path: ",
        "Return-path: ",
        "X-Originating-IP: ",
        "DKIM-Signature: ",
        "Message-ID: <",
    ];
    if !first.iter().any(|name| text.starts_with(name)) {
        return false;
    }
    let next = text.lines().skip(1).find(|line| !line.starts_with([' ', '\t']));
    next.is_some_and(|line| fields::field(line).is_some())
}

/// The text from the first field of a header on.
fn from_header(text: &str) -> &str {
    let mut at = 0;
    for line in text.split_inclusive('\n').take(12) {
        if fields::field(line).is_some() {
            return text.get(at..).unwrap_or_default();
        }
        at += line.len();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, words: &str, begins: Option<&str>) {
        let (before, original) = split(text);
        assert_eq!((before, original.map(|text| text.lines().next().unwrap_or_default())), (words, begins));
    }

    #[test]
    fn mailers_announce_it_in_words_of_their_own() {
        for announced in [
            "--- Below this line is a copy of the message.",
            "------ This is a copy of the message, including all the headers. ------",
            "Original message headers:",
            "   ----- Unsent message follows -----",
            "-------original message",
            "----- Original message -----",
            "--- Mensaje original adjunto.",
            "A summary of the undelivered message you sent follows:",
        ] {
            check(&format!("It failed.\n{announced}\n\nReceived: x\n"), "It failed.\n", Some("Received: x"));
        }
    }

    #[test]
    fn a_header_of_its_own_begins_it_too() {
        check("It failed.\nReceived: from a\n  by b\nSubject: x\n", "It failed.\n", Some("Received: from a"));
    }

    #[test]
    fn a_sentence_about_the_message_does_not() {
        for sentence in ["The original message was received at Thu, 1 Oct 2026", "Your message\n  To: a@example.org\nfailed."] {
            check(sentence, sentence, None);
        }
    }
}
