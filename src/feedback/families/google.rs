//! Gmail before it wrote reports, and Google Groups.

use super::{
    Family, Said,
    Tell::{Field, From, Subject, Text},
    shapes,
};
use crate::feedback::parsed::Parsed;

pub(super) const GMAIL: Family = Family {
    name: "gmail",
    tells: &[
        &[Text("delivery to the following recipient failed permanently")],
        &[Text("delivery to the following recipients failed permanently")],
        &[From("googlemail.com"), Subject("delivery status notification")],
        &[From("mail delivery subsystem"), Text("your message wasn't delivered to")],
    ],
    read: gmail,
};

pub(super) const GROUPS: Family = Family {
    name: "google-groups",
    tells: &[
        &[Field("x-failed-recipients"), Text("support.google.com/groups")],
        &[Field("x-failed-recipients"), Text("groups.google.com/support")],
        &[Field("x-failed-recipients"), Text("google groups"), From("googlemail.com")],
    ],
    read: |mail| shapes::of_header(mail, GROUP_REASON),
};

/// Google words it in the language of the sender; in English it says this.
const GROUP_REASON: &str =
    "The group you tried to contact may not exist, or you may not have permission to post messages to the group";

fn gmail(mail: &Parsed) -> Vec<Said> {
    // `Technical details of permanent failure:` and so in all languages: the paragraph behind the recipients.
    let details =
        shapes::within(&mail.text, &["technical details of permanent failure", "technical details of temporary failure"]);
    let details = details.map(|text| text.trim_start_matches([':', ' ', '\n']));
    // Google's own advice quotes the other side at its end.
    let quoted = details.and_then(|text| shapes::within(text, &["the error that the other server returned was:"]));
    let words = quoted.or(details).unwrap_or(&mail.text);
    let said = shapes::of_header(mail, words);
    if !said.is_empty() {
        return said;
    }
    let mut said = shapes::blocks(mail);
    for one in &mut said {
        one.reply = crate::feedback::reply::said(words);
    }
    said
}
