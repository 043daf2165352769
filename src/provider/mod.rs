//! Who runs a mailbox: by recipient domain, by the relay that answered, or by the words of its reply.
//!
//! May be asked by any stage and knows none of them. What it knows is data: `providers.toml`.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};
use serde::Deserialize;

/// Route of a mail for whose recipient no relay was ever named.
pub const UNREACHED: &str = "unreached";

/// Route of a mail to a relay that belongs to no provider in the table.
pub const SELF_HOSTED: &str = "self-hosted";

/// The table, as it stands in TOML.
#[derive(Deserialize)]
struct Table {
    provider: Vec<Provider>,
}

/// One provider.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    id: String,
    name: String,
    #[serde(default)]
    domains: Vec<String>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    relays: Vec<String>,
    #[serde(default)]
    replies: Vec<String>,
    help: Option<String>,
}

/// The providers that are known.
pub struct Providers {
    all: Vec<Provider>,
    ids: HashSet<Box<str>, RandomState>,
    domains: HashMap<Box<[u8]>, usize, RandomState>,
    labels: HashMap<Box<[u8]>, usize, RandomState>,
    relays: HashMap<Box<[u8]>, usize, RandomState>,
    replies: AhoCorasick,
    /// Provider of each pattern of `replies`.
    reply_of: Vec<usize>,
}

static BUILTIN: LazyLock<Providers> = LazyLock::new(Providers::read);

impl Providers {
    /// The table that the program carries.
    #[must_use]
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    #[expect(clippy::expect_used, reason = "the table is part of the program, and a test reads it")]
    fn read() -> Self {
        let table: Table = toml::from_str(include_str!("providers.toml")).expect("providers.toml is read by a test");
        let index = |field: fn(&Provider) -> &Vec<String>| {
            let texts = table.provider.iter().enumerate();
            texts.flat_map(|(index, one)| field(one).iter().map(move |text| (text.as_bytes().into(), index))).collect()
        };
        let (patterns, reply_of): (Vec<&str>, Vec<usize>) = table
            .provider
            .iter()
            .enumerate()
            .flat_map(|(index, one)| one.replies.iter().map(move |text| (text.as_str(), index)))
            .unzip();
        let replies = AhoCorasick::new(&patterns).expect("a few short patterns");
        Self {
            domains: index(|one| &one.domains),
            labels: index(|one| &one.labels),
            relays: index(|one| &one.relays),
            replies,
            reply_of,
            ids: table.provider.iter().map(|one| one.id.as_str().into()).collect(),
            all: table.provider,
        }
    }

    fn id(&self, index: usize) -> Option<&str> {
        self.all.get(index).map(|one| one.id.as_str())
    }

    /// By recipient domain, lower case: consumer domains only, since any other may sit anywhere.
    #[must_use]
    pub fn of_domain(&self, domain: &[u8]) -> Option<&str> {
        let index = self.domains.get(domain).or_else(|| {
            let registrable = psl::domain(domain).filter(|found| found.as_bytes() == domain)?;
            let suffix = registrable.suffix().as_bytes().len();
            self.labels.get(domain.get(..domain.len().checked_sub(suffix + 1)?)?)
        })?;
        self.id(*index)
    }

    /// By the name of the relay: the longest suffix that the table has.
    #[must_use]
    pub fn of_relay(&self, relay: &[u8]) -> Option<&str> {
        let lower = relay.to_ascii_lowercase();
        let mut rest: &[u8] = lower.strip_suffix(b".").unwrap_or(&lower);
        loop {
            if let Some(&index) = self.relays.get(rest) {
                return self.id(index);
            }
            let dot = memchr::memchr(b'.', rest)?;
            rest = rest.get(dot + 1..)?;
        }
    }

    /// By words that only one provider's replies hold.
    #[must_use]
    pub fn of_reply(&self, reply: &[u8]) -> Option<&str> {
        let found = self.replies.find(reply)?;
        self.id(*self.reply_of.get(found.pattern().as_usize())?)
    }

    /// True for the id of a provider in the table.
    #[must_use]
    pub fn is_known(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// The id of the provider that has this id, name or domain, however it is written.
    #[must_use]
    pub fn named(&self, word: &str) -> Option<&str> {
        let word = word.trim().to_lowercase();
        let one =
            self.all.iter().find(|one| one.id == word).or_else(|| self.all.iter().find(|one| one.name.to_lowercase() == word));
        one.map(|one| one.id.as_str()).or_else(|| self.of_domain(word.as_bytes()))
    }

    /// The id that a word is nearest to, if it is one or two slips of the finger away.
    #[must_use]
    pub fn nearest(&self, word: &str) -> Option<&str> {
        let word = word.trim().to_lowercase();
        let slips =
            self.all.iter().map(|one| (slips(&word, &one.id).min(slips(&word, &one.name.to_lowercase())), one.id.as_str()));
        slips.min().filter(|(slips, id)| *slips <= 2 && *slips < id.len() / 2).map(|(_, id)| id)
    }

    /// What people call a provider; the id itself for one that the table does not have.
    #[must_use]
    pub fn display_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.all.iter().find(|one| one.id == id).map_or(id, |one| &one.name)
    }

