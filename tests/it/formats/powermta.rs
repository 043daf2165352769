//! PowerMTA: detection, rows that lost their quotes or their header, and rows of nearly the right shape.

use mailtally::event::{Kind, Pos};
use mailtally::format::{Account, by_name};
use proptest::prelude::*;

use super::events::Rendering;
use super::{account_for, check_detection, context};

#[test]
fn an_accounting_file_is_told_by_its_header() {
    check_detection("type,timeLogged,orig,rcpt\n", "powermta Certain Csv");
    check_detection("\u{feff}#Type,VMTA\n", "powermta Certain Csv");
    check_detection(&("#\n".repeat(300) + "type,rcpt,header_x\n"), "powermta Certain Csv");
    check_detection("{\"type\":\"d\",\"timeLogged\":\"1178807903\",\"rcpt\":\"a@b.example\"}\n", "powermta Certain Json");
}

#[test]
fn rows_without_their_header_are_told_and_not_guessed() {
    let rows = "d,1178807903,c@d.example,a@b.example,,relayed\nb,1178807904,c@d.example,a@b.example,,failed\n";
    check_detection(rows, "powermta Likely Csv");
    let mut reader = by_name("powermta").unwrap().reader(rows.as_bytes(), &context());
    let mut account = Account::default();
    for row in rows.lines() {
        account_for(&mut account, &mut *reader, row.as_bytes(), Pos::default());
    }
    assert_eq!((account.lines, account.unparsed, account.attempts), (2, 2, 0));
}

#[test]
fn another_table_is_no_accounting_file() {
    check_detection("type,name,price\nd,2,3\n", "unknown: CSV");
    check_detection("id,type,rcpt\n1,d,a@b.example\n", "unknown: CSV");
    check_detection("{\"type\":\"open\",\"rcpt\":\"a@b.example\"}\n", "unknown: JSON");
}

/// Rows that lead further into the reader than chance does.
fn nearly_a_row() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("d"),
        Just("b"),
        Just("t"),
        Just("tq"),
        Just("f"),
        Just("type"),
        Just("rcpt"),
        Just("timeLogged"),
        Just("dsnDiag"),
        Just("dlvEsmtpAvailable"),
        Just("2026-10-05 08:15:31+0200"),
        Just("1790000000"),
        Just("a@b.example"),
        Just("smtp;550 5.1.1 no"),
        Just("5.1.1 (bad)"),
        Just("PIPELINING"),
        Just("mx (192.0.2.1)"),
        Just("\""),
        Just("#"),
        Just("\n"),
        Just(""),
    ];
    let cell =
        prop_oneof![9 => piece.prop_map(|piece| piece.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..6)];
    prop::collection::vec(cell, 0..12).prop_map(|cells| cells.join(&b','))
}

proptest! {
    #[test]
    fn any_rows_under_any_header_are_read(rows in prop::collection::vec(nearly_a_row(), 1..6)) {
        let mut reader = by_name("powermta").unwrap().reader(b"", &context());
        let mut account = Account::default();
        account_for(&mut account, &mut *reader, b"type,timeLogged,dsnDiag,rcpt,dlvEsmtpAvailable,orig", Pos::default());
        for row in &rows {
            account_for(&mut account, &mut *reader, row, Pos::default());
        }
        prop_assert_eq!(account.delivered + account.deferred + account.bounced + account.expired, account.attempts);
    }

    #[test]
    fn the_order_of_columns_changes_nothing(seed in Just(()), order in Just((0..5).collect::<Vec<usize>>()).prop_shuffle()) {
        let () = seed;
        let names = ["timeLogged", "orig", "rcpt", "dsnDiag", "vmta"];
        let cells = ["1790000000", "c@d.example", "a@b.example", "smtp;550 5.1.1 no", "mta-a"];
        let read = |order: &[usize]| {
            let row = |of: [&str; 5], first: &str| {
                let cells: Vec<&str> = order.iter().map(|&at| of[at]).collect();
                format!("{first},{}", cells.join(","))
            };
            let mut reader = by_name("powermta").unwrap().reader(b"", &context());
            let mut events = Rendering::default();
            assert_eq!(reader.read(row(names, "type").as_bytes(), Pos::default(), &mut events), Kind::Header);
            assert_eq!(reader.read(row(cells, "b").as_bytes(), Pos::default(), &mut events), Kind::Delivery);
            events.0
        };
        prop_assert_eq!(read(&order), read(&[0, 1, 2, 3, 4]));
    }
}
