//! Mailers whose notices are short and regular.

use super::{Family, Tell::Text, shapes};
use crate::feedback::address;

pub(super) const OPEN_SMTPD: Family = Family {
    name: "opensmtpd",
    tells: &[
        &[Text("this is the mailer-daemon, please do not reply to this")],
        &[Text("an error has occurred while attempting to deliver a message")],
    ],
    read: shapes::blocks,
};

pub(super) const DRAGONFLY: Family = Family {
    name: "dragonfly",
    tells: &[&[Text("this is the dragonfly mail agent")], &[Text("there was an error delivering your mail to")]],
    read: |mail| {
        let words = shapes::within(&mail.text, &["there was an error delivering your mail to"]).unwrap_or_default();
        let words = words.split_once('\n').map_or("", |(_, words)| words);
        shapes::named(&mail.text, &["there was an error delivering your mail to"], words)
    },
};

pub(super) const JAMES: Family = Family {
    name: "james",
    tells: &[&[Text("failed recipient(s):")], &[Text("error message below:")]],
    read: |mail| {
        let words = shapes::within(&mail.text, &["error message below:"]).unwrap_or_default();
        let list = shapes::behind(&mail.text, &["failed recipient(s):", "unable to deliver message to the following"]);
        let words = shapes::before(words.trim_start(), &["\n\n"]).replacen(" - ", " ", 1);
        shapes::all(shapes::before(list, &["error message below", "\n\n"]), &words)
    },
};

pub(super) const COURIER: Family = Family {
    name: "courier",
    tells: &[
        &[Text("undeliverable mail"), Text("this is a delivery status notification from")],
        &[Text("your message to the following recipients cannot be delivered")],
    ],
    read: shapes::blocks,
};

pub(super) const MAIL_FOUNDRY: Family = Family {
    name: "mailfoundry",
    tells: &[&[Text("unable to deliver message to:"), Text("delivery failed for the following reason")]],
    read: |mail| {
        let words = shapes::within(&mail.text, &["delivery failed for the following reason:"]).unwrap_or_default();
        shapes::named(&mail.text, &["unable to deliver message to:"], words)
    },
};

/// `Delevery to the following recipients was aborted` or `failed permanently`, with details between rules.
pub(super) const ABORTED: Family = Family {
    name: "mx-gateway",
    tells: &[
        &[Text("delevery to the following recipients was aborted")],
        &[Text("delivery to the following recipients was aborted")],
        &[Text("following recipients failed permanently"), Text("technical details:"), Text("=====")],
    ],
    read: |mail| {
        let list = shapes::within(&mail.text, &["was aborted", "failed permanently:"]).unwrap_or_default();
        let words = shapes::within(list, &["technical details:"]).unwrap_or_default();
        let words = words.trim_start_matches(['=', ' ', '\n']);
        let words = shapes::before(words, &["===="]);
        let is_quoted = crate::feedback::reply::code(&crate::feedback::reply::said(words)).is_some();
        let words =
            if is_quoted { words.to_owned() } else { format!("aborted{}: {words}", list.lines().next().unwrap_or_default()) };
        shapes::all(shapes::before(list, &["====", "technical details"]), &words)
    },
};

/// `The following recipients returned permanent errors: user@example.org. Reason: …` and the like, in one sentence.
pub(super) const DIRECTORY: Family = Family {
    name: "mx-suite",
    tells: &[&[Text("recipients returned permanent errors")]],
    read: |mail| {
        let words = shapes::within(&mail.text, &["reason:"]).unwrap_or(&mail.text);
        shapes::named(&mail.text, &["returned permanent errors:"], words)
    },
};

/// `Failed Recipient: user@example.org` and `Reason: Remote host said: 550 …` below it, for each.
pub(super) const SMARTER_MAIL: Family = Family {
    name: "smartermail",
    tells: &[&[Text("could not deliver message to the following recipient"), Text("failed recipient:")]],
    read: |mail| shapes::labelled(&mail.text, "failed recipient:", "reason:"),
};

/// LISTSERV's own server and others that write for it: `Error-For:` and `Error-Text:`.
pub(super) const LISTSERV: Family = Family {
    name: "listserv",
    tells: &[&[Text("error-for:"), Text("error-code:"), Text("error-text:")]],
    read: |mail| shapes::labelled(&mail.text, "error-for:", "error-text:"),
};

/// `Delivery of email to this address "user@example.org" has failed due to a full mailbox`, or has been postponed.
pub(super) const FULL_MAILBOX: Family = Family {
    name: "mxserver",
    tells: &[&[Text("delivery of email to this address"), Text("full mailbox")]],
    read: |mail| {
        let words = shapes::within(&mail.text, &["delivery of email to this address"]).unwrap_or_default();
        let words = shapes::before(words, &["we have already", "we will continue", "please try"]);
        let failed =
            address::first(words).map(|(address, why)| shapes::one(address, why.trim_start_matches(['>', '"', ' ', '\n'])));
        failed.into_iter().collect()
    },
};

/// smail 3: `user@example.org ... unknown host` in a list.
pub(super) const SMAIL: Family = Family {
    name: "smail",
    tells: &[&[Text("failed addresses follow:")]],
    read: |mail| {
        let list = shapes::within(&mail.text, &["failed addresses follow:"]).unwrap_or_default();
        let failed = list.lines().filter_map(|line| address::first(line));
        failed.map(|(address, why)| shapes::one(address, why.trim_start_matches(['>', '.', ' ']))).collect()
    },
};

/// `Recipient: [SMTP:user@example.org]` and `Reason: Remote SMTP Server Returned: 550 …` below it, for each.
pub(super) const MAIL_ENABLE: Family = Family {
    name: "mailenable",
    tells: &[&[Text("mailenable: "), Text("recipient: [smtp:")]],
    read: |mail| shapes::labelled(&mail.text, "recipient:", "reason:"),
};

/// `Intended Recipients: <user@example.org>, <other@example.org>`.
pub(super) const HARAKA: Family = Family {
    name: "haraka",
    tells: &[&[Text("this is the haraka mailer program")], &[Text("intended recipients:"), Text("failure reason:")]],
    read: |mail| {
        let list = shapes::within(&mail.text, &["intended recipients:"]).unwrap_or_default();
        let words = shapes::within(list, &["failure reason:"]).unwrap_or_default();
        shapes::all(shapes::before(list, &["failure reason:"]), shapes::before(words, &["\n\n"]))
    },
};
