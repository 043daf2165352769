//! Enhanced status codes: what they mean, and what they mean when the text says no more. Source: the IANA registry "SMTP Enhanced
//! Status Codes", in `enhanced.tsv`; the classes and subjects from RFC 3463.

use std::sync::LazyLock;

use crate::classify::category::Category;
use crate::classify::code::rows;
use crate::event::Enhanced;

/// One registered status, without its class.
#[derive(Clone, Copy, Debug)]
pub struct Status {
    /// The second number.
    pub subject: u16,
    /// The third number.
    pub detail: u16,
    /// What the registry says it means.
    pub title: &'static str,
    /// What a 5.x.x is about that says no more.
    pub permanent: Category,
    /// What a 4.x.x is about that says no more.
    pub temporary: Category,
    /// False for those that servers use for anything (x.7.1, x.0.0): bare words of the text are then stronger.
    pub is_precise: bool,
    /// The document.
    pub reference: &'static str,
}

static STATUSES: LazyLock<Vec<Status>> = LazyLock::new(|| rows(include_str!("enhanced.tsv")).filter_map(read).collect());

fn read(mut row: std::str::Split<'static, char>) -> Option<Status> {
    let (subject, detail) = row.next()?.split_once('.')?;
    let title = row.next()?;
    let (permanent, temporary) = (Category::parse(row.next()?)?, Category::parse(row.next()?)?);
    let is_precise = row.next()? == "precise";
    let (subject, detail) = (subject.parse().ok()?, detail.parse().ok()?);
    Some(Status { subject, detail, title, permanent, temporary, is_precise, reference: row.next()? })
}

/// All registered statuses, in ascending order.
#[must_use]
pub fn all() -> &'static [Status] {
    &STATUSES
}

/// What the registry says of a status; None for a private one.
#[must_use]
pub fn of(status: Enhanced) -> Option<&'static Status> {
    let key = (status.subject, status.detail);
    STATUSES.binary_search_by_key(&key, |known| (known.subject, known.detail)).ok().and_then(|at| STATUSES.get(at))
}

/// What a status says by itself, and whether that is precise. None where it says nothing.
pub(super) fn category(status: Enhanced) -> Option<(Category, bool)> {
    let known = of(status)?;
    let category = if status.class == 4 { known.temporary } else { known.permanent };
    (status.class != 2 && category != Category::Unclassified).then_some((category, known.is_precise))
}

/// What the first number says, RFC 3463 section 3.1.
#[must_use]
pub const fn class(status: Enhanced) -> &'static str {
    match status.class {
        2 => "success",
        4 => "persistent transient failure: may succeed later",
        _ => "permanent failure: will not succeed as it is",
    }
}

/// What the second number says, RFC 3463 section 3.1; None for a private subject.
#[must_use]
pub const fn subject(status: Enhanced) -> Option<&'static str> {
    Some(match status.subject {
        0 => "other or undefined",
        1 => "addressing",
        2 => "mailbox",
        3 => "mail system",
        4 => "network and routing",
        5 => "mail delivery protocol",
        6 => "message content or media",
        7 => "security or policy",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_they_ascend() {
        assert_eq!(all().len(), rows(include_str!("enhanced.tsv")).count());
        assert!(all().is_sorted_by(|a, b| (a.subject, a.detail) < (b.subject, b.detail)));
    }

    #[test]
    fn a_status_means_something_by_itself() {
        let category = |text: &str| category(Enhanced::read(text.as_bytes()).unwrap());
        assert_eq!(category("5.1.1"), Some((Category::UnknownUser, true)));
        assert_eq!(category("4.4.4"), Some((Category::DnsFailure, true)));
        assert_eq!(category("5.7.1"), Some((Category::PolicyOther, false)));
        assert_eq!(category("5.0.0"), None);
        assert_eq!(category("5.7.606"), None, "a private status");
        assert_eq!(category("2.1.5"), None);
    }
}
