//! Microsoft Exchange and Office 365.

use super::{
    Family, Said,
    Tell::{From, Text},
    shapes,
};
use crate::feedback::{address, parsed::Parsed};

/// `Exchange 5.5` to 2003.
pub(super) const EXCHANGE_2003: Family = Family {
    name: "exchange",
    tells: &[&[Text("did not reach the following recipient")], &[Text("could not be sent to the following recipient")]],
    read: |mail| {
        let list = shapes::behind(&mail.text, &["did not reach the following recipient(s):", "following recipient"]);
        let list = list.trim_start_matches([':', ' ']);
        let said = shapes::blocks_in(list);
        if said.is_empty() { elsewhere(list) } else { said }
    },
};

/// A recipient by an address of X.400 that holds one of ours (`c=US;a= ;p=Org;dda:SMTP=user@example.org;`), or by a name that is none.
fn elsewhere(list: &str) -> Vec<Said> {
    let list = shapes::before(list.trim_start(), &["\n\n"]);
    let address = address::first(list).map_or("", |(address, _)| address);
    let address = match address.split_once('=') {
        Some((kind, rest)) if kind.eq_ignore_ascii_case("smtp") => rest,
        _ => address,
    };
    let why = list.split_once('\n').map_or("", |(_, why)| why);
    if address.is_empty() && why.is_empty() { Vec::new() } else { vec![shapes::one(address, why)] }
}

/// 2007 and later: first for people, then for administrators.
pub(super) const EXCHANGE: Family = Family {
    name: "exchange",
    tells: &[
        &[Text("diagnostic information for administrators")],
        &[Text("generating server:")],
        &[Text("diagnoseinformationen f")],
        &[Text("informations de diagnostic pour les administrateurs")],
        &[Text("de diagn"), Text("administradores"), Text("#5")],
        &[Text("delivery has failed to these recipients")],
        &[Text("couldn't be delivered"), From("postmaster@")],
        &[Text("your message to"), Text("couldn't be delivered")],
        &[Text("your message couldn't be delivered")],
    ],
    read,
};

const ADMINISTRATORS: &[&str] = &[
    "diagnostic information for administrators",
    "diagnoseinformationen f",
    "informations de diagnostic pour les administrateurs",
    "generating server:",
    "generierender server:",
    "serveur de g",
    "servidor de origen:",
];

fn read(mail: &Parsed) -> Vec<Said> {
    let said = shapes::blocks_in(shapes::behind(&mail.text, ADMINISTRATORS));
    if said.is_empty() {
        let words = shapes::within(&mail.text, &["remote server returned", "error:"]).unwrap_or(&mail.text);
        return shapes::named(&mail.text, &["these recipients or groups:", "your message to", "delivered to"], words);
    }
    said
}
