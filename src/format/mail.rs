//! Mails: no log, but what lies beside logs. Told here so that a folder of bounces is known for what it is; what a mail says is read
//! elsewhere.

use super::{Confidence, FileContext, Format, Reader};
use crate::event::{Framing, Kind, Pos, Sink};

/// The format of mails and of files that hold many.
pub(super) static MAIL: Mail = Mail;

/// Files that hold a mail, or many behind `From ` lines.
pub(super) struct Mail;

/// Fields with which the header of a mail is told.
const FIELDS: [&[u8]; 14] = [
    b"return-path",
    b"received",
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"delivered-to",
    b"x-original-to",
    b"mime-version",
    b"content-type",
    b"envelope-to",
    b"delivery-date",
    b"reply-to",
];

/// How many lines of a header are looked at.
const LINES: usize = 400;

/// How many lines of a header may be no field and no fold: some programs fold without a blank.
const FOREIGN: usize = 2;

impl Format for Mail {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn holds_mails(&self) -> bool {
        true
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let mut lines = Lines(head).take(LINES).skip_while(|line| line.trim_ascii().is_empty()).peekable();
        lines.next_if(|line| line.starts_with(b"From ") || line.starts_with(b">From "));
        let mut known = [false; FIELDS.len()];
        let mut foreign = 0;
        for line in lines.take_while(|line| !line.is_empty()) {
            if let Some(name) = name(line) {
                let place = FIELDS.iter().position(|field| name.eq_ignore_ascii_case(field));
                if let Some(place) = place.and_then(|at| known.get_mut(at)) {
                    *place = true;
                }
            } else if !line.starts_with(b" ") && !line.starts_with(b"\t") {
                foreign += 1;
                if foreign > FOREIGN {
                    break;
                }
            }
        }
        (known.into_iter().filter(|&known| known).count() >= 2).then_some((Confidence::Certain, Framing::Mbox))
    }

    fn reader(&self, _: &[u8], _: &FileContext) -> Box<dyn Reader> {
        Box::new(Unread)
    }
}

/// Lines that end in `\n`, `\r\n` or `\r`.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let end = memchr::memchr2(b'\n', b'\r', self.0).unwrap_or(self.0.len());
        let (line, rest) = self.0.split_at_checked(end)?;
        self.0 = rest.strip_prefix(b"\r\n").or(rest.get(1..)).unwrap_or_default();
        Some(line)
    }
}

/// The name of a field that a line begins.
fn name(line: &[u8]) -> Option<&[u8]> {
    let (name, rest) = line.split_at_checked(memchr::memchr(b':', line)?)?;
    let is_name = name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    // `Oct 1 08:00:01` is no field, and neither is `http://`.
    (is_name && !rest.starts_with(b"://")).then_some(name)
}

/// Gives nothing of any mail.
struct Unread;

impl Reader for Unread {
    fn read(&mut self, _: &[u8], _: Pos, _: &mut dyn Sink) -> Kind {
        Kind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_begins_with_its_header() {
        for mail in [
            "Return-Path: <>\r\nReceived: from a\r\n\tby b\r\nFrom: c\r\n\r\ntext",
            "From mailer Thu Oct  1 08:00:01 2026\nFrom: a\nSubject: b\n\n",
            "\u{feff}\n\nX-Junk: 1\nfrom: a\nTO: b\n",
            "From: a\rTo: b\r\rtext",
            "Received: a\r\n (b)\r\n c\r\nReceived: d\n(e)\nDate: f\n\n",
        ] {
            assert!(MAIL.recognise(mail.as_bytes()).is_some(), "{mail}");
        }
    }

    #[test]
    fn a_log_does_not() {
        for log in [
            "Oct  1 08:00:01 mx postfix/smtp[1]: A: to=<a@b.c>",
            "{\"from\": 1, \"to\": 2}",
            "type,timeLogged,orig\nd,1,2",
            "to: a\nthe rest is words\nof a\nlist\nfrom: b",
            "http://a\nfrom: b",
            "",
        ] {
            assert!(MAIL.recognise(log.as_bytes()).is_none(), "{log}");
        }
    }
}
