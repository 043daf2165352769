//! The options that say what is read, and how.

use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::event::Micros;
use crate::format::{self, FileContext, Format};
use crate::source::File;

/// What is read, and how.
#[derive(Args, Debug)]
#[expect(clippy::struct_field_names, reason = "`inputs` are what the options are about")]
pub(super) struct Inputs {
    /// Log files, folders or globs; `-` for standard input
    #[arg(value_name = "INPUT", required = true, value_hint = clap::ValueHint::AnyPath)]
    pub(super) inputs: Vec<String>,

    /// Read every input as FORMAT instead of telling it from its first lines
    #[arg(long, value_name = "FORMAT", env = "MAILTALLY_FORMAT", help_heading = "Reading")]
    format: Option<String>,

    /// The zone of stamps that name none, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC", env = "MAILTALLY_TZ", help_heading = "Reading")]
    tz: String,

    /// The year in which the last record without a year was written
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i16).range(1970..=2200), help_heading = "Reading")]
    year: Option<i16>,

    /// A relay of your own: what it accepts goes on elsewhere and is no delivery (host or address; may be repeated)
    #[arg(long = "own-relay", value_name = "HOST", help_heading = "Reading")]
    own_relays: Vec<String>,

    /// Threads that read [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Running")]
    threads: Option<u16>,

    /// The share of a file's lines that may be unparsed before the run ends with exit code 3
    #[arg(long, value_name = "SHARE", default_value_t = 0.001, help_heading = "Running")]
    pub(super) max_unparsed: f64,

    /// No progress bar and no notes
    #[arg(long, short, help_heading = "Running")]
    pub(super) quiet: bool,
}

impl Inputs {
    /// Threads that read.
    pub(super) fn threads(&self) -> usize {
        match self.threads {
            Some(threads) => usize::from(threads),
            None => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        }
    }

    /// The zone of stamps, and of days on the command line, that name none.
    pub(super) fn zone(&self) -> Result<TimeZone> {
        TimeZone::get(&self.tz)
            .with_context(|| format!("--tz {}: no such time zone. Name one such as Europe/Berlin or UTC.", self.tz))
    }

    /// What was assumed about stamps, for the report.
    #[cfg(feature = "tables")]
    pub(super) fn notes(&self) -> Vec<String> {
        vec![format!("Stamps that name no zone were read as {}.", self.tz)]
    }

    /// The format that was forced.
    pub(super) fn forced(&self) -> Result<Option<&'static dyn Format>> {
        let Some(name) = &self.format else { return Ok(None) };
        let Some(format) = format::by_name(name) else {
            let known: Vec<_> = format::FORMATS.iter().map(|format| format.name()).collect();
            bail!("--format {name}: no such format. These are known: {}.", known.join(", "));
        };
        Ok(Some(format))
    }

    /// What a reader of `file` may know.
    pub(super) fn context(&self, file: &File) -> Result<FileContext> {
        let zone = self.zone()?;
        let anchor = match self.year {
            Some(year) => last_moment(year)?,
            None => {
                file.name_date.or(file.gzip_time).or(file.modified).unwrap_or(Micros(jiff::Timestamp::MAX.as_microsecond()))
            }
        };
        Ok(FileContext { anchor, zone, own_relays: self.own_relays.clone() })
    }
}

/// The last second of a year, UTC.
fn last_moment(year: i16) -> Result<Micros> {
    let last = DateTime::new(year, 12, 31, 23, 59, 59, 0)?;
    Ok(Micros(TimeZone::UTC.to_timestamp(last)?.as_microsecond()))
}
