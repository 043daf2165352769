//! The page: head, sections and foot in one file that asks nobody for anything.

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use sha2::{Digest, Sha256};

use super::Error;
use super::facts::Facts;
use super::sections::{self, SECTIONS, opening};
use crate::insights::smarthost;

/// The look: colours light and dark, print, narrow pages.
pub(super) const STYLE: &str = include_str!("../../templates/style.css");
/// What helps but is not needed: sorting, filtering, links that open what is folded.
pub(super) const SCRIPT: &str = include_str!("../../templates/script.js");

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    title: &'a str,
    policy: String,
    style: &'static str,
    script: &'static str,
    frame: &'a Frame,
}

/// What a page is put together of.
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) opening: String,
    pub(super) sections: Vec<Section>,
    pub(super) version: String,
    /// Of the inputs; empty: none.
    pub(super) digest: String,
    /// Write what is folded open.
    pub(super) is_unfolded: bool,
}

/// A section, written.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) short: &'static str,
    pub(super) html: String,
}

impl Frame {
    /// Where the contents begin: the first section.
    fn first(&self) -> &'static str {
        self.sections.first().map_or("", |section| section.id)
    }

    /// The page.
    pub(super) fn html(&self) -> Result<String, Error> {
        let page = Page { title: &self.title, policy: policy(STYLE, SCRIPT), style: STYLE, script: SCRIPT, frame: self };
        let html = page.render()?;
        // Foreign text holds no `<`, so this finds our own tags only.
        Ok(if self.is_unfolded { html.replace("<details", "<details open") } else { html })
    }
}

/// The report as one HTML file: readable without scripts, without a request to any host. Equal tables give equal bytes.
///
/// # Errors
/// If a chart or template fails: a bug of ours.
pub fn page(facts: &Facts<'_>) -> Result<String, Error> {
    let sections: Vec<Result<Section, Error>> = SECTIONS
        .par_iter()
        .map(|section| {
            let html = if facts.is_behind_smarthost { behind(section, facts)? } else { (section.html)(facts)? };
            Ok(Section { id: section.id, title: section.title, short: section.short, html })
        })
        .collect();
    let frame = Frame {
        title: facts.title(),
        opening: opening::html(facts)?,
        sections: sections.into_iter().collect::<Result<_, _>>()?,
        version: facts.about.version.clone(),
        digest: facts.tables.totals.digest.clone(),
        is_unfolded: facts.about.is_unfolded,
    };
    frame.html()
}

/// A section of mail that a smarthost took: without what only the providers could tell, and with a word on what the rest means.
fn behind(section: &sections::Section, facts: &Facts<'_>) -> Result<String, Error> {
    match section.id {
        "providers" | "blocks" | "unknown-users" => Ok(format!("<p>{}</p>", smarthost::WITHHELD)),
        "domains" | "reasons" | "timeline" | "traffic" => Ok(format!(
            "<p class=\"note\">“Delivered” means handed to the smarthost, and refusals are its own.</p>\n{}",
            (section.html)(facts)?,
        )),
        _ => (section.html)(facts),
    }
}

/// The content security policy: nothing but this very style and this very script.
pub(super) fn policy(style: &str, script: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        hash(style),
        hash(script),
    )
}
