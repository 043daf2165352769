//! From the words of a record to the ids of a row: domain, relay, source, route, signature.

use std::hash::BuildHasher;
use std::net::IpAddr;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::log::At;
use super::masks::Masks;
use super::slots::Channel;
use crate::event::{Attempt, Enhanced, Head, Micros, Sort, Speaker, Status};
use crate::intern::{Id, Interner, Memo, is_same};
use crate::provider::{Providers, SELF_HOSTED, UNREACHED};
use crate::rows::{AttemptRow, Network};

/// All texts of a segment, and what was found out about them.
pub struct Lexicon {
    /// The texts.
    pub texts: Interner,
    providers: &'static Providers,
    scratch: Vec<u8>,
    /// The normal form of each domain, as it was written.
    normal: Memo<Id>,
    /// Routes that the domain decides, then those that the relay decides; the reply decides the rest, each time.
    of_domains: Memo<Option<Id>>,
    of_relays: Memo<Option<Id>>,
    /// What the addresses of relays show.
    networks: Memo<(Network, bool)>,
    /// Source by host and instance.
    sources: HashMap<(Id, Id), Id, FixedState>,
    masks: Masks,
    writer: Writer,
    writer_hash: FixedState,
}

/// The host and instance of the last record: they mostly repeat from record to record.
#[derive(Default)]
struct Writer {
    host_text: Vec<u8>,
    instance_text: Vec<u8>,
    host: Id,
    instance: Id,
    hash: u64,
    /// What stands for a source that these do not log.
    stand_in: Option<Id>,
}

/// What a reply tells by its words alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// 0 where there is none.
    pub(super) code: u16,
    pub(super) enhanced: Option<Enhanced>,
    pub(super) signature: Id,
    /// The provider that speaks like this; empty if it could be anybody.
    pub(super) provider: Id,
}

impl Default for Lexicon {
    fn default() -> Self {
        let mut lexicon = Self {
            texts: Interner::default(),
            providers: Providers::builtin(),
            scratch: Vec::new(),
            normal: Memo::default(),
            of_domains: Memo::default(),
            of_relays: Memo::default(),
            networks: Memo::default(),
            sources: HashMap::default(),
            masks: Masks::default(),
            writer: Writer::default(),
            writer_hash: FixedState::with_seed(0x7772_6974),
        };
        lexicon.writer.hash = lexicon.hash_of_writer(b"", b"");
        lexicon
    }
}

impl Lexicon {
    /// Who wrote a record, by ids; the clock is not asked yet.
    pub(super) fn at(&mut self, head: &Head<'_>) -> At {
        if !is_same(&self.writer.host_text, head.host) || !is_same(&self.writer.instance_text, head.instance) {
            self.writer.hash = self.hash_of_writer(head.host, head.instance);
            self.writer.host = self.texts.intern(head.host);
            self.writer.instance = self.texts.intern(head.instance);
            self.writer.host_text.clear();
            self.writer.host_text.extend_from_slice(head.host);
            self.writer.instance_text.clear();
            self.writer.instance_text.extend_from_slice(head.instance);
            self.writer.stand_in = None;
        }
        let Writer { host, instance, hash, .. } = self.writer;
        At { host, instance, writer: hash, time: Micros::default(), latest: Micros::default() }
    }

    /// Hash of a host and an instance: the same in every segment.
    pub(super) fn writer(&self, host: Id, instance: Id) -> u64 {
        self.hash_of_writer(self.texts.text(host), self.texts.text(instance))
    }

    fn hash_of_writer(&self, host: &[u8], instance: &[u8]) -> u64 {
        self.writer_hash.hash_one((host, instance))
    }

    /// The domain of an address: what stands after the last `@`, lower case, as an A-label; empty for a local address and for what is none.
    pub(super) fn domain(&mut self, address: &[u8]) -> Id {
        let domain = match memchr::memrchr(b'@', address) {
            Some(at) => address.get(at + 1..).unwrap_or_default(),
            None => return Id::EMPTY,
        };
        let written = self.texts.intern(domain);
        self.normal.ask(written, || {
            self.scratch.clear();
            // The command of an alias (`"|/bin/mail -f a@b.example, c"`) is no address, and a quoted local part alone has no domain.
            if !domain.iter().any(|byte| matches!(byte, b' ' | b'"' | b',')) {
                crate::provider::normalise_domain(domain, &mut self.scratch);
            }
            self.texts.intern(&self.scratch)
        })
    }

