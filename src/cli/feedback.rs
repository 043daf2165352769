//! The options that name mails that came back, and how they are read: before the logs, so that these are searched for what they say.

use anyhow::Result;
use clap::Args;

use super::inputs::Inputs;
use crate::feedback::{Mail, Returned};
use crate::reading::{self, Records, Stopped};
use crate::source::{Progress, SEGMENT_BYTES, Severity, What};

/// Mails that came back.
#[derive(Args, Debug, Default, PartialEq, Eq)]
pub(super) struct FeedbackOptions {
    /// Bounces that came after delivery: a mailbox, a Maildir or a folder of messages (may be repeated)
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::AnyPath, help_heading = "Feedback")]
    dsn: Vec<String>,

    /// Complaints of feedback loops (ARF): likewise
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::AnyPath, help_heading = "Feedback")]
    arf: Vec<String>,
}

/// Mails that came back, of either of two periods.
#[derive(Args, Debug, Default)]
pub(super) struct TwoFeedbackOptions {
    /// Bounces that came after delivery, of the first period: a mailbox, a Maildir or a folder of messages (may be repeated)
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::AnyPath, help_heading = "Feedback")]
    before_dsn: Vec<String>,

    /// Complaints of feedback loops (ARF) of the first period: likewise
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::AnyPath, help_heading = "Feedback")]
    before_arf: Vec<String>,

    /// Bounces of the second period; without --after, those of --before-dsn are searched for both
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::AnyPath, help_heading = "Feedback")]
    after_dsn: Vec<String>,

    /// Complaints of the second period: likewise
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::AnyPath, help_heading = "Feedback")]
    after_arf: Vec<String>,
}

impl TwoFeedbackOptions {
    /// Those of each period. `is_one_log`: both periods lie in the same inputs, and what came back to them may too.
    pub(super) fn apart(&self, is_one_log: bool) -> (FeedbackOptions, FeedbackOptions) {
        let after = |after: &[String], before: &[String]| {
            if is_one_log && after.is_empty() { before.to_vec() } else { after.to_vec() }
        };
        (
            FeedbackOptions { dsn: self.before_dsn.clone(), arf: self.before_arf.clone() },
            FeedbackOptions { dsn: after(&self.after_dsn, &self.before_dsn), arf: after(&self.after_arf, &self.before_arf) },
        )
    }
}

/// What was read of them.
#[derive(Clone, Default)]
pub(super) struct Mails {
    /// Mails and their cases.
    pub(super) returned: Returned,
    /// Digests of the mails, sorted.
    pub(super) digests: Vec<u128>,
    /// Notes for the person at the terminal, in order.
    pub(super) messages: Vec<String>,
    /// Some of it could not be read.
    pub(super) is_damaged: bool,
}

impl FeedbackOptions {
    /// Reads all mails. What each is tells itself: a complaint among bounces is a complaint.
    pub(super) fn read(&self, inputs: &Inputs) -> Result<Mails> {
        let mut mails = Mails::default();
        let paths: Vec<String> = self.dsn.iter().chain(&self.arf).cloned().collect();
        if paths.is_empty() {
            return Ok(mails);
        }
        let mut listed = reading::list(&inputs.mails(paths));
        let work = |records: &mut Records<'_>| {
            let mut mails = Vec::new();
            records.each(|_, _, record| mails.push(Mail::read(record)));
            (records.told().file.name.clone(), mails)
        };
        let fold = |all: &mut Vec<(String, Vec<Mail>)>, _: usize, part| all.push(part);
        let read = listed.read((inputs.threads(), SEGMENT_BYTES), &Progress::default(), |_| Vec::new(), work, fold);
        let read = read.map_err(|stopped: Stopped| anyhow::Error::from(stopped))?;
        for (file, found) in read.state {
            for mail in found {
                mails.digests.push(mail.digest);
                mails.returned.take(&file, mail);
            }
        }
        mails.digests.sort_unstable();
        mails.digests.dedup();
        mails.returned.was_looked_for = !self.dsn.is_empty();
        mails.returned.settle();
        // A file named twice, or a hidden one, costs nothing; a mail cut at 1 MiB holds all that matters in its beginning.
        let damage = listed.damage.iter().chain(read.files.iter().flat_map(|file| &file.damage));
        for damage in damage.filter(|damage| !matches!(damage.what, What::Overlong(_))) {
            mails.is_damaged |= damage.severity() == Severity::Damage;
            mails.messages.push(damage.to_string());
        }
        Ok(mails)
    }
}
