//! The stamps of a row.

use super::super::clock::Clock;
use super::super::cursor::{Cursor, millionths, number};
use super::super::{FileContext, envelope};
use crate::event::Micros;

/// Reads stamps: those of a column have much in common, so that each has a clock.
pub(super) struct Stamps {
    logged: Clock,
    queued: Clock,
}

impl Stamps {
    pub(super) fn new(context: &FileContext) -> Self {
        Self { logged: Clock::new(context), queued: Clock::new(context) }
    }

    /// `timeLogged`.
    pub(super) fn logged(&mut self, cell: &[u8]) -> Option<Micros> {
        read(cell, &mut self.logged)
    }

    /// `timeQueued`.
    pub(super) fn queued(&mut self, cell: &[u8]) -> Option<Micros> {
        read(cell, &mut self.queued)
    }
}

/// `2016-05-29 01:10:51+0200`, without the zone, as ISO 8601 has it, or seconds since 1970; in re-exports thousandths, too, and a blank
/// before the zone.
fn read(cell: &[u8], clock: &mut Clock) -> Option<Micros> {
    if let Some((moment, rest)) = envelope::iso(cell, clock) {
        return if rest.is_empty() { Some(moment) } else { apart(cell, rest, clock) };
    }
    let mut at = Cursor(cell);
    let digits = at.digits();
    let count = i64::try_from(number(digits)?).ok()?;
    if digits.len() == 13 && at.0.is_empty() {
        return Some(Micros(count * 1_000));
    }
    let fraction = if at.take(b".") { millionths(at.digits()) } else { 0 };
    ((9..=11).contains(&digits.len()) && at.0.is_empty()).then(|| Micros(count * Micros::SECOND + fraction))
}

/// `2016-05-29 01:10:51 +0200`, `2016-05-29 01:10:51 UTC`: a stamp whose zone stands apart.
fn apart(cell: &[u8], rest: &[u8], clock: &mut Clock) -> Option<Micros> {
    let zone: &[u8] = match rest.strip_prefix(b" ")? {
        b"UTC" => b"Z",
        zone @ [b'+' | b'-', ..] => zone,
        _ => return None,
    };
    let joined = [cell.strip_suffix(rest)?, zone].concat();
    envelope::iso(&joined, clock).filter(|(_, rest)| rest.is_empty()).map(|(moment, _)| moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{Timestamp, tz::TimeZone};

    #[test]
    fn stamps_are_read_in_all_their_forms() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let mut stamps = Stamps::new(&FileContext { anchor: Micros(0), zone, own_relays: Vec::new() });
        let mut check = |cell: &str, expected: Option<&str>| {
            let found = stamps.logged(cell.as_bytes()).map(|at| Timestamp::from_microsecond(at.0).unwrap().to_string());
            assert_eq!(found.as_deref(), expected, "{cell}");
        };
        check("2016-05-29 01:10:51+0200", Some("2016-05-28T23:10:51Z"));
        check("2016-05-29 01:10:51", Some("2016-05-28T23:10:51Z"));
        check("2024-01-20T10:30:00Z", Some("2024-01-20T10:30:00Z"));
        check("2026-01-15T14:23:11.5+00:00", Some("2026-01-15T14:23:11.5Z"));
        check("1178807903", Some("2007-05-10T14:38:23Z"));
        check("1178807903.25", Some("2007-05-10T14:38:23.25Z"));
        check("1178807903250", Some("2007-05-10T14:38:23.25Z"));
        check("2016-05-29 01:10:51 -0500", Some("2016-05-29T06:10:51Z"));
        check("2016-05-29 01:10:51.5 UTC", Some("2016-05-29T01:10:51.5Z"));
        check("2016-05-29", None);
        check("17900077001250", None);
        check("9223372036854775807", None);
        check("2016-05-29 01:10:51+0200 x", None);
        check("2016-05-29 01:10:51 x", None);
        check("2016-05-29 01:10:51+0200 +0200", None);
        check("17", None);
        check("", None);
    }
}
