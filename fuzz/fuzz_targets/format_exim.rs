//! Any file as an Exim log: told, read line by line, counted.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use mailtally::event::{Micros, Pos};
use mailtally::format::{Account, FileContext, by_name};

fuzz_target!(|file: &[u8]| {
    let Some(format) = by_name("exim") else { return };
    format.recognise(file);
    let context =
        FileContext { anchor: Micros(1_790_000_000_000_000), zone: TimeZone::UTC, own_relays: vec!["mx.example.org".to_owned()] };
    let mut reader = format.reader(file, &context);
    let mut account = Account::default();
    let mut lines = 0;
    for record in file.split(|&byte| byte == b'\n') {
        let kind = reader.read(record, Pos { file: 0, offset: lines }, &mut account);
        account.record(kind);
        lines += 1;
    }
    assert_eq!(account.delivery + account.context + account.other + account.unparsed, lines);
    assert_eq!(account.delivered + account.deferred + account.bounced + account.expired, account.attempts);
});
