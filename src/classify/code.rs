//! Reply codes: what they mean, and what they mean when the text says no more. Source: RFC 5321 section 4.2, in `code.tsv`.

use std::sync::LazyLock;

use crate::classify::category::Category;

/// One reply code.
#[derive(Clone, Copy, Debug)]
pub struct ReplyCode {
    /// Three digits.
    pub code: u16,
    /// What its document says it means.
    pub meaning: &'static str,
    /// What a reply is about that says no more. Codes that servers use for anything (550, 553, 554) are unclassified.
    pub category: Category,
    /// The document.
    pub reference: &'static str,
}

static CODES: LazyLock<Vec<ReplyCode>> = LazyLock::new(|| rows(include_str!("code.tsv")).filter_map(read).collect());

/// The rows of a table of ours: comments start with `#`, columns are parted by tabs.
pub(super) fn rows(tsv: &'static str) -> impl Iterator<Item = std::str::Split<'static, char>> {
    tsv.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t'))
}

fn read(mut row: std::str::Split<'static, char>) -> Option<ReplyCode> {
    let code = row.next()?.parse().ok()?;
    let meaning = row.next()?;
    let category = Category::parse(row.next()?)?;
    Some(ReplyCode { code, meaning, category, reference: row.next()? })
}

/// All codes that are known, in ascending order.
#[must_use]
pub fn all() -> &'static [ReplyCode] {
    &CODES
}

/// What is known of a code; None for one that no document names.
#[must_use]
pub fn of(code: u16) -> Option<&'static ReplyCode> {
    CODES.binary_search_by_key(&code, |known| known.code).ok().and_then(|at| CODES.get(at))
}

/// What the first and second digit of a code say, RFC 5321 section 4.2.1. None for digits that have no meaning there.
#[must_use]
pub fn digits(code: u16) -> (Option<&'static str>, Option<&'static str>) {
    let first = match code / 100 {
        2 => Some("done"),
        3 => Some("go on: more is awaited"),
        4 => Some("temporary failure: the same command may succeed later"),
        5 => Some("permanent failure: the same command must not be repeated"),
        _ => None,
    };
    let second = match code / 10 % 10 {
        0 => Some("syntax"),
        1 => Some("information"),
        2 => Some("the connection"),
        3 => Some("authentication (RFC 4954)"),
        5 => Some("the mail system"),
        _ => None,
    };
    (first, second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_they_ascend() {
        assert_eq!(all().len(), rows(include_str!("code.tsv")).count());
        assert!(all().is_sorted_by(|a, b| a.code < b.code));
        assert_eq!(of(552).map(|code| code.category), Some(Category::MailboxFull));
        assert!(of(599).is_none());
    }
}
