//! The options that say what is read, and how.

use anyhow::Result;
use clap::Args;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::arguments;
use super::config::ConfigOption;
use crate::event::Micros;
use crate::reading::{Options, Sharing};
use crate::source::SEGMENT_BYTES;

/// What is read, and how.
#[derive(Args, Debug)]
pub(super) struct Inputs {
    /// Log files, folders or globs; `-` for standard input
    #[arg(value_name = "INPUT", required = true, value_hint = clap::ValueHint::AnyPath)]
    pub(super) inputs: Vec<String>,

    #[command(flatten)]
    pub(super) how: Reading,
}

/// How inputs are read.
#[derive(Args, Clone, Debug)]
pub(super) struct Reading {
    /// Read every input as FORMAT instead of telling it from its first lines
    #[arg(long, value_name = "FORMAT", env = "MAILTALLY_FORMAT", help_heading = "Reading")]
    format: Option<String>,

    #[command(flatten)]
    pub(super) config: ConfigOption,

    /// The zone of stamps that name none, and of days on the command line: Europe/Berlin, +02:00. Days of reports and tables are UTC's
    #[arg(
        long, value_name = "ZONE", default_value = "UTC", env = "MAILTALLY_TZ", value_parser = zone_named,
        help_heading = "Reading"
    )]
    tz: TimeZone,

    /// The year in which the last record without a year was written
    #[arg(long, value_name = "YEAR", value_parser = year_named, help_heading = "Reading")]
    year: Option<i16>,

    /// A relay of your own: what it accepts goes on elsewhere and is no delivery (host or address; may be repeated)
    #[arg(long = "own-relay", value_name = "HOST", value_parser = relay_named, help_heading = "Reading")]
    own_relays: Vec<String>,

    /// Threads that read [default: one per core]
    #[arg(long, value_name = "N", value_parser = thread_count, help_heading = "Running")]
    threads: Option<u16>,

    /// The share of a file's lines that may be unparsed before the run ends with exit code 3
    #[arg(long, value_name = "SHARE", default_value_t = 0.001, value_parser = share, help_heading = "Running")]
    pub(super) max_unparsed: f64,

    /// No progress bar, and no notes but on what changes the exit code
    #[arg(long, short, help_heading = "Running")]
    pub(super) quiet: bool,
}

fn year_named(text: &str) -> Result<i16, String> {
    arguments::whole(text, 1970..=2200).ok_or_else(|| "a year lies between 1970 and 2200".to_owned())
}

fn thread_count(text: &str) -> Result<u16, String> {
    arguments::whole(text, 1..=1024).ok_or_else(|| "it takes a whole number of threads, 1 to 1024".to_owned())
}

/// A name that no log could hold would silently match nothing.
fn relay_named(text: &str) -> Result<String, String> {
    let is_name =
        !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | ':'));
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("name one host (relay.example.com) or address (192.0.2.25), as the log has it".to_owned())
    }
}

impl Inputs {
    /// How the reading is shared out.
    pub(super) fn sharing(&self) -> Sharing {
        let threads = match self.how.threads {
            Some(threads) => usize::from(threads),
            None => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        };
        Sharing { threads, segment_bytes: SEGMENT_BYTES }
    }

    /// The zone of stamps, and of days on the command line, that name none.
    pub(super) fn zone(&self) -> TimeZone {
        self.how.zone()
    }

    /// What was assumed about stamps, for the report. `spans`: the first and the last stamp of each period.
    #[cfg(feature = "tables")]
    pub(super) fn notes(&self, spans: &[Option<(Micros, Micros)>]) -> Vec<String> {
        let zone = &self.how.tz;
        let mut notes = vec![format!("Stamps that name no zone were read as {}.", zone_name(zone))];
        for (day, from, to) in spans.iter().flatten().flat_map(|span| set_back(zone, *span)) {
            notes.push(format!(
                "Clocks of {} were set back on {day}: of stamps that name no zone those from {from} to {to} stand for two hours each, and all \
                 were read as the earlier one.",
                zone_name(zone)
            ));
        }
        notes.dedup();
        notes
    }

    /// The mails of `paths`, as the reading takes them.
    #[cfg(feature = "tables")]
    pub(super) fn mails(&self, paths: Vec<String>) -> Options {
        Options {
            inputs: paths,
            format: crate::format::by_name("mail"),
            own_formats: Vec::new(),
            zone: self.zone(),
            year: None,
            own_relays: Vec::new(),
        }
    }

