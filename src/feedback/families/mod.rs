//! Bounces without a report for machines: a family of mailers each, told by its own words.
//!
//! A family is data: by which words of From, Subject, header or text it is told, and which of a few ways of listing recipients and
//! reasons it has (`shapes`). The first that tells a mail and finds a recipient in it reads it. The words are exact, so that nothing
//! else is taken for a bounce; what only looks like one is the business of the last, `other`.

mod carriers;
mod exchange;
mod exim;
mod filters;
mod google;
mod imail;
mod lists;
mod mdaemon;
mod messaging_server;
mod notes;
mod other;
mod postfix;
mod qmail;
mod sendmail;
mod shapes;
mod sieve;
mod small;
mod webmail;

pub(crate) use sieve::REJECTED;

use super::parsed::Parsed;

/// What a bounce says of one recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// The address that failed.
    pub(crate) address: String,
    /// The address that it was made from by an alias, if that is told; empty otherwise.
    pub(crate) original: String,
    /// Why, one line; empty where not told.
    pub(crate) reply: String,
}

/// Where words stand.
#[derive(Clone, Copy, Debug)]
enum Tell {
    /// In From.
    From(&'static str),
    /// In Subject.
    Subject(&'static str),
    /// In the text for people.
    Text(&'static str),
    /// There is a header field of this name.
    Field(&'static str),
}

impl Tell {
    fn is_in(self, mail: &Parsed) -> bool {
        match self {
            Self::From(words) => mail.from.contains(words),
            Self::Subject(words) => mail.subject.contains(words),
            Self::Text(words) => mail.lower.contains(words),
            Self::Field(name) => mail.header.get(name).is_some(),
        }
    }
}

/// A family of mailers.
pub(crate) struct Family {
    /// Its name.
    pub(crate) name: &'static str,
    /// What tells it: one of these, each of them whole. Words in lower case.
    tells: &'static [&'static [Tell]],
    /// Finds recipients and reasons.
    read: fn(&Parsed) -> Vec<Said>,
}

/// All families; of two that could be meant the first.
const FAMILIES: &[&Family] = &[
    &sieve::SIEVE,
    &small::HARAKA,
    &google::GROUPS,
    &small::ABORTED,
    &google::GMAIL,
    &webmail::YAHOO,
    &qmail::QMAIL,
    &lists::FML,
    &webmail::ZOHO,
    &webmail::GMX,
    &exim::MALFORMED,
    &exim::SCANNED,
    &exim::EXIM,
    &exchange::EXCHANGE_2003,
    &exchange::EXCHANGE,
    &messaging_server::MESSAGING_SERVER,
    &notes::NOTES,
    &imail::IMAIL,
    &mdaemon::MDAEMON,
    &carriers::EZWEB,
    &carriers::KDDI,
    &carriers::BIGLOBE,
    &carriers::VERIZON,
    &filters::MAIL_MARSHAL,
    &filters::MIMECAST,
    &filters::M_FILTER,
    &filters::INTERSCAN,
    &filters::SURF_CONTROL,
    &filters::WEB_SHIELD,
    &small::OPEN_SMTPD,
    &small::DRAGONFLY,
    &small::JAMES,
    &small::COURIER,
    &small::MAIL_FOUNDRY,
    &small::DIRECTORY,
    &small::SMARTER_MAIL,
    &small::MAIL_ENABLE,
    &small::FULL_MAILBOX,
    &small::LISTSERV,
    &small::SMAIL,
    &postfix::POSTFIX,
    &sendmail::SENDMAIL,
    &other::OTHER,
];

/// The family that wrote a mail, and what it says. None: none that is known did, or it names nobody.
pub(crate) fn find(mail: &Parsed) -> Option<(&'static Family, Vec<Said>)> {
    let is_told = |family: &&&Family| family.tells.iter().any(|all| all.iter().all(|tell| tell.is_in(mail)));
    FAMILIES.iter().filter(is_told).find_map(|family| {
        let said = once((family.read)(mail));
        (!said.is_empty()).then_some((*family, said))
    })
}

/// Whether words that no family is known to write speak of a failure.
pub(crate) fn says_why(reply: &str) -> bool {
    super::reply::code(reply).is_some() || other::says_why(reply)
}

/// Each address once: a notice in two languages lists it twice. What quotes a reply stays, and else what says more.
fn once(said: Vec<Said>) -> Vec<Said> {
    let mut kept: Vec<Said> = Vec::new();
    for next in said {
        match kept.iter_mut().find(|one| one.address.eq_ignore_ascii_case(&next.address)) {
            Some(one) => {
                let worth = |said: &Said| (super::reply::code(&said.reply).is_some(), !said.reply.is_empty());
                if worth(&next) > worth(one) {
                    *one = next;
                }
            }
            None => kept.push(next),
        }
    }
    kept
}
