//! Replies by provider and words, all sources together, the commonest first; and which of them the page shows.

use std::collections::BTreeMap;

use crate::event::Micros;
use crate::insights::name;
use crate::tables::signatures::Signature;

/// Replies shown at all.
pub const MOST: usize = 200;

/// A reply of a provider to all sources together.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply<'a> {
    /// The row of the most attempts.
    pub top: &'a Signature,
    /// Attempts of all sources.
    pub attempts: i64,
    /// The earliest of them.
    pub first: Micros,
    /// The latest.
    pub last: Micros,
    /// Who was told so, the source of the most attempts first.
    pub sources: Vec<&'a str>,
}

/// The id of a reply: of who said it and what, so that it is the same next month.
#[must_use]
pub fn id(provider: &str, signature: &str) -> String {
    format!("sig-{}", name::digest(&format!("{provider}\n{signature}")))
}

/// All replies.
#[must_use]
pub fn replies(rows: &[Signature]) -> Vec<Reply<'_>> {
    let mut by_reply: BTreeMap<(&str, &str), Vec<&Signature>> = BTreeMap::new();
    for row in rows {
        by_reply.entry((&row.provider, &row.signature)).or_default().push(row);
    }
    let mut replies: Vec<Reply<'_>> = by_reply
        .into_values()
        .filter_map(|mut rows| {
            rows.sort_by(|a, b| b.attempts.cmp(&a.attempts).then_with(|| a.source.cmp(&b.source)));
            Some(Reply {
                attempts: rows.iter().map(|row| row.attempts).sum(),
                first: rows.iter().map(|row| row.first_seen).min()?,
                last: rows.iter().map(|row| row.last_seen).max()?,
                sources: rows.iter().map(|row| row.source.as_str()).collect(),
                top: rows.first()?,
            })
        })
        .collect();
    // The sort is stable: equals stay in the order of their names.
    replies.sort_by_key(|reply| std::cmp::Reverse(reply.attempts));
    replies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::fixture;

    #[test]
    fn a_reply_to_several_sources_is_one_reply() {
        let mut tables = fixture::small();
        let mut twin = tables.signatures[0].clone();
        twin.source = "192.0.2.99".to_owned();
        twin.attempts = 1;
        let (provider, signature, attempts) = (twin.provider.clone(), twin.signature.clone(), tables.signatures[0].attempts);
        tables.signatures.push(twin);
        let replies = replies(&tables.signatures);
        let same: Vec<_> =
            replies.iter().filter(|reply| reply.top.provider == provider && reply.top.signature == signature).collect();
        assert_eq!((same.len(), same[0].attempts, same[0].sources.len()), (1, attempts + 1, 2));
        assert!(replies.is_sorted_by(|a, b| a.attempts >= b.attempts));
    }
}
