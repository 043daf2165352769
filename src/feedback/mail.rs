//! What one mail is.

use sha2::{Digest, Sha256};

use super::complaint::{self, Complaint};
use super::fields::Fields;
use super::notification::{self, Told};
use super::parsed::Parsed;
use super::report::{self, Action, Notice};
use super::text::normalised;
use super::{address, automatic, families, reply};
use crate::event::Micros;

/// By how much a date in a report may be later than the arrival of the mail.
const LATE: i64 = Micros::DAY;

/// One mail that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// What it is.
    pub about: About,
    /// The family of mailers that wrote it, where the words told it; `report` for a report; empty for anything else.
    pub family: &'static str,
    /// What it tells of the mail that it is about.
    pub original: Original,
    /// The host that reports, in lower case; empty where not told.
    pub reporter: String,
    /// When it was written: its date, at most a day later than it came in. None: no date can be read.
    pub time: Option<Micros>,
    /// Equal for equal mails, whatever their line ends.
    pub digest: u128,
}

/// What a mail is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Some recipients failed for good; others may be delayed. Each notice of the report, whatever its action.
    Bounce(Vec<Notice>),
    /// The mail is still in a queue elsewhere.
    Delay(Vec<Notice>),
    /// It was delivered or passed on.
    Positive(Vec<Notice>),
    /// A recipient complains, or says that it is no spam.
    Complaint(Complaint),
    /// A person's program answered.
    AutoReply,
    /// The sender is asked to prove that a human wrote.
    Challenge,
    /// A receipt of the reader.
    Receipt,
    /// A report about a day's mail: DMARC, TLS.
    Aggregate,
    /// A mail of another kind.
    Other,
    /// No mail.
    NoMail,
}

/// What a report tells of the mail that it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Original {
    /// ENVID, as the sender gave it.
    pub envelope_id: String,
    /// Message-ID, without angle brackets.
    pub message_id: String,
    /// Queue id on the reporting host.
    pub queue_id: String,
    /// Envelope sender as far as it is told, else From.
    pub sender: String,
    /// Where the notice was sent: it may hold the recipient (VERP).
    pub returned_to: Vec<String>,
}

impl Mail {
    /// Reads one mail: as it stands in a file, with or without the line that precedes it in a mailbox.
    #[must_use]
    pub fn read(mail: &[u8]) -> Self {
        let digest = digest(mail);
        let Some(parsed) = Parsed::of(mail) else {
            return Self {
                about: About::NoMail,
                family: "",
                original: Original::default(),
                reporter: String::new(),
                time: None,
                digest,
            };
        };
        let (about, family) = about(&parsed);
        let report = parsed.report.as_ref();
        let reporter = report.and_then(|report| report.get("reporting-mta")).map(report::host).unwrap_or_default();
        let time = time(&parsed, &about);
        Self { about, family, original: original(&parsed), reporter, time, digest }
    }
}

/// What the mail is, and who wrote it.
fn about(mail: &Parsed) -> (About, &'static str) {
    if let Some(complaint) = complaint::of(mail) {
        return (About::Complaint(complaint), "");
    }
    if automatic::is_receipt(mail) {
        return (About::Receipt, "");
    }
    if automatic::is_aggregate(mail) {
        return (About::Aggregate, "");
    }
    match notification::of(mail) {
        Some(Told::Complaint(complaint)) => return (About::Complaint(complaint), "ses"),
        Some(Told::Notices(notices)) => return (by_action(notices), "ses"),
        None => {}
    }
    let notices = mail.report.as_ref().map(report::notices).unwrap_or_default();
    if !notices.is_empty() {
        if automatic::is_challenge(mail) {
            return (About::Challenge, "report");
        }
        return (by_action(completed(notices, mail)), "report");
    }
    by_words(mail)
}

/// Tells a mail without a report for machines.
fn by_words(mail: &Parsed) -> (About, &'static str) {
    if automatic::is_challenge(mail) {
        return (About::Challenge, "");
    }
    if automatic::is_delay(mail) {
        let (family, said) = families::find(mail).map_or(("", Vec::new()), |(family, said)| (family.name, said));
        return (About::Delay(said.into_iter().map(|said| notice(said, Action::Delayed)).collect()), family);
    }
    if automatic::is_positive(mail) {
        return (About::Positive(Vec::new()), "");
    }
    if let Some((family, said)) = families::find(mail) {
        return (About::Bounce(said.into_iter().map(|said| notice(said, Action::Failed)).collect()), family.name);
    }
    (if automatic::is_reply(mail) { About::AutoReply } else { About::Other }, "")
}

fn by_action(notices: Vec<Notice>) -> About {
    let has = |action| notices.iter().any(|notice| notice.action == action);
    if has(Action::Failed) {
        About::Bounce(notices)
    } else if has(Action::Delayed) {
        About::Delay(notices)
    } else {
        About::Positive(notices)
    }
}

