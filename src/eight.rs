//! Looks at eight bytes at once: for what ends after a few bytes, where a search in wide registers is dearer to begin than this is to end.

/// The lowest bit of each of eight bytes, and the highest.
const LOW: u64 = u64::from_le_bytes([1; 8]);
const HIGH: u64 = LOW << 7;

/// Where the first of `bytes` stands in `text`.
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

/// How many ASCII letters and digits stand at the front of `text`.
#[inline]
pub(crate) fn alphanumerics(text: &[u8]) -> usize {
    front(text, |word| are_letters(word) | are_digits(word))
}

/// How many ASCII letters stand at the front of `text`.
#[inline]
pub(crate) fn letters(text: &[u8]) -> usize {
    front(text, are_letters)
}

/// How many bytes at the front of `text` belong to a kind. `belong` sets the high bit of those of eight bytes that do.
#[inline]
fn front(text: &[u8], belong: impl Fn(u64) -> u64) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    let mut length = 0;
    for word in words {
        let others = !belong(u64::from_le_bytes(*word)) & HIGH;
        if others != 0 {
            return length + (others.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    length + rest.iter().take_while(|&&byte| belong(u64::from(byte)) & 0x80 != 0).count()
}

#[inline]
fn are_letters(word: u64) -> u64 {
    within(word | (LOW * 0x20), b'a', b'z') & !word
}

#[inline]
fn are_digits(word: u64) -> u64 {
    within(word, b'0', b'9') & !word
}

/// The high bits of those of eight bytes that lie from `first` to `last` in their lower seven bits: no sum reaches the next byte.
#[inline]
fn within(word: u64, first: u8, last: u8) -> u64 {
    let ascii = word & !HIGH;
    let from = |first: u8| ascii + LOW * u64::from(0x80 - first);
    from(first) & !from(last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(near(b"", [1]), None);
    }

    #[test]
    fn letters_end_at_the_first_other_byte() {
        for byte in 0..=u8::MAX {
            for before in 0..20 {
                let mut text = b"aZzAbcdefghijklmnopq".to_vec();
                text[before] = byte;
                let expected = if byte.is_ascii_alphabetic() { text.len() } else { before };
                assert_eq!(letters(&text), expected, "{byte:#x} at {before}");
            }
        }
        assert_eq!(letters(b""), 0);
    }
}
