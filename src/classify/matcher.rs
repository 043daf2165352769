//! Which of many rules match a text, the first of them in a given order.
//!
//! One search for literals tells which patterns can match at all; only these are tried, in the order of their rules, and the first rule
//! that matches ends it. Regular expressions are compiled when they are first tried: most never are. A pattern that is nothing but
//! literals needs none.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::literals::{Demand, Edges, demand, is_word_byte};
use super::needles::Needles;
use super::pattern::Pattern;

/// Compiles a pattern, or a branch of one, as [`Pattern::read`] reads it; the error is one of size, since that has told all others.
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).size_limit(4 << 20).build()
}

/// The patterns of one rule: any of `any`, any of `also` where there are any, none of `unless`.
#[derive(Debug)]
pub(super) struct Patterns {
    pub any: Vec<Pattern>,
    pub also: Vec<Pattern>,
    pub unless: Vec<Pattern>,
}

/// One branch of a pattern of a rule.
#[derive(Debug)]
struct Test {
    /// What it is compiled from; empty where meeting its clause is the match.
    pattern: String,
    compiled: OnceLock<Option<Regex>>,
    /// One bit for each clause that must be met before it is tried.
    needs: u8,
}

/// Where the tests of a rule stand.
#[derive(Debug)]
struct Tests {
    patterns: Range<usize>,
    also: Range<usize>,
    unless: Range<usize>,
}

/// A clause of a test that a literal meets.
#[derive(Clone, Copy, Debug)]
struct Met {
    test: u32,
    /// The rule to try once all clauses of the test are met. None for patterns of `also` and `unless`, which make no candidate.
    rule: Option<u32>,
    bit: u8,
    edges: Edges,
}

/// Finds the first rule that matches.
#[derive(Debug)]
pub(super) struct Matcher {
    rules: Vec<Tests>,
    tests: Vec<Test>,
    needles: Needles,
    /// Of each literal, where its own begin in `met`.
    starts: Vec<u32>,
    met: Vec<Met>,
    /// Of each literal, its bytes.
    lengths: Vec<u32>,
    /// Rules that any text is tried with, as bits.
    always: Vec<u64>,
}

/// What a search works with; kept between searches, so that none allocates.
#[derive(Default)]
pub(super) struct Scratch {
    /// Clauses met, of each test.
    met: Vec<u8>,
    /// Rules to try, as bits.
    candidates: Vec<u64>,
}

impl Matcher {
    /// For rules in the order in which they are tried. `samples` are texts like those to be searched.
    pub(super) fn new<'a>(rules: &[Patterns], samples: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut builder = Builder::default();
        for rule in rules {
            let index = builder.rules.len() as u32;
            let patterns = builder.add(&rule.any, Some(index));
            let (also, unless) = (builder.add(&rule.also, None), builder.add(&rule.unless, None));
            builder.rules.push(Tests { patterns, also, unless });
        }
        builder.build(samples)
    }

    /// The rules that any text is tried with.
    #[cfg(test)]
    pub(super) fn always(&self) -> Vec<usize> {
        let words = self.always.iter().enumerate();
        words.flat_map(|(at, &word)| Bits(word).map(move |bit| at * 64 + bit)).collect()
    }

    /// The first rule that matches `text`, of those for which `may` holds.
    pub(super) fn first(&self, text: &[u8], scratch: &mut Scratch, may: impl Fn(usize) -> bool) -> Option<usize> {
        self.search(text, scratch);
        let words = scratch.candidates.iter().enumerate();
        let mut candidates = words.flat_map(|(at, &word)| Bits(word).map(move |bit| at * 64 + bit));
        candidates.find(|&rule| may(rule) && self.is_match(rule, text, &scratch.met))
    }

    /// All rules that match `text`, in their order.
    #[cfg(test)]
    pub(super) fn all(&self, text: &[u8]) -> Vec<usize> {
        let mut scratch = Scratch::default();
        self.search(text, &mut scratch);
        let words = scratch.candidates.iter().enumerate();
        let candidates = words.flat_map(|(at, &word)| Bits(word).map(move |bit| at * 64 + bit));
        candidates.filter(|&rule| self.is_match(rule, text, &scratch.met)).collect()
    }

    /// Marks the clauses that are met, and the rules with a pattern whose every clause is.
    fn search(&self, text: &[u8], scratch: &mut Scratch) {
        scratch.met.clear();
        scratch.met.resize(self.tests.len(), 0);
        scratch.candidates.clear();
        scratch.candidates.extend_from_slice(&self.always);
        self.needles.find(text, |literal, at| {
            let (Some(&from), Some(&to)) = (self.starts.get(literal), self.starts.get(literal + 1)) else { return };
            let end = at + self.lengths.get(literal).copied().unwrap_or_default() as usize;
            let is_word = |at: usize| text.get(at).copied().is_some_and(is_word_byte);
            let (is_joined_left, is_joined_right) = (is_word(at.wrapping_sub(1)), is_word(end));
            for &Met { test, rule, bit, edges } in self.met.get(from as usize..to as usize).unwrap_or_default() {
                if (edges.left && is_joined_left) || (edges.right && is_joined_right) {
                    continue;
                }
                let (Some(met), Some(tests)) = (scratch.met.get_mut(test as usize), self.tests.get(test as usize)) else {
                    continue;
                };
                *met |= bit;
                if let Some(rule) = rule.map(|rule| rule as usize).filter(|_| tests.needs == *met)
                    && let Some(word) = scratch.candidates.get_mut(rule / 64)
                {
                    *word |= 1 << (rule % 64);
                }
            }
        });
    }

    fn is_match(&self, rule: usize, text: &[u8], met: &[u8]) -> bool {
        let Some(Tests { patterns, also, unless }) = self.rules.get(rule) else { return false };
        let any = |range: &Range<usize>| {
            let tests = self.tests.get(range.clone()).unwrap_or_default().iter();
            let met = met.get(range.clone()).unwrap_or_default();
            tests.zip(met).any(|(test, &met)| met == test.needs && test.is_match(text))
        };
        any(patterns) && (also.is_empty() || any(also)) && !any(unless)
    }
}

