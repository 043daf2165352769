//! An input that is being read: its content in blocks or in lines, whole or a segment of it.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::content::Content;
use super::damage::Damage;
use super::framing::{Cutter, Elements, Entries, Mails, Objects, Rows};
use super::lines::{Lines, split_line};
use crate::event::Framing;

/// How much content is read at once. It is still in the processor's cache when its lines are looked for: measured, blocks of 1 MiB
/// are slower.
const BLOCK_BYTES: usize = 256 << 10;

/// How many blocks a decompressor may be ahead.
const BLOCKS_AHEAD: usize = 4;

/// The unit of work: 64 MiB of a file's content, cut at fixed offsets, whatever the number of threads.
pub const SEGMENT_BYTES: u64 = 64 << 20;

/// Which part of a file's content is read, in bytes of decompressed content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// All of it.
    Whole,
    /// From `start` up to and without `end`. A line belongs to the segment in which it begins.
    Segment {
        /// The first byte.
        start: u64,
        /// One more than the last byte.
        end: u64,
    },
}

impl Range {
    /// First byte, and one more than the last.
    fn bounds(self) -> (u64, u64) {
        match self {
            Self::Whole => (0, u64::MAX),
            Self::Segment { start, end } => (start, end),
        }
    }
}

/// The segments of `bytes` of content, each `segment_bytes` long but the last: one [`Range::Whole`] if there is but one. Behind byte
/// `short_from` they are a quarter as long, so that threads which share them end at nearly the same time.
#[must_use]
pub fn segments(bytes: u64, segment_bytes: u64, short_from: u64) -> Vec<Range> {
    let (long, short) = (segment_bytes.max(1), segment_bytes.div_ceil(4).max(1));
    let mut all = Vec::new();
    let mut start = 0;
    while start < bytes {
        let length = if start < short_from { long.min(short_from - start).max(short) } else { short };
        let end = bytes.min(start.saturating_add(length));
        all.push(Range::Segment { start, end });
        start = end;
    }
    if all.len() <= 1 { vec![Range::Whole] } else { all }
}

/// Where compressed content is decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decompress {
    /// On the thread that reads.
    Here,
    /// On a thread of its own, a few blocks ahead of the one that reads.
    Ahead,
}

/// Content that is being read.
pub struct Opened {
    blocks: Blocks,
    range: Range,
    /// Where the first block begins.
    at: u64,
}

/// What reading a range came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// The last line of the file if it has no `\n`, with the byte where it begins; as it stands, with a `\r` at its end if it has
    /// one. Belongs to the segment in which it begins.
    pub tail: Option<(u64, Vec<u8>)>,
    /// Bytes of content in the range: over all segments, the length of the content.
    pub bytes: u64,
    /// What happened on the way.
    pub damage: Vec<Damage>,
    /// Records longer than [`super::LINE_BYTES`], of which the rest was skipped.
    pub overlong: u64,
}

impl Opened {
    /// Reads `range` of content that stands at byte `at`, which is not behind the range's start by a line end or more.
    pub(crate) fn new(content: Content, at: u64, range: Range, decompress: Decompress) -> Self {
        Self { blocks: Blocks::new(content, decompress), range, at }
    }

