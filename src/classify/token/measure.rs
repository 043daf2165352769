//! Numbers with a unit.

use super::Token;

/// `10MB`, `300s`, `20%`: digits and a unit.
pub(super) fn measure(bytes: &[u8]) -> Option<Token<'static>> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let (number, unit) = bytes.split_at_checked(digits)?;
    if number.is_empty() || !(1..=8).contains(&unit.len()) {
        return None;
    }
    let mut lower = [0_u8; 8];
    for (to, from) in lower.iter_mut().zip(unit) {
        *to = from.to_ascii_lowercase();
    }
    is_unit(lower.get(..unit.len())?).then_some(Token::Measure(digits))
}

/// A word that makes the number before it a quantity, in lower case.
pub(in crate::classify) fn is_unit(word: &[u8]) -> bool {
    matches!(
        word,
        b"%" | b"s"
            | b"sec"
            | b"secs"
            | b"second"
            | b"seconds"
            | b"m"
            | b"min"
            | b"mins"
            | b"minute"
            | b"minutes"
            | b"h"
            | b"hr"
            | b"hrs"
            | b"hour"
            | b"hours"
            | b"d"
            | b"day"
            | b"days"
            | b"ms"
            | b"b"
            | b"byte"
            | b"bytes"
            | b"k"
            | b"kb"
            | b"kib"
            | b"mb"
            | b"mib"
            | b"gb"
            | b"gib"
            | b"octets"
            | b"times"
            | b"messages"
            | b"message"
            | b"recipients"
            | b"connections"
            | b"sessions"
            | b"hops"
            | b"errors"
            | b"mails"
            | b"emails"
            | b"characters"
            | b"lines"
    )
}
