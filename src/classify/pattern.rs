//! What a pattern is made of, as far as the search for its literals asks.
//!
//! A thousand patterns are read at every start, and `regex_syntax` takes longer for them than a day of mail takes to be counted. The
//! plain ones (literals, classes, groups, `?*+{}`, `\b`, `^`, `$`) are taken apart here in one pass; what is not plain is left to it.
//! What a pattern matches is said by `regex` alone: here only what it cannot match without.

use std::ops::Range;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Classes of more bytes than this are not spelled out.
const FEW: usize = 16;

/// Groups within groups that are taken apart here.
const DEEPEST: usize = 60;

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// These bytes; none of them: the empty text.
    Literal(Vec<u8>),
    /// One of these texts of one character each.
    Few(Vec<Vec<u8>>),
    /// One of many characters.
    Many,
    /// `\b`.
    Edge,
    /// Another condition that takes no bytes.
    Place,
    /// The part, so many times; None: without end.
    Repeat(Box<Self>, u32, Option<u32>),
    /// One after the other.
    Concat(Vec<Self>),
    /// Any of these.
    Alternation(Vec<Self>),
}

/// A pattern, taken apart.
#[derive(Debug)]
pub(super) struct Pattern {
    text: String,
    branches: Vec<(Part, Range<usize>)>,
    least: usize,
}

impl Pattern {
    /// Takes a pattern apart: bytes, `.` is any of them but a line's end, `\b` knows ASCII only.
    pub(super) fn read(text: &str) -> Result<Self, Box<regex_syntax::Error>> {
        if let Some(branches) = Reader::new(text).whole() {
            let least = branches.iter().map(|(part, _)| least(part)).min().unwrap_or_default();
            return Ok(Self { text: text.to_owned(), branches, least });
        }
        let hir = ParserBuilder::new().unicode(false).utf8(false).nest_limit(64).build().parse(text)?;
        let least = hir.properties().minimum_len().unwrap_or_default();
        Ok(Self { text: text.to_owned(), branches: vec![(of_hir(&hir), 0..text.len())], least })
    }

    /// Bytes that a match has at least; 0 for a pattern that matches nothing, too.
    pub(super) const fn least_bytes(&self) -> usize {
        self.least
    }

    /// Its branches, any of which may match, each with its text.
    pub(super) fn branches(&self) -> impl Iterator<Item = (&Part, &str)> {
        self.branches.iter().map(|(part, place)| (part, self.text.get(place.clone()).unwrap_or_default()))
    }
}

/// Bytes that a match of a part has at least.
fn least(part: &Part) -> usize {
    match part {
        Part::Literal(bytes) => bytes.len(),
        Part::Few(texts) => texts.iter().map(Vec::len).min().unwrap_or_default(),
        Part::Many => 1,
        Part::Edge | Part::Place => 0,
        Part::Repeat(part, min, _) => least(part).saturating_mul(*min as usize),
        Part::Concat(parts) => parts.iter().map(least).fold(0, usize::saturating_add),
        Part::Alternation(parts) => parts.iter().map(least).min().unwrap_or_default(),
    }
}

/// A part as `regex_syntax` has it.
fn of_hir(hir: &Hir) -> Part {
    match hir.kind() {
        HirKind::Empty => Part::Literal(Vec::new()),
        HirKind::Literal(literal) => Part::Literal(literal.0.to_vec()),
        HirKind::Class(class) => of_class(class),
        HirKind::Look(Look::WordAscii) => Part::Edge,
        HirKind::Look(_) => Part::Place,
        HirKind::Repetition(repetition) => Part::Repeat(Box::new(of_hir(&repetition.sub)), repetition.min, repetition.max),
        HirKind::Capture(capture) => of_hir(&capture.sub),
        HirKind::Concat(parts) => Part::Concat(parts.iter().map(of_hir).collect()),
        HirKind::Alternation(parts) => Part::Alternation(parts.iter().map(of_hir).collect()),
    }
}

fn of_class(class: &Class) -> Part {
    let texts: Vec<Vec<u8>> = match class {
        Class::Bytes(class) => {
            class.ranges().iter().flat_map(|range| range.start()..=range.end()).take(FEW + 1).map(|byte| vec![byte]).collect()
        }
        Class::Unicode(class) => {
            let chars = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            chars.take(FEW + 1).map(|c| c.to_string().into_bytes()).collect()
        }
    };
    if texts.len() <= FEW { Part::Few(texts) } else { Part::Many }
}

