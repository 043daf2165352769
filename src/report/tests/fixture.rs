//! The month of the findings' tests, and what a page says of itself.

use crate::report::About;

pub(crate) use crate::insights::tests::fixture::{domains, month, small};

pub(crate) fn about() -> About {
    About {
        title: None,
        version: "0.1.0".to_owned(),
        command: "mailtally report mail/ -o report.html".to_owned(),
        warnings: Vec::new(),
        notes: vec!["Stamps without a zone were read as UTC.".to_owned()],
        is_unfolded: false,
    }
}
