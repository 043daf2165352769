//! What Exim puts behind its own stamp: a process id, and then its words. No host, no tag.
//!
//! Other logs have a host there, so only what Exim is known by is taken for its. Source: `log_write()`.

use crate::format::cursor::skip_blanks;
use crate::format::exim;

/// The tag that its lines are given.
pub(super) const TAG: &[u8] = b"exim";

/// Process id and words, if `rest` is of an Exim log. Where syslog has named host and program (`is_placed`), a server's reply may hold
/// the words that Exim is known by, but no id stands in front.
pub(super) fn frame(rest: &[u8], is_placed: bool) -> Option<(&[u8], &[u8])> {
    let rest = skip_blanks(rest);
    let text = exim::skip_pid(rest);
    let pid = rest.get(1..rest.len() - text.len()).and_then(|pid| pid.strip_suffix(b"] ")).unwrap_or_default();
    (exim::split_id(text).is_some() || !is_placed && exim::is_phrase(text)).then_some((pid, text))
}