/// Takes a plain pattern apart; None from any method: it is not plain.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// The branches of the whole, with their places.
    fn whole(mut self) -> Option<Vec<(Part, Range<usize>)>> {
        let mut branches = Vec::new();
        loop {
            let from = self.at;
            let part = self.concat()?;
            branches.push((part, from..self.at));
            if !self.takes(b'|') {
                return (self.at == self.text.len()).then_some(branches);
            }
        }
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn behind(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at + 1).copied()
    }

    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Parts up to `|`, `)` or the end.
    fn concat(&mut self) -> Option<Part> {
        let mut parts: Vec<Part> = Vec::new();
        while self.next().is_some_and(|byte| !matches!(byte, b'|' | b')')) {
            if let Some(bytes) = self.character() {
                match self.times()? {
                    None => add_bytes(&mut parts, bytes),
                    Some((min, max)) => parts.push(Part::Repeat(Box::new(Part::Literal(bytes.to_vec())), min, max)),
                }
                continue;
            }
            let part = self.special()?;
            match self.times()? {
                None => add(&mut parts, part),
                Some(_) if matches!(part, Part::Edge | Part::Place) => return None,
                Some((min, max)) => parts.push(Part::Repeat(Box::new(part), min, max)),
            }
        }
        match parts.len() {
            0 => Some(Part::Literal(Vec::new())),
            1 => parts.pop(),
            _ => Some(Part::Concat(parts)),
        }
    }

    /// A character that stands for itself, as its bytes.
    fn character(&mut self) -> Option<&'a [u8]> {
        let (from, length) = match self.next()? {
            b'\\' => (self.at + 1, usize::from(self.behind().is_some_and(is_plain_escaped))),
            byte if is_special(byte) => (self.at, 0),
            0..=127 => (self.at, 1),
            _ => (self.at, self.text.get(self.at..)?.chars().next()?.len_utf8()),
        };
        if length == 0 {
            return None;
        }
        self.at = from + length;
        self.text.as_bytes().get(from..self.at)
    }

    /// How often the part before it may stand, where that is said.
    #[expect(clippy::option_option, reason = "not plain, and plain without a number, are two things")]
    fn times(&mut self) -> Option<Option<(u32, Option<u32>)>> {
        let times = match self.next() {
            Some(b'?') => (0, Some(1)),
            Some(b'*') => (0, None),
            Some(b'+') => (1, None),
            Some(b'{') => self.numbers()?,
            _ => return Some(None),
        };
        self.at += 1;
        let is_over = !matches!(self.next(), Some(b'?' | b'*' | b'+' | b'{'));
        is_over.then_some(Some(times))
    }

    /// `{2}`, `{2,}` or `{2,5}` but for the last brace.
    fn numbers(&mut self) -> Option<(u32, Option<u32>)> {
        self.at += 1;
        let min = self.number()?;
        let max = match (self.takes(b','), self.next()) {
            (false, _) => Some(min),
            (true, Some(b'}')) => None,
            (true, _) => Some(self.number()?),
        };
        (self.next() == Some(b'}') && max.is_none_or(|max| min <= max)).then_some((min, max))
    }

    /// Up to three digits.
    fn number(&mut self) -> Option<u32> {
        let rest = self.text.get(self.at..)?;
        let digits = rest.bytes().take(4).take_while(u8::is_ascii_digit).count();
        self.at += digits;
        rest.get(..digits).filter(|digits| digits.len() < 4)?.parse().ok()
    }

    /// A group, a class or a place.
    fn special(&mut self) -> Option<Part> {
        let byte = self.next()?;
        self.at += 1;
        match byte {
            b'(' => self.group(),
            b'[' => self.class(),
            b'.' => Some(Part::Many),
            b'^' | b'$' => Some(Part::Place),
            b'\\' => {
                let escaped = self.next()?;
                self.at += 1;
                match escaped {
                    b'b' => Some(Part::Edge),
                    b'B' => Some(Part::Place),
                    other => Some(Bytes::named(other)?.part()),
                }
            }
            _ => None,
        }
    }

    fn group(&mut self) -> Option<Part> {
        if self.takes(b'?') && !self.takes(b':') {
            return None;
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut parts = vec![self.concat()?];
        while self.takes(b'|') {
            parts.push(self.concat()?);
        }
        self.depth -= 1;
        match parts.len() {
            _ if !self.takes(b')') => None,
            1 => parts.pop(),
            _ => Some(Part::Alternation(parts)),
        }
    }

    /// A class of ASCII, or all but some of ASCII.
    fn class(&mut self) -> Option<Part> {
        let is_negated = self.takes(b'^');
        let mut bytes = Bytes::default();
        let from = self.at;
        while self.at == from || !self.takes(b']') {
            bytes = bytes.with(self.member(self.at == from)?);
        }
        let bytes = if is_negated { bytes.negated() } else { bytes };
        (bytes != Bytes::default()).then(|| bytes.part())
    }

    /// What stands in a class: a byte, a range or a class with a name.
    fn member(&mut self, is_first: bool) -> Option<Bytes> {
        let start = match self.next().filter(u8::is_ascii)? {
            b'-' if is_first || self.behind() == Some(b']') => b'-',
            b'[' | b']' | b'&' | b'~' | b'-' => return None,
            b'\\' => {
                self.at += 1;
                let escaped = self.next()?;
                if !is_plain_escaped(escaped) {
                    self.at += 1;
                    return Bytes::named(escaped);
                }
                escaped
            }
            other => other,
        };
        self.at += 1;
        if self.next() != Some(b'-') || self.behind() == Some(b']') {
            return Some(Bytes::range(start, start));
        }
        let end = self.behind().filter(|end| end.is_ascii_alphanumeric() && start != b'-' && start <= *end)?;
        self.at += 2;
        Some(Bytes::range(start, end))
    }
}

