//! The sections of the page, in order: one file and one template each.

use super::Error;
use super::facts::Facts;

mod blocks;
mod cards;
mod certainty;
mod channels;
mod domains;
mod effort;
mod findings;
mod glossary;
mod later;
mod lists;
mod now;
pub(super) mod opening;
mod providers;
mod reasons;
mod retries;
mod seeds;
mod soon;
mod timeline;
mod traffic;
mod unknown_users;
mod week;

/// A section.
pub struct Section {
    /// For links to it.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Its name in the contents.
    pub short: &'static str,
    /// Writes it.
    pub html: fn(&Facts<'_>) -> Result<String, Error>,
}

/// All of them.
pub const SECTIONS: [Section; 15] = [
    Section { id: "now", title: "Now: the end of the log", short: "Now", html: now::html },
    Section { id: "findings", title: "What to do", short: "Findings", html: findings::html },
    Section { id: "domains", title: "Where the mail goes", short: "Where it goes", html: domains::html },
    Section { id: "providers", title: "How each provider treats it", short: "Providers", html: providers::html },
    Section { id: "reasons", title: "Why it was not delivered", short: "Reasons", html: reasons::html },
    Section { id: "blocks", title: "Blocking and filtering", short: "Blocking", html: blocks::html },
    Section { id: "unknown-users", title: "Unknown users", short: "Unknown users", html: unknown_users::html },
    Section { id: "later", title: "What came back after delivery", short: "Came back", html: later::html },
    Section { id: "seeds", title: "Seeds", short: "Seeds", html: seeds::html },
    Section { id: "lists", title: "Whom to drop, whom to send to again", short: "Address lists", html: lists::html },
    Section { id: "retries", title: "What trying again brought", short: "Retries", html: retries::html },
    Section { id: "timeline", title: "Day by day", short: "Day by day", html: timeline::html },
    Section { id: "traffic", title: "Sources, senders and channels", short: "Sources", html: traffic::html },
    Section { id: "certainty", title: "How sure are we", short: "How sure", html: certainty::html },
    Section { id: "glossary", title: "What each figure means", short: "Glossary", html: glossary::html },
];

/// The section that shows a table.
#[must_use]
pub fn of_table(table: &str) -> &'static str {
    match table {
        "domains" | "concentration" => "domains",
        "providers" | "delays" => "providers",
        "reasons" | "codes" | "signatures" => "reasons",
        "blocks" | "block_senders" => "blocks",
        "unknown_users" | "unknown_user_effect" => "unknown-users",
        "seeds" | "seed_providers" => "seeds",
        "suppress" | "retry" | "fix" => "lists",
        "retries" | "retry_schedule" | "lifetimes" | "greylisting" => "retries",
        "timeline" => "timeline",
        "async_bounces" | "complaints" | "feedback" | "unjoined" => "later",
        "sources" | "senders" | "bulk_days" | "heatmap" | "tls" | "networks" | "inbound_rejects" | "smarthosts" => "traffic",
        "inputs" => "certainty",
        _ => "glossary",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::TABLES;

    #[test]
    fn every_table_is_shown_somewhere() {
        for table in TABLES {
            let section = of_table(table.name);
            assert!(SECTIONS.iter().any(|known| known.id == section && section != "glossary"), "{}", table.name);
        }
    }

    #[test]
    fn ids_are_unique() {
        let mut ids: Vec<_> = SECTIONS.iter().map(|section| section.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), SECTIONS.len());
    }
}
