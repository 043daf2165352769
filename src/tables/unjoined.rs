//! What came back by mail and belongs to no outcome of the logs, or to several.

use super::column::{Row, row};
use super::{Table, each};
use crate::classify::{Classifier, Scratch};
use crate::event::Micros;
use crate::feedback::{Case, Fate, Settled};

/// How many are listed.
const MOST: usize = 10_000;

row! {
/// One row of `unjoined`: one recipient of one mail.
pub struct Unjoined {
    /// bounce or complaint.
    pub kind: String => "",
    /// ambiguous (several outcomes could be meant), unmatched (none was found), late (it came after the settling time).
    pub fate: String => "",
    /// Whom it is about; empty where the mail names nobody.
    pub recipient: String => "",
    /// Message-ID of the original; empty where it did not come back.
    pub message_id: String => "",
    /// When it bounced, or when the mail complained of came in; null where not told.
    pub time: Option<Micros> => "",
    /// The host that reports; empty where not told.
    pub reporter: String => "",
    /// Why it bounced; empty for a complaint.
    pub category: String => "",
    /// The words of the bounce; empty for a complaint.
    pub reply: String => "",
    /// The file that holds the mail.
    pub file: String => "",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "unjoined",
    about: "Bounces and complaints by mail that no single outcome of the logs is about; the first 10,000 by time.",
    counts: "cases",
    sql: None,
    columns: Unjoined::COLUMNS,
    derived: &[],
    reconciles: &[],
    rows: |tables, take| each(&tables.unjoined, take),
};

/// The rows, in the order of the cases.
pub(super) fn rows(settled: &[Settled], cases: &[Case], classifier: &Classifier) -> Vec<Unjoined> {
    let mut scratch = Scratch::default();
    let is_listed = |fate: Fate| matches!(fate, Fate::Ambiguous | Fate::Unmatched | Fate::Late);
    let listed = settled.iter().filter(|settled| is_listed(settled.fate)).take(MOST);
    listed
        .filter_map(|settled| {
            let case = cases.get(settled.case)?;
            let category = match case.sort {
                crate::feedback::Sort::Bounce => {
                    classifier.classify_with(case.reply.as_bytes(), None, &mut scratch).category.name().to_owned()
                }
                crate::feedback::Sort::Complaint => String::new(),
            };
            Some(Unjoined {
                kind: case.sort.name().to_owned(),
                fate: settled.fate.name().to_owned(),
                recipient: case.recipients.first().cloned().unwrap_or_default(),
                message_id: case.message_id.clone(),
                time: case.time,
                reporter: case.reporter.clone(),
                category,
                reply: case.reply.clone(),
                file: case.file.clone(),
            })
        })
        .collect()
}
