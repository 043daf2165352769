//! What all targets of formats do: a file is told, cut into records, read and counted.

use jiff::tz::TimeZone;
use mailtally::event::{Framing, Micros, Pos};
use mailtally::format::{Account, FileContext, by_name};
use mailtally::source::each_record_of;

/// Reads `file` as the format `name` would.
pub fn read(name: &str, file: &[u8]) {
    let Some(format) = by_name(name) else { return };
    let framing = format.recognise(file).map_or(Framing::Lines, |(_, framing)| framing);
    let context =
        FileContext { anchor: Micros(1_790_000_000_000_000), zone: TimeZone::UTC, own_relays: vec!["mx.example.org".to_owned()] };
    let mut reader = format.reader(file, &context);
    let mut account = Account::default();
    let mut records = 0;
    each_record_of(file, framing, |offset, record| {
        let kind = reader.read(record, Pos { file: 0, offset }, &mut account);
        account.record(kind);
        records += 1;
    });
    assert_eq!(account.delivery + account.context + account.other + account.unparsed, records);
    assert_eq!(account.delivered + account.deferred + account.bounced + account.expired, account.attempts);
}
