//! A row that was re-emitted as a JSON object with the names of its columns.

use super::super::object::{self, ObjectRow};
use super::columns::{self, Column};

/// Reads objects.
pub(super) fn row() -> ObjectRow {
    ObjectRow::new(columns::known, Column::COUNT)
}

/// Whether one of the first objects of `text` has the names of an accounting record.
pub(super) fn is_ours(text: &[u8]) -> bool {
    object::any(text, is_record)
}

/// The accounting records within an object that is none itself.
pub(super) fn within(object: &[u8]) -> impl Iterator<Item = &[u8]> {
    object::within(object, is_record)
}

/// Whether the object at the beginning of a text has the names of an accounting record.
fn is_record(object: &[u8]) -> bool {
    let mut first = row();
    // Whether all of it is there does not matter: what was read of it is.
    first.read(object);
    let has = |column: Column| first.has(column as usize);
    let is_timed = has(Column::TimeLogged) || has(Column::TimeQueued);
    has(Column::Type)
        && (is_timed || has(Column::DsnStatus) || has(Column::BounceCat))
        && (has(Column::Rcpt) || has(Column::Orig))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accounting_object_is_told_by_its_names() {
        assert!(is_ours(br#"{"type":"d","timeLogged":"1178807903","rcpt":"a@b.example"}"#));
        assert!(is_ours(br#"[ {"orig":"c@d.example","timeQueued":"1","type":"t","dsnDiag":"smtp;45"#));
        assert!(!is_ours(br#"{"type":"Delivery","id":"1","recipient":"a@b.example"}"#));
        assert!(!is_ours(br#"{"type":"open","rcpt":"a@b.example"}"#));
        assert!(!is_ours(b"{"));
    }
}
