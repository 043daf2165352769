//! Ids: what a machine made up.

use super::shape::Shape;

/// Looks as if a machine made it: a hash, a queue id, base64.
pub(in crate::classify) fn is_id(bytes: &[u8]) -> bool {
    if is_grouped_id(bytes) {
        return true;
    }
    let Shape { digits, letters, .. } = Shape::of(bytes);
    if bytes.len() >= 40 && digits > 0 && letters > 0 {
        return true;
    }
    bytes.split(|byte| b"-_.+/~$".contains(byte)).any(|part| {
        let Shape { digits, upper, lower, letters, turns, humps, is_hex, others, .. } = Shape::of(part);
        let n = part.len();
        if others > 0 {
            return false;
        }
        (is_hex && digits > 0 && letters > 0 && n >= 8)
            || (n >= 8 && turns >= 3)
            || (n >= 8 && digits > 0 && upper > 0 && lower > 0 && turns + humps >= 2 && !part.starts_with(b"IPv"))
            || (n >= 6 && digits >= 2 && turns >= 3)
            || (n >= 12 && digits >= 4 && turns >= 2)
            || (digits == 0 && is_jumble(part))
    })
}

/// Capitals and small letters without the order of words: `aBcDXeFgHi`.
pub(super) fn is_jumble(bytes: &[u8]) -> bool {
    if bytes.len() < 10 {
        return false;
    }
    let Shape { upper, lower, humps, .. } = Shape::of(bytes);
    upper >= 2 && lower >= 2 && humps >= 2 && upper * 3 >= bytes.len()
}

/// Exim's message id (6-6-2 or 6-11-4) and UUIDs.
fn is_grouped_id(bytes: &[u8]) -> bool {
    let mut lengths = [0_usize; 5];
    let mut count = 0;
    for part in bytes.split(|&byte| byte == b'-') {
        let Some(slot) = lengths.get_mut(count) else { return false };
        if !part.iter().all(u8::is_ascii_alphanumeric) {
            return false;
        }
        *slot = part.len();
        count += 1;
    }
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    has_digit && matches!((count, lengths), (3, [6, 6, 2, ..] | [6, 11, 4, ..]) | (5, [8, 4, 4, 4, 12]))
}
