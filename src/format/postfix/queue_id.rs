//! Queue ids of Postfix.
//!
//! Short: the microseconds and the inode in upper-case hexadecimal digits, used again after seconds. Long
//! (`enable_long_queue_ids`): seconds, microseconds and inode in base 52, practically never used again. Source:
//! `src/global/mail_queue.h`. Logs that were made anonymous hold other letters and digits.

use crate::event::Micros;
use crate::format::cursor::{alphanumerics, skip_blanks};

/// Shortest id that is believed: hexadecimal microseconds have five digits.
const SHORTEST: usize = 5;
/// Far longer than any id.
const LONGEST: usize = 40;

/// `QID: rest`. Words before a colon (`warning:`, `NOQUEUE:`) are no ids.
#[expect(clippy::inline_always, reason = "asked of every line; what it finds need not go through memory")]
#[inline(always)]
pub(super) fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = alphanumerics(text);
    let (id, rest) = text.split_at_checked(length)?;
    let rest = rest.strip_prefix(b":").filter(|_| length < LONGEST)?;
    let is_id = length >= SHORTEST && (id.iter().any(u8::is_ascii_digit) || is_id(id)) && id != b"NOQUEUE";
    is_id.then(|| (id, skip_blanks(rest)))
}

/// Whether letters alone are an id and not a word of English.
fn is_id(letters: &[u8]) -> bool {
    let is_long = || letters.len() >= 12 && letters.iter().any(u8::is_ascii_uppercase);
    letters.iter().all(u8::is_ascii_uppercase) || is_long()
}

/// The id that follows in the middle of a text: letters and digits.
pub(super) fn leading(text: &[u8]) -> Option<&[u8]> {
    let length = text.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(text.len());
    text.get(..length).filter(|_| length >= SHORTEST)
}

/// Digits and consonants: no words can come about.
const BASE_52: &[u8; 52] = b"0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
/// Long ids came with Postfix 2.9, in 2012; before 2011 there are none.
const FIRST_LONG: i64 = 1_293_840_000;

/// When the message of a long id came into the queue; None for a short id.
pub(super) fn queued(id: &[u8]) -> Option<Micros> {
    let (time, rest) = id.split_first_chunk::<10>()?;
    rest.strip_prefix(b"z").filter(|inode| !inode.is_empty())?;
    let (seconds, micros) = time.split_first_chunk::<6>()?;
    let (seconds, micros) = (base_52(seconds)?, base_52(micros)?);
    (seconds >= FIRST_LONG && micros < Micros::SECOND).then_some(Micros(seconds * Micros::SECOND + micros))
}

fn base_52(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| Some(sum * 52 + BASE_52.iter().position(|known| known == digit)? as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_words() {
        for id in ["4F1A2B3C01", "51BDD9B0", "FACEBEDCAB", "4PbC4x469Jz3tBr", "B1145110", "XKQWZJ"] {
            let text = format!("{id}:  removed");
            assert_eq!(split(text.as_bytes()), Some((id.as_bytes(), &b"removed"[..])));
        }
        for text in
            ["warning: x", "NOQUEUE: x", "connect from x: y", "4F1A: x", "4F1A2B3C01 x", "", "4F1A2B3C01", "Requeued: 1"]
        {
            assert_eq!(split(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_long_id_holds_its_time() {
        let seconds = |id: &str| queued(id.as_bytes()).map(|at| at.0 / Micros::SECOND);
        assert_eq!(seconds("4PbC4x469Jz3tBr"), Some(1_678_748_913));
        for id in ["4PbC4x469Jz", "4PbC4x469J", "4PbC4xzzzzz3tBr", "000000469Jz3tBr", "4F1A2B3C01", "aaaaaaaaaaz3tBr"] {
            assert_eq!(seconds(id), None, "{id}");
        }
    }
}
