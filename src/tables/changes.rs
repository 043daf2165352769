//! What changed between two periods: one row per figure and the mail that it is about.

use super::column::{Row, row};
use super::{Table, each};

row! {
/// One row of `changes`; counts are what `counts` says.
pub struct Change {
    /// Which figure.
    pub metric: String => "",
    /// Which part of the mail: total, provider, domain, source, sender, reason, provider-reason, reply.
    pub within: String => "",
    /// Who runs the mailbox; empty where the part is no provider's.
    pub provider: String => "",
    /// Domain, source, sender domain, category or masked reply; empty where the provider is all there is.
    pub key: String => "",
    /// What the figure counts: outcomes, attempts, addresses.
    pub counts: String => "",
    /// Numerator before.
    pub before_part: i64 => "see counts",
    /// Denominator before.
    pub before_of: i64 => "see counts",
    /// Rate before; null of nothing.
    pub before_rate: Option<f64> => "share",
    /// Numerator after.
    pub after_part: i64 => "see counts",
    /// Denominator after.
    pub after_of: i64 => "see counts",
    /// Rate after; null of nothing.
    pub after_rate: Option<f64> => "share",
    /// After less before; 0.01 is one point. Standardised to equal weekdays where `note` says so.
    pub difference: f64 => "share",
    /// Lower end of its 95 % interval (Newcombe's hybrid score, effective number of mails by day clusters).
    pub difference_low: f64 => "share",
    /// Upper end of it.
    pub difference_high: f64 => "share",
    /// After by before; null where nothing was before.
    pub ratio: Option<f64> => "ratio",
    /// How many more (less, if negative) there were after than at the rate of before.
    pub affected: i64 => "see counts",
    /// Adjusted p (Benjamini and Hochberg, over all rows of the comparison): called a change at 0.05 or less.
    pub q: f64 => "probability",
    /// What gave p: days (t test over days), pooled (dispersion of all series), fisher (exact; assumes independent mail).
    pub test: String => "",
    /// The least change that would be found four times out of five.
    pub detectable: f64 => "share",
    /// worse, better, moved-small, no-clear-change, too-little-mail.
    pub verdict: String => "",
    /// Days with mail before.
    pub before_days: i64 => "days",
    /// Days with mail after.
    pub after_days: i64 => "days",
    /// Days before on which the numerator was not nothing.
    pub before_days_seen: i64 => "days",
    /// Likewise after.
    pub after_days_seen: i64 => "days",
    /// What was done beside the plain comparison: weekdays (standardised), neighbours (days alike, Newey and West); empty for none.
    pub note: String => "",
    /// Of a reply: both, new, gone; empty otherwise.
    pub presence: String => "",
    /// Of a new or gone reply: the one at the same provider that reads nearly alike and went or came; empty for none.
    pub reworded: String => "",
    /// Of a reply or reason: its category.
    pub category: String => "",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "changes",
    about: "What changed between two periods: both rates, the difference with its interval, and a verdict; by mail affected.",
    counts: "outcomes, attempts or addresses",
    sql: None,
    columns: Change::COLUMNS,
    derived: &[],
    reconciles: &[],
    rows: |tables, take| each(&tables.changes, take),
};
