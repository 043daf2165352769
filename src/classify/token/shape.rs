//! What a token is made of.

/// How many bytes of which kind.
#[derive(Default)]
pub(super) struct Shape {
    pub(super) digits: usize,
    pub(super) upper: usize,
    pub(super) lower: usize,
    pub(super) letters: usize,
    pub(super) dots: usize,
    pub(super) others: usize,
    /// Changes between letters and digits.
    pub(super) turns: usize,
    /// A capital after a small letter.
    pub(super) humps: usize,
    /// All letters and digits are hexadecimal.
    pub(super) is_hex: bool,
}

impl Shape {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut shape = Self { is_hex: true, ..Self::default() };
        let mut before = 0_u8;
        for &byte in bytes {
            match byte {
                b'0'..=b'9' => {
                    shape.digits += 1;
                    shape.turns += usize::from(before.is_ascii_alphabetic());
                }
                b'a'..=b'z' | b'A'..=b'Z' => {
                    shape.letters += 1;
                    let is_upper = byte.is_ascii_uppercase();
                    shape.upper += usize::from(is_upper);
                    shape.lower += usize::from(!is_upper);
                    shape.turns += usize::from(before.is_ascii_digit());
                    shape.humps += usize::from(is_upper && before.is_ascii_lowercase());
                    shape.is_hex &= byte.is_ascii_hexdigit();
                }
                b'.' => shape.dots += 1,
                _ => shape.others += 1,
            }
            before = byte;
        }
        shape
    }
}
