//! Sun, iPlanet and Oracle Messaging Server, and PMDF before them.

use super::{Family, Said, Tell::Text, shapes};
use crate::feedback::{address, parsed::Parsed};

pub(super) const MESSAGING_SERVER: Family = Family {
    name: "messaging-server",
    tells: &[
        &[Text("this report relates to a message you sent with the following header fields")],
        &[Text("your message cannot be delivered to the following recipients")],
        &[Text("recipient address:"), Text("reason:")],
    ],
    read,
};

fn read(mail: &Parsed) -> Vec<Said> {
    let list = shapes::behind(&mail.text, &["following recipients:"]);
    let mut said = Vec::new();
    let lower = list.to_ascii_lowercase();
    let starts: Vec<usize> = lower.match_indices("recipient address:").map(|(at, _)| at).collect();
    for (index, &start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(list.len());
        let part = list.get(start..end).unwrap_or_default();
        let Some((address, _)) = shapes::value(part, "recipient address:").and_then(address::first) else { continue };
        let original = shapes::value(part, "original address:").and_then(address::first).map_or("", |(address, _)| address);
        let code = shapes::within(part, &["diagnostic code:"]).map(|text| shapes::before(text, &["remote system:", "\n\n"]));
        let why = code.or(shapes::value(part, "reason:")).unwrap_or_default();
        let reply = crate::feedback::reply::of_diagnostic(why.trim());
        said.push(Said { address: address.to_owned(), original: original.to_owned(), reply });
    }
    said
}