    /// The facts of an attempt as a row.
    pub(super) fn row(&mut self, head: &Head<'_>, attempt: &Attempt<'_>, domain: Id, at: &At) -> AttemptRow {
        let relay = self.texts.intern(attempt.relay);
        let is_failure = attempt.status != Status::Delivered;
        let relay_ip = self.texts.intern(attempt.relay_ip);
        let (network, is_home) = self.networks.ask(relay_ip, || network(attempt.relay_ip));
        AttemptRow {
            time: at.time,
            pos: head.pos,
            status: attempt.status,
            // A relay on a private address is our own house, whatever it answers.
            sort: if is_home && attempt.sort == Sort::Real { Sort::Local } else { attempt.sort },
            speaker: attempt.speaker,
            stage: attempt.stage,
            relay,
            source: self.source(attempt.source, at),
            route: self.route(domain, relay, !attempt.relay_ip.is_empty(), attempt.reply),
            code: attempt.code.unwrap_or_default(),
            enhanced: attempt.enhanced,
            signature: if is_failure { self.masks.mask(attempt.reply, &mut self.texts) } else { Id::EMPTY },
            delay_ms: attempt.delay_ms,
            parts_ms: attempt.parts_ms,
            tls: self.texts.intern(attempt.tls),
            relay_ip,
            network,
            pid: head.pid.unwrap_or_default(),
        }
    }

    /// A connection by ids.
    pub(super) fn channel(&mut self, at: &At, source: &[u8], relay: &[u8], relay_ip: &[u8], tls: &[u8]) -> Channel {
        let address = self.texts.intern(relay_ip);
        let (network, is_home) = self.networks.ask(address, || network(relay_ip));
        Channel {
            host: at.host,
            instance: at.instance,
            source: self.texts.intern(source),
            relay: self.texts.intern(relay),
            relay_ip: address,
            network,
            is_home,
            tls: self.texts.intern(tls),
            tls_told_later: Id::EMPTY,
            latest: at.latest,
            tls_latest: at.latest,
            is_rest_left: false,
        }
    }

    /// Tells an attempt what its connection shows. A process tells TLS alone, and only of the relay that it spoke with.
    pub(super) fn connect(&mut self, row: &mut AttemptRow, channel: &Channel, is_process: bool, domain: Id) {
        let is_same_relay = |ours: Id, theirs: Id| ours != Id::EMPTY && ours == theirs;
        if is_process {
            if channel.tls != Id::EMPTY
                && (is_same_relay(row.relay_ip, channel.relay_ip) || is_same_relay(row.relay, channel.relay))
            {
                row.tls = channel.tls;
            }
            return;
        }
        let stand_in = self.stand_in(channel.host, channel.instance);
        if channel.source != Id::EMPTY && row.source == stand_in {
            row.source = channel.source;
        }
        if row.tls == Id::EMPTY {
            row.tls = channel.tls_told_later;
        }
        if row.relay == Id::EMPTY && row.relay_ip == Id::EMPTY {
            (row.relay, row.relay_ip, row.network) = (channel.relay, channel.relay_ip, channel.network);
            if channel.is_home && row.sort == Sort::Real {
                row.sort = Sort::Local;
            }
            self.reroute(row, domain);
        }
    }

    /// Asks again who runs the mailbox, now that domain or relay are known.
    pub(super) fn reroute(&mut self, row: &mut AttemptRow, domain: Id) {
        if let Some(route) = self.by_name(domain, row.relay) {
            row.route = route;
        } else if (row.relay, row.relay_ip) != (Id::EMPTY, Id::EMPTY) && self.texts.text(row.route) == UNREACHED.as_bytes() {
            row.route = self.texts.intern(SELF_HOSTED.as_bytes());
        }
    }

