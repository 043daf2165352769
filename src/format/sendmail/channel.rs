//! Connections to other hosts: what they run over and where they start. A process id ties them to the attempts.

use std::borrow::Cow;

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
    let relay = as_in_deliveries(relay);
    channel(line, b"", relay.strip_suffix(b".").unwrap_or(&relay), version, into);
    Some(Kind::Context)
}

/// A relay's name as delivery records have it, which ties the two: of a long one they leave out the middle
/// (`example-com.mail.p...tion.outlook.com.`). Source: `shortenstring()`, which `logdelivery()` gives 40 bytes.
fn as_in_deliveries(name: &[u8]) -> Cow<'_, [u8]> {
    const LONGEST: usize = 39;
    const EACH: usize = 18;
    if name.len() <= LONGEST {
        return Cow::Borrowed(name);
    }
    let front = name.get(..EACH).unwrap_or_default();
    let back = name.get(name.len() - EACH..).unwrap_or_default();
    Cow::Owned([front, b"...", back].concat())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_shortened_as_in_deliveries() {
        let check = |name: &str, expected: &str| assert_eq!(*as_in_deliveries(name.as_bytes()), *expected.as_bytes());
        check("mx.example.com.", "mx.example.com.");
        check("an-example-com.mail.protection.example.", "an-example-com.mail.protection.example.");
        check("example-com.mail.protection.outlook.com.", "example-com.mail.p...ction.outlook.com.");
    }
}
