//! The options that say which mail of the logs a run is about.

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use super::arguments::whole;
use super::exit::usage;
use super::inputs::Inputs;
use crate::cubes::Scope;
use crate::event::Micros;

/// Which mail of the logs a run is about.
#[derive(Args, Debug)]
pub(super) struct ScopeOptions {
    /// Mail received in this month (2026-10), on this day (2026-10-07), or from one day through another (2026-10-05..2026-10-11)
    #[arg(long, value_name = "PERIOD", conflicts_with_all = ["since", "until"], help_heading = "Scope")]
    period: Option<String>,

    /// Mail received from this day or moment on (2026-10-01, 2026-10-01T12:00)
    #[arg(long, value_name = "TIME", help_heading = "Scope")]
    since: Option<String>,

    /// Mail received before this day or moment
    #[arg(long, value_name = "TIME", help_heading = "Scope")]
    until: Option<String>,

    /// How many days after the period's end records may still finish its mail
    #[arg(long, value_name = "DAYS", default_value_t = 5, value_parser = settle_days, help_heading = "Scope")]
    settle: u16,

    /// Mail to other hosts alone, or local and internal deliveries too
    #[arg(long, value_enum, value_name = "SCOPE", default_value_t = Which::Outbound, help_heading = "Scope")]
    scope: Which,
}

/// Which mail of two periods is compared.
#[derive(Args, Debug)]
pub(super) struct TwoScopes {
    /// The first period, where its inputs hold more: a month (2026-09), a day, or from one day through another (2026-09-28..2026-10-04)
    #[arg(long, value_name = "PERIOD", help_heading = "Scope")]
    before_period: Option<String>,

    /// The second period, likewise
    #[arg(long, value_name = "PERIOD", help_heading = "Scope")]
    after_period: Option<String>,

    /// How many days after a period's end records may still finish its mail; both get the same, the shorter that the logs allow
    #[arg(long, value_name = "DAYS", default_value_t = 5, value_parser = settle_days, help_heading = "Scope")]
    settle: u16,

    /// Mail to other hosts alone, or local and internal deliveries too
    #[arg(long, value_enum, value_name = "SCOPE", default_value_t = Which::Outbound, help_heading = "Scope")]
    scope: Which,
}

impl TwoScopes {
    /// Whether both periods are named, so that one set of inputs may hold both.
    pub(super) const fn are_named(&self) -> bool {
        self.before_period.is_some() && self.after_period.is_some()
    }

    /// Both scopes, their days in `zone`.
    pub(super) fn of(&self, zone: &TimeZone) -> Result<(Scope, Scope)> {
        let all = Scope { settle: i64::from(self.settle) * Micros::DAY, is_all: self.scope == Which::All, ..Scope::default() };
        let one = |option: &str, period: &Option<String>| -> Result<Scope> {
            let Some(period) = period else { return Ok(all) };
            let (since, until) = period_of(period, zone).with_context(|| format!("--{option} {period}"))?;
            Ok(Scope { since, until, ..all })
        };
        let both =
            one("before-period", &self.before_period).and_then(|before| Ok((before, one("after-period", &self.after_period)?)));
        both.map_err(usage)
    }
}

/// Which deliveries count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Mail to hosts elsewhere
    Outbound,
    /// Local and internal deliveries too
    All,
}

impl ScopeOptions {
    /// The scope, its days in the zone of the inputs.
    pub(super) fn of(&self, inputs: &Inputs) -> Result<Scope> {
        self.scope(&inputs.zone()).map_err(usage)
    }

    fn scope(&self, zone: &TimeZone) -> Result<Scope> {
        let all = Scope { settle: i64::from(self.settle) * Micros::DAY, is_all: self.scope == Which::All, ..Scope::default() };
        if let Some(period) = &self.period {
            let (since, until) = period_of(period, zone).with_context(|| format!("--period {period}"))?;
            return Ok(Scope { since, until, ..all });
        }
        let moment = |option: &str, text: &Option<String>| -> Result<Option<Micros>> {
            let read = |text: &String| moment(text, zone).with_context(|| format!("--{option} {text}"));
            text.as_ref().map(read).transpose()
        };
        let since = moment("since", &self.since)?.unwrap_or(all.since);
        let until = moment("until", &self.until)?.unwrap_or(all.until);
        if since >= until {
            bail!("--since and --until hold no time between them. Name an earlier --since or a later --until.");
        }
        Ok(Scope { since, until, ..all })
    }
}

/// A month, a day, or all from one of them through another.
fn period_of(text: &str, zone: &TimeZone) -> Result<(Micros, Micros)> {
    let Some((from, through)) = text.split_once("..") else { return one_period(text, zone) };
    let ((since, _), (_, until)) = (one_period(from, zone)?, one_period(through, zone)?);
    ensure!(since < until, "a period ends after it begins. Name the earlier day first");
    Ok((since, until))
}

/// A month or a day.
fn one_period(text: &str, zone: &TimeZone) -> Result<(Micros, Micros)> {
    // The parser's own words are about more forms than these.
    let (first, length): (Option<Date>, Span) = match text.len() {
        7 => (format!("{text}-01").parse().ok(), 1.month()),
        _ => (text.parse().ok(), 1.day()),
    };
    let first = first.context(FORM)?;
    Ok((at(first.at(0, 0, 0, 0), zone)?, at(first.checked_add(length)?.at(0, 0, 0, 0), zone)?))
}

