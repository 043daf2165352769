//! qmail-send and what imitates it. Source: qmail-send.c, `injectbounce()`.

use super::{
    Family,
    Tell::{From, Subject, Text},
    shapes,
};

pub(super) const QMAIL: Family = Family {
    name: "qmail",
    tells: &[
        &[Text("this is the qmail-send program")],
        &[Text("this is the qmail program")],
        &[Text("i'm afraid i wasn't able to deliver your message")],
        &[Text("unfortunately, your mail was not delivered to the following address")],
        &[Text("i wasn't able to deliver your message to the following address")],
        &[Subject("failure notice"), From("mailer-daemon")],
        &[Subject("failure notice"), Text("your message could not be delivered")],
    ],
    read: shapes::blocks,
};
