//! Large providers with mailers of their own.

use super::{
    Family, Said,
    Tell::{From, Text},
    shapes,
};
use crate::feedback::{address, parsed::Parsed, reply};

pub(super) const YAHOO: Family = Family {
    name: "yahoo",
    tells: &[
        &[Text("sorry, we were unable to deliver your message to the following address")],
        &[Text("unable to deliver message to the following address"), From("mailer-daemon")],
        &[Text("i'm afraid i wasn't able to deliver the following message"), From("mailer-daemon")],
    ],
    read: yahoo,
};

fn yahoo(mail: &Parsed) -> Vec<Said> {
    match shapes::within(&mail.text, &["able to deliver the following message."]) {
        // Since 2020 it shows Subject and To of the mail, and gives no reason.
        Some(rest) => shapes::named(rest, &["\nto:", " to:"], ""),
        None => shapes::blocks(mail),
    }
}

pub(super) const GMX: Family = Family {
    name: "gmx",
    tells: &[
        &[
            Text("this message was created automatically by mail delivery software"),
            Text("the following address"),
            Text("for the following reason"),
        ],
        &[From("gmx"), Text("this message was created automatically by mail delivery software")],
    ],
    read: gmx,
};

fn gmx(mail: &Parsed) -> Vec<Said> {
    match shapes::within(&mail.text, &["for the following reason:", "reason:"]) {
        Some(why) => {
            let list = shapes::before(&mail.text, &["for the following reason", "reason:"]);
            shapes::all(shapes::behind(list, &["failed:"]), shapes::before(why.trim_start(), &["\n\n"]))
        }
        None => shapes::blocks(mail),
    }
}

pub(super) const ZOHO: Family = Family { name: "zoho", tells: &[&[From("zoho"), Text("error_code")]], read: zoho };

/// `user@example.org Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <user@example.org>... User unknown`
fn zoho(mail: &Parsed) -> Vec<Said> {
    let line = |line: &str| {
        let (address, rest) = address::leading(line.trim_start_matches(['[', ' ']))?;
        let words = rest.replace("ERROR_CODE :", "");
        let words = words.split_once(", ").map_or(words.as_str(), |(_, rest)| rest);
        let words = words.replacen(", ", " ", 1);
        Some(Said { address: address.to_owned(), original: String::new(), reply: reply::said(&words) })
    };
    mail.text.lines().filter(|line| line.contains("ERROR_CODE")).filter_map(line).collect()
}
