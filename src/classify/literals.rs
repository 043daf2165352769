//! What a pattern cannot do without: the literals that a text must hold before the pattern is worth trying.
//!
//! One search for the literals of all patterns takes the place of hundreds of searches. A pattern gives clauses, each a list of
//! literals: a text that the pattern matches holds at least one literal of every clause. The reverse need not be true, but where a
//! pattern is nothing but literals, perhaps whole words, it is.

use std::cmp::Reverse;

use super::needles::LEAST;
use super::pattern::Part;

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
pub(super) fn demand(pattern: &Part) -> Demand {
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
fn exact(pattern: &Part) -> Option<(Edges, Clause)> {
    let is_edge = |part: Option<&Part>| part == Some(&Part::Edge);
    let (edges, inner) = match pattern {
        Part::Concat(parts) => {
            let edges = Edges { left: is_edge(parts.first()), right: is_edge(parts.last()) };
            (edges, parts.get(usize::from(edges.left)..parts.len() - usize::from(edges.right))?)
        }
        Part::Literal(_) | Part::Few(_) | Part::Many | Part::Edge | Part::Place | Part::Repeat(..) | Part::Alternation(_) => {
            (Edges::default(), std::slice::from_ref(pattern))
        }
    };
    let mut clause = texts_of_all(inner)?;
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
fn all_texts(pattern: &Part) -> Option<Clause> {
    let texts = match pattern {
        Part::Literal(bytes) => vec![bytes.clone()],
        Part::Few(texts) => texts.clone(),
        Part::Repeat(part, 0, Some(1)) => {
            let mut texts = all_texts(part)?;
            texts.push(Vec::new());
            texts
        }
        Part::Concat(parts) => texts_of_all(parts)?,
        Part::Alternation(branches) => {
            let all: Option<Vec<Clause>> = branches.iter().map(all_texts).collect();
            all?.concat()
        }
        Part::Many | Part::Repeat(..) | Part::Edge | Part::Place => return None,
    };
    (texts.len() <= MOST_EXACT).then_some(texts)
}

/// All texts that parts match, one after the other.
fn texts_of_all(parts: &[Part]) -> Option<Clause> {
    if let [Part::Literal(bytes)] = parts {
        return Some(vec![bytes.clone()]);
    }
    parts.iter().try_fold(vec![Vec::new()], |run, part| joined(&run, &all_texts(part)?, MOST_EXACT))
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

fn find(pattern: &Part) -> Found {
    match pattern {
        Part::Edge | Part::Place => Found::exact(vec![Vec::new()]),
        Part::Literal(bytes) => Found::exact(vec![bytes.clone()]),
        Part::Few(texts) => Found::exact(texts.clone()),
        Part::Repeat(part, 0, Some(1)) => match find(part).exact {
            Some(mut texts) => {
                texts.push(Vec::new());
                Found::exact(texts)
            }
            None => Found::nothing(),
        },
        Part::Many | Part::Repeat(_, 0, _) => Found::nothing(),
        Part::Repeat(part, 1, Some(1)) => find(part),
        Part::Repeat(part, ..) => Found { clauses: find(part).best().into_iter().collect(), exact: None },
        Part::Concat(parts) => of_concat(parts),
        Part::Alternation(branches) => of_alternation(branches),
    }
}

fn of_concat(parts: &[Part]) -> Found {
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

fn of_alternation(branches: &[Part]) -> Found {
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
        let pattern = super::super::pattern::Pattern::read(pattern).unwrap();
        let mut branches: Vec<Part> = pattern.branches().map(|(part, _)| part.clone()).collect();
        demand(&if branches.len() == 1 { branches.remove(0) } else { Part::Alternation(branches) })
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
