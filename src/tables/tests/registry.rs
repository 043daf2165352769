//! The registry: that every table is documented, and declares nothing that it has not.

use std::collections::BTreeSet;

use super::super::column::{Column, Kind};
use super::super::reconcile::Identity;
use super::super::{TABLES, Table, Tables};

#[test]
fn names_are_unique_and_lower_case() {
    let names: BTreeSet<_> = TABLES.iter().map(|table| table.name).collect();
    assert_eq!(names.len(), TABLES.len());
    assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
    assert!(TABLES.iter().all(|table| std::ptr::eq(Table::named(table.name).unwrap(), *table)));
}

#[test]
fn every_column_is_documented_once() {
    for table in TABLES {
        let columns: Vec<Column> = table.file_columns().collect();
        let names: BTreeSet<_> = columns.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), columns.len(), "{}: a name twice", table.name);
        for column in columns {
            assert!(column.meaning.len() > 5 && column.meaning.ends_with('.'), "{}.{}", table.name, column.name);
            let has_unit = !column.unit.is_empty();
            let is_measure = column.kind == Kind::Real || (column.kind == Kind::Whole && column.name != "code");
            assert_eq!(has_unit, is_measure, "{}.{}: unit", table.name, column.name);
        }
    }
}

#[test]
fn derived_columns_and_identities_name_counts_of_their_table() {
    for table in TABLES {
        let of_derived = table.derived.iter().flat_map(|derived| derived.needs().collect::<Vec<_>>());
        let of_identities = table.reconciles.iter().flat_map(|identity| match *identity {
            Identity::Parts { parts, whole } => [parts, &[whole]].concat(),
            Identity::AtMost { part, whole } => vec![part, whole],
            Identity::Total { count, .. } => vec![count],
        });
        for name in of_derived.chain(of_identities) {
            let is_count = table.columns.iter().any(|column| column.name == name && column.kind == Kind::Whole);
            assert!(is_count, "{} has no count {name}", table.name);
        }
    }
}

#[test]
fn the_first_columns_of_domains_and_providers_are_fixed_for_scripts() {
    let fixed = "attempts outcomes delivered bounced_later bounced blocked expired deferred queued cancelled unknown \
                 deferred_once lost_to_blocks";
    let names =
        |table: &str| Table::named(table).unwrap().file_columns().map(|column| column.name).collect::<Vec<_>>().join(" ");
    assert!(names("domains").starts_with(&format!("domain provider {fixed} ")));
    assert!(names("providers").starts_with(&format!("provider {fixed} ")));
}

#[test]
fn every_table_with_the_end_states_declares_that_they_add_up() {
    let states = crate::cubes::State::ALL.map(crate::cubes::State::name);
    let shows = |table: &&&Table| states.iter().all(|state| table.columns.iter().any(|column| column.name == *state));
    let shown: Vec<_> = TABLES.iter().filter(shows).collect();
    assert!(shown.len() >= 6, "domains, providers, timeline, sources, senders, retries");
    for table in shown {
        let adds_up = table.reconciles.iter().any(|identity| match identity {
            Identity::Parts { parts, whole } => {
                *whole == "outcomes" && parts.len() == states.len() && states.iter().all(|state| parts.contains(state))
            }
            Identity::AtMost { .. } | Identity::Total { .. } => false,
        });
        assert!(adds_up, "{}", table.name);
    }
}

#[test]
fn no_tables_have_no_rows() {
    for table in TABLES {
        (table.rows)(&Tables::default(), &mut |cells| panic!("{}: {cells:?}", table.name));
    }
}
