//! A verdict in words: what the category means, what becomes of the address, when to try again, whom to ask.

use super::category::{Action, Category, Class, Detail, Disagreement, Scope};
use super::engine::Verdict;
use super::thresholds::{Limit, Thresholds};

/// What to do, one sentence each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What the reply says.
    pub meaning: &'static str,
    /// What becomes of the address.
    pub address: String,
    /// When to try again.
    pub retry: String,
    /// Whom to ask, or what to mend.
    pub ask: &'static str,
}

impl Advice {
    /// For a verdict, under these thresholds.
    #[must_use]
    pub fn of(verdict: &Verdict<'_>, thresholds: &Thresholds) -> Self {
        Self {
            meaning: meaning(verdict.category),
            address: address(thresholds.limit(verdict)),
            retry: retry(verdict, thresholds),
            ask: ask(verdict),
        }
    }
}

/// What a category means.
#[must_use]
pub const fn meaning(category: Category) -> &'static str {
    match category {
        Category::UnknownUser => "there is no such mailbox",
        Category::InactiveMailbox => "the mailbox exists or existed, but is closed, disabled or expired",
        Category::BadDomain => "there is no such domain, or it takes no mail",
        Category::MailboxFull => "the mailbox is full",
        Category::MessageTooLarge => "the message is over a limit: its size, a header, the number of attachments",
        Category::SpamContent => "the message itself was taken for spam, a virus or fraud",
        Category::ReputationBlock => "the provider blocks the sending address, domain or account by its own judgement",
        Category::DnsBlocklist => "the sending address or domain is on a list that somebody else runs",
        Category::Authentication => {
            "the sender's identity did not hold: SPF, DKIM, DMARC, the name in DNS, the sender's domain"
        }
        Category::RateLimit => "too much at a time: connections, messages or recipients",
        Category::Greylisted => "greylisting: who comes back is let in",
        Category::PolicyOther => "a rule of the receiving system forbids it; the words do not say which",
        Category::RelayDenied => "the host does not take mail for this domain or sender, or wants a login first",
        Category::RecipientRefusesSender => "the person or list takes no mail from this sender",
        Category::RoutingLoop => "the mail goes in circles",
        Category::DnsFailure => "a name could not be looked up for now",
        Category::ConnectionFailure => "the server could not be reached, or the connection broke",
        Category::TlsFailure => "encryption is asked for and did not come about",
        Category::ServerError => "the receiving system has a fault or is busy",
        Category::ProtocolError => "the dialogue or the message breaks the rules of SMTP or of RFC 5322",
        Category::Expired => "our own queue gave up; its last reply before that is the real reason",
        Category::Unclassified => "the reply gives no reason that is known",
    }
}

fn address(limit: Limit) -> String {
    match limit {
        Limit::Never => "keep the address: nothing of this kind speaks against it".to_owned(),
        Limit::Replies { replies: 1, .. } => "suppress the address: one such reply is enough".to_owned(),
        Limit::Replies { replies, apart_hours: 0 } => format!("suppress the address after {replies} such replies"),
        Limit::Replies { replies, apart_hours } => {
            format!(
                "suppress the address after {replies} such replies at least {apart_hours} hours apart: the words are no proof"
            )
        }
        Limit::Failures { failures, within_days } => format!(
            "keep the address for now; suppress it after {failures} failed messages in {within_days} days (daily senders: over a \
             longer time, monthly senders: not at all)"
        ),
    }
}

fn retry(verdict: &Verdict<'_>, thresholds: &Thresholds) -> String {
    let schedule = || {
        let hours: Vec<String> = thresholds.retry_hours().iter().map(ToString::to_string).collect();
        let [_, end] = thresholds.retry.end_hours;
        format!("try again after {} hours, then give up ({end} hours in all)", hours.join(", "))
    };
    match (verdict.action, verdict.category) {
        (Action::Suppress, _) => "do not try again".to_owned(),
        (Action::Retry, Category::RateLimit) => {
            "try again, slower: fewer connections, fewer messages an hour; a 5xx must be sent anew".to_owned()
        }
        (Action::Retry, Category::Greylisted) => "try again in some minutes from the same address".to_owned(),
        (Action::Retry, _) => schedule(),
        (Action::FixThenRetry, _) if verdict.class == Class::Policy => {
            "do not try again before the cause is mended; after a 5xx send anew then".to_owned()
        }
        (Action::FixThenRetry, _) => "set it right, then send anew".to_owned(),
        (Action::Investigate, _) => "look at it first: no rule of thumb holds".to_owned(),
    }
}

