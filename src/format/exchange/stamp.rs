//! The stamp of a row: where it stands, and what it says.
//!
//! The log itself is UTC always, as ISO 8601 has it. The export has the local time of whoever exported, in the order of day and month of
//! his country; which that is must be seen from the head of the file, and is not guessed.

use jiff::civil;

use super::super::clock::{Clock, HourKey, Stamp, within_hour};
use super::super::cursor::{Cursor, millionths, number};
use super::super::row::{Cells, Columns};
use super::super::{FileContext, envelope};
use super::columns::Column;
use crate::event::Micros;

/// Reads stamps.
pub(in crate::format) struct Stamps {
    logged: Clock,
    arrived: Clock,
    order: Option<Order>,
}

/// Which number of `3/4/2026` comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    DayFirst,
    MonthFirst,
}

/// Cells that a log shipper may have put before the log's own.
const MOST_PREFIXED: usize = 8;

impl Stamps {
    pub(in crate::format) fn new(head: &[u8], context: &FileContext) -> Self {
        Self { logged: Clock::new(context), arrived: Clock::new(context), order: order(head) }
    }

    /// The stamp of a row, and the row's cells. A shipper's own words may stand before them. None: there is no stamp. A stamp
    /// that may mean two days is none either, but the row is one.
    pub(super) fn find<'a>(
        &mut self,
        cells: &Cells<'a>,
        columns: &Columns<{ Column::COUNT }>,
    ) -> Option<(Option<Micros>, Cells<'a>)> {
        let place = columns.place(Column::DateTime as usize)?;
        let cell = cells.get(place);
        if let Ok(time) = self.read(cell) {
            return Some((time, *cells));
        }
        // `host app 2026-10-01T08:02:06.000Z,…`
        let last = cell.rsplit(|&byte| byte == b' ').next().unwrap_or_default();
        if let Some(time) = iso(last, &mut self.logged) {
            return Some((Some(time), *cells));
        }
        let before = (1..=MOST_PREFIXED).find(|&before| iso(cells.get(place + before), &mut self.logged).is_some())?;
        Some((iso(cells.get(place + before), &mut self.logged), cells.skip(before)))
    }

    /// The stamp in a cell; None if it may mean two days. An error: the cell holds none.
    pub(in crate::format) fn read(&mut self, cell: &[u8]) -> Result<Option<Micros>, ()> {
        match iso(cell, &mut self.logged).or_else(|| of_script(cell)) {
            Some(time) => Ok(Some(time)),
            None => Local::read(cell).map(|date| self.local(date)).ok_or(()),
        }
    }

    /// When the message arrived, as `message-info` begins on `SEND` and `DELIVER`.
    pub(super) fn arrived(&mut self, info: &[u8]) -> Option<Micros> {
        iso(info.get(..info.iter().position(|&byte| byte == b';').unwrap_or(info.len()))?, &mut self.arrived)
    }

    fn local(&mut self, date: Local) -> Option<Micros> {
        let (month, day) = match (date.order, self.order) {
            (Some(Order::MonthFirst), _) | (None, Some(Order::MonthFirst)) => (date.first, date.second),
            (Some(Order::DayFirst), _) | (None, Some(Order::DayFirst)) => (date.second, date.first),
            (None, None) => return None,
        };
        let hour = Stamp { year: Some(date.year), month: month as i8, day: day as i8, hour: date.hour as i8 };
        let [high, low] = date.year.to_be_bytes();
        let key = HourKey::from_be_bytes([2, 0, 0, 0, 0, 0, 0, 0, 0, 0, high, low, month, day, date.hour, 1]);
        self.logged.local(key, within_hour(date.minute, date.second_of_minute)? + date.micros, || Some(hour))
    }
}

/// `/Date(1791390600000)/`, `/Date(1791390600000+0200)/`: thousandths since 1970, as JSON had them from Windows.
fn of_script(cell: &[u8]) -> Option<Micros> {
    let inside = cell.strip_prefix(b"/Date(")?.strip_suffix(b")/")?;
    let digits = Cursor(inside).digits();
    let count = i64::try_from(number(digits)?).ok().filter(|_| digits.len() <= 13)?;
    Some(Micros(count * 1_000))
}

fn iso(cell: &[u8], clock: &mut Clock) -> Option<Micros> {
    envelope::iso(cell, clock).filter(|(_, rest)| rest.is_empty()).map(|(time, _)| time)
}

/// `10/1/2026 8:02:06 AM`, `10/1/2026, 8:02:06.125 AM`, `01.10.2026 08:02:06`: a date with its numbers in the order of a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Local {
    first: u8,
    second: u8,
    year: i16,
    hour: u8,
    minute: u8,
    second_of_minute: u8,
    micros: i64,
    /// None: the numbers may mean two days.
    order: Option<Order>,
}

