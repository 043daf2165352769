//! One mail, taken apart: its header, the words for people, the parts for machines, and what it returns of the original.
//!
//! MIME is mail-parser's business. What it finds is taken in the order of the parts, and what lies within a returned message is left
//! alone: a bounce of a bounce is the outer one. Mails whose parts were broken by whatever carried them (a header cut in two, a wrong
//! boundary) still show their fields in the text.

use mail_parser::{Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::fields::Fields;
use super::returned;
use super::text::{lower, normalised};

/// How much text for people is looked at, in bytes: notices are short, and what follows is the original.
const TEXT_BYTES: usize = 64 << 10;

/// A mail, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// Its header.
    pub(crate) header: Fields,
    /// From, in lower case.
    pub(crate) from: String,
    /// Subject, decoded, in lower case.
    pub(crate) subject: String,
    /// `type/subtype` of the whole, in lower case, and its `report-type`.
    pub(crate) kind: String,
    pub(crate) report_type: String,
    /// The words for people, up to the returned message.
    pub(crate) text: String,
    /// `text` in lower case.
    pub(crate) lower: String,
    /// The part for machines of a delivery report (RFC 3464), or what stands for it in a broken mail.
    pub(crate) report: Option<Fields>,
    /// The part for machines of a complaint (RFC 5965).
    pub(crate) complaint: Option<Fields>,
    /// The part for machines of a receipt (RFC 8098).
    pub(crate) receipt: Option<Fields>,
    /// The header of the original, as far as it came back.
    pub(crate) original: Fields,
    /// The Message-ID of the original where only the text names it; empty otherwise.
    pub(crate) id_in_words: String,
    /// `type/subtype` of the other parts, in lower case.
    pub(crate) attachments: Vec<String>,
}

impl Parsed {
    /// Takes a mail apart. None: it has no header.
    pub(crate) fn of(mail: &[u8]) -> Option<Self> {
        let mail = normalised(mail);
        let message = MessageParser::default().parse(&mail)?;
        let whole = String::from_utf8_lossy(&mail);
        let (header, body) = Fields::header(&whole);
        let known = ["received", "from", "to", "subject", "date", "message-id", "return-path", "content-type", "mime-version"];
        if known.iter().filter(|name| header.get(name).is_some()).count() < 2 {
            return None;
        }
        let content_type = message.content_type();
        let kind = content_type.map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()));
        let mut parsed = Self {
            from: lower(header.get("from").unwrap_or_default()),
            subject: lower(message.subject().unwrap_or_default()),
            kind: lower(&kind.unwrap_or_default()),
            report_type: lower(content_type.and_then(|kind| kind.attribute("report-type")).unwrap_or_default()),
            header,
            ..Self::default()
        };
        parsed.parts(&message, &mail);
        parsed.mend(body);
        parsed.lower = lower(&parsed.text);
        Some(parsed)
    }

    fn parts(&mut self, message: &Message<'_>, mail: &[u8]) {
        let mut html = String::new();
        for part in &message.parts {
            let kind = part.content_type().map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()));
            let kind = lower(&kind.unwrap_or_default());
            match (kind.as_str(), &part.body) {
                (_, PartType::Multipart(_)) => {}
                (_, PartType::Message(inner)) => {
                    if self.original.is_empty() {
                        self.original = Fields::header(&nested(part, inner, mail)).0;
                    }
                }
                ("message/delivery-status" | "message/global-delivery-status", _) => {
                    let fields = Fields::all(&content(part));
                    self.report.get_or_insert(fields);
                }
                ("message/feedback-report", _) => self.complaint = Some(Fields::all(&content(part))),
                ("message/disposition-notification" | "message/global-disposition-notification", _) => {
                    self.receipt = Some(Fields::all(&content(part)));
                }
                ("text/rfc822-headers" | "message/global-headers" | "message/rfc822-headers" | "message/partial", _) => {
                    if self.original.is_empty() {
                        self.original = Fields::header(content(part).trim_start()).0;
                    }
                }
                (_, PartType::Html(text)) if self.original.is_empty() => html.push_str(text),
                (_, PartType::Text(text)) if self.original.is_empty() => {
                    if self.text.len() < TEXT_BYTES {
                        self.text.push_str(text);
                        self.text.push('\n');
                    }
                }
                (_, PartType::Text(_) | PartType::Html(_) | PartType::Binary(_) | PartType::InlineBinary(_)) => {
                    self.attachments.push(kind);
                }
            }
        }
        if self.text.trim().is_empty() {
            self.text = mail_parser::decoders::html::html_to_text(&html);
        }
    }

    /// Finds in the text what the parts do not show.
    fn mend(&mut self, body: &str) {
        if self.text.trim().is_empty() && self.report.is_none() && self.complaint.is_none() {
            cut(body, TEXT_BYTES).clone_into(&mut self.text);
        }
        let has_recipient = |fields: &Fields| fields.get("final-recipient").or(fields.get("original-recipient")).is_some();
        if self.report.as_ref().is_none_or(|report| !has_recipient(report)) {
            // A part whose header was cut in two, or a report without MIME around it.
            let texts = [self.text.as_str(), body];
            let found = texts.iter().find_map(|text| report_within(text).filter(has_recipient));
            self.report = found.or(self.report.take());
        }
        self.id_in_words = id_in_words(cut(&self.text, TEXT_BYTES)).unwrap_or_default();
        let (text, original) = returned::split(cut(&self.text, TEXT_BYTES));
        let (text, original) = (text.to_owned(), original.map(|text| Fields::header(text).0));
        self.text = text;
        if self.original.is_empty() {
            self.original = original.unwrap_or_default();
        }
    }

    /// Whether one of the words stands in the text for people.
    pub(crate) fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|words| self.lower.contains(words))
    }

    /// Whether it is a report by its type (RFC 6522).
    pub(crate) fn is_report(&self) -> bool {
        self.kind == "multipart/report"
    }

    /// Whether a program that carries mail is its author: by the null reverse-path, or by its name.
    pub(crate) fn is_from_mailer(&self) -> bool {
        // Some servers write their own name where the null reverse-path was.
        let is_null = self
            .header
            .get("return-path")
            .is_some_and(|path| matches!(path.trim(), "<>" | "") || lower(path).contains("mailer-daemon"));
        let names =
            ["mailer-daemon", "mailer daemon", "postmaster", "mail delivery", "maildaemon", "mail-daemon", "mailerdaemon"];
        is_null || names.iter().any(|name| self.from.contains(name))
    }
}

