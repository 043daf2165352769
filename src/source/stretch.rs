//! Content that can only be read from its beginning (compressed, or a pipe), in stretches of whole lines: several threads share it.

use super::content::Content;
use super::damage::Damage;
use super::lines::{LINE_BYTES, Lines, split_line};
use super::opened::Ended;

/// The first stretch of those that grow.
const FIRST_BYTES: usize = 4 << 20;

/// The longest stretch, unless a line is longer: so much memory for each thread.
const STRETCH_BYTES: usize = 32 << 20;

/// What skips the rest of a line that is too long.
const SKIP_BYTES: usize = 64 << 10;

/// How long stretches are.
#[derive(Clone, Copy, Debug)]
pub struct Lengths {
    first: usize,
    most: usize,
}

impl Lengths {
    /// All of them of `most` bytes: for threads that have something to do until the first is there.
    #[must_use]
    pub fn even(most: usize) -> Self {
        let most = most.clamp(1, STRETCH_BYTES);
        Self { first: most, most }
    }

    /// Each twice as long as the one before, up to `most` bytes: the second thread need not wait long.
    #[must_use]
    pub fn growing(most: usize) -> Self {
        let Self { most, .. } = Self::even(most);
        Self { first: most.min(FIRST_BYTES), most }
    }
}

/// Content that is taken stretch by stretch. Where it is cut depends on the content alone.
pub struct Stretches {
    /// None: all of it was taken.
    content: Option<Content>,
    /// Where the next stretch begins.
    at: u64,
    /// The beginning of the line that the last stretch cut off.
    open: Vec<u8>,
    next_bytes: usize,
    most_bytes: usize,
}

/// A stretch of content: whole lines, but for the last line of the content.
#[derive(Debug, Default)]
pub struct Stretch {
    /// The byte of the content with which it begins.
    pub start: u64,
    /// What it holds, and then whatever the buffer held before.
    buffer: Vec<u8>,
    held: usize,
    /// How long it is in the content: of a line that is too long the rest is skipped.
    bytes: u64,
    /// What happened up to the end of the content, with its last stretch.
    damage: Vec<Damage>,
}

impl Stretches {
    /// Takes `content` in stretches of such lengths.
    pub(crate) fn new(content: Content, lengths: Lengths) -> Self {
        Self { content: Some(content), at: 0, open: Vec::new(), next_bytes: lengths.first, most_bytes: lengths.most }
    }

    /// The next stretch, in the memory of one that is done with; None behind the end. Content without a byte is one stretch.
    pub fn next(&mut self, spare: Vec<u8>) -> Option<Stretch> {
        let mut content = self.content.take()?;
        let mut buffer = spare;
        let mut held = self.open.len();
        let mut goal = self.next_bytes.max(held + 1);
        self.next_bytes = self.most_bytes.min(self.next_bytes * 2);
        // What the buffer held before is overwritten, never cleared: that would cost as much as reading it.
        buffer.resize(buffer.len().max(goal), 0);
        if let Some(begin) = buffer.get_mut(..held) {
            begin.copy_from_slice(&self.open);
        }
        self.open.clear();
        let start = self.at;
        loop {
            let more = buffer.get_mut(held..goal).unwrap_or_default();
            let wanted = more.len();
            let taken = content.fill(more);
            held += taken;
            if taken < wanted {
                return Some(Stretch { start, buffer, held, bytes: held as u64, damage: content.into_damage() });
            }
            if let Some(end) = memchr::memrchr(b'\n', buffer.get(..held).unwrap_or_default()) {
                self.open.extend_from_slice(buffer.get(end + 1..held).unwrap_or_default());
                held = end + 1;
                return Some(self.cut(content, Stretch { start, buffer, held, bytes: held as u64, damage: Vec::new() }));
            }
            if held > LINE_BYTES {
                let (skipped, has_ended) = self.skip_line(&mut content);
                let bytes = held as u64 + skipped;
                if !has_ended {
                    return Some(Stretch { start, buffer, held, bytes, damage: content.into_damage() });
                }
                buffer.truncate(held);
                buffer.push(b'\n');
                return Some(self.cut(content, Stretch { start, buffer, held: held + 1, bytes, damage: Vec::new() }));
            }
            goal = goal.saturating_mul(2);
            buffer.resize(buffer.len().max(goal), 0);
        }
    }

    /// Whether all of the content was taken.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.content.is_none()
    }

    /// More follows behind this stretch.
    fn cut(&mut self, content: Content, stretch: Stretch) -> Stretch {
        self.at = stretch.start + stretch.bytes;
        self.content = Some(content);
        stretch
    }

    /// Skips the rest of a line, its `\n` included; how many bytes that were, and whether it had an end.
    fn skip_line(&mut self, content: &mut Content) -> (u64, bool) {
        let mut block = vec![0; SKIP_BYTES];
        let mut skipped = 0;
        loop {
            let taken = content.fill(&mut block);
            let bytes = block.get(..taken).unwrap_or_default();
            if let Some((line, rest)) = split_line(bytes) {
                self.open.extend_from_slice(rest);
                return (skipped + line.len() as u64 + 1, true);
            }
            skipped += taken as u64;
            if taken < block.len() {
                return (skipped, false);
            }
        }
    }
}

impl Stretch {
    /// No content, for this reason.
    #[must_use]
    pub fn failed(damage: Damage) -> Self {
        Self { damage: vec![damage], ..Self::default() }
    }

    /// Gives each line, without its `\n` or `\r\n`, with the byte where it begins.
    pub fn each_line<F: FnMut(u64, &[u8])>(&self, mut each: F) -> Ended {
        let mut lines = Lines::default();
        lines.push(self.start, self.buffer.get(..self.held).unwrap_or_default(), &mut each);
        let (tail, overlong) = lines.finish();
        Ended { tail, bytes: self.bytes, damage: self.damage.clone(), overlong }
    }

    /// Its whole lines, without their line ends, the last one first.
    pub fn lines_from_the_end(&self) -> impl Iterator<Item = &[u8]> {
        let held = self.buffer.get(..self.held).unwrap_or_default();
        held.rsplit(|&byte| byte == b'\n').skip(1).map(|line| line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// Its memory, for another.
    #[must_use]
    pub fn into_spare(self) -> Vec<u8> {
        self.buffer
    }
}

#[cfg(test)]
mod tests;
