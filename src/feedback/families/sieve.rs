//! Filters of the recipient's that refuse a mail which their server took: Sieve's `reject` (RFC 5429), as Dovecot and Cyrus send it.

use super::{Family, Said, Tell::Text, shapes};
use crate::feedback::{address, parsed::Parsed};

/// By which words a refusal is told from a receipt of a reader.
pub(crate) const REJECTED: &[&str] = &["was automatically rejected", "mail filtering program"];

pub(super) const SIEVE: Family =
    Family { name: "sieve", tells: &[&[Text("was automatically rejected")], &[Text("mail filtering program")]], read };

fn read(mail: &Parsed) -> Vec<Said> {
    // The words alone could be anybody's.
    let Some(receipt) = &mail.receipt else { return Vec::new() };
    let reasons = ["following reason was given:", "reason given was as follows:", "was automatically rejected:"];
    let words = shapes::within(&mail.text, &reasons).unwrap_or(&mail.text);
    let named =
        ["original-recipient", "final-recipient"].into_iter().filter_map(|name| receipt.get(name)).map(address::of_field);
    match named.into_iter().find(|address| address.contains('@')) {
        Some(address) => vec![shapes::one(&address, words)],
        None => shapes::named(&mail.text, &["your message to"], words),
    }
}