/// Days to settle; the parser of numbers has words of its own.
fn settle_days(text: &str) -> Result<u16, String> {
    whole(text, 0..=365).ok_or_else(|| "it takes a whole number of days, 0 to 365".to_owned())
}

const FORM: &str =
    "no such period. Name a month such as 2026-10, a day such as 2026-10-07, or both ends such as 2026-10-05..2026-10-11";

/// A day, or a moment with or without a zone.
fn moment(text: &str, zone: &TimeZone) -> Result<Micros> {
    // 2026-10-07T18:30[Europe/Berlin]: what names a zone that nobody knows is no moment.
    let (bare, named) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((bare, name)) => (bare, TimeZone::get(name).ok()),
        None => (text, Some(zone.clone())),
    };
    if let Some(stamp) = named.as_ref().and_then(|_| bare.parse::<jiff::Timestamp>().ok()) {
        return Ok(Micros(stamp.as_microsecond()));
    }
    let civil = named.and_then(|zone| Some((bare.parse::<DateTime>().ok()?, zone)));
    let is_month = text.len() == 7 && format!("{text}-01").parse::<Date>().is_ok();
    let day = if is_month { format!("{text}-01") } else { "2026-10-07".to_owned() };
    let told = || format!("no such time. Name a day such as {day} or a moment such as {day}T18:30");
    let (civil, zone) = civil.with_context(told)?;
    at(civil, &zone)
}

fn at(civil: DateTime, zone: &TimeZone) -> Result<Micros> {
    Ok(Micros(zone.to_timestamp(civil)?.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(period: Option<&str>, since: Option<&str>, until: Option<&str>, zone: &str) -> Result<(String, String)> {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let options =
            ScopeOptions { period: own(period), since: own(since), until: own(until), settle: 5, scope: Which::Outbound };
        let scope = options.scope(&TimeZone::get(zone)?)?;
        let text =
            |time: Micros| jiff::Timestamp::from_microsecond(time.0).map_or_else(|_| "any".to_owned(), |time| time.to_string());
        Ok((text(scope.since), text(scope.until)))
    }

    #[test]
    fn a_period_is_a_month_or_a_day_in_the_zone() {
        let month = scope(Some("2026-12"), None, None, "Europe/Berlin").unwrap();
        assert_eq!(month, ("2026-11-30T23:00:00Z".to_owned(), "2026-12-31T23:00:00Z".to_owned()));
        let day = scope(Some("2026-10-07"), None, None, "UTC").unwrap();
        assert_eq!(day, ("2026-10-07T00:00:00Z".to_owned(), "2026-10-08T00:00:00Z".to_owned()));
        let week = scope(Some("2026-10-05..2026-10-11"), None, None, "UTC").unwrap();
        assert_eq!(week, ("2026-10-05T00:00:00Z".to_owned(), "2026-10-12T00:00:00Z".to_owned()));
        let months = scope(Some("2026-09..2026-10"), None, None, "UTC").unwrap();
        assert_eq!(months, ("2026-09-01T00:00:00Z".to_owned(), "2026-11-01T00:00:00Z".to_owned()));
        for wrong in ["2026", "2026-13", "October", "2026-02-30", "2026-10-07..", "..2026-10-07", "2026-10-07..2026-10-06"] {
            assert!(scope(Some(wrong), None, None, "UTC").is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_moment_may_name_its_zone() {
        let since = |text| scope(None, Some(text), None, "Europe/Berlin").unwrap();
        assert_eq!(since("2026-10-07").0, "2026-10-06T22:00:00Z");
        assert_eq!(since("2026-10-07T18:30").0, "2026-10-07T16:30:00Z");
        assert_eq!(since("2026-10-07T18:30:00Z").0, "2026-10-07T18:30:00Z");
        assert_eq!(since("2026-10-07T18:30[America/New_York]").0, "2026-10-07T22:30:00Z");
        assert_eq!(since("2026-10-07T18:30-04:00[America/New_York]").0, "2026-10-07T22:30:00Z");
        assert_eq!(since("2026-10-07").1, "any");
    }

    #[test]
    fn a_wrong_time_is_told_without_the_parsers_words() {
        let told = |period, since| format!("{:#}", scope(period, since, None, "UTC").unwrap_err());
        assert_eq!(
            told(None, Some("2026-10")),
            "--since 2026-10: no such time. Name a day such as 2026-10-01 or a moment such as 2026-10-01T18:30"
        );
        assert!(told(None, Some("2026-10-07T12:00[Mars/Base]")).contains("no such time"), "its zone is not passed over");
        assert!(told(Some("2026-10-07..2026-10-01"), None).contains("the earlier day first"));
        assert!(told(Some("2026-13"), None).ends_with("2026-10-05..2026-10-11"));
    }

    #[test]
    fn an_empty_span_is_refused() {
        assert!(scope(None, Some("2026-10-07"), Some("2026-10-07"), "UTC").is_err());
    }
}
