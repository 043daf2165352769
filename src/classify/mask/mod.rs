//! The signature of a reply: what varies from mail to mail is replaced, so that ten thousand replies become a hundred.
//!
//! One pass over the bytes, no regular expression: this runs once for every failed attempt. What is kept and what is masked is told
//! from the reply alone, never from other replies, and masking a signature gives the signature. Placeholders keep the kind:
//! `<ip>`, `<email>`, `<host>`, `<id>`, `<time>`, `<n>`, `<url-arg>`.

mod kind;
mod link;
mod name;
mod piece;
mod place;
mod scan;
mod vocabulary;
mod words;

use self::scan::Scan;
use crate::classify::unfold;

/// A signature is cut after the last whole word within this many bytes.
pub const LIMIT: usize = 480;

/// Masks `reply` into its signature, which replaces the content of `into`: UTF-8 without control characters, at most [`LIMIT`]
/// bytes and a placeholder.
pub fn mask(reply: &[u8], into: &mut Vec<u8>) {
    mask_unless(reply, into, |_| false);
}

/// As [`mask`], but a text that `is_signature` knows to be one is taken after the first round: nearly all replies are spared the
/// second, which would only find that nothing changes.
pub fn mask_unless(reply: &[u8], into: &mut Vec<u8>, is_signature: impl FnOnce(&[u8]) -> bool) {
    into.clear();
    scan(&unfold::clean(reply), into);
    if is_signature(into) {
        return;
    }
    // What a hostile reply hides behind a mask (`Mon, Mon, 24 Feb`) shows in the next round; a real one is done after the first.
    let mut before = Vec::new();
    for _ in 0..ROUNDS {
        std::mem::swap(&mut before, into);
        into.clear();
        scan(&unfold::clean(&before), into);
        if before == *into {
            return;
        }
    }
}

/// Rounds after which a signature is taken as it is.
const ROUNDS: usize = 64;

/// One round.
fn scan(text: &str, into: &mut Vec<u8>) {
    Scan::new(unfold::unframe(text), into).run();
}

#[cfg(test)]
mod tests;
