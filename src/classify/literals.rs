//! What a pattern cannot do without: the literals that a text must hold before the pattern is worth trying.
//!
//! One search for the literals of all patterns takes the place of hundreds of searches. A pattern gives clauses, each a list of
//! literals: a text that the pattern matches holds at least one literal of every clause. The reverse need not be true, but where a
//! pattern is nothing but literals, perhaps whole words, it is.

use std::cmp::Reverse;

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::needles::LEAST;

/// Literals of which a match holds at least one.
pub(super) type Clause = Vec<Vec<u8>>;

/// A clause of more literals than this is not made, but for patterns of literals alone.
const MOST_LITERALS: usize = 24;

/// As many literals a pattern of literals alone may have.
const MOST_EXACT: usize = 32;

/// A literal of more bytes than this is not joined further: what is longer is no rarer.
const LONG: usize = 10;

/// More clauses than this make no pattern rarer.
const MOST_CLAUSES: usize = 3;

/// Whether a literal must begin or end at the edge of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Edges {
    pub left: bool,
    pub right: bool,
}

/// What a pattern asks of a text before it is worth trying.
pub(super) struct Demand {
    /// The rarest first. Empty: the pattern must be tried on every text.
    pub clauses: Vec<Clause>,
    /// Given where the one clause is the pattern: a literal of it between these edges is a match.
    pub exact: Option<Edges>,
}

/// What `pattern` asks.
pub(super) fn demand(pattern: &Hir) -> Demand {
    if let Some((edges, clause)) = exact(pattern) {
        return Demand { clauses: vec![clause], exact: Some(edges) };
    }
    let Found { exact, mut clauses } = find(pattern);
    clauses.extend(exact);
    clauses.retain(|clause| shortest(clause) >= LEAST);
    clauses.sort_by_key(|clause| (Reverse(shortest(clause).min(8)), clause.len()));
    let is_rare = clauses.first().is_some_and(|best| shortest(best) >= 5);
    clauses.retain(|clause| !is_rare || shortest(clause) >= 4);
    clauses.truncate(MOST_CLAUSES);
    for clause in &mut clauses {
        drop_longer(clause);
    }
    Demand { clauses, exact: None }
}

fn shortest(clause: &Clause) -> usize {
    clause.iter().map(Vec::len).min().unwrap_or_default()
}

/// The literals of a pattern that is nothing else, and whether they must be whole words.
fn exact(pattern: &Hir) -> Option<(Edges, Clause)> {
    let is_edge = |part: &Hir| matches!(part.kind(), HirKind::Look(Look::WordAscii));
    let (edges, inner) = match pattern.kind() {
        HirKind::Concat(parts) => {
            let edges = Edges { left: parts.first().is_some_and(is_edge), right: parts.last().is_some_and(is_edge) };
            let inner = parts.get(usize::from(edges.left)..parts.len() - usize::from(edges.right))?;
            (edges, Hir::concat(inner.to_vec()))
        }
        HirKind::Empty
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_)
        | HirKind::Capture(_)
        | HirKind::Alternation(_) => (Edges::default(), pattern.clone()),
    };
    if !inner.properties().look_set().is_empty() {
        return None;
    }
    let mut clause = all_texts(&inner)?;
    clause.sort();
    clause.dedup();
    let is_word = |byte: Option<&u8>| byte.is_some_and(|&byte| is_word_byte(byte));
    let fits = |text: &Vec<u8>| (!edges.left || is_word(text.first())) && (!edges.right || is_word(text.last()));
    (shortest(&clause) >= LEAST && clause.iter().all(fits)).then_some((edges, clause))
}