    /// Gives each line that begins in the range, without its `\n` or `\r\n`, with the byte where it begins.
    pub fn each_line<F: FnMut(u64, &[u8])>(self, mut each: F) -> Ended {
        let (start, end) = self.range.bounds();
        let mut lines = Lines::default();
        let mut bytes = 0;
        // A line begins at `start` if the byte before it ends one, so that byte is looked at too.
        let mut begun = start == 0;
        let damage = self.blocks.each(self.at, |at, block| {
            let (at, ours, beyond) = cut(at, block, start.saturating_sub(1), end);
            let mut own = (at, ours);
            bytes += (ours.len() as u64).saturating_sub(start.saturating_sub(at));
            if !begun && let Some((before, rest)) = split_line(ours) {
                own = (at + before.len() as u64 + 1, rest);
                begun = true;
            }
            if begun {
                lines.push(own.0, own.1, &mut each);
            }
            let Some(beyond) = beyond else { return ControlFlow::Continue(()) };
            if !lines.is_open() {
                return ControlFlow::Break(());
            }
            let last = split_line(beyond).map(|(line, _)| line.len() + 1);
            lines.push(at + ours.len() as u64, beyond.get(..last.unwrap_or(beyond.len())).unwrap_or_default(), &mut each);
            if last.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let (tail, overlong) = lines.finish();
        Ended { tail, bytes, damage: within(damage, start, end), overlong }
    }

    /// Gives each record of the content, with the byte where it begins. Only [`Framing::Lines`] knows ranges other than
    /// [`Range::Whole`], and only there is the last record a [`Ended::tail`] if no line end follows it.
    pub fn each_record<F: FnMut(u64, &[u8])>(self, framing: Framing, each: F) -> Ended {
        match framing {
            Framing::Lines => self.each_line(each),
            Framing::Csv => self.cut::<Rows, F>(each),
            Framing::Json => self.cut::<Objects, F>(each),
            Framing::Mbox => self.cut::<Mails, F>(each),
            Framing::Elements => self.cut::<Elements, F>(each),
            Framing::Entries => self.cut::<Entries, F>(each),
        }
    }

    fn cut<C: Cutter, F: FnMut(u64, &[u8])>(self, mut each: F) -> Ended {
        let mut cutter = C::default();
        let ended = self.each_block(|at, block| cutter.push(at, block, &mut each));
        Ended { overlong: cutter.finish(&mut each), ..ended }
    }

    /// Gives the content of the range in blocks of any size, each with the byte where it begins. For framings that are no lines.
    pub fn each_block<F: FnMut(u64, &[u8])>(self, mut each: F) -> Ended {
        let (start, end) = self.range.bounds();
        let mut bytes = 0;
        let damage = self.blocks.each(self.at, |at, block| {
            let (at, ours, beyond) = cut(at, block, start, end);
            if !ours.is_empty() {
                bytes += ours.len() as u64;
                each(at, ours);
            }
            if beyond.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        Ended { bytes, damage: within(damage, start, end), ..Ended::default() }
    }
}

/// The part of the `block` at `at` that lies from `start` to `end`, with its own beginning; and what lies behind `end`, if the block
/// reaches it.
fn cut(at: u64, block: &[u8], start: u64, end: u64) -> (u64, &[u8], Option<&[u8]>) {
    let length = block.len() as u64;
    let from = start.saturating_sub(at).min(length);
    let to = end.saturating_sub(at).min(length).max(from);
    let ours = block.get(from as usize..to as usize).unwrap_or_default();
    (at + from, ours, (end <= at + length).then(|| block.get(to as usize..).unwrap_or_default()))
}

/// Damage that lies in the range. A segment looks beyond its end, and what it sees there is told by the next one too.
fn within(mut damage: Vec<Damage>, start: u64, end: u64) -> Vec<Damage> {
    damage.retain(|one| one.offset().is_none_or(|at| (start.saturating_sub(1)..=end).contains(&at)));
    damage
}

/// Where blocks come from.
#[expect(clippy::large_enum_variant, reason = "there is one for each input that is open")]
enum Blocks {
    /// From this thread.
    Here(Content),
    /// From a thread that runs ahead.
    Ahead { full: Receiver<Block>, empty: Sender<Vec<u8>>, worker: JoinHandle<Vec<Damage>> },
}

/// A buffer, and how many bytes of it are content.
type Block = (Vec<u8>, usize);

impl Blocks {
    /// Starts the thread that runs ahead, if one is asked for and the system has one.
    fn new(content: Content, decompress: Decompress) -> Self {
        if decompress == Decompress::Here {
            return Self::Here(content);
        }
        let (full_sender, full) = sync_channel(BLOCKS_AHEAD);
        let (empty, empty_receiver) = channel();
        let (content_sender, content_receiver) = channel::<Content>();
        // The content goes by a channel: should the thread not start, it is still here.
        let started = Builder::new().name("decompress".to_owned()).spawn(move || match content_receiver.recv() {
            Ok(content) => run_ahead(content, &empty_receiver, &full_sender),
            Err(_) => Vec::new(),
        });
        let Ok(worker) = started else { return Self::Here(content) };
        for _ in 0..BLOCKS_AHEAD {
            // Cannot fail before the content is sent: the worker waits for it. Were it gone, the join would say why.
            let _ = empty.send(vec![0; BLOCK_BYTES]);
        }
        match content_sender.send(content) {
            Ok(()) => Self::Ahead { full, empty, worker },
            Err(back) => Self::Here(back.0),
        }
    }

    /// Gives every block, with the byte where it begins if the first begins at `at`.
    fn each<F: FnMut(u64, &[u8]) -> ControlFlow<()>>(self, mut at: u64, mut each: F) -> Vec<Damage> {
        match self {
            Self::Here(mut content) => {
                let mut buffer = vec![0; BLOCK_BYTES];
                loop {
                    let bytes = content.fill(&mut buffer);
                    let block = buffer.get(..bytes).unwrap_or_default();
                    if block.is_empty() || each(at, block).is_break() || bytes < buffer.len() {
                        return content.into_damage();
                    }
                    at += bytes as u64;
                }
            }
            Self::Ahead { full, empty, worker } => {
                while let Ok((buffer, bytes)) = full.recv() {
                    if each(at, buffer.get(..bytes).unwrap_or_default()).is_break() {
                        break;
                    }
                    at += bytes as u64;
                    // The worker may be at the end already, and takes no more.
                    let _ = empty.send(buffer);
                }
                // Lets a worker that still wants to give or to take come to its end.
                drop((full, empty));
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }
        }
    }
}

/// Decompresses into empty buffers and hands them over, until the content ends or nobody takes it.
fn run_ahead(mut content: Content, empty: &Receiver<Vec<u8>>, full: &SyncSender<Block>) -> Vec<Damage> {
    while let Ok(mut buffer) = empty.recv() {
        let bytes = content.fill(&mut buffer);
        let ends = bytes < buffer.len();
        if bytes == 0 || full.send((buffer, bytes)).is_err() || ends {
            break;
        }
    }
    content.into_damage()
}

#[cfg(test)]
mod tests;