    /// What is read, and how, as the reading takes it.
    pub(super) fn options(&self) -> Result<Options> {
        let config = self.how.config.read()?;
        Ok(Options {
            inputs: self.inputs.clone(),
            format: self.how.format.as_deref().map(|name| config.format(name)).transpose()?,
            own_formats: config.formats,
            zone: self.zone(),
            year: self.how.year.map(last_moment).transpose()?,
            own_relays: self.how.own_relays.clone(),
        })
    }
}

impl Reading {
    /// The zone of stamps, and of days on the command line, that name none.
    pub(super) fn zone(&self) -> TimeZone {
        self.tz.clone()
    }
}

/// No place is farther from UTC than this, in seconds: Kiritimati.
const FARTHEST: i32 = 14 * 3_600;

fn zone_named(name: &str) -> Result<TimeZone, String> {
    // An offset as RFC 3339 writes it is what lies between a moment there and the same in UTC.
    let fixed = || {
        let there: jiff::Timestamp = format!("2000-01-01T00:00{name}").parse().ok().filter(|_| name.starts_with(['+', '-']))?;
        let utc = TimeZone::UTC.to_timestamp(DateTime::constant(2000, 1, 1, 0, 0, 0, 0)).ok()?;
        let seconds = i32::try_from(utc.as_second() - there.as_second()).ok().filter(|seconds| seconds.abs() <= FARTHEST)?;
        Some(TimeZone::fixed(Offset::from_seconds(seconds).ok()?))
    };
    TimeZone::get(name)
        .ok()
        .or_else(fixed)
        .ok_or_else(|| "no such time zone; name one such as Europe/Berlin, UTC or +02:00".to_owned())
}

/// When between two moments clocks of a zone were set back: the day, and from when to when its digits came twice.
#[cfg(feature = "tables")]
fn set_back(zone: &TimeZone, (first, last): (Micros, Micros)) -> Vec<(String, String, String)> {
    let moment = |at: Micros| jiff::Timestamp::from_microsecond(at.0).ok();
    let (Some(first), Some(last)) = (moment(first), moment(last)) else { return Vec::new() };
    let told = |change: jiff::tz::TimeZoneTransition<'_>| {
        let before = zone.to_offset(change.timestamp() - jiff::SignedDuration::from_secs(1));
        let (from, to) = (change.offset().to_datetime(change.timestamp()), before.to_datetime(change.timestamp()));
        let hour = |at: DateTime| at.strftime("%H:%M").to_string();
        (from < to).then(|| (from.date().to_string(), hour(from), hour(to)))
    };
    // A zone that kept changing for centuries is not told of all of them: a stamp far off must not cost a page.
    zone.following(first).take_while(|change| change.timestamp() < last).filter_map(told).take(SET_BACK).collect()
}

/// How often clocks are told to be set back.
#[cfg(feature = "tables")]
const SET_BACK: usize = 4;

/// What a zone is called.
#[cfg(feature = "tables")]
fn zone_name(zone: &TimeZone) -> String {
    let offset = || zone.to_fixed_offset().map_or_else(|_| "UTC".to_owned(), |offset| offset.to_string());
    zone.iana_name().map_or_else(offset, str::to_owned)
}

/// A part of a whole: 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "a share lies between 0 and 1, such as 0.001".to_owned())
}

/// The last second of a year, UTC.
fn last_moment(year: i16) -> Result<Micros> {
    let last = DateTime::new(year, 12, 31, 23, 59, 59, 0)?;
    Ok(Micros(TimeZone::UTC.to_timestamp(last)?.as_microsecond()))
}

#[cfg(all(test, feature = "tables"))]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_are_set_back_make_an_hour_come_twice() {
        let at = |text: &str| Micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond());
        let told = |zone: &str, from: &str, to: &str| set_back(&TimeZone::get(zone).unwrap(), (at(from), at(to)));
        let autumn = told("Europe/Berlin", "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z");
        assert_eq!(autumn, [("2026-10-25".to_owned(), "02:00".to_owned(), "03:00".to_owned())]);
        assert_eq!(told("Europe/Berlin", "2026-03-01T00:00:00Z", "2026-03-31T00:00:00Z"), []);
        assert_eq!(told("UTC", "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"), []);
        assert_eq!(told("Europe/Berlin", "1990-01-01T00:00:00Z", "2026-10-31T00:00:00Z").len(), 4);
    }
}