/// What does not stand for itself, or need not.
const fn is_special(byte: u8) -> bool {
    matches!(byte, b'\\' | b'.' | b'+' | b'*' | b'?' | b'(' | b')' | b'|' | b'[' | b']' | b'{' | b'}' | b'^' | b'$')
}

/// What stands for itself behind a backslash.
const fn is_plain_escaped(byte: u8) -> bool {
    byte.is_ascii_punctuation() && !matches!(byte, b'<' | b'>')
}

/// Appends bytes to what stands before them.
fn add_bytes(parts: &mut Vec<Part>, bytes: &[u8]) {
    if let Some(Part::Literal(literal)) = parts.last_mut() {
        literal.extend_from_slice(bytes);
    } else {
        parts.push(Part::Literal(bytes.to_vec()));
    }
}

/// Appends a part; one of parts is no part of its own.
fn add(parts: &mut Vec<Part>, part: Part) {
    match part {
        Part::Literal(bytes) => add_bytes(parts, &bytes),
        Part::Concat(inner) => inner.into_iter().for_each(|part| add(parts, part)),
        Part::Few(_) | Part::Many | Part::Edge | Part::Place | Part::Repeat(..) | Part::Alternation(_) => parts.push(part),
    }
}

/// A set of bytes: a bit for each of ASCII, and whether all others are in it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Bytes {
    ascii: u128,
    others: bool,
}

impl Bytes {
    /// From one byte of ASCII to another.
    const fn range(from: u8, to: u8) -> Self {
        Self { ascii: (u128::MAX >> (127 - (to - from))) << from, others: false }
    }

    /// `\d` and its like.
    const fn named(name: u8) -> Option<Self> {
        Some(match name {
            b'd' => Self::range(b'0', b'9'),
            b's' => Self::range(b'\t', b'\r').with(Self::range(b' ', b' ')),
            b'w' => Self::range(b'0', b'9')
                .with(Self::range(b'A', b'Z'))
                .with(Self::range(b'a', b'z'))
                .with(Self::range(b'_', b'_')),
            b'D' => Self::range(b'0', b'9').negated(),
            b'S' => Self::range(b'\t', b'\r').with(Self::range(b' ', b' ')).negated(),
            _ => return None,
        })
    }

    const fn with(self, other: Self) -> Self {
        Self { ascii: self.ascii | other.ascii, others: self.others | other.others }
    }

    const fn negated(self) -> Self {
        Self { ascii: !self.ascii, others: !self.others }
    }