impl Local {
    fn read(cell: &[u8]) -> Option<Self> {
        let mut at = Cursor(cell);
        let short = |at: &mut Cursor<'_>| number(at.digits()).filter(|&number| number < 100).map(|number| number as u8);
        let first = short(&mut at)?;
        let separator = *at.0.first().filter(|byte| matches!(byte, b'/' | b'.' | b'-'))?;
        at.take(&[separator]);
        let second = short(&mut at)?;
        at.take(&[separator]).then_some(())?;
        let year = number(at.digits()).filter(|year| (1990..=2100).contains(year))? as i16;
        at.take(b",");
        at.blanks().then_some(())?;
        let mut hour = short(&mut at)?;
        at.take(b":").then_some(())?;
        let minute = short(&mut at)?;
        let second_of_minute = if at.take(b":") { short(&mut at)? } else { 0 };
        let micros = if at.take(b".") { millionths(at.digits()) } else { 0 };
        at.blanks();
        if at.0.eq_ignore_ascii_case(b"PM") || at.0.eq_ignore_ascii_case(b"AM") {
            let is_afternoon = at.0.eq_ignore_ascii_case(b"PM");
            hour = (hour % 12) + if is_afternoon { 12 } else { 0 };
        } else if !at.0.is_empty() {
            return None;
        }
        civil::Date::new(year, 1, 1).ok()?;
        let order = match (first, second) {
            (13.., _) => Some(Order::DayFirst),
            (_, 13..) => Some(Order::MonthFirst),
            // No country writes the month first and points between.
            _ if separator == b'.' => Some(Order::DayFirst),
            (same, other) if same == other => Some(Order::DayFirst),
            _ => None,
        };
        Some(Self { first, second, year, hour, minute, second_of_minute, micros, order })
    }
}

/// The order of the dates in the head of a file, by the first that leaves no doubt.
fn order(head: &[u8]) -> Option<Order> {
    // Some countries put a comma between day and hour.
    let quoted = head.split(|&byte| matches!(byte, b'"' | b'\n'));
    let mut cells = head.split(|&byte| matches!(byte, b',' | b'"' | b'\n')).chain(quoted);
    cells.find_map(|cell| Local::read(cell).filter(|date| date.first != date.second && date.first.max(date.second) > 12)?.order)
}

#[cfg(test)]
mod tests {
    use super::super::super::row::Row;
    use super::super::columns;
    use super::*;
    use jiff::{Timestamp, tz::TimeZone};

    fn read(head: &str, row: &str) -> Option<String> {
        let context = FileContext { anchor: Micros(0), zone: TimeZone::get("Europe/Berlin").unwrap(), own_relays: Vec::new() };
        let columns = columns::read([&b"date-time"[..], b"client-ip"].into_iter());
        let mut cut = Row::new();
        let (time, cells) = Stamps::new(head.as_bytes(), &context).find(&cut.read(row.as_bytes()), &columns)?;
        let time = time.map_or("-".to_owned(), |time| Timestamp::from_microsecond(time.0).unwrap().to_string());
        Some(format!("{time} {}", String::from_utf8_lossy(cells.get(1))))
    }

    #[track_caller]
    fn check(head: &str, row: &str, expected: Option<&str>) {
        assert_eq!(read(head, row).as_deref(), expected, "{row}");
    }

    #[test]
    fn the_log_is_in_utc() {
        check("", "2026-10-01T08:02:06.125Z,x", Some("2026-10-01T08:02:06.125Z x"));
        check("", "soon,x", None);
        check("", "", None);
    }

    #[test]
    fn what_a_shipper_puts_in_front_is_passed_over() {
        check("", "ex1 tracking 2026-10-01T08:02:06.000Z,x", Some("2026-10-01T08:02:06Z x"));
        check("", "ex1,tracking,2026-10-01T08:02:06.000Z,x", Some("2026-10-01T08:02:06Z x"));
    }

    #[test]
    fn an_export_is_in_local_time_and_its_order_is_seen_or_not_known() {
        check("", "10/21/2026 8:02:06 PM,x", Some("2026-10-21T18:02:06Z x"));
        check("", "21/10/2026 12:02:06 AM,x", Some("2026-10-20T22:02:06Z x"));
        check("", "01.10.2026 08:02:06,x", Some("2026-10-01T06:02:06Z x"));
        check("", "\"10/21/2026, 8:02:06.125 PM\",x", Some("2026-10-21T18:02:06.125Z x"));
        check("", "10/1/2026 8:02:06 AM,x", Some("- x"));
        check("\"10/21/2026 8:02:06 AM\"", "10/1/2026 8:02:06 AM,x", Some("2026-10-01T06:02:06Z x"));
        check("\"10/21/2026, 8:02:06.5 AM\"", "\"10/1/2026, 8:02:06 AM\",x", Some("2026-10-01T06:02:06Z x"));
        check("\"21/10/2026 08:02:06\"", "10/1/2026 08:02:06,x", Some("2026-01-10T07:02:06Z x"));
    }
}
