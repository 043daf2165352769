//! What a row says of why: the remote's words, whose they are, and the numbers in them.

use super::super::cursor::{Cursor, split_byte, split_pair};
use super::super::numbers;
use super::super::row::trim;
use crate::event::{Enhanced, Speaker};

/// The cells that say why.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cells<'a> {
    pub(super) diagnosis: &'a [u8],
    pub(super) status: &'a [u8],
    pub(super) category: &'a [u8],
    /// Whether a host is named that was asked.
    pub(super) is_host_named: bool,
}

/// What they come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    pub(super) speaker: Speaker,
    pub(super) code: Option<u16>,
    pub(super) enhanced: Option<Enhanced>,
    /// The words behind the type of the diagnosis, else those of the status.
    pub(super) reply: &'a [u8],
}

/// Reads them.
pub(super) fn read<'a>(cells: &Cells<'a>) -> Told<'a> {
    let (kind, diagnosis) = split_type(cells.diagnosis);
    let (said, sent) = numbers::both(diagnosis);
    // Re-exports put the bare reply code where the status stands.
    let code = said.or_else(|| numbers::code(cells.status).map(|(code, _)| code));
    let enhanced = sent.or_else(|| status(cells.status));
    let reply = if diagnosis.is_empty() { cells.status } else { diagnosis };
    let is_ours = kind.get(..6).is_some_and(|kind| kind.eq_ignore_ascii_case(b"x-pmta"));
    let speaker = match said {
        _ if is_ours => Speaker::Own,
        Some(_) => Speaker::Remote,
        None => by_category(cells),
    };
    Told { speaker, code, enhanced, reply }
}

/// `5.1.1 (bad destination mailbox address)`, with or without blank and words.
pub(super) fn status(cell: &[u8]) -> Option<Enhanced> {
    let number = Cursor(cell).run(|byte| byte.is_ascii_digit() || byte == b'.');
    Enhanced::read(number)
}

/// `smtp;550 …`: the type of a diagnosis, RFC 3464 section 2.3.6, and its text. No reply begins with a word and a semicolon.
fn split_type(diagnosis: &[u8]) -> (&[u8], &[u8]) {
    match split_byte(diagnosis, b';') {
        Some((kind, text)) if kind.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-') => (kind, trim(text)),
        Some(_) | None => (b"", diagnosis),
    }
}

/// Without a reply, only the site's verdict tells who failed.
fn by_category(cells: &Cells<'_>) -> Speaker {
    match cells.category {
        b"bad-domain" | b"routing-errors" => Speaker::Dns,
        b"bad-connection" | b"no-answer-from-host" => Speaker::Connection,
        b"message-expired" => Speaker::Own,
        _ if cells.is_host_named && !cells.diagnosis.is_empty() => Speaker::Remote,
        _ => Speaker::Unknown,
    }
}

/// `mx.example.com (192.0.2.1)`: name and address of the host that answered. The name may be an address.
pub(super) fn host(cell: &[u8]) -> (&[u8], &[u8]) {
    match split_pair(cell, *b" (") {
        Some((name, address)) => (trim(name), trim(address.strip_suffix(b")").unwrap_or(address))),
        None => (cell, b""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(diagnosis: &str, of_status: &str, category: &str, expected: &str) {
        let cells = Cells {
            diagnosis: diagnosis.as_bytes(),
            status: of_status.as_bytes(),
            category: category.as_bytes(),
            is_host_named: false,
        };
        let told = read(&cells);
        let code = told.code.map_or("-".to_owned(), |code| code.to_string());
        let enhanced = told.enhanced.map_or("-".to_owned(), |status| status.to_string());
        let found = format!("{:?} {code} {enhanced} {}", told.speaker, String::from_utf8_lossy(told.reply));
        assert_eq!(found, expected);
    }

    #[test]
    fn the_reply_wins_over_the_status() {
        check("smtp;550 5.7.1 blocked", "5.1.1 (bad destination mailbox address)", "", "Remote 550 5.7.1 550 5.7.1 blocked");
        check("SMTP; 550 blocked", "5.3.2(system not accepting)", "", "Remote 550 5.3.2 550 blocked");
        check("421 4.7.0 later", "4.7.0", "", "Remote 421 4.7.0 421 4.7.0 later");
        check("smtp; 451 4.7.1 later", "451", "soft", "Remote 451 4.7.1 451 4.7.1 later");
    }

    #[test]
    fn without_a_reply_the_category_tells_who_failed() {
        check(
            "",
            "5.1.2 (bad destination system: no such domain)",
            "bad-domain",
            "Dns - 5.1.2 5.1.2 (bad destination system: no such domain)",
        );
        check("", "4.4.1 (no answer from host)", "no-answer-from-host", "Connection - 4.4.1 4.4.1 (no answer from host)");
        check("", "550", "hard", "Unknown 550 - 550");
        check("x-pmta;bounce queue", "5.0.0", "other", "Own - 5.0.0 bounce queue");
    }

    #[test]
    fn a_host_may_be_an_address() {
        assert_eq!(host(b"mx.example.com (192.0.2.1)"), (&b"mx.example.com"[..], &b"192.0.2.1"[..]));
        assert_eq!(host(b"[192.0.2.1] (192.0.2.1)"), (&b"[192.0.2.1]"[..], &b"192.0.2.1"[..]));
        assert_eq!(host(b"mx.example.com"), (&b"mx.example.com"[..], &b""[..]));
        assert_eq!(host(b""), (&b""[..], &b""[..]));
    }
}
