//! The report: one HTML file that opens anywhere, and the same figures as 24 lines of a terminal.
//!
//! Takes [`Tables`] and the findings of `insights`, gives text; knows nothing of logs, cubes or frames. A section is one file in
//! `sections/` and one template, listed in [`sections::SECTIONS`]; a chart is one file in `charts/`, painted on a
//! [`charts::canvas::Canvas`] and shown with the table of the same numbers ([`figure::Figure`]). Numbers become words in
//! [`crate::insights::number`] alone; foreign text becomes harmless in [`text`] alone. Equal tables give equal bytes: no clock, no
//! random order, no hash map is iterated.

pub mod charts;
pub mod comparison;
pub mod facts;
pub mod figure;
pub mod grid;
mod page;
pub mod replies;
pub mod sections;
pub mod states;
mod summary;
mod taken;
pub mod text;

#[cfg(test)]
pub(crate) mod tests;

pub use page::page;
pub use summary::{Look, summary};

/// What the page says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Heading of the page; None: "Delivery report" and the period.
    pub title: Option<String>,
    /// Version of the program and of its rules.
    pub version: String,
    /// The command that made it, as typed; empty: not shown.
    pub command: String,
    /// What puts figures in doubt, before everything else: mail that was handed to a smarthost, a report made too early.
    pub warnings: Vec<String>,
    /// What was assumed: the time zone, the year.
    pub notes: Vec<String>,
    /// Write what is folded open: for printing to paper by programs that cannot unfold it.
    pub is_unfolded: bool,
}

/// Why there is no page. All are bugs of ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A chart could not be drawn.
    #[error("chart {id}: {reason}; nothing was written. Please report this")]
    Chart {
        /// Which.
        id: String,
        /// What plotters says.
        reason: String,
    },
    /// A template could not be filled in.
    #[error("the page could not be put together: {0}")]
    Template(#[from] askama::Error),
}
