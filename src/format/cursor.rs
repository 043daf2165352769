//! Taking bytes off the front of a record.
//!
//! What every parser in `format` is made of: look at the front, take what is there, keep the rest. Nothing here can panic or
//! allocate, and nothing knows a format.

use memchr::memmem::Finder;

pub(crate) use crate::eight::{alphanumerics, near, place};

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

    /// Takes seconds, with a fraction or without, as milliseconds; what is finer is dropped. None: no digit is next, or too many are.
    pub(crate) fn milliseconds(&mut self) -> Option<i64> {
        let seconds = i64::try_from(number(self.digits())?).ok()?;
        let fraction = if self.take(b".") { millionths(self.digits()) / 1_000 } else { 0 };
        seconds.checked_mul(1_000)?.checked_add(fraction)
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

/// What stands before the first `byte` and what follows it.
#[inline]
pub(crate) fn split_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let (before, rest) = text.split_at_checked(near(text, [byte])?)?;
    Some((before, rest.get(1..).unwrap_or_default()))
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

/// A line without the mark of the byte order that Windows puts at the front of a file.
#[inline]
pub(crate) fn unmarked(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
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

/// Seconds, with a fraction or without, as milliseconds. None: it is anything else too.
pub(crate) fn milliseconds(seconds: &[u8]) -> Option<i64> {
    let mut at = Cursor(seconds);
    at.milliseconds().filter(|_| at.0.is_empty())
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
        assert_eq!((split_byte(b"mx1 x", b' '), split_byte(b"mx1", b' ')), (Some((&b"mx1"[..], &b"x"[..])), None));
        assert_eq!(split_pair(b"a:b: c: d", *b": "), Some((&b"a:b"[..], &b"c: d"[..])));
        assert_eq!(split_pair(b"a:b:", *b": "), None);
        assert_eq!(split_text(b"a: b: c", b": "), Some((&b"a"[..], &b"b: c"[..])));
        assert_eq!(rsplit_text(b"a: b: c", b": "), Some((&b"a: b"[..], &b"c"[..])));
        assert_eq!((place(b"aab", b"ab"), place(b"aa", b"ab"), place(b"a", b"")), (Some(1), None, None));
    }

    #[test]
    fn numbers_are_all_digits_or_none() {
        assert_eq!(number(b"0172"), Some(172));
        for wrong in [&b""[..], b"1a", b"-1", b"99999999999999999999"] {
            assert_eq!(number(wrong), None);
        }
        assert_eq!((two(b'5', b'9'), two(b' ', b'9')), (Some(59), None));
        assert_eq!([&b"1.2039"[..], b"2", b"2."].map(milliseconds), [Some(1_203), Some(2_000), Some(2_000)]);
        for wrong in [&b""[..], b".5", b"1.5s", b"-1", b"9999999999999999.0"] {
            assert_eq!(milliseconds(wrong), None);
        }
        assert_eq!((millionths(b"5"), millionths(b"123456789"), millionths(b"")), (500_000, 123_456, 0));
    }
}