fn ask(verdict: &Verdict<'_>) -> &'static str {
    if verdict.scope == Scope::Own {
        return "our own mail system said this: look there";
    }
    if verdict.scope == Scope::Organisation && verdict.class == Class::Policy {
        return "the administrator of the recipient's organisation; its provider cannot help";
    }
    match verdict.category {
        Category::UnknownUser | Category::InactiveMailbox | Category::BadDomain => {
            "the person, in another way, for an address that works; nobody else can help"
        }
        Category::MailboxFull => "nobody: only the person can make room",
        Category::MessageTooLarge => "send less: a link in place of the attachment",
        Category::SpamContent => "look at content and links first, then ask the provider's postmaster with the whole reply",
        Category::ReputationBlock => "the provider's postmaster, after complaints and bad addresses are down",
        Category::DnsBlocklist => "whoever runs the list, after its cause is mended; check first that the list still exists",
        Category::Authentication => "set DNS right at home; asking does not help",
        Category::RateLimit => "nobody: limit the rate in the MTA; if it stays, the provider's postmaster",
        Category::Greylisted | Category::DnsFailure | Category::ConnectionFailure | Category::ServerError => {
            "nobody; if it lasts for days, the recipient's postmaster"
        }
        Category::PolicyOther => "the recipient's postmaster, with the whole reply",
        Category::RelayDenied => {
            "the recipient's postmaster, whether the domain still has its mail there; our own login if it is our relay"
        }
        Category::RecipientRefusesSender => "nobody: it is the person's own will; ask for consent in another way",
        Category::RoutingLoop => "the recipient's postmaster: forwardings or MX records lead back",
        Category::TlsFailure => "look at certificates and TLS settings on both sides",
        Category::ProtocolError => "set the message or the MTA right at home",
        Category::Expired => "see the last reply before it",
        Category::Unclassified => "the recipient's postmaster; a rule of your own can name it (mailtally rules)",
    }
}

/// What did not hold of the sender's identity.
#[must_use]
pub const fn detail(detail: Detail) -> &'static str {
    match detail {
        Detail::Spf => "SPF: the sending address is not among those of the sender's domain",
        Detail::Dkim => "DKIM: no valid signature",
        Detail::Dmarc => "DMARC: the policy of the domain in From",
        Detail::Arc => "ARC: the chain of a forwarded message",
        Detail::Unauthenticated => "neither SPF nor DKIM holds",
        Detail::Alignment => "authenticated, but not as the domain in From",
        Detail::ReverseDns => "reverse DNS: the sending address has no name, or one that does not lead back",
        Detail::Helo => "the name given in HELO or EHLO",
        Detail::SenderDomain => "the sender's domain does not exist or takes no mail",
        Detail::Sender => "the sender's address does not exist or is not ours to use",
    }
}

/// How code, status and words contradict each other.
#[must_use]
pub const fn disagreement(disagreement: Disagreement) -> &'static str {
    match disagreement {
        Disagreement::CodeAgainstStatus => "reply code and enhanced status contradict each other; the words decide",
        Disagreement::PermanentCode => "the code says that it is for good, the words that it passes; the words decide",
        Disagreement::TemporaryCode => "the code says that it passes, the words that it does not by itself; the words decide",
        Disagreement::StatusAgainstWords => "the enhanced status names another cause than the words; the words decide",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Classifier;

    fn advice(reply: &str) -> Advice {
        Advice::of(&Classifier::builtin().classify(reply.as_bytes()), &Thresholds::default())
    }

    #[test]
    fn advice_says_what_to_do_and_when() {
        assert_eq!(advice("550 5.1.1 User unknown").address, "suppress the address: one such reply is enough");
        assert!(advice("452 4.3.1 Insufficient system storage").retry.contains("2, 6, 14, 30 hours"));
        assert!(advice("554 5.7.1 blocked using zen.spamhaus.org").retry.contains("before the cause is mended"));
        assert!(advice("550 5.7.25 no PTR record").ask.contains("asking does not help"));
    }
}
