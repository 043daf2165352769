//! Mailing lists that refuse a post.

use super::{
    Family,
    Tell::{Subject, Text},
    shapes,
};
use crate::feedback::address;

pub(super) const FML: Family = Family {
    name: "fml",
    tells: &[&[Text("you are not a member of this mailing list")], &[Subject("are not member"), Text("mailing list")]],
    read: |mail| {
        let list = mail.text.lines().find_map(address::first);
        list.map(|(address, _)| shapes::one(address, &mail.text)).into_iter().collect()
    },
};
