//! Which kinds of bytes a text has: found while its end is looked for, so that the questions that cannot be true are not asked.

/// A set of kinds of bytes. A byte is of several: the full stop is a dot, it may lead and it may trail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ByteSet(u16);

impl ByteSet {
    /// What ends a run: white space, control characters and brackets.
    pub(super) const END: Self = Self(1);
    pub(super) const UPPER: Self = Self(1 << 1);
    pub(super) const LOWER: Self = Self(1 << 2);
    pub(super) const DIGIT: Self = Self(1 << 3);
    pub(super) const DOT: Self = Self(1 << 4);
    pub(super) const DASH: Self = Self(1 << 5);
    pub(super) const UNDERSCORE: Self = Self(1 << 6);
    pub(super) const COLON: Self = Self(1 << 7);
    pub(super) const EQUALS: Self = Self(1 << 8);
    pub(super) const SLASH: Self = Self(1 << 9);
    pub(super) const AT: Self = Self(1 << 10);
    /// A byte of a character outside ASCII.
    pub(super) const WIDE: Self = Self(1 << 11);
    /// Punctuation that may stand before an atom.
    pub(super) const LEAD: Self = Self(1 << 12);
    /// Punctuation that may stand behind an atom.
    pub(super) const TRAIL: Self = Self(1 << 13);
    /// What parts a link.
    pub(super) const LINK: Self = Self(1 << 14);
    /// All other bytes that no kind above names.
    pub(super) const OTHER: Self = Self(1 << 15);

    pub(super) const LETTER: Self = Self::UPPER.and(Self::LOWER);

    /// All kinds of both.
    pub(super) const fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// True where a byte is of one of these kinds.
    pub(super) const fn has(self, kinds: Self) -> bool {
        self.0 & kinds.0 != 0
    }

    /// True where every byte is of one of these kinds, besides leading, trailing or parting.
    pub(super) const fn is_only(self, kinds: Self) -> bool {
        self.0 & !(kinds.0 | Self::LEAD.0 | Self::TRAIL.0 | Self::LINK.0) == 0
    }

    pub(super) fn of_byte(byte: u8) -> Self {
        SETS.get(usize::from(byte)).copied().unwrap_or_default()
    }

    pub(super) fn of(bytes: &[u8]) -> Self {
        bytes.iter().fold(Self::default(), |set, &byte| set.and(Self::of_byte(byte)))
    }

    /// How many bytes stand before the first that is of one of the kinds of `stop`, and which kinds these have.
    pub(super) fn until(bytes: &[u8], stop: Self) -> (usize, Self) {
        let mut set = Self::default();
        for (at, &byte) in bytes.iter().enumerate() {
            let kinds = Self::of_byte(byte);
            if kinds.has(stop) {
                return (at, set);
            }
            set = set.and(kinds);
        }
        (bytes.len(), set)
    }

    const fn of_value(byte: u8) -> Self {
        let mut set = match byte {
            0..=b' ' | 0x7f | b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'"' | b',' | b';' | b'|' | b'`' => {
                Self::END
            }
            b'A'..=b'Z' => Self::UPPER,
            b'a'..=b'z' => Self::LOWER,
            b'0'..=b'9' => Self::DIGIT,
            b'.' => Self::DOT,
            b'-' => Self::DASH,
            b'_' => Self::UNDERSCORE,
            b':' => Self::COLON,
            b'=' => Self::EQUALS,
            b'/' => Self::SLASH,
            b'@' => Self::AT,
            0x80.. => Self::WIDE,
            _ => Self::OTHER,
        };
        if matches!(byte, b'.' | b':' | b'!' | b'?' | b'-' | b'*' | b'=' | b'\'' | b'\\' | b'/' | b'_' | b'&' | b'~') {
            set = set.and(Self::LEAD).and(Self::TRAIL);
        }
        if matches!(byte, b'#' | b'+' | b'$' | b'%' | b'^') {
            set = set.and(Self::LEAD);
        }
        if matches!(byte, b'/' | b'?' | b'&' | b'#' | b'=' | b':') {
            set = set.and(Self::LINK);
        }
        set
    }
}

/// The kinds of each byte: asked for every byte of every failure's reply.
static SETS: [ByteSet; 256] = {
    let mut sets = [ByteSet(0); 256];
    let mut byte = 0;
    while byte < sets.len() {
        #[expect(clippy::indexing_slicing, reason = "checked while compiling")]
        {
            sets[byte] = ByteSet::of_value(byte as u8);
        }
        byte += 1;
    }
    sets
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_of_a_text_are_told_with_its_end() {
        let (end, set) = ByteSet::until(b"Mx-1, x", ByteSet::END);
        assert_eq!(end, 4);
        assert!(set.has(ByteSet::UPPER) && set.has(ByteSet::DASH) && !set.has(ByteSet::DOT));
        assert!(set.is_only(ByteSet::LETTER.and(ByteSet::DIGIT).and(ByteSet::DASH)) && !set.is_only(ByteSet::LETTER));
        assert_eq!(ByteSet::until(b"abc", ByteSet::END), (3, ByteSet::LOWER));
        assert_eq!(ByteSet::of("\u{e9}!".as_bytes()), ByteSet::WIDE.and(ByteSet::OTHER).and(ByteSet::LEAD).and(ByteSet::TRAIL));
    }
}
