//! Ipswitch `IMail`: `Unknown user: user@example.org`.

use super::{
    Family, Said,
    Tell::{Field, From, Subject, Text},
    shapes,
};
use crate::feedback::parsed::Parsed;

pub(super) const IMAIL: Family = Family {
    name: "imail",
    tells: &[
        &[Subject("undeliverable mail"), From("postmaster")],
        &[Subject("undeliverable mail"), Field("x-mailer"), Text("undeliverable to")],
    ],
    read,
};

fn read(mail: &Parsed) -> Vec<Said> {
    let answer = shapes::within(&mail.text, &["body of message generated response:"]);
    let list = ["undeliverable to", "delivery failed"];
    if let Some(answer) = answer {
        return shapes::named(&mail.text, &list, answer);
    }
    let mut said = Vec::new();
    for line in mail.text.lines() {
        let words = [
            "unknown user:",
            "unknown host:",
            "invalid final delivery userid:",
            "user mailbox exceeds allowed size:",
            "delivery failed",
            "undeliverable to",
        ];
        let is_said = words.iter().any(|words| line.to_ascii_lowercase().contains(words));
        if is_said {
            said.extend(shapes::all(line, line.split_once(':').map_or(line, |(words, _)| words)));
        }
    }
    if let (Some(quoted), [one]) = (shapes::refusal(&mail.text, &["", ":"]), said.as_mut_slice()) {
        one.reply = crate::feedback::reply::said(quoted);
    }
    said
}
