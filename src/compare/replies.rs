//! Replies of two periods: which of them is another in other words, and what each means.

use std::collections::{BTreeMap, BTreeSet};

use super::family::{Pair, Presence};
use crate::stats::Rate;
use crate::tables::Tables;

/// From this similarity on two replies are one in other words.
const ALIKE: f64 = 0.8;

/// Of each provider and masked reply its category.
pub(super) type Categories = BTreeMap<(String, String), String>;

/// What the replies of both periods mean: the rules are the same for both.
pub(super) fn categories(tables: [&Tables; 2]) -> Categories {
    let rows = tables.into_iter().flat_map(|tables| &tables.signatures);
    rows.map(|row| ((row.provider.clone(), row.signature.clone()), row.category.clone())).collect()
}

/// Joins a reply that went with the one at the same provider that came in its place: two rows, one worse and one better, would say
/// that something changed where but words did.
pub(super) fn joined(mut pairs: Vec<Pair>) -> Vec<Pair> {
    let mut gone: Vec<usize> = Vec::new();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    gone.extend((0..pairs.len()).filter(|&at| pairs.get(at).is_some_and(|pair| pair.presence == Presence::Gone)));
    for at in 0..pairs.len() {
        let Some(new) = pairs.get(at).filter(|pair| pair.presence == Presence::New) else { continue };
        let alike = |&other: &usize| {
            let old = pairs.get(other).filter(|old| old.subject.provider == new.subject.provider)?;
            let likeness = similarity(&old.subject.key, &new.subject.key);
            (likeness >= ALIKE && !taken.contains(&other)).then_some((likeness, other))
        };
        // The most alike; of equals the first.
        let best = gone.iter().filter_map(alike).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some(old) = best.and_then(|(_, other)| pairs.get(other).map(|pair| (other, pair.clone()))) else { continue };
        taken.insert(old.0);
        if let Some(new) = pairs.get_mut(at) {
            join(new, &old.1);
        }
    }
    let mut at = 0;
    pairs.retain(|_| {
        at += 1;
        !taken.contains(&(at - 1))
    });
    pairs
}

/// Adds what the old words counted to the new ones.
fn join(new: &mut Pair, old: &Pair) {
    let add = |into: &mut Vec<Rate>, from: &[Rate]| {
        for (into, from) in into.iter_mut().zip(from) {
            into.part += from.part;
        }
    };
    add(&mut new.before, &old.before);
    add(&mut new.after, &old.after);
    new.wholes.0.part += old.wholes.0.part;
    new.wholes.1.part += old.wholes.1.part;
    new.presence = Presence::Reworded;
    new.reworded.clone_from(&old.subject.key);
}

/// How many of the words of two replies are in both: 0 to 1 (Jaccard).
fn similarity(one: &str, other: &str) -> f64 {
    let words = |text: &str| -> BTreeSet<String> {
        let word = |word: &str| word.trim_matches(|c: char| c.is_ascii_punctuation() && c != '<' && c != '>').to_lowercase();
        text.split_whitespace().map(word).filter(|word| !word.is_empty()).collect()
    };
    let (one, other) = (words(one), words(other));
    let all = one.union(&other).count();
    if all == 0 { 0.0 } else { one.intersection(&other).count() as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_changed_is_the_same_reply_and_a_sentence_is_not() {
        let old = "550 5.7.1 Message refused by policy, see our page on bulk mail for senders.";
        let new = "554 5.7.1 Message refused by policy, see our page on bulk mail for senders!";
        assert!(similarity(old, new) >= ALIKE, "{}", similarity(old, new));
        assert!(similarity(old, "550 5.1.1 User unknown") < 0.2);
        assert!(similarity("", "").abs() < f64::EPSILON);
    }
}
