//! What Exim puts behind its own stamp: a process id, and then its words. No host, no tag.
//!
//! Other logs have a host there, so only what Exim is known by is taken for its. Source: `log_write()`.

use crate::format::cursor::skip_blanks;
use crate::format::exim;

/// The tag that its lines are given.
pub(super) const TAG: &[u8] = b"exim";

/// Process id and words, if `rest` begins with an id: no host, no program and no stamp looks like one.
pub(super) fn by_id(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (pid, text) = split(rest);
    exim::split_id(text).map(|_| (pid, text))
}

/// Process id and words, if `rest` begins with words that Exim is known by. Where syslog has named host and program, a server's reply may
/// hold them too.
pub(super) fn by_phrase(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (pid, text) = split(rest);
    exim::is_phrase(text).then_some((pid, text))
}

/// `[pid] words`
fn split(rest: &[u8]) -> (&[u8], &[u8]) {
    let rest = skip_blanks(rest);
    let text = exim::skip_pid(rest);
    let pid = rest.get(1..rest.len() - text.len()).and_then(|pid| pid.strip_suffix(b"] ")).unwrap_or_default();
    (pid, text)
}
