//! What came back, by mail or as the log records it, and what became of it.

use std::collections::BTreeMap;

use super::column::{Row, row};
use super::frames::count;
use super::{Table, each};
use crate::cubes::Tally;
use crate::feedback::Returned;

row! {
/// One row of `feedback`. Mails and cases are counted apart: a mail may speak of several recipients, or of none.
pub struct FeedbackCount {
    /// mail or log.
    pub source: String => "",
    /// Of mails: bounce, delay, positive, complaint, unsubscribe, other-feedback, auto-reply, challenge, receipt, aggregate, other, no-mail,
    /// duplicate. Of cases: bounce or complaint.
    pub kind: String => "",
    /// What became of the cases: joined, elsewhere (mail received before or after the period), known (the log itself says so), again
    /// (another mail said so), own (a notification of our own server, whose log has it), late (after the settling time), ambiguous,
    /// unmatched. Empty where mails are counted.
    pub fate: String => "",
    /// By which key; empty where none did.
    pub joined_by: String => "",
    /// Mails.
    pub mails: i64 => "mails",
    /// Recipients that failed, and complaints.
    pub cases: i64 => "cases",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "feedback",
    about: "What came back by mail (--dsn, --arf) or in the log: mails by kind, and what became of each recipient's case.",
    counts: "mails, cases",
    sql: None,
    columns: FeedbackCount::COLUMNS,
    derived: &[],
    reconciles: &[],
    rows: |tables, take| each(&tables.feedback, take),
};

/// The rows: mails, then cases, then what the log records.
pub(super) fn rows(tally: &Tally, returned: &Returned) -> Vec<FeedbackCount> {
    let row = |source: &str, kind: &str, [fate, by]: [&str; 2], [mails, cases]: [u64; 2]| FeedbackCount {
        source: source.to_owned(),
        kind: kind.to_owned(),
        fate: fate.to_owned(),
        joined_by: by.to_owned(),
        mails: count(mails),
        cases: count(cases),
    };
    let mut rows: Vec<_> = returned.kinds.iter().map(|(kind, &mails)| row("mail", kind, [""; 2], [mails, 0])).collect();
    let mut cases: BTreeMap<_, u64> = BTreeMap::new();
    for settled in &tally.cases {
        *cases.entry((settled.sort, settled.fate)).or_default() += 1;
    }
    rows.extend(cases.into_iter().map(|((sort, fate), cases)| {
        row("mail", sort.name(), [fate.name(), fate.by().map_or("", crate::feedback::By::name)], [0, cases])
    }));
    rows.extend(tally.told_by_log.iter().map(|(&(sort, is_matched), &cases)| {
        row("log", sort.name(), if is_matched { ["joined", "log"] } else { ["unmatched", ""] }, [0, cases])
    }));
    rows
}
