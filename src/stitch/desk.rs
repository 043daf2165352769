//! What every step of the stitch needs at hand: the texts, and whoever takes the rows.

use super::lexicon::Lexicon;

/// The texts of a segment, and who takes its rows.
pub(super) struct Desk<'a, R> {
    pub(super) lexicon: &'a mut Lexicon,
    pub(super) rows: &'a mut R,
}
