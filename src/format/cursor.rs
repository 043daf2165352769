//! Taking bytes off the front of a record.
//!
//! What every parser in `format` is made of: look at the front, take what is there, keep the rest. Nothing here can panic or
//! allocate, and nothing knows a format.

use memchr::memmem::Finder;

/// The lowest bit of each of eight bytes, and the highest.
const LOW: u64 = u64::from_le_bytes([1; 8]);
const HIGH: u64 = LOW << 7;

/// What is left of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a>(pub(crate) &'a [u8]);

impl<'a> Cursor<'a> {
    /// Takes `prefix` off, if it is next.
    // Inlined, the prefix is a constant and the comparison one of integers.
    #[inline]
    pub(crate) fn take(&mut self, prefix: &[u8]) -> bool {
        self.0.strip_prefix(prefix).map(|rest| self.0 = rest).is_some()
    }

    /// Takes what stands before the first `end`, and `end` itself. None, and nothing is taken, if there is no `end`.
    #[inline]
    pub(crate) fn until(&mut self, end: u8) -> Option<&'a [u8]> {
        let (taken, rest) = split_byte(self.0, end)?;
        self.0 = rest;
        Some(taken)
    }

    /// Takes the bytes at the front that `belong`, maybe none.
    #[inline]
    pub(crate) fn run(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self.0.iter().position(|&byte| !belongs(byte)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(length).unwrap_or((self.0, b""));
        self.0 = rest;
        taken
    }

    /// Takes the decimal digits at the front, maybe none.
    #[inline]
    pub(crate) fn digits(&mut self) -> &'a [u8] {
        self.run(|byte| byte.is_ascii_digit())
    }

    /// Takes blanks and tabs; says whether there was one.
    #[inline]
    pub(crate) fn blanks(&mut self) -> bool {
        let before = self.0.len();
        self.0 = skip_blanks(self.0);
        self.0.len() < before
    }

    /// Takes what stands before the next blank, or all that is left; the blank stays.
    #[inline]
    pub(crate) fn word(&mut self) -> &'a [u8] {
        let length = near(self.0, [b' ']).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(length).unwrap_or((self.0, b""));
        self.0 = rest;
        taken
    }
}

/// Where the first of `bytes` stands in `text`, looked for by eight bytes at once. For what ends after a few bytes: a search in wide
/// registers is dearer to begin than this one is to end.
#[inline]
pub(crate) fn near<const N: usize>(text: &[u8], bytes: [u8; N]) -> Option<usize> {
    // The lowest bit that is left is of the first byte that is equal; a borrow may set others above it.
    let is_zero = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    let (words, rest) = text.as_chunks::<8>();
    let mut at = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let found = bytes.iter().fold(0, |found, byte| found | is_zero(word ^ (LOW * u64::from(*byte))));
        if found != 0 {
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    rest.iter().position(|byte| bytes.contains(byte)).map(|place| at + place)
}

/// What stands before the first `byte` and what follows it.
#[inline]
pub(crate) fn split_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let (before, rest) = text.split_at_checked(near(text, [byte])?)?;
    Some((before, rest.get(1..).unwrap_or_default()))
}

/// How many ASCII letters and digits stand at the front of `text`: eight bytes are looked at at once.
#[inline]
pub(crate) fn alphanumerics(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    let mut length = 0;
    for word in words {
        let others = others(u64::from_le_bytes(*word));
        if others != 0 {
            return length + (others.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    length + rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()
}

/// The high bits of those of eight bytes that are neither letters nor digits.
#[inline]
fn others(word: u64) -> u64 {
    // What is compared has seven bits, so that no sum reaches the next byte.
    let ascii = word & !HIGH;
    let lower = ascii | (LOW * 0x20);
    let from = |bytes: u64, first: u8| bytes + LOW * u64::from(0x80 - first);
    let is_digit = from(ascii, b'0') & !from(ascii, b'9' + 1);
    let is_letter = from(lower, b'a') & !from(lower, b'z' + 1);
    (word | !(is_digit | is_letter)) & HIGH
}

/// What stands before the first two bytes `pair` and what follows them. Sets nothing up, unlike [`split_text`].
pub(crate) fn split_pair(text: &[u8], pair: [u8; 2]) -> Option<(&[u8], &[u8])> {
    let [first, _] = pair;
    let mut from = 0;
    loop {
        let at = from + near(text.get(from..)?, [first])?;
        let (before, rest) = text.split_at_checked(at)?;
        if let Some(after) = rest.strip_prefix(&pair) {
            return Some((before, after));
        }
        from = at + 1;
    }
}

/// What stands before the first `needle` and what follows it. For the rare records: a search is set up at each call.
pub(crate) fn split_text<'a>(text: &'a [u8], needle: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let (before, rest) = text.split_at_checked(memchr::memmem::find(text, needle)?)?;
    Some((before, rest.get(needle.len()..).unwrap_or_default()))
}

/// [`split_text`] with a search that was set up before.
pub(crate) fn split_found<'a>(text: &'a [u8], needle: &Finder<'_>) -> Option<(&'a [u8], &'a [u8])> {
    let (before, rest) = text.split_at_checked(needle.find(text)?)?;
    Some((before, rest.get(needle.needle().len()..).unwrap_or_default()))
}

/// What stands before the last `needle` and what follows it.
pub(crate) fn rsplit_text<'a>(text: &'a [u8], needle: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let (before, rest) = text.split_at_checked(memchr::memmem::rfind(text, needle)?)?;
    Some((before, rest.get(needle.len()..).unwrap_or_default()))
}

