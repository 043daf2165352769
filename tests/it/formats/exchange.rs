//! Exchange: detection among its other logs, and rows of nearly the right shape.

use mailtally::event::Pos;
use mailtally::format::{Account, by_name};
use proptest::prelude::*;

use super::{account_for, check_detection, context};

#[test]
fn message_tracking_is_told_from_exchanges_other_logs() {
    check_detection("#Software: Microsoft Exchange Server\n#Log-type: Message Tracking Log\n", "exchange Certain Csv");
    check_detection("\u{feff}#Fields: date-time,client-ip,event-id,recipient-address\n", "exchange Certain Csv");
    check_detection(&("x\n".repeat(200) + "#Fields: date-time,event-id,recipient-address\n"), "exchange Certain Csv");
    let protocol =
        "#Software: Microsoft Exchange Server\n#Log-type: SMTP Send Protocol Log\n#Fields: date-time,connector-id,session-id\n";
    check_detection(protocol, "unknown: text");
    check_detection("Timestamp,EventId,Message,Level,Host,User\n", "unknown: CSV");
}

/// Rows that lead further into the reader than chance does.
fn nearly_a_row() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("SMTP"),
        Just("STOREDRIVER"),
        Just("SEND"),
        Just("FAIL"),
        Just("DEFER"),
        Just("RECEIVE"),
        Just("a@b.example;c@d.example"),
        Just("550 5.1.1 RESOLVER.ADR; no;550 no"),
        Just("[{LED=550 no};{FQDN=mx};{IP=192.0.2.1}]"),
        Just("451 4.4.0 Primary target IP address responded with: \"\"421 no\"\""),
        Just("x;250 2.6.0 queued;ClientSubmitTime:"),
        Just("2026-10-05T08:02:03.000Z"),
        Just("10/5/2026 8:02:03 AM"),
        Just("<1@example.org>"),
        Just("HealthMailbox1@x"),
        Just("\""),
        Just("#Fields: date-time"),
        Just(""),
    ];
    let cell =
        prop_oneof![9 => piece.prop_map(|piece| piece.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..6)];
    prop::collection::vec(cell, 0..32).prop_map(|cells| cells.join(&b','))
}

proptest! {
    #[test]
    fn any_rows_under_any_header_are_read(rows in prop::collection::vec(nearly_a_row(), 1..6), stamped in any::<bool>()) {
        let mut reader = by_name("exchange").unwrap().reader(b"10/21/2026 1:00 PM", &context());
        let mut account = Account::default();
        let header = b"#Fields: date-time,source,event-id,message-id,recipient-address,recipient-status,source-context,message-info";
        account_for(&mut account, &mut *reader, header, Pos::default());
        for row in &rows {
            let row = if stamped { [b"2026-10-05T08:02:03.000Z,SMTP,", &row[..]].concat() } else { row.clone() };
            account_for(&mut account, &mut *reader, &row, Pos::default());
        }
        prop_assert_eq!(account.delivered + account.deferred + account.bounced + account.expired, account.attempts);
    }
}
