//! Cuts blocks of bytes into lines. Pure: bytes come in pieces of any size, and the lines do not depend on the pieces.

/// The longest line that is given whole, in bytes without its `\n`: 1 MiB. Of a longer one the rest is skipped and that is counted.
/// The longest real one is a delivery to thousands of recipients in a single JSON object; memory must be bounded for all others.
pub const LINE_BYTES: usize = 1 << 20;

/// The line that a block cut off.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// Its beginning, [`LINE_BYTES`] of it at most.
    open: Vec<u8>,
    /// Where it begins. Means nothing while it has no bytes.
    open_at: u64,
    /// How long it is so far.
    open_bytes: u64,
    /// Lines that were too long.
    overlong: u64,
}

impl Lines {
    /// Takes the `block` that begins at byte `at` of the content and gives the lines that end in it to `each`.
    // Not in one piece with the reading: the closure is inlined here, and so is every reader behind it.
    pub(crate) fn push<F: FnMut(u64, &[u8])>(&mut self, mut at: u64, mut block: &[u8], each: &mut F) {
        if self.is_open() {
            let Some((end, rest)) = split_line(block) else { return self.extend(at, block) };
            self.extend(at, end);
            self.overlong += u64::from(self.open_bytes > LINE_BYTES as u64);
            each(self.open_at, line(&self.open, self.open_bytes));
            self.open.clear();
            self.open_bytes = 0;
            at += (block.len() - rest.len()) as u64;
            block = rest;
        }
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', block) {
            let whole = block.get(start..end).unwrap_or_default();
            self.overlong += u64::from(whole.len() > LINE_BYTES);
            each(at + start as u64, line(whole, whole.len() as u64));
            start = end + 1;
        }
        self.extend(at + start as u64, block.get(start..).unwrap_or_default());
    }

    /// Whether a line has begun and not ended.
    pub(crate) fn is_open(&self) -> bool {
        self.open_bytes > 0
    }

    /// Adds bytes to the open line, or begins one at `at`.
    fn extend(&mut self, at: u64, bytes: &[u8]) {
        if !self.is_open() {
            self.open_at = at;
        }
        let room = LINE_BYTES.saturating_sub(self.open.len()).min(bytes.len());
        self.open.extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.open_bytes += bytes.len() as u64;
    }

    /// The line without an end, where it begins, and how many lines were too long, it included.
    pub(crate) fn finish(self) -> (Option<(u64, Vec<u8>)>, u64) {
        let overlong = self.overlong + u64::from(self.open_bytes > LINE_BYTES as u64);
        (self.is_open().then_some((self.open_at, self.open)), overlong)
    }
}

/// A line as it is given: cut if its `bytes` are too many, else without the `\r` of `\r\n`.
#[inline]
fn line(whole: &[u8], bytes: u64) -> &[u8] {
    if bytes > LINE_BYTES as u64 {
        return whole.get(..LINE_BYTES).unwrap_or(whole);
    }
    whole.strip_suffix(b"\r").unwrap_or(whole)
}

/// What stands before the first `\n`, and what behind it.
pub(crate) fn split_line(block: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = block.split_at_checked(memchr::memchr(b'\n', block)?)?;
    Some((line, rest.get(1..).unwrap_or_default()))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Offsets and lines, and the tail with its offset: what the module promises, in the plainest words.
    pub(crate) type Cut = (Vec<(u64, Vec<u8>)>, Option<(u64, Vec<u8>)>);

    /// [`Cut`] without any block.
    pub(crate) fn plainly(content: &[u8]) -> Cut {
        let mut lines = Vec::new();
        let mut at = 0;
        for piece in content.split_inclusive(|&byte| byte == b'\n') {
            let Some(line) = piece.strip_suffix(b"\n") else { return (lines, Some((at, piece.to_vec()))) };
            lines.push((at, line.strip_suffix(b"\r").unwrap_or(line).to_vec()));
            at += piece.len() as u64;
        }
        (lines, None)
    }

    /// [`Cut`] of `content` that comes in blocks of `size`.
    fn in_blocks(content: &[u8], size: usize) -> (Cut, u64) {
        let (mut lines, mut found, mut at) = (Lines::default(), Vec::new(), 0);
        for block in content.chunks(size) {
            lines.push(at, block, &mut |at, line| found.push((at, line.to_vec())));
            at += block.len() as u64;
        }
        let (tail, overlong) = lines.finish();
        ((found, tail), overlong)
    }

    /// Content that is nasty for a cutter: empty lines, `\r` everywhere, no end.
    pub(crate) fn some_content() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            3 => Just(b"\n".to_vec()),
            2 => Just(b"\r\n".to_vec()),
            1 => Just(b"\r".to_vec()),
            1 => Just(b"\0".to_vec()),
            4 => "[a-z =<>@.]{0,40}".prop_map(String::into_bytes),
            1 => proptest::collection::vec(any::<u8>(), 0..8),
        ];
        proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_blocks(content in some_content(), size in 1_usize..200) {
            prop_assert_eq!(in_blocks(&content, size), (plainly(&content), 0));
        }
    }

    #[test]
    fn a_line_is_cut_at_a_mebibyte_and_counted_wherever_blocks_end() {
        let long = vec![b'x'; LINE_BYTES + 1];
        let just = vec![b'y'; LINE_BYTES];
        let content = [&just[..], b"\n", &long, b"\nz\n", &long].concat();
        let cut = long[..LINE_BYTES].to_vec();
        let at = LINE_BYTES as u64;
        let expected = vec![(0, just), (at + 1, cut.clone()), (2 * at + 3, b"z".to_vec())];
        for size in [1000, LINE_BYTES, LINE_BYTES + 1, LINE_BYTES + 2, content.len()] {
            assert!(in_blocks(&content, size) == ((expected.clone(), Some((2 * at + 5, cut.clone()))), 2), "blocks of {size}");
        }
    }
}
