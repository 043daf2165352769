//! Which of many rules match a text, the first of them in a given order.
//!
//! One search for literals tells which patterns can match at all; only these are tried, in the order of their rules, and the first rule
//! that matches ends it. Regular expressions are compiled when they are first tried: most never are. A pattern that is nothing but
//! literals needs none.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

use super::literals::{Clause, Demand, Edges, demand, is_word_byte};
use super::needles::Needles;

/// Parses a pattern as the matcher reads it: bytes, `.` is any of them, `\b` knows ASCII only.
pub(super) fn parse(pattern: &str) -> Result<Hir, Box<regex_syntax::Error>> {
    Ok(ParserBuilder::new().unicode(false).utf8(false).nest_limit(64).build().parse(pattern)?)
}

/// Compiles what `parse` gave, or a part of it; the error is one of size, since `parse` has told all others. A parsed pattern is written
/// with the flags that it needs.
pub(super) fn compile(parsed: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(parsed).size_limit(4 << 20).build()
}

/// The patterns of one rule: any of `any`, any of `also` where there are any, none of `unless`.
pub(super) struct Patterns<'a> {
    pub any: &'a [String],
    pub also: &'a [String],
    pub unless: &'a [String],
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
    /// The rule that the test can make a candidate; none for what a rule asks besides.
    rule: Option<u32>,
    bit: u8,
    /// All bits of the test.
    needs: u8,
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
    /// Clauses met, of each test; all zero between searches.
    met: Vec<u8>,
    /// Tests of which some are.
    touched: Vec<u32>,
    /// Rules to try, as bits.
    candidates: Vec<u64>,
}

impl Matcher {
    /// For rules in the order in which they are tried. Patterns that do not parse match nothing. `samples` are texts like those to be
    /// searched.
    pub(super) fn new<'a>(rules: impl Iterator<Item = Patterns<'a>>, samples: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut builder = Builder::default();
        for rule in rules {
            let index = builder.rules.len() as u32;
            let patterns = builder.add(rule.any, Some(index));
            let (also, unless) = (builder.add(rule.also, None), builder.add(rule.unless, None));
            builder.rules.push(Tests { patterns, also, unless });
        }
        builder.build(&samples.collect::<Vec<_>>())
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
    pub(super) fn all(&self, text: &[u8]) -> Vec<usize> {
        let mut scratch = Scratch::default();
        self.search(text, &mut scratch);
        let words = scratch.candidates.iter().enumerate();
        let candidates = words.flat_map(|(at, &word)| Bits(word).map(move |bit| at * 64 + bit));
        candidates.filter(|&rule| self.is_match(rule, text, &scratch.met)).collect()
    }

