//! The texts behind the ids of the cubes, as UTF-8 and in order.

use std::borrow::Cow;
use std::fmt::Write;

use rayon::slice::ParallelSliceMut;

use crate::intern::{Id, Interner};

/// What each id of one interner reads, and where it stands among the others by text.
pub struct Names<'a> {
    texts: Vec<Cow<'a, str>>,
    ranks: Vec<u32>,
}

impl<'a> Names<'a> {
    /// Reads all texts of an interner.
    #[must_use]
    pub fn of(interner: &'a Interner) -> Self {
        let texts: Vec<_> = (0..interner.len()).map(|id| utf8(interner.text(Id(id as u32)))).collect();
        // Most texts differ early: a number decides before they are read.
        let mut order: Vec<(u128, u32)> = texts.iter().zip(0..).map(|(text, id)| (beginning(text), id)).collect();
        // Two texts may be spelled alike once escaped: their bytes decide, never the order in which they were met.
        let text = |id: u32| (texts.get(id as usize), interner.text(Id(id)));
        order.par_sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| text(a.1).cmp(&text(b.1))));
        let mut ranks = vec![0; texts.len()];
        for (rank, &(_, id)) in order.iter().enumerate() {
            if let Some(place) = ranks.get_mut(id as usize) {
                *place = rank as u32;
            }
        }
        Self { texts, ranks }
    }

    /// The text of an id; empty for one of another interner.
    #[must_use]
    pub fn text(&self, id: Id) -> &str {
        self.texts.get(id.0 as usize).map_or("", Cow::as_ref)
    }

    /// Its place in the order of texts: sorting by rank is sorting by text.
    #[must_use]
    pub fn rank(&self, id: Id) -> u32 {
        self.ranks.get(id.0 as usize).copied().unwrap_or(u32::MAX)
    }
}

/// The first sixteen bytes of a text as a number that orders as they do; a text that is shorter ends in zeros.
fn beginning(text: &str) -> u128 {
    let mut bytes = [0; 16];
    for (to, &from) in bytes.iter_mut().zip(text.as_bytes()) {
        *to = from;
    }
    u128::from_be_bytes(bytes)
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// Bytes of a log as text: what is not UTF-8 is written `\xNN`.
#[must_use]
pub fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02X}")));
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(hexadecimal(&[0, 9, 16, 255]), "000910ff");
    }

    #[test]
    fn ranks_are_the_order_of_texts_whatever_was_met_first() {
        let (mut one, mut two) = (Interner::default(), Interner::default());
        let in_one = [&b"b"[..], b"\xff", b"a", b"\\xFF"].map(|text| one.intern(text));
        let in_two = [&b"\\xFF"[..], b"a", b"\xff", b"b"].map(|text| two.intern(text));
        let (one, two) = (Names::of(&one), Names::of(&two));
        let mut in_two_as_one = in_two.map(|id| two.rank(id));
        in_two_as_one.reverse();
        assert_eq!(in_one.map(|id| one.rank(id)), [4, 2, 3, 1]);
        assert_eq!([in_two[3], in_two[2], in_two[1], in_two[0]].map(|id| two.rank(id)), [4, 2, 3, 1]);
        assert_eq!(one.text(in_one[1]), "\\xFF");
    }

    #[test]
    fn bytes_that_are_no_text_are_spelled_out() {
        assert_eq!(utf8("grün".as_bytes()), "grün");
        assert_eq!(utf8(b"gr\xfcn\xc3"), "gr\\xFCn\\xC3");
    }
}