/// The first `Message-ID: <…>` of a text, which HTML may have run together with what stands around it.
fn id_in_words(text: &str) -> Option<String> {
    let at = lower(text).find("message-id:")?;
    let rest = text.get(at + "message-id:".len()..)?.trim_start();
    let id = rest.strip_prefix('<')?.split('>').next()?;
    (id.contains('@') && id.len() < 256 && !id.contains(char::is_whitespace)).then(|| id.to_owned())
}

/// The fields of a report that stand in a text: from its first one to the returned message.
fn report_within(text: &str) -> Option<Fields> {
    let names = ["Reporting-MTA:", "Original-Recipient:", "Final-Recipient:"];
    let begins =
        |line: &str| names.iter().any(|name| line.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name)));
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if begins(line) {
            let rest = text.get(at..)?;
            let end = rest.find("\n--").or_else(|| rest.find("\n\nReceived:")).unwrap_or(rest.len());
            return Some(Fields::all(rest.get(..end)?));
        }
        at += line.len();
    }
    None
}

/// The decoded content of a part.
fn content(part: &MessagePart<'_>) -> String {
    let text = match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.as_ref().to_owned(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        PartType::Message(_) | PartType::Multipart(_) => String::new(),
    };
    if text.contains('\r') { text.replace("\r\n", "\n") } else { text }
}

/// A returned message as it stands, or decoded.
fn nested(part: &MessagePart<'_>, inner: &Message<'_>, mail: &[u8]) -> String {
    let as_it_stands =
        mail.get(part.offset_body as usize..part.offset_end as usize).filter(|_| part.encoding == Encoding::None);
    let text = String::from_utf8_lossy(as_it_stands.unwrap_or(inner.raw_message.as_ref()));
    text.trim_start_matches('\n').replace("\r\n", "\n")
}

/// The beginning of a text, `bytes` at most.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}