/// What a family says of a recipient, as a notice.
fn notice(said: families::Said, action: Action) -> Notice {
    let (recipient, tried) =
        if said.original.is_empty() { (said.address, String::new()) } else { (said.original, said.address) };
    let status = reply::status(&said.reply);
    Notice { action, recipient, tried, status, reply: said.reply, relay: String::new(), at: String::new() }
}

/// Notices whose report gives no words get those that stand in the text for people.
fn completed(mut notices: Vec<Notice>, mail: &Parsed) -> Vec<Notice> {
    if notices.iter().all(|notice| tells(&notice.reply)) {
        return notices;
    }
    let Some((family, mut said)) = families::find(mail) else { return notices };
    if family.name == "other" {
        // Words that no family wrote may be anybody's: a footer, an advertisement.
        said.retain(|said| families::says_why(&said.reply));
    }
    let is_one = notices.len() == 1 && said.len() == 1;
    for notice in notices.iter_mut().filter(|notice| !tells(&notice.reply)) {
        let is_same = |said: &&families::Said| {
            is_one || said.address.eq_ignore_ascii_case(&notice.recipient) || said.address.eq_ignore_ascii_case(&notice.tried)
        };
        if let Some(said) = said.iter().find(is_same).filter(|said| !said.reply.is_empty()) {
            notice.reply = said.reply.clone();
            notice.status = reply::status(&said.reply).or(notice.status);
        }
    }
    notices
}

/// Whether a reply holds words, not only numbers.
fn tells(reply: &str) -> bool {
    reply.chars().filter(|one| one.is_alphabetic()).count() > 3
}

/// What the mail tells of the original.
fn original(mail: &Parsed) -> Original {
    let empty = Fields::default();
    let report = mail.report.as_ref().unwrap_or(&empty);
    let complaint = mail.complaint.as_ref().unwrap_or(&empty);
    let field = |fields: &Fields, name: &str| fields.get(name).unwrap_or_default().trim().to_owned();
    let sender = [
        mail.original.get("return-path"),
        report.get("x-postfix-sender"),
        complaint.get("original-mail-from"),
        mail.original.get("from"),
    ];
    let sender = sender.into_iter().flatten().map(address::of_field).find(|address| address.contains('@'));
    let returned_to =
        ["to", "delivered-to", "x-original-to", "envelope-to"].into_iter().flat_map(|name| mail.header.each(name));
    let mut returned_to: Vec<String> =
        returned_to.filter_map(|value| address::first(value)).map(|(address, _)| address.to_owned()).collect();
    returned_to.extend(complaint.get("original-mail-from").map(address::of_field));
    returned_to.extend(mail.original.get("return-path").map(address::of_field));
    let mut returned_to: Vec<String> = returned_to.into_iter().filter(|address| address.contains('@')).collect();
    returned_to.sort();
    returned_to.dedup();
    let receipt = mail.receipt.as_ref().unwrap_or(&empty);
    let ids = [field(&mail.original, "message-id"), field(receipt, "original-message-id")];
    let id = ids.iter().map(|id| message_id(id)).find(|id| !id.is_empty()).unwrap_or_default();
    Original {
        envelope_id: field(report, "original-envelope-id"),
        message_id: if id.is_empty() { mail.id_in_words.clone() } else { id },
        queue_id: field(report, "x-postfix-queue-id"),
        sender: sender.unwrap_or_default(),
        returned_to,
    }
}

/// A Message-ID without its angle brackets.
pub(super) fn message_id(field: &str) -> String {
    let inside = field.split_once('<').map_or(field, |(_, rest)| rest.split('>').next().unwrap_or_default());
    inside.split_whitespace().collect()
}

/// When the mail was written: what the report says, no later than a day after the mail came in.
fn time(mail: &Parsed, about: &About) -> Option<Micros> {
    let received = mail.header.get("received").and_then(|value| date(value.rsplit_once(';')?.1));
    let written = mail.header.get("date").and_then(date);
    let told = match about {
        About::Bounce(notices) | About::Delay(notices) | About::Positive(notices) => {
            notices.iter().find_map(|notice| date(&notice.at))
        }
        About::Complaint(_)
        | About::AutoReply
        | About::Challenge
        | About::Receipt
        | About::Aggregate
        | About::Other
        | About::NoMail => None,
    };
    let arrival = mail.report.as_ref().and_then(|report| date(report.get("arrival-date")?));
    let cap = received.or(written).map(|time| Micros(time.0.saturating_add(LATE)));
    [told, written, received, arrival].into_iter().flatten().find(|&time| cap.is_none_or(|cap| time <= cap))
}

/// A date of RFC 5322 or RFC 3339.
pub(crate) fn date(text: &str) -> Option<Micros> {
    let text = text.trim();
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(Micros(time.as_microsecond()));
    }
    let date = mail_parser::DateTime::parse_rfc822(text).filter(mail_parser::DateTime::is_valid)?;
    date.to_timestamp().checked_mul(Micros::SECOND).map(Micros)
}

fn digest(mail: &[u8]) -> u128 {
    let sum = Sha256::digest(normalised(mail));
    sum.iter().take(16).fold(0, |whole, byte| whole << 8 | u128::from(*byte))
}
