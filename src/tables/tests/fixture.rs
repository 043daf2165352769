//! The queries over a fixed set of views, compared cell by cell with what a second engine made of them.
//!
//! `tests/fixtures/tables` holds the views, the expected tables and the two scripts that wrote them.

use std::path::PathBuf;

use polars::prelude::IntoLazy;
use polars::sql::SQLContext;

use super::super::column::{Cell, Column, Kind, Row};
use super::super::dimensions::{DOMAIN_PROVIDERS, EXAMPLES, REPLIES};
use super::super::frame::frame_of;
use super::super::frames::{ATTEMPT_CHANNELS, ATTEMPT_CODES, ATTEMPT_REPLIES, INBOUND, OUTCOME_DOMAINS, OUTCOME_SENDERS, View};
use super::super::queries::query;
use super::super::{
    Table, codes, domains, inbound_rejects, providers, reasons, retries, senders, signatures, sources, timeline, tls,
};

/// What stands for a null.
const NULL: &str = "\\N";

fn read(folder: &str, name: &str) -> Vec<csv::StringRecord> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/fixtures/tables", folder, &format!("{name}.csv")].iter().collect();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    reader.records().map(Result::unwrap).collect()
}

fn cell(text: &str, kind: Kind) -> Cell<'_> {
    match kind {
        _ if text == NULL => Cell::Null,
        Kind::Text => Cell::Text(text),
        Kind::Whole => Cell::Whole(text.parse().unwrap()),
        Kind::Real => Cell::Real(text.parse().unwrap()),
        Kind::Flag => Cell::Flag(text == "true"),
        Kind::Day => {
            let since = text.parse::<jiff::civil::Date>().unwrap().since(jiff::civil::date(1970, 1, 1)).unwrap();
            Cell::Day(since.get_days())
        }
        Kind::Time => Cell::Time(text.parse::<jiff::Timestamp>().unwrap().as_microsecond()),
    }
}

fn context() -> SQLContext {
    let context = SQLContext::new();
    let views = [OUTCOME_DOMAINS, ATTEMPT_CODES, ATTEMPT_REPLIES, OUTCOME_SENDERS, ATTEMPT_CHANNELS, INBOUND];
    for View { name, columns, .. } in views.into_iter().chain([DOMAIN_PROVIDERS, REPLIES, EXAMPLES]) {
        register(&context, "views", name, columns);
    }
    // What a query has made, those that follow may read.
    register(&context, "expected", domains::TABLE.name, domains::Domain::COLUMNS);
    context
}

/// Lets queries read a table of the fixture.
fn register(context: &SQLContext, folder: &str, name: &'static str, columns: &[Column]) {
    let records = read(folder, name);
    let [header, rows @ ..] = &*records else { panic!("{name}: no header") };
    assert!(header.iter().eq(columns.iter().map(|column| column.name)), "{name}: {header:?}");
    let rows = rows.iter().map(|record| record.iter().zip(columns).map(|(text, column)| cell(text, column.kind)));
    context.register(name, frame_of(columns, rows).unwrap().lazy());
}

#[track_caller]
fn check<R: Row>(table: &Table) {
    let rows: Vec<R> = query(&mut context(), table).unwrap();
    let expected = read("expected", table.name);
    assert!(expected[0].iter().eq(R::COLUMNS.iter().map(|column| column.name)));
    assert_eq!(rows.len(), expected.len() - 1);
    for (at, (row, expected)) in rows.iter().zip(&expected[1..]).enumerate() {
        let mut cells = Vec::new();
        row.cells(&mut cells);
        let expected: Vec<Cell<'_>> = expected.iter().zip(R::COLUMNS).map(|(text, column)| cell(text, column.kind)).collect();
        assert_eq!(cells, expected, "{} row {at}", table.name);
    }
}

#[test]
fn domains_are_those_of_the_second_engine() {
    check::<domains::Domain>(&domains::TABLE);
}

#[test]
fn providers_are_those_of_the_second_engine() {
    check::<providers::Provider>(&providers::TABLE);
}

#[test]
fn reasons_are_those_of_the_second_engine() {
    check::<reasons::ReasonRow>(&reasons::TABLE);
}

#[test]
fn codes_are_those_of_the_second_engine() {
    check::<codes::Code>(&codes::TABLE);
}

#[test]
fn signatures_are_those_of_the_second_engine() {
    check::<signatures::Signature>(&signatures::TABLE);
}

#[test]
fn the_timeline_is_that_of_the_second_engine() {
    check::<timeline::Day>(&timeline::TABLE);
}

#[test]
fn sources_are_those_of_the_second_engine() {
    check::<sources::Source>(&sources::TABLE);
}

#[test]
fn senders_are_those_of_the_second_engine() {
    check::<senders::Sender>(&senders::TABLE);
}

#[test]
fn retries_are_those_of_the_second_engine() {
    check::<retries::Retry>(&retries::TABLE);
}

#[test]
fn channels_are_those_of_the_second_engine() {
    check::<tls::Channel>(&tls::TABLE);
}

#[test]
fn inbound_rejects_are_those_of_the_second_engine() {
    check::<inbound_rejects::InboundReject>(&inbound_rejects::TABLE);
}
