//! Mailers that no family knows: a program wrote it, and it says that something failed.

use super::{Family, Said, Tell::Field, shapes};
use crate::feedback::{address, parsed::Parsed};

pub(super) const OTHER: Family =
    Family { name: "other", tells: &[&[Field("from")], &[Field("date")], &[Field("received")]], read };

/// What a subject says of a failure.
const SUBJECTS: &[&str] = &[
    "undeliver",
    "returned mail",
    "mail delivery failed",
    "delivery failure",
    "failure notice",
    "delivery status notification (failure)",
    "delivery failed",
    "delivery has failed",
    "could not be delivered",
    "mail system error",
    "undelivered mail",
    "returned to sender",
    "failure delivery",
    "message delivery has failed",
    "delivery error",
    "nondeliverable",
    "non-deliverable",
    "mail delivery error",
    "error sending your mail",
    "unzustellbar",
    "non remis",
    "no se puede entregar",
    "не доставлено",
    "delivery notification",
    "mail failed",
    "退信",
];

/// What a text says of a failure.
const TEXTS: &[&str] = &[
    "could not be delivered",
    "cannot be delivered",
    "unable to deliver",
    "was not delivered",
    "delivery failed",
    "undeliverable",
    "did not reach",
    "failed permanently",
    "permanent error",
    "permanent failure",
    "permanent fatal",
    "user unknown",
    "unknown user",
    "mailbox is full",
    "no such user",
    "does not exist",
    "returned to sender",
    "following addresses had",
    "could not deliver",
    "couldn't be delivered",
    "wasn't delivered",
    "konnte nicht",
    "n'a pas pu",
    "no pudo ser",
    "aborted after",
    "delivery to the following",
    "following errors",
    "not deliverable",
    "not been delivered",
    "delivery problems",
    "failed to deliver",
    "以下",
    "无法送达",
    "退信",
    "退回",
    "was rejected",
    "не может быть доставлено",
];

/// Words directly before the address that failed.
const BEFORE: &[&str] = &[
    "unable to deliver message to",
    "could not be delivered to",
    "undeliverable to",
    "did not reach the following recipient",
    "deliver mail to",
    "deliver your message to",
    "was not delivered to",
    "delivery to",
    "message to",
    "mail to",
    "recipient:",
    "failed address",
    "addressed to",
    "to:",
];

/// Whether a text speaks of a failure.
pub(super) fn says_why(text: &str) -> bool {
    let lower = text.to_lowercase();
    TEXTS.iter().any(|words| lower.contains(words))
}

fn read(mail: &Parsed) -> Vec<Said> {
    // Two of three: its subject, its words, its type.
    let signs = [SUBJECTS.iter().any(|words| mail.subject.contains(words)), mail.says(TEXTS), mail.is_report()];
    if !mail.is_from_mailer() || signs.into_iter().filter(|&sign| sign).count() < 2 {
        return Vec::new();
    }
    let ways: [fn(&Parsed) -> Vec<Said>; 5] = [
        shapes::blocks,
        |mail| shapes::of_header(mail, &mail.text),
        |mail| {
            BEFORE
                .iter()
                .map(|words| shapes::named(&mail.text, &[words], &mail.text))
                .find(|said| !said.is_empty())
                .unwrap_or_default()
        },
        |mail| {
            mail.text
                .lines()
                .find_map(address::first)
                .map(|(address, _)| shapes::one(address, &mail.text))
                .into_iter()
                .collect()
        },
        |mail| mail.original.get("to").map(|to| shapes::all(to, &mail.text)).unwrap_or_default(),
    ];
    ways.iter().map(|way| way(mail)).find(|said| !said.is_empty()).unwrap_or_default()
}
