//! `MDaemon`: addresses behind `Failed address:`, and the transcript of the session.

use super::{
    Family, Said,
    Tell::{From, Text},
    shapes,
};
use crate::feedback::{address, parsed::Parsed};

pub(super) const MDAEMON: Family = Family {
    name: "mdaemon",
    tells: &[
        &[Text("permanent fatal delivery errors")],
        &[Text("failed address:")],
        &[From("mdaemon"), Text("session transcript")],
        &[From("mdaemon"), Text("no such user here")],
    ],
    read,
};

fn read(mail: &Parsed) -> Vec<Said> {
    let refused = shapes::refusal(&mail.text, &["<-- ", "<<< "]);
    // Before version 6 the transcript had no marks.
    let transcript = shapes::within(&mail.text, &["session transcript"]).unwrap_or_default();
    let refused = refused.or_else(|| shapes::refusal(transcript, &[""]));
    let reason = shapes::value(&mail.text, "reason:").or(shapes::value(&mail.text, "error:"));
    let words = refused.or(reason).unwrap_or_default();
    let labels = ["failed address:", "failed recipient:"];
    let addresses = mail.text.lines().filter(|line| {
        let lower = line.to_ascii_lowercase();
        labels.iter().any(|label| lower.contains(label))
    });
    let said: Vec<Said> = addresses.filter_map(address::first).map(|(address, _)| shapes::one(address, words)).collect();
    if !said.is_empty() {
        return said;
    }
    match shapes::within(&mail.text, &["did not receive a copy of your message"]) {
        Some(list) => shapes::all(shapes::before(list, &["---"]), words),
        None => shapes::blocks_in(shapes::before(&mail.text, &["session transcript"])),
    }
}
