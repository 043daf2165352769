//! The options that name mails that came back, and how they are read: before the logs, so that these are searched for what they say.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;

use super::inputs::Inputs;
use super::reading::Remark;
use crate::feedback::{About, Mail, Returned};
use crate::reading::{self, Records, Stopped};
use crate::source::{Mishap, Progress};

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
    /// What the person at the terminal is told, in order.
    pub(super) remarks: Vec<Remark>,
}

impl FeedbackOptions {
    /// Reads all mails. What each is tells itself: a complaint among bounces is a complaint.
    pub(super) fn read(&self, inputs: &Inputs) -> Result<Mails> {
        let mut mails = Mails::default();
        let paths: Vec<String> = self.dsn.iter().chain(&self.arf).cloned().collect();
        if paths.is_empty() {
            return Ok(mails);
        }
        let mut listed = reading::list(&inputs.mails(paths.clone()));
        let work = |records: &mut Records<'_>| {
            let mut mails = Vec::new();
            records.each(|_, _, record| mails.push(Mail::read(record)));
            (records.told().file.name.clone(), mails)
        };
        let fold = |all: &mut Vec<(String, Vec<Mail>)>, _: usize, part| all.push(part);
        let read = listed.read(inputs.sharing(), &Progress::default(), |_| Vec::new(), work, fold);
        let read = read.map_err(|stopped: Stopped| anyhow::Error::from(stopped))?;
        let mut is_mail: BTreeMap<String, bool> = BTreeMap::new();
        for (file, found) in read.state {
            *is_mail.entry(file.clone()).or_default() |= found.iter().any(|mail| mail.about != About::NoMail);
            for mail in found {
                mails.digests.push(mail.digest);
                mails.returned.take(&file, mail);
            }
        }
        mails.digests.sort_unstable();
        mails.digests.dedup();
        // A name that was mistyped tells nothing of what came back.
        mails.returned.was_looked_for = !self.dsn.is_empty() && mails.returned.are_of_a_mailbox();
        mails.returned.settle();
        // A file named twice, or a hidden one, costs nothing; a mail cut at 1 MiB holds all that matters in its beginning.
        let damage = listed.damage.iter().chain(read.files.iter().flat_map(|file| &file.damage));
        for damage in damage.filter(|damage| !matches!(damage.what, Mishap::Overlong(_))) {
            mails.remarks.push(Remark::of(damage));
        }
        // An index beside a Maildir's messages is none either.
        for path in paths.iter().filter(|path| holds_no_mail(path, &is_mail)) {
            let words = format!(
                "{path}: no mail is in it; nothing of it is counted. Name a mailbox, a Maildir or a folder of messages."
            );
            mails.remarks.push(Remark::damage(words));
        }
        Ok(mails)
    }
}

/// Whether files were read under this path, and none of them holds a mail. `is_mail`: the files, by name.
fn holds_no_mail(path: &str, is_mail: &BTreeMap<String, bool>) -> bool {
    let is_under = |file: &str| {
        let rest = file.strip_prefix(path.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut found = is_mail.iter().filter(|(file, _)| is_under(file)).peekable();
    found.peek().is_some() && found.all(|(_, is_mail)| !is_mail)
}