/// Where `needle` first stands in `text`. Sets nothing up, unlike a searcher: for short texts, and needles whose first byte is seldom.
pub(crate) fn place(text: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    loop {
        let at = from + near(text.get(from..)?, [first])?;
        if text.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// `text` without blanks and tabs at its front.
#[inline]
pub(crate) fn skip_blanks(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    text
}

/// The number that `digits` is, if it is all digits and fits.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, digit| {
        let value = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        sum.checked_mul(10)?.checked_add(value)
    })
}

/// Two digits as a number below 100.
#[inline]
pub(crate) fn two(tens: u8, ones: u8) -> Option<u8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| tens * 10 + ones)
}

/// A decimal fraction after its point, in millionths; what is finer is dropped.
pub(crate) fn millionths(digits: &[u8]) -> i64 {
    // Most stamps have six.
    if let Some(micros) = digits.first_chunk::<6>().and_then(|six| number(six)) {
        return micros as i64;
    }
    digits.iter().chain(b"000000").take(6).fold(0, |sum, digit| sum * 10 + i64::from(digit.wrapping_sub(b'0') % 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_not_taken() {
        let mut at = Cursor(b"name[17]: text");
        assert!(!at.take(b"tag"));
        assert_eq!(at.until(b'['), Some(&b"name"[..]));
        assert_eq!(at.digits(), b"17");
        assert_eq!(at.until(b'!'), None);
        assert!(at.take(b"]:") && at.blanks() && !at.blanks());
        assert_eq!((at.word(), at.word()), (&b"text"[..], &b""[..]));
    }

    #[test]
    fn a_text_is_split_at_the_first_place() {
        assert_eq!(split_pair(b"a:b: c: d", *b": "), Some((&b"a:b"[..], &b"c: d"[..])));
        assert_eq!(split_pair(b"a:b:", *b": "), None);
        assert_eq!(split_text(b"a: b: c", b": "), Some((&b"a"[..], &b"b: c"[..])));
        assert_eq!(rsplit_text(b"a: b: c", b": "), Some((&b"a: b"[..], &b"c"[..])));
        assert_eq!((place(b"aab", b"ab"), place(b"aa", b"ab"), place(b"a", b"")), (Some(1), None, None));
    }

    #[test]
    fn a_byte_is_found_wherever_it_stands() {
        let all: Vec<u8> = (0..=255).collect();
        for (from, byte) in (0..256).flat_map(|from| (0..=255).map(move |byte| (from, byte))) {
            let text = all.get(from..).unwrap_or_default();
            assert_eq!(near(text, [byte]), memchr::memchr(byte, text), "{byte} from {from}");
            assert_eq!(near(text, [byte, 200, 7]), memchr::memchr3(byte, 200, 7, text), "{byte} from {from}");
        }
        for first in 0..=255_u8 {
            for text in [&[b'a', first, b'1'][..], &[b'x', b'y', b'z', b'A', b'B', b'C', b'D', b'E', b'F', first, b'7', b'+']] {
                let length = text.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
                assert_eq!(alphanumerics(text), length, "{text:?}");
            }
        }
        assert_eq!(
            (near(b"", [1]), split_byte(b"mx1 x", b' '), split_byte(b"mx1", b' ')),
            (None, Some((&b"mx1"[..], &b"x"[..])), None)
        );
    }

    #[test]
    fn numbers_are_all_digits_or_none() {
        assert_eq!(number(b"0172"), Some(172));
        for wrong in [&b""[..], b"1a", b"-1", b"99999999999999999999"] {
            assert_eq!(number(wrong), None);
        }
        assert_eq!((two(b'5', b'9'), two(b' ', b'9')), (Some(59), None));
        assert_eq!((millionths(b"5"), millionths(b"123456789"), millionths(b"")), (500_000, 123_456, 0));
    }
}
