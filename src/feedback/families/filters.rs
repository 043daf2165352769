//! Filters that stand before the mail server and answer in its place.

use super::{
    Family, Said,
    Tell::{Subject, Text},
    shapes,
};
use crate::feedback::parsed::Parsed;

pub(super) const MAIL_MARSHAL: Family = Family {
    name: "mailmarshal",
    tells: &[&[Text("could not be delivered because of")], &[Text("the following recipients were affected")]],
    read: |mail| {
        let why = shapes::within(&mail.text, &["could not be delivered because of"]).unwrap_or_default();
        let words = shapes::before(why, &["the following recipients were affected"]);
        shapes::all(shapes::before(shapes::behind(why, &["recipients were affected"]), &["additional information"]), words)
    },
};

pub(super) const MIMECAST: Family = Family {
    name: "mimecast",
    tells: &[&[Text("an email that you attempted to send to the following address")]],
    read: |mail| {
        let words = shapes::within(&mail.text, &["additional information follows :", "the problem appears to be :"]);
        let words = words.map(|text| text.trim_start_matches(['-', ' ', '\n'])).unwrap_or_default();
        let words = shapes::before(words, &["\n\n", "this condition occurred"]);
        shapes::named(&mail.text, &["could not be delivered:"], words)
    },
};

pub(super) const M_FILTER: Family = Family {
    name: "m-filter",
    tells: &[&[Text("-------server message")]],
    read: |mail| {
        let words = shapes::within(&mail.text, &["-------server message"]).unwrap_or_default();
        let list = shapes::before(&mail.text, &["-------server message"]);
        shapes::all(list, shapes::before(words, &["-------"]))
    },
};

pub(super) const INTERSCAN: Family = Family {
    name: "interscan",
    tells: &[
        &[Text("message from interscan")],
        &[Subject("mail could not be delivered"), Text("unable to deliver message to")],
    ],
    read: interscan,
};

fn interscan(mail: &Parsed) -> Vec<Said> {
    let said = shapes::named(&mail.text, &["unable to deliver message to", "sent <<<", "rcpt to"], &mail.text);
    let refused = shapes::refusal(&mail.text, &["Received <<<", "Received >>>"]);
    said.into_iter().map(|one| refused.map_or(one.clone(), |words| shapes::one(&one.address, words))).collect()
}

pub(super) const SURF_CONTROL: Family = Family {
    name: "surfcontrol",
    tells: &[&[Text("a transcript of the attempts to send the message follows")]],
    read: |mail| {
        let said = shapes::blocks(mail);
        let list = shapes::value(&mail.text, "addressed to:").unwrap_or_default();
        if said.is_empty() { shapes::all(list, &mail.text) } else { said }
    },
};

pub(super) const WEB_SHIELD: Family = Family {
    name: "webshield",
    tells: &[&[Text("failed recipients"), Text("smtp error code")]],
    read: |mail| {
        let mut said = shapes::blocks_in(shapes::behind(&mail.text, &["failed recipients"]));
        for one in &mut said {
            // `Mailbox unavailable. [SMTP Error Code 550]`
            if let Some((words, code)) = one.reply.split_once(" [SMTP Error Code ") {
                one.reply = format!("{} {words}", code.trim_end_matches(']'));
            }
        }
        said
    },
};
