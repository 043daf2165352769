//! The decompressed content of one input, from its beginning on.
//!
//! Cannot fail: what cannot be read is damage, kept beside the bytes that came before it. One loop walks the members of all four
//! compressions; what differs between them is in `decoder`.

use super::compression::{Compression, MAGIC_BYTES, gzip_time};
use super::damage::{Damage, Mishap};
use super::decoder::{Decoder, State, Step};
use super::input::{Input, Progress, Stop};
use crate::event::Micros;

/// Bytes of content, in order.
pub(crate) struct Content {
    /// The input as it is shown.
    name: String,
    input: Input,
    compression: Compression,
    /// When the original was last changed, by the header of a gzip file.
    gzip_time: Option<Micros>,
    member: Member,
    /// Bytes that were given before and are given again: the head of a pipe.
    again: std::io::Cursor<Vec<u8>>,
    /// Bytes of content taken from the input.
    at: u64,
    damage: Vec<Damage>,
}

/// Where in the compressed data the reading is.
enum Member {
    /// Nowhere: it is not compressed.
    Plain,
    /// Before a member, or after the last one; with the decoder of the one before.
    Between(Option<Decoder>),
    /// In a member.
    Inside(Decoder),
    /// No more content comes.
    Over,
}

impl Content {
    /// The content of an input that begins at its first byte.
    pub(crate) fn new(name: &str, mut input: Input) -> Self {
        let head = input.look(MAGIC_BYTES);
        let (compression, gzip_time) = (Compression::recognise(head), gzip_time(head));
        let member = if compression == Compression::Plain { Member::Plain } else { Member::Between(None) };
        Self {
            name: name.to_owned(),
            input,
            compression,
            gzip_time,
            member,
            again: std::io::Cursor::default(),
            at: 0,
            damage: Vec::new(),
        }
    }

    /// The content of a plain file from the byte `at` on, where `input` stands already.
    pub(crate) fn plain_from(name: &str, input: Input, at: u64) -> Self {
        let (member, again, damage) = (Member::Plain, std::io::Cursor::default(), Vec::new());
        Self { name: name.to_owned(), input, compression: Compression::Plain, gzip_time: None, member, again, at, damage }
    }

    /// How it is stored.
    pub(crate) fn compression(&self) -> Compression {
        self.compression
    }

    /// The stamp in its gzip header.
    pub(crate) fn gzip_time(&self) -> Option<Micros> {
        self.gzip_time
    }

    /// Begins anew with `head`, which was read from it before.
    pub(crate) fn give_again(&mut self, head: Vec<u8>) {
        self.again = std::io::Cursor::new(head);
    }

    /// Lets what is taken from now on, and what was, count into `progress`.
    pub(crate) fn count_into(&mut self, progress: &Progress) {
        self.input.count_into(progress);
    }

    /// What happened, once all was read.
    pub(crate) fn into_damage(self) -> Vec<Damage> {
        self.damage
    }

    /// Fills `into` as far as the content goes, and says how far. Less than all of it means the end.
    pub(crate) fn fill(&mut self, into: &mut [u8]) -> usize {
        let mut filled = std::io::Read::read(&mut self.again, into).unwrap_or(0);
        while let Some(rest) = into.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let member = std::mem::replace(&mut self.member, Member::Over);
            let bytes;
            (bytes, self.member) = match member {
                Member::Over => break,
                Member::Plain => self.plain(rest),
                Member::Inside(decoder) => self.inside(decoder, rest),
                Member::Between(decoder) => (0, self.between(decoder)),
            };
            self.at += bytes as u64;
            filled += bytes;
        }
        filled
    }

    /// Takes content that is stored as it is.
    fn plain(&mut self, into: &mut [u8]) -> (usize, Member) {
        let bytes = self.input.fill(into);
        match self.input.stop().cloned() {
            None => (bytes, Member::Plain),
            Some(stop) => {
                self.stopped(&stop, self.at + bytes as u64);
                (bytes, Member::Over)
            }
        }
    }

    /// Decompresses a step further.
    fn inside(&mut self, mut decoder: Decoder, into: &mut [u8]) -> (usize, Member) {
        let input = self.input.look(1);
        let exhausted = input.is_empty();
        let stored = input.len();
        let Step { consumed, produced, state } = decoder.step(input, into);
        self.input.consume(consumed);
        let at = self.at + produced as u64;
        let member = match state {
            State::End => Member::Between(Some(decoder)),
            State::Inside if consumed > 0 || produced > 0 => Member::Inside(decoder),
            State::Inside if exhausted => {
                let is_stopped = self.stopped(&self.input.stop().cloned().unwrap_or(Stop::End), at);
                // Text has no end mark: it ends where the file does.
                if !is_stopped && self.compression != Compression::Utf16 {
                    self.say(Mishap::Truncated(self.compression, at));
                }
                Member::Over
            }
            // No library does so. If one did, the loop would never end.
            State::Inside => self.broken(at, format!("no progress at {stored} bytes")),
            State::Broken(reason) => self.broken(at, reason),
        };
        (produced, member)
    }

    /// Decides what comes after a member: the next, padding, the end, or something else.
    fn between(&mut self, before: Option<Decoder>) -> Member {
        let compression = self.compression;
        let first = before.is_none();
        let next = self.input.look(MAGIC_BYTES);
        if next.is_empty() {
            let stop = self.input.stop().cloned().unwrap_or(Stop::End);
            self.stopped(&stop, self.at);
            return Member::Over;
        }
        if compression.begins(next) {
            let decoder = match before {
                Some(decoder) => decoder.again().map(Some),
                None => Decoder::new(compression),
            };
            return match decoder {
                Ok(decoder) => decoder.map_or(Member::Plain, Member::Inside),
                Err(reason) => self.broken(self.at, reason),
            };
        }
        let zeros = next.iter().take_while(|&&byte| byte == 0).count();
        if zeros == 0 || first {
            self.say(Mishap::Garbage(compression, self.at));
            return Member::Over;
        }
        self.input.consume(zeros);
        // The format of xz has padding of its own; elsewhere it is worth a word, once.
        let note = Damage::new(&self.name, Mishap::Padding(compression, self.at));
        if compression != Compression::Xz && !self.damage.contains(&note) {
            self.damage.push(note);
        }
        Member::Between(before)
    }

    /// Says that the data is damaged, and that no more comes.
    fn broken(&mut self, at: u64, reason: String) -> Member {
        self.say(Mishap::Corrupt(self.compression, at, reason));
        Member::Over
    }

    /// Says why no more bytes come, if that is more than the end; true if it was.
    fn stopped(&mut self, stop: &Stop, at: u64) -> bool {
        match stop {
            Stop::End => return false,
            Stop::Shrank => self.say(Mishap::Shrank(at)),
            Stop::Failed(reason) => self.say(Mishap::ReadFailed(at, reason.clone())),
        }
        true
    }

    fn say(&mut self, what: Mishap) {
        self.damage.push(Damage::new(&self.name, what));
    }
}

#[cfg(test)]
mod tests;