    /// Tells an attempt the words that another record had.
    pub(super) fn say(&mut self, row: &mut AttemptRow, told: &Told) {
        if row.status != Status::Delivered {
            row.signature = told.signature;
        }
        if row.code == 0 {
            row.code = told.code;
        }
        row.enhanced = row.enhanced.or(told.enhanced);
        let route = self.texts.text(row.route);
        if told.provider != Id::EMPTY && (route == UNREACHED.as_bytes() || route == SELF_HOSTED.as_bytes()) {
            row.route = told.provider;
        }
    }

    /// Tells an attempt the words that records before it had, a line of its reply each. Who answered was reached.
    pub(super) fn say_ahead<'t>(&mut self, row: &mut AttemptRow, lines: impl Iterator<Item = (&'t [u8], Speaker)>) {
        let mut lines = lines.peekable();
        let Some(&(_, speaker)) = lines.peek() else { return };
        let mut reply = std::mem::take(&mut self.scratch);
        reply.clear();
        for (line, _) in lines {
            if !reply.is_empty() {
                reply.push(b' ');
            }
            reply.extend_from_slice(line);
        }
        let told = self.told(&reply);
        self.scratch = reply;
        self.say(row, &told);
        if row.status != Status::Delivered {
            row.speaker = speaker;
        }
        if speaker == Speaker::Remote && self.texts.text(row.route) == UNREACHED.as_bytes() {
            row.route = self.texts.intern(SELF_HOSTED.as_bytes());
        }
    }

    /// What a reply tells by its words.
    pub(super) fn told(&mut self, reply: &[u8]) -> Told {
        let (code, enhanced) = codes(reply);
        let signature = self.masks.mask(reply, &mut self.texts);
        let provider = self.providers.of_reply(reply).map_or(Id::EMPTY, |provider| self.texts.intern(provider.as_bytes()));
        Told { code, enhanced, signature, provider }
    }

    /// The logged source, else what stands for it.
    fn source(&mut self, logged: &[u8], at: &At) -> Id {
        if logged.is_empty() { self.stand_in(at.host, at.instance) } else { self.texts.intern(logged) }
    }

    /// What stands for a source that is not logged: `host/instance`.
    fn stand_in(&mut self, host: Id, instance: Id) -> Id {
        let is_writer = (self.writer.host, self.writer.instance) == (host, instance);
        if let Some(known) = self.writer.stand_in.filter(|_| is_writer) {
            return known;
        }
        let id = self.look_up_stand_in(host, instance);
        if is_writer {
            self.writer.stand_in = Some(id);
        }
        id
    }

    fn look_up_stand_in(&mut self, host: Id, instance: Id) -> Id {
        if let Some(&known) = self.sources.get(&(host, instance)) {
            return known;
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(self.texts.text(host));
        if host != Id::EMPTY && instance != Id::EMPTY {
            self.scratch.push(b'/');
        }
        self.scratch.extend_from_slice(self.texts.text(instance));
        let id = self.texts.intern(&self.scratch);
        self.sources.insert((host, instance), id);
        id
    }

    /// Who runs the mailbox, as this attempt shows it.
    fn route(&mut self, domain: Id, relay: Id, has_address: bool, reply: &[u8]) -> Id {
        if let Some(route) = self.by_name(domain, relay) {
            return route;
        }
        let provider = match self.providers.of_reply(reply) {
            Some(provider) => provider,
            None if relay == Id::EMPTY && !has_address => UNREACHED,
            None => SELF_HOSTED,
        };
        self.texts.intern(provider.as_bytes())
    }

    /// Who runs the mailbox by the names of domain and relay.
    fn by_name(&mut self, domain: Id, relay: Id) -> Option<Id> {
        let (providers, texts) = (self.providers, &mut self.texts);
        let by_domain = self.of_domains.ask(domain, || intern_name(providers.of_domain(texts.text(domain)), texts));
        by_domain.or_else(|| self.of_relays.ask(relay, || intern_name(providers.of_relay(texts.text(relay)), texts)))
    }
}

