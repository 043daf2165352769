//! Microsoft Exchange and Office 365.

use super::{
    Family, Said,
    Tell::{From, Text},
    shapes,
};
use crate::feedback::parsed::Parsed;

/// `Exchange 5.5` to 2003.
pub(super) const EXCHANGE_2003: Family = Family {
    name: "exchange",
    tells: &[&[Text("did not reach the following recipient")], &[Text("could not be sent to the following recipient")]],
    read: |mail| {
        shapes::blocks_in(
            shapes::behind(&mail.text, &["did not reach the following recipient(s):", "following recipient"])
                .trim_start_matches([':', ' ']),
        )
    },
};

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