/// What `\b` takes for a part of a word.
pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// All texts that a pattern without edges matches; None where they are not few.
fn all_texts(pattern: &Hir) -> Option<Clause> {
    let texts = match pattern.kind() {
        HirKind::Empty => vec![Vec::new()],
        HirKind::Literal(literal) => vec![literal.0.to_vec()],
        HirKind::Class(class) => of_class(class)?,
        HirKind::Capture(capture) => all_texts(&capture.sub)?,
        HirKind::Repetition(repetition) if (repetition.min, repetition.max) == (0, Some(1)) => {
            let mut texts = all_texts(&repetition.sub)?;
            texts.push(Vec::new());
            texts
        }
        HirKind::Concat(parts) => {
            let mut run: Clause = vec![Vec::new()];
            for part in parts {
                run = joined(&run, &all_texts(part)?, MOST_EXACT)?;
            }
            run
        }
        HirKind::Alternation(branches) => {
            let all: Option<Vec<Clause>> = branches.iter().map(all_texts).collect();
            all?.concat()
        }
        HirKind::Repetition(_) | HirKind::Look(_) => return None,
    };
    (texts.len() <= MOST_EXACT).then_some(texts)
}

/// Each of `heads` before each of `tails`; None for more than `most`.
fn joined(heads: &Clause, tails: &Clause, most: usize) -> Option<Clause> {
    let joined = |head: &Vec<u8>, tail: &Vec<u8>| [head.as_slice(), tail].concat();
    (heads.len() * tails.len() <= most)
        .then(|| heads.iter().flat_map(|head| tails.iter().map(move |tail| joined(head, tail))).collect())
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
        let all = self.exact.into_iter().chain(self.clauses);
        all.max_by_key(|clause| (shortest(clause).min(8), Reverse(clause.len())))
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

/// A class of a few bytes or characters; None for a large one.
fn of_class(class: &Class) -> Option<Clause> {
    let texts: Clause = match class {
        Class::Bytes(class) => {
            class.ranges().iter().flat_map(|range| range.start()..=range.end()).take(17).map(|byte| vec![byte]).collect()
        }
        Class::Unicode(class) => {
            let chars = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            chars.take(17).map(|c| c.to_string().into_bytes()).collect()
        }
    };
    (texts.len() <= 16).then_some(texts)
}

fn of_concat(parts: &[Hir]) -> Found {
    let mut clauses = Vec::new();
    let mut run: Clause = vec![Vec::new()];
    let mut is_whole = true;
    for part in parts {
        let found = find(part);
        let Some(texts) = found.exact else {
            is_whole = false;
            clauses.push(std::mem::replace(&mut run, vec![Vec::new()]));
            clauses.extend(found.clauses);
            continue;
        };
        if let Some(longer) = joined(&run, &texts, MOST_LITERALS).filter(|_| shortest(&run) < LONG) {
            run = longer;
        } else {
            is_whole = false;
            clauses.push(std::mem::replace(&mut run, texts));
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
    if texts <= 2 * MOST_LITERALS && found.iter().all(|one| one.exact.is_some()) {
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

    fn of(pattern: &str) -> Demand {
        demand(&super::super::matcher::parse(pattern).unwrap())
    }

    #[track_caller]
    fn check(pattern: &str, expected: &[&[&str]]) {
        let text = |literal: Vec<u8>| String::from_utf8(literal).unwrap();
        let clauses: Vec<Vec<String>> =
            of(pattern).clauses.into_iter().map(|clause| clause.into_iter().map(text).collect()).collect();
        assert_eq!(clauses, expected, "{pattern}");
    }

    #[test]
    fn a_match_holds_a_literal_of_each_clause() {
        check("mailbox[^.]*(is )?full", &[&["mailbox"], &["full"]]);
        check("blocked (for .*)?spam", &[&["blocked "], &["spam"]]);
        check("[a-z]+", &[]);
        check("(abcd)*", &[]);
    }

    #[test]
    fn nothing_is_demanded_that_a_branch_can_do_without() {
        check("spam|[a-z]+x", &[]);
    }

    #[test]
    fn a_pattern_of_literals_alone_is_its_clause() {
        check("over ?quota", &[&["over quota", "overquota"]]);
        check(r"\b(no such|unknown) user\b", &[&["no such user", "unknown user"]]);
        assert_eq!(of(r"\bspf\b").exact, Some(Edges { left: true, right: true }));
        assert_eq!(of("quota|over quota").exact, Some(Edges::default()));
        assert_eq!(of("user.*unknown").exact, None);
        assert_eq!(of(r"a\bb").exact, None);
        assert_eq!(of(r"\b<host>").exact, None, "an edge of a word cannot be told there");
        assert_eq!(of(r"\b(spf|\d+x)\b").exact, None);
    }
}
