//! From the words of a record to the ids of a row: domain, relay, source, route, signature.

use std::net::IpAddr;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::classify::mask;
use crate::event::{Attempt, Head, Micros, Sort, Status};
use crate::intern::{Id, Interner};
use crate::provider::Providers;
use crate::rows::{AttemptRow, Network};

/// All texts of a segment, and what was found out about them.
pub struct Lexicon {
    /// The texts.
    pub texts: Interner,
    providers: &'static Providers,
    scratch: Vec<u8>,
    /// Route by domain and relay, where these two decide it; the reply decides the rest, each time.
    routes: HashMap<(Id, Id), Id, FixedState>,
    /// Source by host and instance.
    sources: HashMap<(Id, Id), Id, FixedState>,
    hosts: Last,
    instances: Last,
}

/// The text interned last: hosts and instances mostly repeat from record to record.
#[derive(Default)]
struct Last {
    text: Vec<u8>,
    id: Id,
}

impl Last {
    fn intern(&mut self, text: &[u8], texts: &mut Interner) -> Id {
        if self.text != text {
            self.id = texts.intern(text);
            self.text.clear();
            self.text.extend_from_slice(text);
        }
        self.id
    }
}

impl Default for Lexicon {
    fn default() -> Self {
        Self {
            texts: Interner::default(),
            providers: Providers::builtin(),
            scratch: Vec::new(),
            routes: HashMap::default(),
            sources: HashMap::default(),
            hosts: Last::default(),
            instances: Last::default(),
        }
    }
}

impl Lexicon {
    /// Ids of the host and instance that wrote a record.
    pub(super) fn writer(&mut self, head: &Head<'_>) -> (Id, Id) {
        (self.hosts.intern(head.host, &mut self.texts), self.instances.intern(head.instance, &mut self.texts))
    }

    /// The domain of an address: what stands after the last `@`, lower case, as an A-label; empty for a local address.
    pub(super) fn domain(&mut self, address: &[u8]) -> Id {
        let domain = match memchr::memrchr(b'@', address) {
            Some(at) => address.get(at + 1..).unwrap_or_default(),
            None => return Id::EMPTY,
        };
        self.scratch.clear();
        crate::provider::normalise_domain(domain, &mut self.scratch);
        self.texts.intern(&self.scratch)
    }

    /// The facts of an attempt as a row.
    pub(super) fn row(&mut self, head: &Head<'_>, attempt: &Attempt<'_>, domain: Id, time: Micros) -> AttemptRow {
        let (host, instance) = self.writer(head);
        let relay = self.texts.intern(attempt.relay);
        let is_failure = attempt.status != Status::Delivered;
        // A relay on a private address is our own house, whatever it answers.
        let ip =
            std::str::from_utf8(attempt.relay_ip).ok().and_then(|ip| ip.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical());
        let is_home = attempt.sort == Sort::Real && ip.is_some_and(is_private);
        AttemptRow {
            time,
            pos: head.pos,
            status: attempt.status,
            sort: if is_home { Sort::Local } else { attempt.sort },
            speaker: attempt.speaker,
            stage: attempt.stage,
            relay,
            source: self.source(attempt.source, host, instance),
            route: self.route(domain, relay, attempt.reply),
            code: attempt.code.unwrap_or_default(),
            enhanced: attempt.enhanced,
            signature: if is_failure { self.signature(attempt.reply) } else { Id::EMPTY },
            delay_ms: attempt.delay_ms,
            parts_ms: attempt.parts_ms,
            tls: self.texts.intern(attempt.tls),
            relay_ip: self.texts.intern(attempt.relay_ip),
            network: match ip {
                None => Network::Unknown,
                Some(IpAddr::V4(_)) => Network::V4,
                Some(IpAddr::V6(_)) => Network::V6,
            },
            pid: head.pid.unwrap_or_default(),
        }
    }

    fn signature(&mut self, reply: &[u8]) -> Id {
        mask(reply, &mut self.scratch);
        self.texts.intern(&self.scratch)
    }

    /// The logged source, else what stands for it: `host/instance`.
    fn source(&mut self, logged: &[u8], host: Id, instance: Id) -> Id {
        if !logged.is_empty() {
            return self.texts.intern(logged);
        }
        if let Some(&known) = self.sources.get(&(host, instance)) {
            return known;
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(self.texts.text(host));
        if instance != Id::EMPTY {
            self.scratch.push(b'/');
            self.scratch.extend_from_slice(self.texts.text(instance));
        }
        let id = self.texts.intern(&self.scratch);
        self.sources.insert((host, instance), id);
        id
    }

    /// Who runs the mailbox, as this attempt shows it.
    fn route(&mut self, domain: Id, relay: Id, reply: &[u8]) -> Id {
        if let Some(&known) = self.routes.get(&(domain, relay)) {
            return known;
        }
        let by_name = {
            let (domain, relay) = (self.texts.text(domain), self.texts.text(relay));
            self.providers.of_domain(domain).or_else(|| self.providers.of_relay(relay))
        };
        if let Some(provider) = by_name {
            let id = self.texts.intern(provider.as_bytes());
            self.routes.insert((domain, relay), id);
            return id;
        }
        let provider = match self.providers.of_reply(reply) {
            Some(provider) => provider,
            None if relay == Id::EMPTY => crate::provider::UNREACHED,
            None => crate::provider::SELF_HOSTED,
        };
        self.texts.intern(provider.as_bytes())
    }
}

/// Loopback, private (RFC 1918, RFC 4193) and link-local addresses.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}
