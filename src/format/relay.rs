//! The next host, as MTAs write it, and whether it is our own.

use super::cursor::near;

/// Who answered or was sought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Relay<'a> {
    /// Its name, or the name of a local transport; empty where none is named.
    pub(crate) host: &'a [u8],
    /// Its address without brackets and port, or the path of a socket; empty where not logged.
    pub(crate) ip: &'a [u8],
}

impl<'a> Relay<'a> {
    /// `host[ip]:port`, `host[/path]`, `host:port`, `host`; `none` is nobody.
    pub(crate) fn read(text: &'a [u8]) -> Self {
        if text == b"none" {
            return Self::default();
        }
        let Some((host, rest)) = near(text, [b'[']).and_then(|at| text.split_at_checked(at)) else {
            return Self { host: without_port(text), ip: b"" };
        };
        let inside = rest.get(1..).unwrap_or_default();
        let end = near(inside, [b']']).unwrap_or(inside.len());
        Self { host, ip: inside.get(..end).unwrap_or_default() }
    }

    /// Whether nobody is named.
    pub(crate) fn is_none(&self) -> bool {
        self.host.is_empty() && self.ip.is_empty()
    }

    /// Whether it is on this machine by its address alone: loopback or a socket.
    fn is_here(&self) -> bool {
        let address = if self.ip.is_empty() { self.host } else { self.ip };
        is_loopback(address) || near(address, [b'/']).is_some()
    }
}

/// `host:25` without its port; an address of IPv6 stays whole.
fn without_port(text: &[u8]) -> &[u8] {
    match near(text, [b':']).and_then(|at| text.split_at_checked(at)) {
        Some((host, [b':', port @ ..])) if !port.is_empty() && port.iter().all(u8::is_ascii_digit) => host,
        _ => text,
    }
}

/// 127.0.0.0/8, `::1`, the same mapped into IPv6, and its usual names.
pub(crate) fn is_loopback(address: &[u8]) -> bool {
    let address = address.strip_prefix(b"IPv6:").unwrap_or(address);
    let address = address.strip_prefix(b"::ffff:").unwrap_or(address);
    address == b"::1"
        || is_127(address)
        || address.eq_ignore_ascii_case(b"localhost")
        || address.eq_ignore_ascii_case(b"localhost.localdomain")
}

/// Four numbers, the first 127: `127.0.0.1.example.com` is a name.
fn is_127(address: &[u8]) -> bool {
    let rest = address.strip_prefix(b"127.");
    rest.is_some_and(|rest| !rest.is_empty() && rest.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'))
}

/// The relays that are ours beside loopback, by name or address.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnRelays(Vec<String>);

impl OwnRelays {
    /// Those of the configuration, in lower case.
    pub(crate) fn new(relays: &[String]) -> Self {
        Self(relays.to_vec())
    }

    /// Whether mail handed to `relay` is still at home.
    pub(crate) fn hold(&self, relay: &Relay<'_>) -> bool {
        let is_named =
            |own: &String| relay.host.eq_ignore_ascii_case(own.as_bytes()) || relay.ip.eq_ignore_ascii_case(own.as_bytes());
        !relay.is_none() && (relay.is_here() || self.0.iter().any(is_named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, host: &str, ip: &str, is_own: bool) {
        let relay = Relay::read(text.as_bytes());
        assert_eq!(relay, Relay { host: host.as_bytes(), ip: ip.as_bytes() }, "{text}");
        assert_eq!(OwnRelays::new(&["out.example.org".to_owned()]).hold(&relay), is_own, "{text}");
    }

    #[test]
    fn host_address_and_port_are_told_apart() {
        check("mx.example.com[192.0.2.1]:25", "mx.example.com", "192.0.2.1", false);
        check("mx.example.com[2001:db8::1]:25", "mx.example.com", "2001:db8::1", false);
        check("mx.example.com[192.0.2.1", "mx.example.com", "192.0.2.1", false);
        check("mx.example.com:25", "mx.example.com", "", false);
        check("2001:db8::1", "2001:db8::1", "", false);
        check("none", "", "", false);
        check("", "", "", false);
    }

    #[test]
    fn loopback_sockets_and_configured_relays_are_ours() {
        check("127.0.0.1[127.0.0.1]:10024", "127.0.0.1", "127.0.0.1", true);
        check("filter[::1]:10024", "filter", "::1", true);
        check("filter[::ffff:127.0.0.1]:10024", "filter", "::ffff:127.0.0.1", true);
        check("mx1.example.org[private/dovecot-lmtp]", "mx1.example.org", "private/dovecot-lmtp", true);
        check("mx1.example.org[/run/lmtp]", "mx1.example.org", "/run/lmtp", true);
        check("localhost:10024", "localhost", "", true);
        check("Out.Example.Org[192.0.2.9]:25", "Out.Example.Org", "192.0.2.9", true);
        check("localhost[192.0.2.1]:25", "localhost", "192.0.2.1", false);
        check("127.0.0.1.example.com[192.0.2.1]:25", "127.0.0.1.example.com", "192.0.2.1", false);
    }
}
