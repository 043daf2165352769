//! Postfix where the report for machines got lost. Source: `bounce_notify_util.c`.

use super::{
    Family,
    Tell::{From, Subject, Text},
    shapes,
};

pub(super) const POSTFIX: Family = Family {
    name: "postfix",
    tells: &[
        &[Text("this is the mail system at host")],
        &[Text("this is the postfix program at host")],
        &[Text("i'm sorry to have to inform you that")],
        &[Subject("undelivered mail returned to sender"), From("mailer-daemon")],
    ],
    read: shapes::blocks,
};
