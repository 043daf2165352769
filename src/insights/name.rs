//! Names as a reader knows them: providers, categories, classes, states and stable ids for links.

pub use super::idn::domain;
pub use crate::provider::SELF_HOSTED;
use crate::provider::{Providers, UNREACHED};
use crate::tables::ALL;

/// What the tables call names that were put together.
const OTHER: &str = "(other)";

/// The providers that are always shown, also when quiet: ids as in the tables.
pub const ALWAYS: [&str; 4] = ["google", "microsoft", "yahoo", "apple"];

/// A provider's name; ids that are domains are told as such.
#[must_use]
pub fn provider(id: &str) -> String {
    match id {
        "" => "Not known".to_owned(),
        ALL => "All providers".to_owned(),
        OTHER => "Others".to_owned(),
        UNREACHED => "Unreached".to_owned(),
        SELF_HOSTED => "Self-hosted servers".to_owned(),
        known => domain(Providers::builtin().display_name(known)),
    }
}

/// Who answers for a provider: itself if it is known, else the servers that domains run themselves, which replies and blocks put together.
#[must_use]
pub fn route(provider: &str) -> &str {
    let is_own = provider.is_empty() || provider == UNREACHED || provider.starts_with('(');
    if is_own || Providers::builtin().is_known(provider) { provider } else { SELF_HOSTED }
}

/// The form of a verb that fits a provider's name: `Google does`, but `GMX and web.de do`, `Self-hosted servers do`.
#[must_use]
pub fn verb<'a>(name: &str, one: &'a str, several: &'a str) -> &'a str {
    if name.contains(" and ") || name.ends_with(" servers") || name == "Others" { several } else { one }
}

/// A category as words: `unknown-user` reads `unknown user`.
#[must_use]
pub fn category(id: &str) -> String {
    match id {
        "dns-blocklist" => "DNS block list".to_owned(),
        "dns-failure" => "DNS failure".to_owned(),
        "tls-failure" => "TLS failure".to_owned(),
        "" => "no reason logged".to_owned(),
        other => other.replace('-', " "),
    }
}

/// An action as words.
#[must_use]
pub fn action(id: &str) -> String {
    match id {
        "fix-then-retry" => "fix, then retry".to_owned(),
        other => other.to_owned(),
    }
}

/// The letter of a class, its second channel beside the colour; a question mark where the class is not known.
#[must_use]
pub fn letter(class: &str) -> &'static str {
    match class {
        "hard" => "H",
        "soft" => "S",
        "policy" => "P",
        "config" => "C",
        _ => "?",
    }
}

/// Whether a category of class policy is a block: said by the recipient's provider about us (`metrics.md`, `block_share`).
/// Rate limits are throttling, and a person's own refusal is neither.
#[must_use]
pub fn is_block(category: &str) -> bool {
    matches!(category, "reputation-block" | "dns-blocklist" | "authentication" | "spam-content" | "policy-other")
}

/// A part of an id for links: lower case, of letters, digits, dots and hyphens alone.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// An id on the page, stable from month to month: made of names. A name that had to be changed or cut carries a digest of the whole,
/// so that two of them never share an id.
#[must_use]
pub fn anchor(prefix: &str, name: &str) -> String {
    const LONGEST: usize = 80;
    let slug = slug(name);
    if slug.len() <= LONGEST && !slug.is_empty() && slug == name.to_ascii_lowercase() {
        return format!("{prefix}-{slug}");
    }
    let start: String = slug.chars().take(LONGEST).collect();
    let digest = digest(name);
    if start.is_empty() { format!("{prefix}-{digest}") } else { format!("{prefix}-{start}-{digest}") }
}

/// Six hexadecimal digits that stand for a text.
#[must_use]
pub fn digest(text: &str) -> String {
    use sha2::{Digest, Sha256};
    let [a, b, c, ..]: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    format!("{a:02x}{b:02x}{c:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_called_as_people_call_them() {
        let cases = [
            ("google", "Google"),
            ("t-online", "T-Online"),
            ("example.org", "example.org"),
            ("", "Not known"),
            (ALL, "All providers"),
        ];
        for (id, called) in cases {
            assert_eq!(provider(id), called);
        }
        assert!(ALWAYS.iter().all(|id| provider(id) != *id));
    }

    #[test]
    fn a_domain_that_runs_its_own_servers_is_one_of_those_that_do() {
        let cases = [("google", "google"), ("firm.example", SELF_HOSTED), (UNREACHED, UNREACHED), ("", ""), (OTHER, OTHER)];
        for (id, answers) in cases {
            assert_eq!(route(id), answers);
        }
    }

    #[test]
    fn two_names_in_one_do_and_one_does() {
        for (id, form) in [("google", "does"), ("gmx", "do"), (SELF_HOSTED, "do"), ("firm.example", "does")] {
            assert_eq!(verb(&provider(id), "does", "do"), form, "{id}");
        }
    }

    #[test]
    fn an_id_for_links_holds_nothing_that_must_be_escaped() {
        assert_eq!(slug("(all)"), "all");
        assert_eq!(slug("Mail Server/2001:db8::1"), "mail-server-2001-db8-1");
        assert_eq!(slug("<script>\u{202e}x"), "script-x");
    }

    #[test]
    fn names_that_differ_have_ids_that_differ() {
        assert_eq!(anchor("provider", "microsoft"), "provider-microsoft");
        assert_eq!(anchor("provider", "example.co.uk"), "provider-example.co.uk");
        assert_ne!(anchor("provider", "a_b"), anchor("provider", "a-b"));
        assert_ne!(anchor("provider", "\u{202e}"), anchor("provider", "<"));
        let long = "x".repeat(500);
        assert!(anchor("provider", &long).len() < 120);
    }
}
