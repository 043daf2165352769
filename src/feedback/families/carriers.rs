//! Carriers of mobile telephones, and providers in Japan.

use super::{
    Family, Said,
    Tell::{From, Subject, Text},
    shapes,
};
use crate::feedback::{address, parsed::Parsed};

/// au by KDDI, and others with its mailer: a sentence why, then the addresses.
pub(super) const EZWEB: Family = Family {
    name: "ezweb",
    tells: &[
        &[Text("the user(s) account is")],
        &[Text("the following recipients did not receive this message")],
        &[Text("each of the following recipients was rejected by a remote mail server")],
        &[Text("each of the following recipients was rejected")],
    ],
    read: ezweb,
};

fn ezweb(mail: &Parsed) -> Vec<Said> {
    let reasons = [
        "the user(s) account is",
        "your message was not delivered within",
        "remote host is not responding",
        "each of the following",
    ];
    let mut why = String::new();
    let mut said: Vec<Said> = Vec::new();
    for line in mail.text.lines().map(str::trim) {
        let lower = line.to_ascii_lowercase();
        if reasons.iter().any(|reason| lower.starts_with(reason)) {
            why.push_str(line);
            why.push(' ');
        } else if let Some(reason) = lower.strip_prefix("reason:").or(lower.strip_prefix("<<<")) {
            let words = line.get(line.len() - reason.len()..).unwrap_or(line);
            if let Some(last) = said.last_mut() {
                last.reply = crate::feedback::reply::said(words);
            }
        } else if let Some((address, _)) = address::leading(line.strip_prefix("Recipient:").unwrap_or(line).trim()) {
            said.push(shapes::one(address, &why));
        }
    }
    said
}

pub(super) const KDDI: Family = Family {
    name: "kddi",
    tells: &[
        &[Text("your mail sent on:")],
        &[Text("could not be delivered to:"), Text("as their")],
        &[Text("your mail attempted to be delivered on")],
    ],
    read: |mail| {
        let words = shapes::within(&mail.text, &["could not be delivered to:"]).unwrap_or(&mail.text);
        let words = address::first(words).map_or(words, |(_, rest)| rest.trim_start_matches('>'));
        shapes::named(&mail.text, &["could not be delivered to:", "could not be delivered"], words)
    },
};

pub(super) const BIGLOBE: Family = Family {
    name: "biglobe",
    tells: &[&[Text("non-delivered information")]],
    read: |mail| {
        let words = shapes::within(&mail.text, &["non-delivered information"]).unwrap_or_default();
        let list = shapes::before(&mail.text, &["non-delivered information"]);
        let words = words.trim_start_matches(['-', ' ', '\n']);
        shapes::all(shapes::behind(list, &["the following addresses had"]), shapes::before(words, &["\n\n", "---"]))
    },
};

pub(super) const VERIZON: Family = Family {
    name: "verizon",
    tells: &[
        &[Text("message could not be delivered to mobile")],
        &[From("vtext.com"), Subject("undeliver")],
        &[From("vzwpix.com"), Subject("undeliver")],
    ],
    read: |mail| {
        let words = shapes::value(&mail.text, "error:").or(shapes::value(&mail.text, "reason:")).unwrap_or(&mail.text);
        let said = shapes::named(&mail.text, &["rcpt to:", "recipient:", "\nto:"], words);
        if said.is_empty() { mail.original.get("to").map(|to| shapes::all(to, words)).unwrap_or_default() } else { said }
    },
};
