//! Connections to other hosts: what they run over and where they start. A process id ties them to the attempts.

use super::INSTANCE;
use crate::event::{Event, Key, Kind, Sink, What};
use crate::format::cursor::{split_pair, split_text};
use crate::format::syslog::Line;

/// `STARTTLS=client, relay=H., version=V, verify=…, cipher=…`. `verify=FAIL` is a certificate that nobody vouches for: the mail goes all
/// the same. Source: `tls_get_info()`.
pub(super) fn tls(line: &Line<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let fields = text.strip_prefix(b"STARTTLS=client, relay=")?;
    let (relay, rest) = split_pair(fields, *b", ")?;
    let (_, version) = split_text(rest, b"version=")?;
    let (version, _) = split_pair(version, *b", ")?;
    channel(line, b"", relay.strip_suffix(b".").unwrap_or(relay), version, into);
    Some(Kind::Context)
}

/// `SMTP outgoing connect on ADDRESS`. Source: `makeconnection()`.
pub(super) fn source(line: &Line<'_>, rest: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let source = rest.strip_prefix(b"SMTP outgoing connect on ")?;
    let source = source.strip_prefix(b"[").and_then(|inside| inside.strip_suffix(b"]")).unwrap_or(source);
    channel(line, source, b"", b"", into);
    Some(Kind::Context)
}

fn channel(line: &Line<'_>, source: &[u8], relay: &[u8], tls: &[u8], into: &mut dyn Sink) {
    if !line.envelope.pid.is_empty() {
        let what = What::Channel { source, relay, relay_ip: b"", tls };
        into.event(&Event { head: line.head(INSTANCE), key: Key::Slot(line.envelope.pid), what });
    }
}
