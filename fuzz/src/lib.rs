//! What the targets of the formats have in common.

use jiff::tz::TimeZone;
use mailtally::event::{Framing, Micros, Pos};
use mailtally::format::{Account, FileContext, Format, by_name, detect};
use mailtally::source::each_record_of;

/// Any file as a log of the format `name`: told, cut into records, read, counted.
pub fn read_as(name: &str, file: &[u8]) {
    read(by_name(name).expect("targets name formats that are built in"), file);
}

/// Any file as a log of the format that its head shows, if it shows one.
pub fn read_as_told(file: &[u8]) {
    if let Some(detection) = detect(file) {
        read(detection.format, file);
    }
}

/// The same as a log of `format`.
pub fn read(format: &dyn Format, file: &[u8]) {
    let framing = format.recognise(file).map_or(Framing::Lines, |(_, framing)| framing);
    let context =
        FileContext { anchor: Micros(1_790_000_000_000_000), zone: TimeZone::UTC, own_relays: vec!["mx.example.org".to_owned()] };
    let mut reader = format.reader(file, &context);
    let mut account = Account::default();
    each_record_of(file, framing, |offset, record| {
        let kind = reader.read(record, Pos { file: 0, offset }, &mut account);
        account.record(kind);
    });
    assert_eq!(account.delivery + account.context + account.other + account.unparsed, account.lines);
    assert_eq!(account.delivered + account.deferred + account.bounced + account.expired, account.attempts);
}
