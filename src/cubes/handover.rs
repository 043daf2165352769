//! Who took the mail for the consumer domains of known providers: the provider itself, or a host that stands between.

use super::keys::Translate;
use crate::intern::{Id, Interner, Memo, Translation};
use crate::provider::Providers;

/// Accepted outcomes to consumer domains of known providers, by who accepted them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handover {
    /// Day of reception, since 1970-01-01.
    pub day: i32,
    /// Host that wrote the log.
    pub host: Id,
    /// The relay that accepted; empty for one whose name is that of a known provider, or is not logged.
    pub relay: Id,
    /// The provider whose domain it was for.
    pub provider: &'static str,
}

/// Outcomes for consumer domains of known providers, by who sent them: what rules for bulk senders go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ToConsumers {
    /// Day of reception, since 1970-01-01.
    pub day: i32,
    /// Domain of the envelope sender.
    pub sender_domain: Id,
    /// The provider whose domain it was for.
    pub provider: &'static str,
}

impl Translate for ToConsumers {
    fn translated(self, by: &Translation) -> Self {
        Self { sender_domain: by.of(self.sender_domain), ..self }
    }
}

impl Translate for Handover {
    fn translated(self, by: &Translation) -> Self {
        Self { host: by.of(self.host), relay: by.of(self.relay), ..self }
    }
}

/// Tells consumer domains and the relays of known providers.
#[derive(Debug, Default)]
pub struct Handovers {
    domains: Memo<Option<&'static str>>,
    relays: Memo<bool>,
}

impl Handovers {
    /// The known provider whose consumer domain it is.
    pub(super) fn provider(&mut self, texts: &Interner, domain: Id) -> Option<&'static str> {
        self.domains.ask(domain, || Providers::builtin().of_domain(texts.text(domain)))
    }

    /// The key of an accepted outcome; None for a domain that no known provider has.
    pub(super) fn key(&mut self, texts: &Interner, day: i32, host: Id, domain: Id, relay: Id) -> Option<Handover> {
        let provider = self.provider(texts, domain)?;
        let is_relay_known = || Providers::builtin().of_relay(texts.text(relay)).is_some();
        let is_known = relay == Id::EMPTY || self.relays.ask(relay, is_relay_known);
        Some(Handover { day, host, relay: if is_known { Id::EMPTY } else { relay }, provider })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_that_is_no_providers_is_told_for_consumer_domains_alone() {
        let mut texts = Interner::default();
        let [mx, gmail, firm, google, smarthost] =
            ["mx1", "gmail.com", "firm.example", "gmail-smtp-in.l.google.com", "smtp.relay.example"]
                .map(|text| texts.intern(text.as_bytes()));
        let mut handovers = Handovers::default();
        let mut relay = |domain, relay| handovers.key(&texts, 1, mx, domain, relay).map(|key| (key.relay, key.provider));
        assert_eq!(relay(gmail, google), Some((Id::EMPTY, "google")));
        assert_eq!(relay(gmail, Id::EMPTY), Some((Id::EMPTY, "google")));
        assert_eq!(relay(gmail, smarthost), Some((smarthost, "google")));
        assert_eq!(relay(firm, smarthost), None);
    }
}
