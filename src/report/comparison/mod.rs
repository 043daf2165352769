//! The page that shows two periods side by side, and the same as lines of a terminal.
//!
//! Built as the report is, of the same frame, charts and tables: a section is a function here and a line in [`SECTIONS`]. What changed
//! was decided by [`crate::compare`]; here it is put into words and shown.

mod changed;
mod delays;
mod glossary;
mod grids;
mod lists;
mod method;
mod mix;
mod opening;
mod parts;
mod providers;
mod replies;
mod summary;
mod timeline;
mod words;

#[cfg(test)]
mod tests;

use super::Error;
use super::page::{Frame, Section as Written};
use crate::compare::Comparison;
use crate::insights::smarthost::WITHHELD;
use crate::insights::{number, total};
use crate::tables::Tables;

pub use opening::{sentence, warnings};
pub use summary::summary;

/// What the page says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Heading of the page; None: "Comparison" and the periods.
    pub title: Option<String>,
    /// Version of the program and of its rules.
    pub version: String,
    /// How long after its end each period's mail was followed, milliseconds.
    pub settle_ms: i64,
    /// Both periods were named and have no moment in common, though they may share a day of UTC where theirs begin at another hour.
    pub are_apart: bool,
    /// What was assumed: the time zone, the year.
    pub notes: Vec<String>,
    /// Write what is folded open.
    pub is_unfolded: bool,
}

/// Two periods and what they come to.
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    /// Tables of the first.
    pub before: &'a Tables,
    /// Tables of the second.
    pub after: &'a Tables,
    /// What changed.
    pub comparison: &'a Comparison,
    /// What the page says of itself.
    pub about: &'a About,
}

impl Sides<'_> {
    /// Both periods as people name them.
    #[must_use]
    pub fn names(&self) -> (String, String) {
        let name = |tables: &Tables| {
            total::period(tables).map_or_else(|| number::NONE.to_owned(), |(first, last)| number::period(first, last))
        };
        (name(self.before), name(self.after))
    }

    fn title(&self) -> String {
        let (before, after) = self.names();
        self.about.title.clone().unwrap_or_else(|| format!("Comparison · {before} → {after}"))
    }
}

/// A section of the page.
struct Section {
    id: &'static str,
    title: &'static str,
    short: &'static str,
    html: fn(&Sides<'_>) -> Result<String, Error>,
}

/// All of them.
const SECTIONS: [Section; 10] = [
    Section { id: "changed", title: "What changed", short: "What changed", html: changed::html },
    Section { id: "providers", title: "Provider by provider", short: "Providers", html: providers::html },
    Section { id: "mix", title: "Other providers, or other mail", short: "Mix and rate", html: mix::html },
    Section { id: "replies", title: "Replies that came, went or changed", short: "Replies", html: replies::html },
    Section { id: "days", title: "Day by day", short: "Day by day", html: timeline::html },
    Section { id: "delays", title: "How soon mail was accepted", short: "Delays", html: delays::html },
    Section { id: "lists", title: "Addresses that must leave the list", short: "Address lists", html: lists::html },
    Section { id: "parts", title: "Reasons, domains, sources, senders", short: "Parts", html: parts::html },
    Section { id: "method", title: "How sure are we", short: "How sure", html: method::html },
    Section { id: "glossary", title: "What each figure means", short: "Glossary", html: glossary::html },
];

/// Sections that tell what mailbox providers did.
const OF_PROVIDERS: [&str; 3] = ["providers", "mix", "delays"];

/// The comparison as one HTML file: readable without scripts, without a request to any host. Equal input gives equal bytes.
///
/// # Errors
/// If a chart or template fails: a bug of ours.
pub fn page(sides: &Sides<'_>) -> Result<String, Error> {
    let written = |section: &Section| {
        let is_withheld = sides.comparison.is_withheld && OF_PROVIDERS.contains(&section.id);
        let html = if is_withheld { format!("<p>{WITHHELD}</p>") } else { (section.html)(sides)? };
        Ok(Written { id: section.id, title: section.title, short: section.short, html })
    };
    let frame = Frame {
        title: sides.title(),
        opening: opening::html(sides)?,
        sections: SECTIONS.iter().map(written).collect::<Result<_, Error>>()?,
        version: sides.about.version.clone(),
        digest: String::new(),
        is_unfolded: sides.about.is_unfolded,
    };
    frame.html()
}
