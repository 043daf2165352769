//! Joins what single records say into messages, and messages into outcomes. The one place with memory.
//!
//! Takes events from `format`, gives rows to whoever counts. A [`Segment`] is stitched alone, on any thread; what it cannot finish
//! stays in its [`Fragment`], and segments join in the order of their records. That is the only stitch there is, and its property is
//! its test: `stitch(a ++ b) == join(stitch(a), stitch(b))` for any cut.
//!
//! Three rules make it so. What comes before the first [`Begin`](crate::event::What::Begin) of an id in a segment is kept as it was
//! read, and is judged only when the segments to its left are known. A `Begin` is an absolute boundary. And whether a life that was
//! closed is settled depends on nothing but the stamps of its host's records between its closing and the record in question.
//!
//! Never asks which format.

mod fold;
mod fragment;
mod hosts;
mod lexicon;
mod life;
mod links;

#[cfg(test)]
mod tests;

pub use fragment::{Fragment, Noted};
pub use lexicon::Lexicon;

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

    /// Appends the segment whose records come next.
    pub fn join(&mut self, right: Self) {
        let translation = self.lexicon.texts.absorb(&right.lexicon.texts);
        self.rows.absorb(right.rows, &translation);
        self.fragment.join(right.fragment, &translation, &mut self.lexicon, &mut self.rows);
    }

    /// Ends every message that is still open: no record follows.
    pub fn finish(mut self) -> (Lexicon, R, Noted) {
        let noted = self.fragment.finish(&mut self.lexicon, &mut self.rows);
        (self.lexicon, self.rows, noted)
    }
}

impl<R: RowSink> Sink for Segment<R> {
    fn event(&mut self, event: &Event<'_>) {
        self.fragment.event(event, &mut self.lexicon, &mut self.rows);
    }
}
