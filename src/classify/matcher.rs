//! Which of many rules match a text, the first of them in a given order.
//!
//! One Aho-Corasick search tells which rules can match at all; only these are tried, in their order, and the first that matches ends
//! it. Regular expressions are compiled when they are first tried: most rules never are.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use super::literals::clauses;

/// Parses a pattern as the matcher reads it: bytes, `.` is any of them, `\b` knows ASCII only.
pub(super) fn parse(pattern: &str) -> Result<Hir, regex_syntax::Error> {
    ParserBuilder::new().unicode(false).utf8(false).nest_limit(64).build().parse(pattern)
}

/// Compiles a pattern; the error is one of size, since `parse` has told all others.
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).size_limit(4 << 20).build()
}

/// A regular expression that is compiled when it is first asked.
#[derive(Debug)]
struct Lazy {
    pattern: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Lazy {
    /// One for any of these patterns; None without any.
    fn any(patterns: &[String]) -> Option<Self> {
        (!patterns.is_empty()).then(|| Self { pattern: either(patterns), compiled: OnceLock::new() })
    }

    fn is_match(&self, text: &[u8]) -> bool {
        let compiled = self.compiled.get_or_init(|| compile(&self.pattern).ok());
        compiled.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// A pattern that matches where any of these does.
pub(super) fn either(patterns: &[String]) -> String {
    match patterns {
        [one] => one.clone(),
        many => many.iter().map(|pattern| format!("(?:{pattern})")).collect::<Vec<_>>().join("|"),
    }
}

/// The patterns of one rule: any of `patterns`, any of `also` where there are any, none of `unless`.
pub(super) struct Patterns<'a> {
    pub patterns: &'a [String],
    pub also: &'a [String],
    pub unless: &'a [String],
}

/// The tests of one rule.
#[derive(Debug)]
struct Tests {
    pattern: Option<Lazy>,
    also: Option<Lazy>,
    unless: Option<Lazy>,
    /// One bit for each clause that must be met before the rule is tried.
    needs: u8,
}

/// Finds the first rule that matches.
#[derive(Debug)]
pub(super) struct Matcher {
    rules: Vec<Tests>,
    search: AhoCorasick,
    /// Of each literal, where in `clauses` its own begin.
    starts: Vec<u32>,
    /// A rule, and the bit of the clause that the literal meets there.
    met: Vec<(u32, u8)>,
    /// Rules without a clause, as bits.
    always: Vec<u64>,
}

/// What a search works with; kept between searches, so that none allocates.
#[derive(Default)]
pub(super) struct Scratch {
    met: Vec<u8>,
    candidates: Vec<u64>,
}

impl Matcher {
    /// For rules in the order in which they are tried. Patterns that do not parse match nothing.
    ///
    /// # Errors
    ///
    /// The literals are too many for one search.
    pub(super) fn new<'a>(rules: impl Iterator<Item = Patterns<'a>>) -> Result<Self, aho_corasick::BuildError> {
        let mut tests = Vec::new();
        let mut always = Vec::new();
        let mut met: Vec<(Vec<u8>, u32, u8)> = Vec::new();
        for (index, rule) in rules.enumerate() {
            let mut needs = 0_u8;
            let all = [rule.patterns, rule.also].into_iter().filter(|list| !list.is_empty());
            let found = all.flat_map(|list| parse(&either(list)).map(|hir| clauses(&hir)).unwrap_or_default());
            for (clause, bit) in found.zip((0..8).map(|bit| 1_u8 << bit)) {
                needs |= bit;
                met.extend(clause.into_iter().map(|literal| (literal, index as u32, bit)));
            }
            always.resize(index / 64 + 1, 0_u64);
            if let Some(word) = always.last_mut().filter(|_| needs == 0) {
                *word |= 1 << (index % 64);
            }
            let (pattern, also, unless) = (Lazy::any(rule.patterns), Lazy::any(rule.also), Lazy::any(rule.unless));
            tests.push(Tests { pattern, also, unless, needs });
        }
        met.sort_unstable();
        let mut literals: Vec<&[u8]> = Vec::new();
        let mut starts = Vec::new();
        for (at, (literal, ..)) in met.iter().enumerate() {
            if literals.last() != Some(&literal.as_slice()) {
                literals.push(literal);
                starts.push(at as u32);
            }
        }
        starts.push(met.len() as u32);
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&literals)?;
        Ok(Self { rules: tests, search, starts, met: met.into_iter().map(|(_, rule, bit)| (rule, bit)).collect(), always })
    }

    /// How many rules any text is tried with.
    #[cfg(test)]
    pub(super) fn always(&self) -> u32 {
        self.always.iter().map(|word| word.count_ones()).sum()
    }

    /// The first rule that matches `text`, of those for which `may` holds.
    pub(super) fn first(&self, text: &[u8], scratch: &mut Scratch, may: impl Fn(usize) -> bool) -> Option<usize> {
        self.candidates(text, scratch);
        let words = scratch.candidates.iter().enumerate();
        let mut candidates = words.flat_map(|(at, &word)| Bits(word).map(move |bit| at * 64 + bit));
        candidates.find(|&rule| may(rule) && self.is_match(rule, text))
    }

    /// All rules that match `text`, in their order.
    pub(super) fn all(&self, text: &[u8]) -> Vec<usize> {
        let mut scratch = Scratch::default();
        self.candidates(text, &mut scratch);
        (0..self.rules.len())
            .filter(|&rule| {
                let word = scratch.candidates.get(rule / 64).copied().unwrap_or_default();
                word >> (rule % 64) & 1 == 1 && self.is_match(rule, text)
            })
            .collect()
    }

    /// Marks the rules whose every clause is met.
    fn candidates(&self, text: &[u8], scratch: &mut Scratch) {
        scratch.met.clear();
        scratch.met.resize(self.rules.len(), 0);
        scratch.candidates.clear();
        scratch.candidates.extend_from_slice(&self.always);
        for found in self.search.find_overlapping_iter(text) {
            let at = found.pattern().as_usize();
            let (Some(&from), Some(&to)) = (self.starts.get(at), self.starts.get(at + 1)) else { continue };
            for &(rule, bit) in self.met.get(from as usize..to as usize).unwrap_or_default() {
                let rule = rule as usize;
                let (Some(met), Some(tests)) = (scratch.met.get_mut(rule), self.rules.get(rule)) else { continue };
                *met |= bit;
                if let Some(word) = scratch.candidates.get_mut(rule / 64).filter(|_| *met == tests.needs) {
                    *word |= 1 << (rule % 64);
                }
            }
        }
    }

    fn is_match(&self, rule: usize, text: &[u8]) -> bool {
        let Some(tests) = self.rules.get(rule) else { return false };
        tests.pattern.as_ref().is_some_and(|test| test.is_match(text))
            && tests.also.as_ref().is_none_or(|test| test.is_match(text))
            && !tests.unless.as_ref().is_some_and(|test| test.is_match(text))
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
