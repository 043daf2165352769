//! What the other host said, out of the words that a mailer put around it.

use crate::classify::Stated;
use crate::event::Enhanced;

/// What stands directly before a quoted reply.
const BEFORE: &[&str] = &[
    "said:",
    "said",
    "returned",
    "response:",
    "response",
    "<<<",
    "reason:",
    "with:",
    "error:",
    "because",
    "follows:",
    "code:",
    "was:",
    "data:",
    "data",
    "to:",
    "rcpt",
    "connection:",
    "command:",
    "server:",
    "smtp;",
    "smtp:",
    "result:",
    "details:",
    "message:",
    "#",
    "(",
    "[",
    "'",
    "\"",
    ":",
];

/// What a mailer puts behind a reply.
const BEHIND: &[&str] = &[
    " (in reply to ",
    " [rcpt_to]",
    " [mail_from]",
    " [data]",
    " [connect]",
    " giving up on ",
    "i'm not going to try again",
    " this is a permanent error",
    " this has been a permanent failure",
    " the error that the other server returned was",
    " (state ",
];

/// The reply in a `Diagnostic-Code` field: without the type before it.
pub(crate) fn of_diagnostic(field: &str) -> String {
    let text = match field.split_once(';') {
        Some((kind, text))
            if kind.len() < 24 && !kind.trim().contains(' ') && !kind.trim().starts_with(|one: char| one.is_ascii_digit()) =>
        {
            text
        }
        Some(_) | None => field,
    };
    said(text)
}

/// The reply within words of a mailer; the words themselves if they quote none. One line.
pub(crate) fn said(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(reply) = unwrapped(&text) {
        return reply;
    }
    let text = match quoted(&text) {
        Some(at) => text.get(at..).unwrap_or(&text),
        None => &text,
    };
    let lower = text.to_ascii_lowercase();
    let end = BEHIND.iter().filter_map(|behind| lower.find(behind)).filter(|&at| at > 0).min();
    let text = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let text = text.trim_matches([' ', '\'', '"']).trim_end_matches(['#', '[', '(']).trim();
    // `<mx.example.org #5.1.1 smtp;550 no such user>`
    let is_open = text.matches('<').count() < text.matches('>').count();
    text.strip_suffix('>').filter(|_| is_open).unwrap_or(text).to_owned()
}

/// `5.1.0 - Unknown address error 550-'5.1.1 no such user' (delivery attempts: 0)`: the reply that `IronPort` (and Amazon SES in its first
/// years) writes as a string of its program, behind a reading of its own.
fn unwrapped(text: &str) -> Option<String> {
    ["-'", "-\""].into_iter().find_map(|mark| {
        let (before, rest) = text.split_once(mark)?;
        let code = before.get(before.len().checked_sub(3)?..)?;
        let is_code = code.starts_with(['4', '5']) && code.bytes().all(|byte| byte.is_ascii_digit());
        let is_reading = before.len() == 3 || before.contains(" - ");
        let inside = rest.rsplit_once(mark.get(1..)?).map_or(rest, |(inside, _)| inside);
        (is_code && is_reading).then(|| format!("{code} {}", inside.replace("\\n", " ").trim()))
    })
}

/// Where a quoted reply begins: a code with what stands before one.
fn quoted(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let bytes = lower.as_bytes();
    let is_code = |at: usize| {
        let [hundreds, tens, ones] = *bytes.get(at..at + 3)? else { return None };
        let is_number = matches!(hundreds, b'4' | b'5') && matches!(tens, b'0'..=b'7') && ones.is_ascii_digit();
        let is_end = bytes.get(at + 3).is_none_or(|next| matches!(next, b' ' | b'-' | b':' | b'<' | b';'));
        let before = lower.get(..at)?.trim_end_matches(' ');
        let is_begin = before.is_empty() || BEFORE.iter().any(|word| before.ends_with(word));
        (is_number && is_end && is_begin).then_some(at)
    };
    (0..bytes.len().saturating_sub(2)).find_map(is_code)
}

/// The enhanced status that a reply states.
pub(crate) fn status(reply: &str) -> Option<Enhanced> {
    Stated::of(reply.as_bytes()).status
}

/// The code that a reply states.
pub(crate) fn code(reply: &str) -> Option<u16> {
    Stated::of(reply.as_bytes()).code
}

/// A reply as a host would have given it: with the status of the report where the text has none of its own. A status whose last two
/// numbers are zero says nothing.
pub(crate) fn with_status(reply: &str, status: Option<Enhanced>) -> String {
    let Some(status) = status.filter(|status| (status.subject, status.detail) != (0, 0)) else { return reply.to_owned() };
    let stated = Stated::of(reply.as_bytes());
    if stated.status.is_some() {
        return reply.to_owned();
    }
    let is_code = |begin: &str| begin.bytes().all(|byte| byte.is_ascii_digit());
    match reply.split_at_checked(3) {
        Some((code, rest)) if is_code(code) && rest.starts_with([' ', '-']) => {
            format!("{code} {status}{}", rest.replacen('-', " ", 1))
        }
        Some(_) | None => format!("{status} {reply}").trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_loses_its_type() {
        for (field, expected) in [
            ("smtp; 550 5.1.1 <a@b.c>: no", "550 5.1.1 <a@b.c>: no"),
            ("X-Postfix; host mx.b.c[192.0.2.1] said: 550 no such user (in reply to RCPT TO command)", "550 no such user"),
            ("550 5.1.1 no; see above", "550 5.1.1 no; see above"),
            ("smtp;", ""),
            ("X-Notes; Recipient unknown", "Recipient unknown"),
        ] {
            assert_eq!(of_diagnostic(field), expected, "{field}");
        }
    }

    #[test]
    fn a_reply_is_found_in_words() {
        for (words, expected) in [
            ("192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 no\nGiving up on 192.0.2.1.", "550 5.1.1 no"),
            ("SMTP error from remote mail server after RCPT TO:<a@b.c>: host mx [192.0.2.1]: 550 no", "550 no"),
            ("Sorry, no mailbox here by that name. (#5.1.1)", "Sorry, no mailbox here by that name. (#5.1.1)"),
            ("Remote Server returned '550 5.1.1 not found'", "550 5.1.1 not found"),
            ("the queue held 512 messages", "the queue held 512 messages"),
            (
                "5.1.0 - Unknown address error 550-'5.1.1 <a@b.c>: it's no user' (delivery attempts: 0)",
                "550 5.1.1 <a@b.c>: it's no user",
            ),
            (
                "4.1.0 - Unknown address error 452-\"4.2.2 over\\n4.2.2 quota\" (delivery attempts: 3)",
                "452 4.2.2 over 4.2.2 quota",
            ),
            ("5.4.7 - Delivery expired (message too old) 'timeout'", "5.4.7 - Delivery expired (message too old) 'timeout"),
        ] {
            assert_eq!(said(words), expected, "{words}");
        }
    }

    #[test]
    fn a_status_is_set_where_the_text_has_none() {
        let status = |text: &str| Enhanced::read(text.as_bytes());
        assert_eq!(with_status("550 no", status("5.1.1")), "550 5.1.1 no");
        assert_eq!(with_status("550-no", status("5.1.1")), "550 5.1.1 no");
        assert_eq!(with_status("550 5.2.2 full", status("5.1.1")), "550 5.2.2 full");
        assert_eq!(with_status("no answer", status("4.4.1")), "4.4.1 no answer");
        assert_eq!(with_status("550 no", status("5.0.0")), "550 no");
        assert_eq!(with_status("", status("5.4.7")), "5.4.7");
    }
}
