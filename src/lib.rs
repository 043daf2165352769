//! Reads the delivery logs of mail servers and writes the deliverability report of the month.
//!
//! The stages, in the order in which data flows; each knows the one before it only by the type between them:
//!
//! ```text
//! paths ─ source ─▶ records ─ format ─▶ events ─ stitch ─▶ rows ─ cubes ─▶ tables ─▶ insights ─▶ report
//!                                                                   ▲ classify, provider: asked once per distinct text
//! ```

pub mod source;

pub mod event;
pub mod format;

pub mod feedback;

pub mod classify;
pub mod provider;
pub mod seeds;

mod eight;
pub mod intern;
pub mod outfile;
pub mod rows;
pub mod stats;
pub mod stitch;
mod visible;

pub mod cubes;
#[cfg(feature = "tables")]
pub mod tables;

pub mod reading;

#[cfg(feature = "tables")]
pub mod compare;
#[cfg(feature = "tables")]
pub mod insights;
#[cfg(feature = "tables")]
pub mod report;

pub mod cli;