/// A provider's name as a number.
fn intern_name(provider: Option<&str>, texts: &mut Interner) -> Option<Id> {
    provider.map(|name| texts.intern(name.as_bytes()))
}

/// Which protocol an address is of, and whether it is at home: loopback, private (RFC 1918, RFC 4193) or link-local.
fn network(ip: &[u8]) -> (Network, bool) {
    let Some(ip) = std::str::from_utf8(ip).ok().and_then(|ip| ip.parse::<IpAddr>().ok()) else {
        return (Network::Unknown, false);
    };
    match ip.to_canonical() {
        IpAddr::V4(ip) => (Network::V4, ip.is_private() || ip.is_loopback() || ip.is_link_local()),
        IpAddr::V6(ip) => (Network::V6, ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()),
    }
}

/// Reply code and enhanced status at the beginning of a reply, RFC 5321 section 4.2, RFC 2034.
pub(crate) fn codes(reply: &[u8]) -> (u16, Option<Enhanced>) {
    let word = |text: &'_ [u8]| text.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.').unwrap_or(text.len());
    let (head, rest) = reply.split_at_checked(3).unwrap_or((b"", reply));
    let code = match *head {
        [class @ b'2'..=b'5', tens @ b'0'..=b'9', ones @ b'0'..=b'9']
            if !rest.first().is_some_and(u8::is_ascii_alphanumeric) =>
        {
            u16::from(class - b'0') * 100 + u16::from(tens - b'0') * 10 + u16::from(ones - b'0')
        }
        _ => 0,
    };
    let status = if code == 0 { reply } else { rest.get(1..).unwrap_or_default() };
    (code, status.get(..word(status)).and_then(Enhanced::read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_begins_with_its_codes() {
        let of = |reply: &str| {
            let (code, enhanced) = codes(reply.as_bytes());
            (code, enhanced.map(|status| status.to_string()).unwrap_or_default())
        };
        assert_eq!(of("550 5.1.1 no such user"), (550, "5.1.1".to_owned()));
        assert_eq!(of("550-5.1.1 no such user"), (550, "5.1.1".to_owned()));
        assert_eq!(of("5.7.1 refused"), (0, "5.7.1".to_owned()));
        assert_eq!(of("421"), (421, String::new()));
        assert_eq!(of("5501 x"), (0, String::new()));
        assert_eq!(of(""), (0, String::new()));
    }

    #[test]
    fn what_stands_for_a_source_are_host_and_instance_as_far_as_they_are_told() {
        let mut lexicon = Lexicon::default();
        let mut of = |host: &str, instance: &str| {
            let (host, instance) = (lexicon.texts.intern(host.as_bytes()), lexicon.texts.intern(instance.as_bytes()));
            let source = lexicon.stand_in(host, instance);
            String::from_utf8_lossy(lexicon.texts.text(source)).into_owned()
        };
        assert_eq!(of("mx1", "postfix"), "mx1/postfix");
        assert_eq!(of("", "exim"), "exim");
        assert_eq!(of("mx1", ""), "mx1");
        assert_eq!(of("", ""), "");
    }

    #[test]
    fn a_command_has_no_domain() {
        let mut lexicon = Lexicon::default();
        let mut of = |address: &str| {
            let domain = lexicon.domain(address.as_bytes());
            String::from_utf8_lossy(lexicon.texts.text(domain)).into_owned()
        };
        assert_eq!(of("\"a b\"@B.example."), "b.example");
        for address in [r#""|/bin/sh -c 'exit 0' -f a@b.example, x""#, r#""|/bin/mail a@b.example""#, "root", r#""a@b""#] {
            assert_eq!(of(address), "", "{address}");
        }
    }

    #[test]
    fn an_address_tells_its_network_and_whether_it_is_at_home() {
        assert_eq!(network(b"192.0.2.1"), (Network::V4, false));
        assert_eq!(network(b"::ffff:10.1.2.3"), (Network::V4, true));
        assert_eq!(network(b"fd00::1"), (Network::V6, true));
        assert_eq!(network(b"private/lmtp"), (Network::Unknown, false));
    }
}