    /// The provider's page for senders.
    #[must_use]
    pub fn help(&self, id: &str) -> Option<&str> {
        self.all.iter().find(|one| one.id == id)?.help.as_deref()
    }
}

/// How many letters are to be put in, left out or changed to make one word of the other.
fn slips(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, letter) in one.chars().enumerate() {
        let mut next = vec![above + 1];
        for (known, pair) in other.iter().zip(row.windows(2)) {
            let [corner, up] = pair else { continue };
            let left = next.last().copied().unwrap_or_default();
            next.push((left + 1).min(up + 1).min(corner + usize::from(*known != letter)));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// The registrable domain of `domain`, by the public suffix list; `domain` itself where it has none.
#[must_use]
pub fn registrable(domain: &[u8]) -> &[u8] {
    psl::domain_str(std::str::from_utf8(domain).unwrap_or_default()).map_or(domain, str::as_bytes)
}

/// Appends `domain` in lower case, without a dot at its end, as an A-label where it is not ASCII. What is no domain name keeps its
/// bytes, so that it stays one domain in the tables.
pub fn normalise_domain(domain: &[u8], into: &mut Vec<u8>) {
    let domain = domain.strip_suffix(b".").unwrap_or(domain);
    if !domain.is_ascii()
        && let Ok(name) = idna::domain_to_ascii_cow(domain, idna::AsciiDenyList::EMPTY)
    {
        return into.extend_from_slice(name.as_bytes());
    }
    into.extend(domain.iter().map(u8::to_ascii_lowercase));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consumer_domains_tell_their_provider() {
        let of = |domain: &str| Providers::builtin().of_domain(domain.as_bytes());
        assert_eq!(of("gmail.com"), Some("google"));
        assert_eq!(of("hotmail.co.uk"), Some("microsoft"));
        assert_eq!(of("yahoo.co.uk"), Some("yahoo"));
        assert_eq!(of("yahoo.co.jp"), Some("yahoo-japan"), "another company, with servers of its own");
        assert_eq!(of("gmx.co.uk"), Some("gmx"));
        assert_eq!(of("live.example.com"), None);
        assert_eq!(of("mail.yahoo.com"), None);
    }

    #[test]
    fn relays_tell_by_their_suffix() {
        let of = |relay: &str| Providers::builtin().of_relay(relay.as_bytes());
        assert_eq!(of("ASPMX.L.google.com."), Some("google"));
        assert_eq!(of("example-com.mail.protection.outlook.com"), Some("microsoft"));
        assert_eq!(of("mta5.am0.yahoodns.net"), Some("yahoo"));
        assert_eq!(of("al-ip4-mx-vip1.prodigy.net"), Some("yahoo"));
        assert_eq!(of("mx.notgoogle.com"), None);
        assert_eq!(of("smtp.hostinger.com"), None, "takes its customers' mail: a smarthost");
    }

    #[test]
    fn replies_tell_by_their_words() {
        let of = |reply: &str| Providers::builtin().of_reply(reply.as_bytes());
        assert_eq!(of("250 2.0.0 OK 1760000000 a1b2 - gsmtp"), Some("google"));
        assert_eq!(of("250 2.0.0 Ok: queued as 5A1B2C"), None);
    }

    #[test]
    fn a_provider_is_found_by_whatever_it_is_called() {
        let providers = Providers::builtin();
        for word in ["google", "Google", "gmail.com"] {
            assert_eq!(providers.named(word), Some("google"), "{word}");
        }
        assert_eq!((providers.named("gogle"), providers.nearest("gogle")), (None, Some("google")));
        assert_eq!(providers.nearest("nothing-like-it"), None);
        assert_eq!([slips("", "abc"), slips("kitten", "sitting"), slips("a", "a")], [3, 3, 0]);
    }

    #[test]
    fn every_provider_has_its_own_id() {
        let mut ids: Vec<_> = Providers::builtin().all.iter().map(|one| &one.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), Providers::builtin().all.len());
    }

    #[test]
    fn a_domain_is_lower_case_and_ascii() {
        let of = |domain: &str| {
            let mut into = Vec::new();
            normalise_domain(domain.as_bytes(), &mut into);
            String::from_utf8(into).unwrap()
        };
        assert_eq!(of("Example.COM."), "example.com");
        assert_eq!(of("BÜCHER.example"), "xn--bcher-kva.example");
        assert_eq!(registrable(b"mail.example.co.uk"), b"example.co.uk");
    }
}
