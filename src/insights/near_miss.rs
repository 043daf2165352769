//! Recipient domains that look like a slip of the finger away from a well-known one.

use super::total;
use crate::tables::Tables;

/// Domains that people mistype.
const WELL_KNOWN: [&str; 16] = [
    "aol.com",
    "btinternet.com",
    "comcast.net",
    "gmail.com",
    "gmx.de",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "libero.it",
    "live.com",
    "orange.fr",
    "outlook.com",
    "t-online.de",
    "web.de",
    "yahoo.com",
    "ymail.com",
];

/// A domain that is probably a slip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// As typed.
    pub domain: String,
    /// What was probably meant.
    pub meant: &'static str,
    /// Messages × recipients.
    pub outcomes: i64,
    /// Of these, not delivered for good.
    pub lost: i64,
}

/// Domains a slip away from a well-known one, that lost at least half of their mail: `mail.com` is a letter from `gmail.com` and
/// alive. The largest first.
#[must_use]
pub fn near_misses(tables: &Tables) -> Vec<NearMiss> {
    let mut found: Vec<NearMiss> = tables
        .domains
        .iter()
        .filter_map(|row| {
            let lost = row.bounced + row.bounced_later + row.expired + row.blocked;
            let is_failing = total::rate(lost, lost + row.delivered).value().is_some_and(|share| share >= 0.5);
            let meant = is_failing.then(|| meant(&row.domain)).flatten()?;
            Some(NearMiss { domain: row.domain.clone(), meant, outcomes: row.outcomes, lost })
        })
        .collect();
    found.sort_by(|a, b| b.outcomes.cmp(&a.outcomes).then_with(|| a.domain.cmp(&b.domain)));
    found
}

/// The well-known domain that is one slip away.
#[must_use]
pub(super) fn meant(domain: &str) -> Option<&'static str> {
    if WELL_KNOWN.contains(&domain) {
        return None;
    }
    WELL_KNOWN.into_iter().find(|known| is_one_slip(domain, known))
}

/// Whether the two differ by one letter missing, added or changed, or by two neighbours swapped.
fn is_one_slip(typed: &str, meant: &str) -> bool {
    let (a, b) = (typed.as_bytes(), meant.as_bytes());
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    match (rest_a, rest_b) {
        ([], []) => false,
        ([x, rest_x @ ..], [y, rest_y @ ..]) => {
            let swapped = matches!((rest_x, rest_y), ([x2, after_x @ ..], [y2, after_y @ ..]) if x == y2 && y == x2 && after_x == after_y);
            swapped || rest_x == rest_y || rest_x == rest_b || rest_a == rest_y
        }
        (rest, []) | ([], rest) => rest.len() == 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_seen_and_two_are_not() {
        for typed in ["gmial.com", "gmai.com", "gmaill.com", "gnail.com", "gmail.co", "gmail.comm"] {
            assert!(is_one_slip(typed, "gmail.com"), "{typed}");
        }
        for typed in ["gmail.com", "mail.example.com", "gmx.com", "gm.com", ""] {
            assert!(!is_one_slip(typed, "gmail.com"), "{typed}");
        }
        assert_eq!((meant("ymail.com"), meant("hotmial.com"), meant("example.org")), (None, Some("hotmail.com"), None));
    }
}