    fn part(self) -> Part {
        if self.others || self.ascii.count_ones() as usize > FEW {
            return Part::Many;
        }
        let bytes = (0..128_u8).filter(|byte| (self.ascii >> byte) & 1 == 1);
        let mut texts: Vec<Vec<u8>> = bytes.map(|byte| vec![byte]).collect();
        match texts.len() {
            1 => Part::Literal(texts.pop().unwrap_or_default()),
            _ => Part::Few(texts),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::literals::{Demand, demand, is_word_byte};
    use super::super::matcher::compile;
    use super::*;

    fn by_regex_syntax(text: &str) -> Result<Hir, Box<regex_syntax::Error>> {
        Ok(ParserBuilder::new().unicode(false).utf8(false).nest_limit(64).build().parse(text)?)
    }

    #[test]
    fn nearly_all_of_our_patterns_are_plain_and_as_long_as_regex_syntax_says() {
        let (mut all, mut plain) = (0, 0);
        for rule in super::super::Classifier::builtin().rules() {
            for text in rule.patterns.iter().chain(&rule.also).chain(&rule.unless) {
                all += 1;
                plain += usize::from(Reader::new(text).whole().is_some());
                let least = by_regex_syntax(text).unwrap().properties().minimum_len();
                assert_eq!(Some(Pattern::read(text).unwrap().least_bytes()), least, "{text}");
            }
        }
        assert!(plain * 100 >= all * 98, "{plain} of {all}");
    }

    #[test]
    fn parts_are_told_by_their_texts() {
        let literal = |text: &str| Part::Literal(text.as_bytes().to_vec());
        let check = |text: &str, expected: &[Part]| {
            let branches: Vec<Part> = Reader::new(text).whole().unwrap().into_iter().map(|(part, _)| part).collect();
            assert_eq!(branches, expected, "{text}");
        };
        check("ab|c", &[literal("ab"), literal("c")]);
        check(r"\.(?:x)[y]z", &[literal(".xyz")]);
        check(r"\bab?", &[Part::Concat(vec![Part::Edge, literal("a"), Part::Repeat(Box::new(literal("b")), 0, Some(1))])]);
        check("é{2,}", &[Part::Repeat(Box::new(literal("é")), 2, None)]);
        check("[a-c_-]", &[Part::Few(["-", "_", "a", "b", "c"].map(|text| text.as_bytes().to_vec()).to_vec())]);
        check(r"[^.]*|[\w.]|\S", &[Part::Repeat(Box::new(Part::Many), 0, None), Part::Many, Part::Many]);
        check("(?:a|b)", &[Part::Alternation(vec![literal("a"), literal("b")])]);
    }

    #[test]
    fn what_is_not_plain_is_left_to_regex_syntax() {
        for text in [
            "a??",
            "(?i)a",
            "(?P<a>b)",
            r"\pL",
            "[[:alpha:]]",
            "[a&&b]",
            "a{,3}",
            r"\b*",
            r"\x41",
            "[é]",
            "(a",
            "a)",
            "[a",
            "*",
        ] {
            assert!(Reader::new(text).whole().is_none(), "{text}");
        }
        assert!(Pattern::read("(a").is_err());
        assert_eq!(Pattern::read("(?i)ab").unwrap().least_bytes(), 2);
    }

    /// Whether a text holds what a branch demands.
    fn meets(demand: &Demand, text: &[u8]) -> bool {
        let edges = demand.exact.unwrap_or_default();
        let is_word = |at: usize| text.get(at).copied().is_some_and(is_word_byte);
        let stands = |literal: &Vec<u8>| {
            (0..text.len()).any(|at| {
                text[at..].starts_with(literal)
                    && !(edges.left && is_word(at.wrapping_sub(1)))
                    && !(edges.right && is_word(at + literal.len()))
            })
        };
        demand.clauses.iter().all(|clause| clause.iter().any(stands))
    }

    #[track_caller]
    fn check_demands(pattern: &str, text: &[u8]) {
        for (part, branch) in Pattern::read(pattern).unwrap().branches() {
            let (demand, is_match) = (demand(part), compile(branch).unwrap().is_match(text));
            let is_met = meets(&demand, text);
            assert!(is_met || !is_match, "{branch:?} matches {:?}", text.escape_ascii().to_string());
            assert!(demand.exact.is_none() || is_met == is_match, "{branch:?} and {:?}", text.escape_ascii().to_string());
        }
    }

    proptest! {
        #[test]
        fn what_matches_holds_what_its_pattern_demands(
            pattern in r"(abc|aab|b c|\\b|a\?|b\*|\[bc\]|\[\^b\]|c\{1,2\}|\(\?:ab\|ca b\)|\(\?:bca\|c\)\?| |\||\.|\^|\$){1,8}",
            text in "[abc ]{0,12}",
        ) {
            check_demands(&pattern, text.as_bytes());
        }

        #[test]
        fn a_plain_pattern_is_one_of_regex_syntax(pattern in r"[ab|()\[\]{}?*+.^$\\:,1-3bdswSDB -]{0,10}") {
            let Some(branches) = Reader::new(&pattern).whole() else { return Ok(()) };
            let hir = by_regex_syntax(&pattern);
            prop_assert!(hir.is_ok(), "{}", pattern);
            let least = branches.iter().map(|(part, _)| super::least(part)).min();
            prop_assert_eq!(least, hir.unwrap().properties().minimum_len(), "{}", pattern);
        }
    }
}
