//! Mailers whose notices are short and regular.

use super::{Family, Tell::Text, shapes};

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

/// `Delevery to the following recipients was aborted`, with details between rules.
pub(super) const ABORTED: Family = Family {
    name: "mx-gateway",
    tells: &[
        &[Text("delevery to the following recipients was aborted")],
        &[Text("delivery to the following recipients was aborted")],
    ],
    read: |mail| {
        let list = shapes::within(&mail.text, &["was aborted"]).unwrap_or_default();
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
