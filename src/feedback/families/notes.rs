//! Lotus Notes and Domino: the reason stands before the address.

use super::{Family, Said, Tell::Text, shapes};
use crate::feedback::{address, parsed::Parsed};

pub(super) const NOTES: Family = Family {
    name: "notes",
    tells: &[&[Text("failure reasons")], &[Text("your message"), Text("was not delivered to:"), Text("because:")]],
    read,
};

fn read(mail: &Parsed) -> Vec<Said> {
    if let Some(list) = shapes::within(&mail.text, &["was not delivered to:"]) {
        let why = shapes::within(list, &["because:"]).unwrap_or_default();
        return shapes::all(shapes::before(list, &["because:"]), shapes::before(why.trim_start(), &["\n\n"]));
    }
    let list = shapes::within(&mail.text, &["failure reasons"]).unwrap_or_default();
    let mut reason = "";
    let mut said = Vec::new();
    for line in list.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()) {
        match address::leading(line) {
            Some((address, _)) => said.push(shapes::one(address, reason)),
            None => reason = line,
        }
    }
    said
}
