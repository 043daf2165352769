//! The lists of recipients and of their statuses.

use super::super::row::trim;

/// Each recipient of a row with its status. `;` stands between them, and also within statuses (`550 5.1.1 RESOLVER.ADR.…; not found`):
/// where the counts do not agree, a list is cut only where a status can begin, and if they still do not, all of it is each one's.
pub(super) fn pairs<'a>(recipients: &'a [u8], statuses: &'a [u8]) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
    let way = Way::of(addresses(recipients).count(), statuses);
    let (mut careful, mut plain) = (careful(statuses), plain(statuses));
    addresses(recipients).map(move |address| {
        let status = match way {
            Way::Whole => statuses.get(..LONGEST_SHARED).or(Some(statuses)),
            Way::Careful => careful.next(),
            Way::Plain => plain.next(),
        };
        (address, trim(status.unwrap_or_default()))
    })
}

/// The most bytes of a status that all recipients share: it is looked at for each of them, and both lists are as long as a stranger
/// made them.
pub(super) const LONGEST_SHARED: usize = 4 << 10;

/// The addresses of a list; the export has blanks between them too.
pub(super) fn addresses(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_between = |byte: &u8| matches!(byte, b';' | b' ' | b'\r' | b'\n');
    list.split(is_between).filter(|address| !address.is_empty())
}

/// How the statuses belong to the recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// One for all.
    Whole,
    /// One each, cut where a status can begin.
    Careful,
    /// One each, cut at every `;`.
    Plain,
}

impl Way {
    fn of(count: usize, statuses: &[u8]) -> Self {
        if count < 2 {
            Self::Whole
        } else if careful(statuses).count() == count {
            Self::Careful
        } else if plain(statuses).count() == count && plain(statuses).skip(1).all(|status| !status.starts_with(b" ")) {
            Self::Plain
        } else {
            Self::Whole
        }
    }
}

fn plain(statuses: &[u8]) -> impl Iterator<Item = &[u8]> {
    statuses.split(|&byte| byte == b';')
}

/// Pieces that end before a `;` behind which a status begins.
fn careful(statuses: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(statuses);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut from = 0;
        while let Some(at) = memchr::memchr(b';', text.get(from..).unwrap_or_default()).map(|at| from + at) {
            let after = text.get(at + 1..).unwrap_or_default();
            if begins_status(after) {
                rest = Some(after);
                return text.get(..at);
            }
            from = at + 1;
        }
        rest = None;
        Some(text)
    })
}

/// `550 …`, `[{LED=…`, `[{LRT=…`
fn begins_status(text: &[u8]) -> bool {
    match text {
        [b'2'..=b'5', tens, ones, b' ' | b'-', ..] => tens.is_ascii_digit() && ones.is_ascii_digit(),
        _ => text.starts_with(b"[{LED=") || text.starts_with(b"[{LRT="),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(recipients: &str, statuses: &str, expected: &[(&str, &str)]) {
        let text = |text| std::str::from_utf8(text).unwrap();
        let found: Vec<_> =
            pairs(recipients.as_bytes(), statuses.as_bytes()).map(|(address, status)| (text(address), text(status))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn each_recipient_has_its_status() {
        check("a@x;b@x", "250 2.1.5 OK;550 5.1.1 no", &[("a@x", "250 2.1.5 OK"), ("b@x", "550 5.1.1 no")]);
        check("a@x;b@x", ";", &[("a@x", ""), ("b@x", "")]);
        check("a@x;b@x", "", &[("a@x", ""), ("b@x", "")]);
        check("a@x;b@x", "To;Cc", &[("a@x", "To"), ("b@x", "Cc")]);
        check("a@x b@x", "250 OK;250 OK", &[("a@x", "250 OK"), ("b@x", "250 OK")]);
        check("", "250 OK", &[]);
    }

    #[test]
    fn a_status_may_hold_what_stands_between_statuses() {
        check("a@x", "550 5.1.1 RESOLVER; not found", &[("a@x", "550 5.1.1 RESOLVER; not found")]);
        let both = "550 5.1.1 RESOLVER; not found;550 5.1.1 RESOLVER; not found";
        check("a@x;b@x", both, &[("a@x", "550 5.1.1 RESOLVER; not found"), ("b@x", "550 5.1.1 RESOLVER; not found")]);
        let wrapped = "[{LED=550 5.7.1 no};{MSG=};{FQDN=mx}];[{LED=550 5.7.2 no};{MSG=}]";
        check("a@x;b@x", wrapped, &[("a@x", "[{LED=550 5.7.1 no};{MSG=};{FQDN=mx}]"), ("b@x", "[{LED=550 5.7.2 no};{MSG=}]")]);
    }

    #[test]
    fn one_status_is_everyones() {
        let one = "550 5.1.1 RESOLVER; not found";
        check("a@x;b@x", one, &[("a@x", one), ("b@x", one)]);
        check("a@x;b@x;c@x", "250 OK", &[("a@x", "250 OK"), ("b@x", "250 OK"), ("c@x", "250 OK")]);
    }
}