    /// Marks the clauses that are met, and the rules with a pattern whose every clause is.
    fn search(&self, text: &[u8], scratch: &mut Scratch) {
        for test in scratch.touched.drain(..) {
            if let Some(met) = scratch.met.get_mut(test as usize) {
                *met = 0;
            }
        }
        scratch.met.resize(self.tests.len(), 0);
        scratch.candidates.clear();
        scratch.candidates.extend_from_slice(&self.always);
        let Scratch { met, touched, candidates } = scratch;
        self.needles.find(text, |literal, at| {
            let Some(&[from, to]) = self.starts.get(literal..).and_then(<[u32]>::first_chunk) else { return };
            let end = at + self.lengths.get(literal).copied().unwrap_or_default() as usize;
            let is_word = |at: usize| text.get(at).copied().is_some_and(is_word_byte);
            let (is_joined_left, is_joined_right) = (is_word(at.wrapping_sub(1)), is_word(end));
            for meeting in self.met.get(from as usize..to as usize).unwrap_or_default() {
                if (meeting.edges.left && is_joined_left) || (meeting.edges.right && is_joined_right) {
                    continue;
                }
                let Some(met) = met.get_mut(meeting.test as usize) else { continue };
                if *met == 0 {
                    touched.push(meeting.test);
                }
                *met |= meeting.bit;
                if let Some(rule) = meeting.rule.filter(|_| meeting.needs == *met)
                    && let Some(word) = candidates.get_mut(rule as usize / 64)
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
    /// Of each test, what it asks, and the rule that it can make a candidate.
    demands: Vec<(Demand, Option<u32>)>,
}

impl Builder {
    /// Adds patterns of a rule, of which any may match: a test for each branch, and one for all that are literals alone.
    fn add(&mut self, patterns: &[String], rule: Option<u32>) -> Range<usize> {
        let from = self.tests.len();
        for pattern in patterns.iter().filter_map(|pattern| parse(pattern).ok()) {
            let branches = match pattern.kind() {
                HirKind::Alternation(branches) => branches.as_slice(),
                HirKind::Empty
                | HirKind::Literal(_)
                | HirKind::Class(_)
                | HirKind::Look(_)
                | HirKind::Repetition(_)
                | HirKind::Capture(_)
                | HirKind::Concat(_) => std::slice::from_ref(&pattern),
            };
            for branch in branches {
                let demand = demand(branch);
                let pattern = if matches!(demand, Demand::Exact(..)) { String::new() } else { branch.to_string() };
                self.tests.push(Test { pattern, compiled: OnceLock::new(), needs: 0 });
                self.demands.push((demand, rule));
            }
        }
        from..self.tests.len()
    }

    fn build(mut self, samples: &[&[u8]]) -> Matcher {
        let frequency = self.frequency(samples);
        let mut met: Vec<(Vec<u8>, Met)> = Vec::new();
        let mut always = vec![0_u64; self.rules.len() / 64 + 1];
        for (index, ((demand, rule), test)) in self.demands.into_iter().zip(&mut self.tests).enumerate() {
            let (edges, clauses) = match demand {
                Demand::Exact(edges, clause) => (edges, vec![clause]),
                Demand::Clauses(clauses) => (Edges::default(), rarest(clauses, &frequency)),
            };
            test.needs = ((1_u16 << clauses.len().min(8)) - 1) as u8;
            for (clause, bit) in clauses.into_iter().zip((0..8).map(|bit| 1_u8 << bit)) {
                let meeting = Met { test: index as u32, rule, bit, needs: test.needs, edges };
                met.extend(clause.into_iter().map(|literal| (literal, meeting)));
            }
            let rule = rule.map(|rule| rule as usize).filter(|_| test.needs == 0);
            if let Some((word, rule)) = rule.and_then(|rule| Some((always.get_mut(rule / 64)?, rule))) {
                *word |= 1 << (rule % 64);
            }
        }
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
        let needles = Needles::new(&literals, samples.iter().copied());
        let lengths = literals.iter().map(|literal| literal.len() as u32).collect();
        let met = met.into_iter().map(|(_, met)| met).collect();
        Matcher { rules: self.rules, tests: self.tests, needles, starts, met, lengths, always }
    }

    /// In how many of the samples each literal stands.
    fn frequency(&self, samples: &[&[u8]]) -> HashMap<Vec<u8>, usize> {
        let clauses = self.demands.iter().flat_map(|(demand, _)| match demand {
            Demand::Exact(..) => &[],
            Demand::Clauses(clauses) => clauses.as_slice(),
        });
        let mut literals: Vec<&[u8]> = clauses.flatten().map(Vec::as_slice).collect();
        literals.sort_unstable();
        literals.dedup();
        let needles = Needles::new(&literals, samples.iter().copied());
        let mut counts = vec![0; literals.len()];
        let mut last = vec![usize::MAX; literals.len()];
        for (number, sample) in samples.iter().enumerate() {
            needles.find(sample, |literal, _| {
                if let (Some(count), Some(last)) = (counts.get_mut(literal), last.get_mut(literal))
                    && *last != number
                {
                    (*count, *last) = (*count + 1, number);
                }
            });
        }
        literals.into_iter().map(<[u8]>::to_vec).zip(counts).collect()
    }
}

/// The clauses that few texts meet: the rarest, and the next where the rarest is not rare.
fn rarest(clauses: Vec<Clause>, frequency: &HashMap<Vec<u8>, usize>) -> Vec<Clause> {
    let cost = |clause: &Clause| clause.iter().map(|literal| 1 + 8 * frequency.get(literal).copied().unwrap_or_default()).sum();
    let mut clauses: Vec<(usize, Clause)> = clauses.into_iter().map(|clause| (cost(&clause), clause)).collect();
    clauses.sort();
    let is_rare = clauses.first().is_some_and(|(cost, _)| *cost < RARE);
    clauses.truncate(if is_rare { 1 } else { 2 });
    clauses.into_iter().map(|(_, clause)| clause).collect()
}

/// A clause that costs less is enough by itself: it stands in about one of fifty samples.
const RARE: usize = 100;

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
