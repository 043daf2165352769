//! Ids: what a machine made up.

use crate::classify::byte_set::ByteSet;

/// Looks as if a machine made it: a hash, a queue id, base64. `set` is the kinds of its bytes.
pub(in crate::classify) fn is_id(bytes: &[u8], set: ByteSet) -> bool {
    if !set.has(ByteSet::DIGIT) {
        let may_be_jumble = bytes.len() >= JUMBLE && set.has(ByteSet::UPPER) && set.has(ByteSet::LOWER);
        return may_be_jumble && bytes.split(|&byte| is_joint(byte)).any(|part| Shape::of(part).is_jumble());
    }
    if set.has(ByteSet::DASH) && ((set.is_only(GROUPED) && is_grouped_id(bytes)) || is_stamped(bytes)) {
        return true;
    }
    if bytes.len() >= 40 && set.has(ByteSet::LETTER) {
        return true;
    }
    bytes.split(|&byte| is_joint(byte)).any(|part| part.len() >= SHORTEST && Shape::of(part).is_id(part))
}

/// Four to seven letters and digits in turns, small letters among them (`x7k2`, `aB3d`): a session's id. The codes that providers
/// give are in capitals.
pub(super) fn is_short(bytes: &[u8], set: ByteSet) -> bool {
    (4..8).contains(&bytes.len())
        && set.has(ByteSet::LOWER)
        && set.is_only(ByteSet::LETTER.and(ByteSet::DIGIT))
        && Shape::of(bytes).turns >= 2
}

/// What joins the parts of an id.
fn is_joint(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/' | b'~' | b'$')
}

/// A second of Unix time, a dash or a dot and what tells the mails of that second apart.
pub(super) fn is_stamped(bytes: &[u8]) -> bool {
    matches!(bytes.split_at_checked(10), Some(([b'1', b'0'..=b'9', second @ ..], [b'-' | b'.', _, ..])) if second.iter().all(u8::is_ascii_digit))
}

/// Exim's message id (6-6-2 or 6-11-4) and UUIDs, among texts of letters, digits and dashes.
fn is_grouped_id(bytes: &[u8]) -> bool {
    let mut lengths = [0_usize; 5];
    let mut count = 0;
    for part in bytes.split(|&byte| byte == b'-') {
        let Some(slot) = lengths.get_mut(count) else { return false };
        *slot = part.len();
        count += 1;
    }
    matches!((count, lengths), (3, [6, 6, 2, ..] | [6, 11, 4, ..]) | (5, [8, 4, 4, 4, 12]))
}

/// The shortest part that shows an id.
const SHORTEST: usize = 6;

/// The shortest id without digits.
const JUMBLE: usize = 10;

/// What the groups of an id and what joins them are made of.
const GROUPED: ByteSet = ByteSet::LETTER.and(ByteSet::DIGIT).and(ByteSet::DASH);

/// How many bytes of which kind a part of a token has.
#[derive(Default)]
struct Shape {
    digits: usize,
    upper: usize,
    lower: usize,
    others: usize,
    /// Changes between letters and digits.
    turns: usize,
    /// A capital after a small letter.
    humps: usize,
    /// All letters and digits are hexadecimal.
    is_hex: bool,
}

impl Shape {
    fn of(bytes: &[u8]) -> Self {
        let mut shape = Self { is_hex: true, ..Self::default() };
        let mut before = 0_u8;
        for &byte in bytes {
            match byte {
                b'0'..=b'9' => {
                    shape.digits += 1;
                    shape.turns += usize::from(before.is_ascii_alphabetic());
                }
                b'a'..=b'z' => {
                    shape.lower += 1;
                    shape.turns += usize::from(before.is_ascii_digit());
                    shape.is_hex &= byte <= b'f';
                }
                b'A'..=b'Z' => {
                    shape.upper += 1;
                    shape.turns += usize::from(before.is_ascii_digit());
                    shape.humps += usize::from(before.is_ascii_lowercase());
                    shape.is_hex &= byte <= b'F';
                }
                _ => shape.others += 1,
            }
            before = byte;
        }
        shape
    }

    fn is_id(&self, part: &[u8]) -> bool {
        let Self { digits, upper, lower, others, turns, humps, is_hex } = *self;
        let n = part.len();
        if others > 0 {
            return false;
        }
        (is_hex && digits > 0 && upper + lower > 0 && n >= 8)
            || (n >= 8 && turns >= 3)
            || (n >= 8 && digits > 0 && upper > 0 && lower > 0 && turns + humps >= 2 && !part.starts_with(b"IPv"))
            || (n >= SHORTEST && digits >= 2 && turns >= 3)
            || (n >= 12 && digits >= 4 && turns >= 2)
            // A word and a number that no list of codes has: `queue033018096094`.
            || (digits >= 11 && upper + lower > 0)
            || self.is_jumble()
    }

    /// Capitals and small letters without the order of words: `aBcDXeFgHi`.
    fn is_jumble(&self) -> bool {
        let Self { digits, upper, lower, others, humps, .. } = *self;
        let n = digits + upper + lower + others;
        n >= JUMBLE && digits == 0 && others == 0 && upper >= 2 && lower >= 2 && humps >= 2 && upper * 3 >= n
    }
}
