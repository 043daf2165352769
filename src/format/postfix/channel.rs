//! What smtp(8) says of its connections: no queue id, so only process and time join it to an attempt.
//!
//! `Trusted TLS connection established to H[ip]:25: TLSv1.3 with cipher …`, `connect to H[ip]:25: Connection timed out` (the next host
//! is tried; no attempt ended). Sources: `src/tls/tls_misc.c` (`tls_log_summary`), `smtp_connect.c`.

use super::Service;
use crate::event::{Event, Key, Kind, Sink, What};
use crate::format::cursor::{Cursor, split_pair};
use crate::format::relay::Relay;
use crate::format::syslog::Line;

/// Reads a line about a connection that Postfix opened. None: about another thing.
pub(super) fn read(line: &Line<'_>, service: &Service<'_>, into: &mut dyn Sink) -> Option<Kind> {
    let text = line.envelope.text;
    if text.starts_with(b"connect to ") || text.starts_with(b"conversation with ") {
        return Some(Kind::Context);
    }
    let mut at = Cursor(text);
    let _trust = at.word();
    at.take(b" TLS connection ").then_some(())?;
    if at.0.starts_with(b"established from ") {
        return Some(Kind::Other);
    }
    (at.take(b"established to ") || at.take(b"reused to ")).then_some(())?;
    let (host, rest) = split_pair(at.0, *b": ")?;
    let relay = Relay::read(host);
    let tls = Cursor(rest).word();
    let slot = line.envelope.pid;
    if !slot.is_empty() {
        let what = What::Channel { source: b"", relay: relay.host, relay_ip: relay.ip, tls };
        into.event(&Event { head: line.head(service.instance()), key: Key::Slot(slot), what });
    }
    Some(Kind::Context)
}
