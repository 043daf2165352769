//! Joins what single records say into messages, and messages into outcomes. The one place with memory.
//!
//! Takes events from `format`, gives rows to whoever counts. A [`Segment`] is stitched alone, on any thread; what it cannot finish
//! stays in its [`Fragment`], and segments join in the order of their records. That is the only stitch there is, and its property is
//! its test: `stitch(a ++ b) == join(stitch(a), stitch(b))` for any cut.
//!
//! Three rules make it so. What comes before the first [`Begin`](crate::event::What::Begin) of an id in a segment is kept as it was
//! read, in order, and is taken again when the segments to its left are known. A `Begin` is a boundary. And whether a life is over
//! depends on nothing but the stamps of its own records and of its host's.
//!
//! Never asks which format.
//!
//! The words of this folder:
//!
//! - *life*: all that records told of one queue id, from one beginning to the next; an id that is used again has a life for each message.
//! - *fact*, *note*: what one record said of a life; a note is a fact with its stamp. *Tale*: the texts and attempts that facts point into.
//! - *lacks*: what a life still waits for from the records to the left of its segment. *Log*: the records that wait for these as they are.
//! - *bound*: from here on it is known in this segment whose an id is.
//! - *slot*: what a delivery number, a connection or a process stands for at this moment.
//! - *tombstone*, *grave*: what is left of a life whose outcomes were given, so that a late record makes no new message.
//! - *lane*: a file that tells of the same host and time as another. *Print*: a hash of what a record says, to find it in another lane.
//! - *desk*: what a segment writes to: its texts and its rows.

mod answers;
mod desk;
mod facts;
mod fold;
mod fragment;
mod hosts;
mod join;
mod lacks;
mod lexicon;
mod life;
mod links;
mod lives;
mod log;
mod masks;
mod message;
mod moved;
mod noted;
mod overlap;
mod pieces;
mod recipient;
mod recipients;
mod repeats;
mod shares;
mod slots;
mod slotted;
mod tale;
mod told;
mod tried;

pub use fragment::Fragment;
pub use join::Read;
pub use lexicon::Lexicon;
pub(crate) use lexicon::codes;
pub use noted::Noted;
pub use overlap::Overlap;
pub use pieces::Joined;

use desk::Desk;

use crate::event::{Event, Sink};
use crate::rows::RowSink;

/// A stretch of records, stitched as far as it can be alone.
pub struct Segment<R> {
    /// The texts that ids of this segment mean.
    pub lexicon: Lexicon,
    /// What is unfinished.
    pub fragment: Fragment,
    /// What is finished.
    pub rows: R,
}

impl<R: RowSink> Segment<R> {
    /// A segment that anything may precede.
    #[must_use]
    pub fn new(rows: R) -> Self {
        Self { lexicon: Lexicon::default(), fragment: Fragment::new(), rows }
    }

    /// The segment that nothing precedes: what other segments are joined to.
    #[must_use]
    pub fn beginning(rows: R) -> Self {
        Self { lexicon: Lexicon::default(), fragment: Fragment::beginning(), rows }
    }

    /// A segment of a file that overlaps others: what [`Overlap::join`] takes.
    #[must_use]
    pub fn held(rows: R) -> Self {
        Self { lexicon: Lexicon::default(), fragment: Fragment::held(), rows }
    }

    /// Appends the segment whose records come next. A record in pieces that the cut between the two parted is lost: see
    /// [`Segment::join_reading`].
    pub fn join(&mut self, right: Self) {
        self.join_reading(right, &mut |_, _, _| {});
    }

    /// Appends the segment whose records come next. `read` reads a record whose pieces lie on both sides of the cut, as the reader of
    /// the right segment's file does.
    pub fn join_reading(&mut self, mut right: Self, read: &mut Read<'_>) {
        right.flush();
        self.flush();
        let mut desk = Desk { lexicon: &mut self.lexicon, rows: &mut self.rows };
        let translation = desk.lexicon.texts.absorb(&right.lexicon.texts);
        desk.rows.absorb(right.rows, &translation);
        self.fragment.join(right.fragment, &translation, read, &mut desk);
    }

    /// A record whose last piece was just read: to be read like any other, before the next. Ask after each record, as long as there
    /// is one.
    pub fn joined(&mut self) -> Option<Joined> {
        self.fragment.joined.pop()
    }

    /// Ends the record that is whole by itself, if there is one.
    fn flush(&mut self) {
        self.fragment.flush(&mut Desk { lexicon: &mut self.lexicon, rows: &mut self.rows });
    }

    /// Ends every message that is still open: no record follows.
    pub fn finish(mut self) -> (Lexicon, R, Noted) {
        let mut desk = Desk { lexicon: &mut self.lexicon, rows: &mut self.rows };
        let noted = self.fragment.finish(&mut |_, _, _| {}, &mut desk);
        desk.rows.close();
        (self.lexicon, self.rows, noted)
    }
}

impl<R: RowSink> Sink for Segment<R> {
    fn event(&mut self, event: &Event<'_>) {
        self.fragment.event(event, &mut Desk { lexicon: &mut self.lexicon, rows: &mut self.rows });
    }
}