impl Test {
    /// For a text that meets all clauses.
    fn is_match(&self, text: &[u8]) -> bool {
        let compiled = || self.compiled.get_or_init(|| compile(&self.pattern).ok()).as_ref();
        self.pattern.is_empty() || compiled().is_some_and(|regex| regex.is_match(text))
    }
}

/// A matcher that is not yet whole.
#[derive(Default)]
struct Builder {
    rules: Vec<Tests>,
    tests: Vec<Test>,
    met: Vec<(Vec<u8>, Met)>,
    always: Vec<u32>,
}

impl Builder {
    /// Adds patterns of a rule, of which any may match.
    fn add(&mut self, patterns: &[Pattern], rule: Option<u32>) -> Range<usize> {
        let from = self.tests.len();
        let mut plain = Vec::new();
        for (part, text) in patterns.iter().flat_map(Pattern::branches) {
            match demand(part) {
                Demand { clauses, exact: Some(edges) } => {
                    plain.extend(clauses.into_iter().flatten().map(|literal| (literal, edges)));
                }
                Demand { clauses, exact: None } => self.add_branch(text, clauses, rule),
            }
        }
        if !plain.is_empty() {
            // All literals together are one test: any of them is the match.
            let test = self.tests.len() as u32;
            self.met.extend(plain.into_iter().map(|(literal, edges)| (literal, Met { test, rule, bit: 1, edges })));
            self.tests.push(Test { pattern: String::new(), compiled: OnceLock::new(), needs: 1 });
        }
        from..self.tests.len()
    }

    fn add_branch(&mut self, branch: &str, clauses: Vec<Vec<Vec<u8>>>, rule: Option<u32>) {
        let test = self.tests.len() as u32;
        let mut needs = 0;
        for (clause, bit) in clauses.into_iter().zip((0..8).map(|bit| 1_u8 << bit)) {
            needs |= bit;
            let met = Met { test, rule, bit, edges: Edges::default() };
            self.met.extend(clause.into_iter().map(|literal| (literal, met)));
        }
        self.always.extend(rule.filter(|_| needs == 0));
        self.tests.push(Test { pattern: branch.to_owned(), compiled: OnceLock::new(), needs });
    }

    fn build<'a>(self, samples: impl Iterator<Item = &'a [u8]>) -> Matcher {
        let Self { rules, tests, mut met, always: every } = self;
        met.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut literals: Vec<&[u8]> = Vec::new();
        let mut starts = Vec::new();
        for (at, (literal, _)) in met.iter().enumerate() {
            if literals.last() != Some(&literal.as_slice()) {
                literals.push(literal);
                starts.push(at as u32);
            }
        }
        starts.push(met.len() as u32);
        let needles = Needles::new(&literals, samples);
        let lengths = literals.iter().map(|literal| literal.len() as u32).collect();
        let mut always = vec![0_u64; rules.len() / 64 + 1];
        for rule in every {
            if let Some(word) = always.get_mut(rule as usize / 64) {
                *word |= 1 << (rule % 64);
            }
        }
        Matcher { rules, tests, needles, starts, met: met.into_iter().map(|(_, met)| met).collect(), lengths, always }
    }
}

/// The bits of a word, the lowest first.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let bit = (self.0 != 0).then(|| self.0.trailing_zeros() as usize)?;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}
