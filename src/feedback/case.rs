//! What mails that came back say of single outcomes: cases, each to be joined to one.

use std::collections::BTreeMap;

use super::mail::{About, Mail, date};
use super::report::Action;
use super::verp;
use crate::event::Micros;

/// One thing that a mail says of one recipient of one message: that it bounced, or complains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Which of the two.
    pub sort: Sort,
    /// When: the mail's time; of a complaint when the mail that it is about came in, if that is told. None: not told.
    pub time: Option<Micros>,
    /// Whom it is about, as told, the address that we sent to first. May be empty: some complaints name nobody.
    pub recipients: Vec<String>,
    /// Why it bounced, as a host would have said it; empty for a complaint.
    pub reply: String,
    /// ENVID; empty where not told.
    pub envelope_id: String,
    /// Message-ID of the original; empty where not told.
    pub message_id: String,
    /// Queue id on the reporting host; empty where not told.
    pub queue_id: String,
    /// Envelope senders that may hold the recipient or the message (VERP).
    pub senders: Vec<String>,
    /// The host that reports; empty where not told.
    pub reporter: String,
    /// Domains of the addresses that the notice was sent to: ours.
    pub home: Vec<String>,
    /// The file that holds the mail.
    pub file: String,
}

impl Case {
    /// Whether one of our own hosts reports, as logs name them: in full, or by their first name in a domain of ours.
    #[must_use]
    pub fn is_own(&self, hosts: &std::collections::BTreeSet<Vec<u8>>) -> bool {
        let is_host = |name: &str| hosts.iter().any(|host| host.eq_ignore_ascii_case(name.as_bytes()));
        if self.reporter.is_empty() {
            return false;
        }
        let (first, domain) = self.reporter.split_once('.').unwrap_or((&self.reporter, ""));
        let is_within =
            |inner: &str, outer: &str| inner.strip_suffix(outer).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let is_home = |home: &String| !domain.is_empty() && (is_within(domain, home) || is_within(home, domain));
        is_host(&self.reporter) || (is_host(first) && self.home.iter().any(is_home))
    }
}

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// A bounce after delivery.
    Bounce,
    /// A complaint.
    Complaint,
}

impl Sort {
    /// As it is written in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bounce => "bounce",
            Self::Complaint => "complaint",
        }
    }
}

/// What mails were read, and the cases that they make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// In an order that follows from what they say: see [`Returned::settle`].
    pub cases: Vec<Case>,
    /// Mails by what they are. The same mail twice is one of its kind and a `duplicate`.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Somebody named a place where bounces come in, and mails were found there.
    pub was_looked_for: bool,
    /// Each mail once, by its digest.
    mails: BTreeMap<u128, (String, Mail)>,
}

impl Returned {
    /// Takes a mail of a file. Of equal ones that of the first file by name stays.
    pub fn take(&mut self, file: &str, mail: Mail) {
        *self.kinds.entry(kind(&mail.about)).or_default() += 1;
        match self.mails.entry(mail.digest) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert((file.to_owned(), mail));
            }
            std::collections::btree_map::Entry::Occupied(mut same) => {
                *self.kinds.entry(kind(&mail.about)).or_default() -= 1;
                *self.kinds.entry("duplicate").or_default() += 1;
                if file < same.get().0.as_str() {
                    file.clone_into(&mut same.get_mut().0);
                }
            }
        }
    }

    /// Makes the cases of all mails, by time and digest, so that the order in which the mails came leaves no trace.
    pub fn settle(&mut self) {
        let mails = std::mem::take(&mut self.mails);
        let mut mails: Vec<(u128, String, Mail)> =
            mails.into_iter().map(|(digest, (file, mail))| (digest, file, mail)).collect();
        mails.sort_by_key(|(digest, _, mail)| (mail.time, *digest));
        self.cases = mails.iter().flat_map(|(_, file, mail)| cases(file, mail)).collect();
        self.kinds.retain(|_, count| *count > 0);
    }

    /// Whether a bounce that came by mail would be known.
    #[must_use]
    pub fn knows_bounces(&self) -> bool {
        self.was_looked_for || self.kinds.contains_key("bounce")
    }

    /// Whether other mail was read than complaints: what a mailbox holds that bounces come to, even where none of it is one.
    #[must_use]
    pub fn are_of_a_mailbox(&self) -> bool {
        let is_apart = |kind: &str| matches!(kind, "complaint" | "unsubscribe" | "other-feedback" | "no-mail");
        self.kinds.iter().any(|(kind, count)| *count > 0 && !is_apart(kind))
    }

    /// How many mails were read.
    #[must_use]
    pub fn mails(&self) -> u64 {
        self.kinds.values().sum()
    }
}

/// What a mail is, in a word for tables.
fn kind(about: &About) -> &'static str {
    match about {
        About::Bounce(_) => "bounce",
        About::Delay(_) => "delay",
        About::Positive(_) => "positive",
        About::Complaint(complaint) if complaint.is_unsubscribing => "unsubscribe",
        About::Complaint(complaint) if complaint.feedback.is_complaint() => "complaint",
        About::Complaint(_) => "other-feedback",
        About::AutoReply => "auto-reply",
        About::Challenge => "challenge",
        About::Receipt => "receipt",
        About::Aggregate => "aggregate",
        About::Other => "other",
        About::NoMail => "no-mail",
    }
}

/// The cases of one mail.
fn cases(file: &str, mail: &Mail) -> Vec<Case> {
    let original = &mail.original;
    let case = |sort, time: Option<Micros>, recipients: Vec<String>, reply| Case {
        sort,
        time,
        recipients,
        reply,
        envelope_id: original.envelope_id.clone(),
        message_id: original.message_id.clone(),
        queue_id: original.queue_id.clone(),
        senders: original.returned_to.iter().filter(|sender| verp::is_verp(sender)).cloned().collect(),
        reporter: mail.reporter.clone(),
        home: original.returned_to.iter().filter_map(|address| Some(address.rsplit_once('@')?.1.to_lowercase())).collect(),
        file: file.to_owned(),
    };
    match &mail.about {
        About::Bounce(notices) => {
            let failed = notices.iter().filter(|notice| notice.action == Action::Failed);
            let named = failed.map(|notice| {
                let addresses = [&notice.recipient, &notice.tried];
                let recipients = addresses.into_iter().filter(|address| address.contains('@')).cloned().collect();
                case(Sort::Bounce, mail.time, recipients, notice.words())
            });
            named.collect()
        }
        About::Complaint(complaint) if complaint.feedback.is_complaint() && !complaint.is_unsubscribing => {
            let time = date(&complaint.at).or(mail.time);
            if complaint.recipients.is_empty() {
                return vec![case(Sort::Complaint, time, Vec::new(), String::new())];
            }
            let one = |recipient: &String| case(Sort::Complaint, time, vec![recipient.clone()], String::new());
            complaint.recipients.iter().map(one).collect()
        }
        About::Complaint(_)
        | About::Delay(_)
        | About::Positive(_)
        | About::AutoReply
        | About::Challenge
        | About::Receipt
        | About::Aggregate
        | About::Other
        | About::NoMail => Vec::new(),
    }
}
