//! What a pattern cannot do without: the literals that a text must hold before the pattern is worth trying.
//!
//! One search for the literals of all patterns takes the place of hundreds of searches. A pattern gives clauses, each a list of
//! literals: a text that the pattern matches holds at least one literal of every clause. The reverse need not be true.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Literals of which a match holds at least one.
pub(super) type Clause = Vec<Vec<u8>>;

/// A clause of more literals than this is not made.
const MOST_LITERALS: usize = 128;

/// A literal of more bytes than this is not joined further: what is longer is no rarer.
const LONG: usize = 28;

/// More clauses than this make no pattern rarer.
const MOST_CLAUSES: usize = 3;

/// The clauses of a pattern, the rarest first. Empty: the pattern must be tried on every text.
pub(super) fn clauses(pattern: &Hir) -> Vec<Clause> {
    let Found { exact, mut clauses } = find(pattern);
    clauses.extend(exact);
    let shortest = |clause: &Clause| clause.iter().map(Vec::len).min().unwrap_or_default();
    clauses.retain(|clause| shortest(clause) >= 2);
    clauses.sort_by_key(|clause| (std::cmp::Reverse(shortest(clause).min(8)), clause.len()));
    let is_rare = clauses.first().is_some_and(|best| shortest(best) >= 4);
    clauses.retain(|clause| !is_rare || shortest(clause) >= 4);
    clauses.truncate(MOST_CLAUSES);
    for clause in &mut clauses {
        drop_longer(clause);
    }
    clauses
}

/// What is known of a part of a pattern.
struct Found {
    /// All texts that the part matches, where they are few.
    exact: Option<Clause>,
    /// Otherwise, what its matches hold.
    clauses: Vec<Clause>,
}

impl Found {
    fn nothing() -> Self {
        Self { exact: None, clauses: Vec::new() }
    }

    fn exact(texts: Clause) -> Self {
        Self { exact: Some(texts), clauses: Vec::new() }
    }

    /// The clause that says most, of those that there are.
    fn best(self) -> Option<Clause> {
        let shortest = |clause: &Clause| clause.iter().map(Vec::len).min().unwrap_or_default();
        self.exact.into_iter().chain(self.clauses).max_by_key(|clause| (shortest(clause), std::cmp::Reverse(clause.len())))
    }
}

fn find(pattern: &Hir) -> Found {
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => Found::exact(vec![Vec::new()]),
        HirKind::Literal(literal) => Found::exact(vec![literal.0.to_vec()]),
        HirKind::Class(class) => of_class(class).map_or_else(Found::nothing, Found::exact),
        HirKind::Capture(capture) => find(&capture.sub),
        HirKind::Repetition(repetition) => match (repetition.min, repetition.max) {
            (0, Some(1)) => match find(&repetition.sub).exact {
                Some(mut texts) => {
                    texts.push(Vec::new());
                    Found::exact(texts)
                }
                None => Found::nothing(),
            },
            (0, _) => Found::nothing(),
            (1, Some(1)) => find(&repetition.sub),
            _ => Found { clauses: find(&repetition.sub).best().into_iter().collect(), exact: None },
        },
        HirKind::Concat(parts) => of_concat(parts),
        HirKind::Alternation(branches) => of_alternation(branches),
    }
}

/// A class of a few bytes; None for a large one.
fn of_class(class: &Class) -> Option<Clause> {
    let Class::Bytes(class) = class else { return None };
    let bytes: Vec<u8> = class.ranges().iter().flat_map(|range| range.start()..=range.end()).take(17).collect();
    (bytes.len() <= 16).then(|| bytes.into_iter().map(|byte| vec![byte]).collect())
}

fn of_concat(parts: &[Hir]) -> Found {
    let mut clauses = Vec::new();
    let mut run: Clause = vec![Vec::new()];
    let mut is_whole = true;
    for part in parts {
        let found = find(part);
        match found.exact {
            Some(texts) => {
                let is_long = run.iter().map(Vec::len).min().unwrap_or_default() >= LONG;
                if is_long || run.len() * texts.len() > MOST_LITERALS {
                    is_whole = false;
                    clauses.push(std::mem::replace(&mut run, texts));
                } else {
                    run = run.iter().flat_map(|head| texts.iter().map(move |tail| [head.as_slice(), tail].concat())).collect();
                }
            }
            None => {
                is_whole = false;
                clauses.push(std::mem::replace(&mut run, vec![Vec::new()]));
                clauses.extend(found.clauses);
            }
        }
    }
    if is_whole {
        return Found::exact(run);
    }
    clauses.push(run);
    clauses.retain(|clause| !clause.iter().any(Vec::is_empty));
    Found { exact: None, clauses }
}

fn of_alternation(branches: &[Hir]) -> Found {
    let found: Vec<Found> = branches.iter().map(find).collect();
    let texts: usize = found.iter().filter_map(|one| one.exact.as_ref()).map(Vec::len).sum();
    if texts <= MOST_LITERALS * 4 && found.iter().all(|one| one.exact.is_some()) {
        return Found::exact(found.into_iter().filter_map(|one| one.exact).flatten().collect());
    }
    let best: Option<Vec<Clause>> = found.into_iter().map(Found::best).collect();
    match best {
        Some(best) => Found { exact: None, clauses: vec![best.concat()] },
        None => Found::nothing(),
    }
}

/// Drops literals that hold another one: where they stand, that one stands too.
fn drop_longer(clause: &mut Clause) {
    clause.sort_by_key(Vec::len);
    let mut kept: Clause = Vec::with_capacity(clause.len());
    for literal in clause.drain(..) {
        if !kept.iter().any(|shorter| memchr::memmem::find(&literal, shorter).is_some()) {
            kept.push(literal);
        }
    }
    *clause = kept;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: &[&[&str]]) {
        let hir = super::super::matcher::parse(pattern).unwrap();
        let clauses: Vec<Vec<String>> = clauses(&hir)
            .into_iter()
            .map(|clause| clause.into_iter().map(|literal| String::from_utf8(literal).unwrap()).collect())
            .collect();
        assert_eq!(clauses, expected, "{pattern}");
    }

    #[test]
    fn a_match_holds_a_literal_of_each_clause() {
        check("user unknown", &[&["user unknown"]]);
        check(r"\b(unknown|no such) (user|mailbox)\b", &[&["no such user", "unknown user", "no such mailbox", "unknown mailbox"]]);
        check("mailbox[^.]*(is )?full", &[&["mailbox"], &["full"]]);
        check("over ?quota", &[&["overquota", "over quota"]]);
        check("quota|over quota", &[&["quota"]]);
        check("[a-z]+", &[]);
        check("(abcd)*", &[]);
    }

    #[test]
    fn nothing_is_demanded_that_a_branch_can_do_without() {
        check("spam|[a-z]+x", &[]);
        check("blocked (for .*)?spam", &[&["blocked "], &["spam"]]);
    }
}
