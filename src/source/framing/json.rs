//! JSON objects, wherever they stand: one a line, run together, pretty-printed, elements of arrays at any depth.
//!
//! A record is an outermost object. An object that wraps an array of others is one record: what it wraps is for its reader to know.
//! Between objects, blanks, commas and the brackets of arrays are nothing; anything else is a record up to the end of its line, to be
//! counted as not understood. An object that is cut short must not swallow those after it: a line end within a string ends it, and so
//! does a `{` at the beginning of a line where no value may stand. Sources: RFC 8259; RFC 7464 for the separator U+001E.

use memchr::memchr3;

use super::{Cutter, Open};

/// The deepest nesting that is followed. What is deeper is damage.
const DEEPEST: usize = 512;

/// Cuts objects.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    open: Open,
    state: State,
    /// What is open in the object, the innermost last.
    nest: Vec<Nest>,
    /// The last byte of the object that is neither blank nor in a string; `"` for a string.
    before: u8,
    /// Whether nothing but blanks came since the last line end.
    begins_line: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nest {
    Object,
    Array,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Between objects.
    #[default]
    Between,
    /// In what is no object, up to the end of its line.
    Garbage,
    /// In an object, outside strings.
    Object,
    /// In a string of an object.
    Text,
    /// Behind a backslash in a string.
    Escape,
    /// In an object whose brackets do not fit, up to a line that begins with `{`.
    Broken,
}

/// What a byte means for the record that is open.
enum Step {
    /// It goes on, or there is none.
    On,
    /// It begins with this byte.
    Begins,
    /// It ends with this byte.
    Ends,
    /// It ended before this byte, with which another begins.
    Follows,
}

impl Cutter for Objects {
    fn push<F: FnMut(u64, &[u8])>(&mut self, at: u64, block: &[u8], each: &mut F) {
        // Where the open record's part of this block begins; means nothing between records.
        let mut start = 0;
        let mut place = 0;
        while let Some(&byte) = block.get(place) {
            match self.step(byte) {
                Step::On => {}
                Step::Begins => start = place,
                Step::Ends => {
                    let record = block.get(start..=place).unwrap_or_default();
                    self.open.close(at + start as u64, record, <[u8]>::trim_ascii_end, each);
                }
                Step::Follows => {
                    let record = block.get(start..place).unwrap_or_default();
                    self.open.close(at + start as u64, record, <[u8]>::trim_ascii_end, each);
                    start = place;
                }
            }
            place += 1;
            if self.state == State::Text {
                // Most of an object is strings.
                let rest = block.get(place..).unwrap_or_default();
                place += memchr3(b'"', b'\\', b'\n', rest).unwrap_or(rest.len());
            }
        }
        if self.state != State::Between {
            self.open.extend(at + start as u64, block.get(start..).unwrap_or_default());
        }
    }

    fn finish<F: FnMut(u64, &[u8])>(self, _: &mut F) -> (Option<(u64, Vec<u8>)>, u64) {
        self.open.cut_off()
    }
}

impl Objects {
    fn step(&mut self, byte: u8) -> Step {
        let begins_line = self.begins_line;
        self.begins_line = byte == b'\n' || (begins_line && byte.is_ascii_whitespace());
        match self.state {
            State::Between => match byte {
                b'{' => self.begin(Step::Begins),
                // The byte order mark of UTF-8, and the separator of JSON text sequences.
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']' | 0x1e | 0xef | 0xbb | 0xbf => Step::On,
                _ => {
                    self.state = State::Garbage;
                    Step::Begins
                }
            },
            State::Object => self.structure(byte, begins_line),
            State::Garbage | State::Text | State::Escape if byte == b'\n' => self.end(),
            State::Text => self.text(byte),
            State::Escape => {
                self.state = State::Text;
                Step::On
            }
            State::Broken if byte == b'{' && begins_line => self.begin(Step::Follows),
            State::Garbage | State::Broken => Step::On,
        }
    }

    /// A byte of a string that ends no line.
    fn text(&mut self, byte: u8) -> Step {
        match byte {
            b'"' => self.state = State::Object,
            b'\\' => self.state = State::Escape,
            _ => {}
        }
        Step::On
    }

    /// A byte of an object outside its strings.
    fn structure(&mut self, byte: u8, begins_line: bool) -> Step {
        if byte.is_ascii_whitespace() {
            return Step::On;
        }
        let before = std::mem::replace(&mut self.before, byte);
        match byte {
            b'"' => self.state = State::Text,
            b'{' if begins_line && !self.may_hold_value(before) => return self.begin(Step::Follows),
            b'{' => self.nest(Nest::Object),
            b'[' => self.nest(Nest::Array),
            b'}' if self.nest.last() == Some(&Nest::Object) => {
                self.nest.pop();
                if self.nest.is_empty() {
                    return self.end();
                }
            }
            b']' if self.nest.last() == Some(&Nest::Array) => {
                self.nest.pop();
            }
            b'}' | b']' => self.state = State::Broken,
            _ => {}
        }
        Step::On
    }

    /// Whether a value may stand behind the byte `before`.
    fn may_hold_value(&self, before: u8) -> bool {
        match self.nest.last() {
            Some(Nest::Object) => before == b':',
            Some(Nest::Array) => before == b'[' || before == b',',
            None => true,
        }
    }

    fn nest(&mut self, nest: Nest) {
        if self.nest.len() == DEEPEST {
            self.state = State::Broken;
        } else {
            self.nest.push(nest);
        }
    }

    fn begin(&mut self, step: Step) -> Step {
        self.nest.clear();
        self.nest.push(Nest::Object);
        (self.state, self.before) = (State::Object, b'{');
        step
    }

    fn end(&mut self) -> Step {
        self.state = State::Between;
        Step::Ends
    }
}
