//! Exim, and relays that run it under other words. Source: Exim specification, "Customizing bounce and warning messages".

use super::{
    Family, Said,
    Tell::{Field, Text},
    shapes,
};
use crate::feedback::{address, parsed::Parsed};

pub(super) const EXIM: Family = Family {
    name: "exim",
    tells: &[
        &[Field("x-failed-recipients")],
        &[Text("this message was created automatically by mail delivery software")],
        &[Text("this message was created automatically by the smtp relay")],
        &[Text("could not be delivered to one or more of its recipients")],
        &[Text("could not be delivered to all of its recipients")],
        &[Text("a message that you have sent could not be delivered")],
    ],
    read,
};

/// A recipient that could not even be tried.
pub(super) const MALFORMED: Family = Family {
    name: "exim",
    tells: &[&[Text("recipient addresses that were"), Text("incorrectly constructed")]],
    read: malformed,
};

/// Mail.ru refuses after the end of the data, and names the mailbox in its own words only.
pub(super) const SCANNED: Family = Family {
    name: "exim",
    tells: &[&[Text("was rejected by the local scanning code"), Text("local mailbox")]],
    read: |mail| {
        let line = shapes::within(&mail.text, &["local mailbox"]).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let why = address::first(line).map_or("", |(_, rest)| rest.trim_start_matches(['>', ' ']));
        shapes::named(&mail.text, &["local mailbox"], why.strip_prefix("is unavailable:").unwrap_or(why))
    },
};

fn read(mail: &Parsed) -> Vec<Said> {
    let said = shapes::blocks_in(shapes::behind(&mail.text, &["address(es) failed", "address failed", "recipients:"]));
    if said.is_empty() { shapes::of_header(mail, &mail.text) } else { said }
}

fn malformed(mail: &Parsed) -> Vec<Said> {
    let list = shapes::behind(&mail.text, &["incorrectly constructed"]);
    list.lines()
        .filter_map(|line| {
            let (list, why) = line.split_once(": ")?;
            let (address, _) = address::first(list)?;
            Some(shapes::one(address, why))
        })
        .collect()
}
