//! From inputs to records in their true order: what every command that reads logs shares.
//!
//! Above `source`, which knows bytes, and `format`, which knows records; below `cli`. [`list()`] tells what each file is, which year its
//! stamps mean and in which order the files were written. [`Listed::read`] cuts the files into units, reads these on several threads
//! and folds what they give in order, with a bounded number of parts in memory. A line that was cut in two by the end of a file is
//! joined again here ([`seam`]), so that where a log was cut changes no figure; a file that stands from the newest record to the oldest is
//! read from its end ([`backwards`]). Knows neither the stitch nor any command.

mod backwards;
mod begins;
mod header;
mod kin;
mod lanes;
mod list;
mod nameless;
mod order;
mod queue;
mod run;
mod seam;
mod told;
mod track;
mod year;

#[cfg(test)]
mod tests;

pub use header::Lent;
pub use lanes::Lanes;
pub use list::{Listed, Options, list};
pub use nameless::hosted;
pub use run::{FileRead, Read, Records, Sharing, Stopped};
pub use told::{Shown, ToldFile};
pub use year::YearFrom;
