//! The closed sets of a verdict: why (category), whose problem (class), what to do (action), what it rests on (evidence).

use std::fmt;

/// Writes an enum whose names are fixed for scripts, SQL and TOML, with `name()`, `parse()` and `ALL`.
macro_rules! named {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All of them, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name as it stands in tables, TOML and JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The one with this name; None for any other text.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str(self.name())
            }
        }
    };
}

named! {
    /// Why a mail was not taken.
    Category {
        /// No such mailbox, moved without address, malformed local part.
        UnknownUser = "unknown-user",
        /// The mailbox exists or existed, but is closed, disabled, expired or archived.
        InactiveMailbox = "inactive-mailbox",
        /// No such domain, no MX or address, null MX, host unknown for good.
        BadDomain = "bad-domain",
        /// Over quota.
        MailboxFull = "mailbox-full",
        /// Message, header or number of attachments over a limit.
        MessageTooLarge = "message-too-large",
        /// The message itself: content, a link in it, virus, phishing, bulk look.
        SpamContent = "spam-content",
        /// The provider's own judgement of address, domain or account.
        ReputationBlock = "reputation-block",
        /// A list or feed that someone else runs, named or linked.
        DnsBlocklist = "dns-blocklist",
        /// The sender's identity: SPF, DKIM, DMARC, PTR, HELO name, sender domain or its verification.
        Authentication = "authentication",
        /// Throttled: connections, messages or recipients per time.
        RateLimit = "rate-limit",
        /// Greylisting, said in words or by the provider's signature.
        Greylisted = "greylisted",
        /// Administrative prohibition, local policy, geography, attachment type, a bare "denied".
        PolicyOther = "policy-other",
        /// The host does not relay for this domain or sender, or wants SMTP AUTH first.
        RelayDenied = "relay-denied",
        /// The person or list blocks this sender, or takes only members.
        RecipientRefusesSender = "recipient-refuses-sender",
        /// Too many hops, or the mail came back to where it was.
        RoutingLoop = "routing-loop",
        /// A lookup failed for now.
        DnsFailure = "dns-failure",
        /// Refused, timed out, reset, lost, no route.
        ConnectionFailure = "connection-failure",
        /// STARTTLS wanted or broken, certificate, MTA-STS, DANE.
        TlsFailure = "tls-failure",
        /// The far system: local error, busy, disk, configuration.
        ServerError = "server-error",
        /// Syntax, sequence, a message that RFC 5322 does not allow, 8-bit, pipelining.
        ProtocolError = "protocol-error",
        /// Our queue gave up: the last reply holds the real reason.
        Expired = "expired",
        /// The words give no reason, and the codes none either.
        Unclassified = "unclassified",
    }
}

named! {
    /// Whose problem it is.
    Class {
        /// The address.
        Hard = "hard",
        /// Nobody's: it passes by itself.
        Soft = "soft",
        /// Somebody blocks us. Never a reason to unsubscribe an address, but for a person's own refusal.
        Policy = "policy",
        /// Something to set right at the sender or its MTA.
        Config = "config",
        /// Not told.
        Unknown = "unknown",
    }
}

named! {
    /// What to do.
    Action {
        /// Send nothing more to the address.
        Suppress = "suppress",
        /// Try again, later or slower.
        Retry = "retry",
        /// Mend the cause first.
        FixThenRetry = "fix-then-retry",
        /// Look at it: no rule of thumb holds.
        Investigate = "investigate",
    }
}

named! {
    /// What of the sender's identity did not hold, where a reply tells. Source: RFC 7372 and the providers' lists of codes.
    Detail {
        /// The sending address is not among those of the sender's domain.
        Spf = "spf",
        /// No valid signature, or one of another domain.
        Dkim = "dkim",
        /// The policy of the domain in From.
        Dmarc = "dmarc",
        /// The chain of a forwarded message.
        Arc = "arc",
        /// Neither SPF nor DKIM.
        Unauthenticated = "unauthenticated",
        /// Authenticated, but not as the domain in From.
        Alignment = "alignment",
        /// The sending address has no name, or one that does not lead back to it.
        ReverseDns = "reverse-dns",
        /// The name given in HELO or EHLO.
        Helo = "helo",
        /// The sender's domain does not exist or takes no mail.
        SenderDomain = "sender-domain",
        /// The sender's address was tried and not found, or its name is misused.
        Sender = "sender",
    }
}

named! {
    /// Who decided.
    Scope {
        /// Whoever runs the receiving system.
        Provider = "provider",
        /// The administrator of the recipient's organisation: no opinion of the provider that hosts it.
        Organisation = "recipient-organisation",
        /// Our own MTA or relay.
        Own = "own-relay",
    }
}

named! {
    /// How the parts of a reply contradict each other. The words decide.
    Disagreement {
        /// Code and enhanced status are of different classes (`550 4.2.1`).
        CodeAgainstStatus = "code-against-status",
        /// The code says that it is for good, the words that it passes.
        PermanentCode = "permanent-code",
        /// The code says that it passes, the words that it does not by itself.
        TemporaryCode = "temporary-code",
        /// The status names another cause than the words.
        StatusAgainstWords = "status-against-words",
    }
}

impl Class {
    /// What to do with a class that a rule gives against its category.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Hard => Action::Suppress,
            Self::Soft => Action::Retry,
            Self::Policy | Self::Config => Action::FixThenRetry,
            Self::Unknown => Action::Investigate,
        }
    }
}

named! {
    /// What a verdict rests on, the strongest first. A stronger kind wins, also where a weaker one contradicts it.
    Evidence {
        /// Words or marks that only one provider or product uses.
        Signature = "signature",
        /// What the text says.
        Text = "text",
        /// The enhanced status, RFC 3463.
        Enhanced = "enhanced",
        /// The reply code, RFC 5321.
        Code = "code",
        /// Nothing.
        Fallback = "fallback",
    }
}

impl Category {
    /// The class that follows from the category, unless a rule or the reply's own words say otherwise.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::UnknownUser | Self::InactiveMailbox | Self::BadDomain => Class::Hard,
            Self::MailboxFull
            | Self::Greylisted
            | Self::DnsFailure
            | Self::ConnectionFailure
            | Self::ServerError
            | Self::Expired => Class::Soft,
            Self::SpamContent
            | Self::ReputationBlock
            | Self::DnsBlocklist
            | Self::Authentication
            | Self::RateLimit
            | Self::PolicyOther
            | Self::RecipientRefusesSender => Class::Policy,
            Self::MessageTooLarge | Self::RelayDenied | Self::RoutingLoop | Self::TlsFailure | Self::ProtocolError => {
                Class::Config
            }
            Self::Unclassified => Class::Unknown,
        }
    }

    /// The action that follows from the category, unless a rule says otherwise.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::UnknownUser | Self::InactiveMailbox | Self::BadDomain | Self::RecipientRefusesSender => Action::Suppress,
            Self::MailboxFull
            | Self::RateLimit
            | Self::Greylisted
            | Self::DnsFailure
            | Self::ConnectionFailure
            | Self::ServerError => Action::Retry,
            Self::MessageTooLarge
            | Self::SpamContent
            | Self::ReputationBlock
            | Self::DnsBlocklist
            | Self::Authentication
            | Self::RelayDenied
            | Self::TlsFailure
            | Self::ProtocolError => Action::FixThenRetry,
            Self::PolicyOther | Self::RoutingLoop | Self::Expired | Self::Unclassified => Action::Investigate,
        }
    }

    /// True for the block categories: somebody judges us, our mail or our identity. Throttling and a person's own refusal are not
    /// among them.
    #[must_use]
    pub const fn is_block(self) -> bool {
        matches!(
            self,
            Self::ReputationBlock | Self::DnsBlocklist | Self::Authentication | Self::SpamContent | Self::PolicyOther
        )
    }

    /// True where the address has no mailbox behind it: what unknown-user rates count, with class hard only.
    #[must_use]
    pub const fn is_unknown(self, class: Class) -> bool {
        matches!(self, Self::UnknownUser | Self::InactiveMailbox) && matches!(class, Class::Hard)
    }

    /// Which category a reply means that speaks of several things: the one that names a cause wins over the one that names a place
    /// ("blocked using LIST; mailbox unavailable" is about the list). Greatest first; equal for none.
    #[must_use]
    pub(super) const fn precedence(self) -> u16 {
        match self {
            Self::DnsBlocklist => 22,
            Self::Greylisted => 21,
            Self::Authentication => 20,
            Self::TlsFailure => 19,
            Self::RoutingLoop => 18,
            Self::MessageTooLarge => 17,
            Self::MailboxFull => 16,
            Self::RateLimit => 15,
            Self::RelayDenied => 14,
            Self::SpamContent => 13,
            Self::RecipientRefusesSender => 12,
            Self::ReputationBlock => 11,
            Self::DnsFailure => 10,
            Self::InactiveMailbox => 9,
            Self::UnknownUser => 8,
            Self::BadDomain => 7,
            Self::ConnectionFailure => 6,
            Self::ProtocolError => 5,
            Self::PolicyOther => 4,
            Self::ServerError => 3,
            Self::Expired => 2,
            Self::Unclassified => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for &category in Category::ALL {
            assert_eq!(Category::parse(category.name()), Some(category));
        }
        for &action in Action::ALL {
            assert_eq!(Action::parse(action.name()), Some(action));
        }
        assert_eq!(Class::parse("Hard"), None);
    }

    #[test]
    fn no_two_categories_have_the_same_precedence() {
        let mut seen: Vec<u16> = Category::ALL.iter().map(|category| category.precedence()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), Category::ALL.len());
    }

    #[test]
    fn only_a_persons_own_refusal_is_suppressed_among_policy() {
        for &category in Category::ALL {
            if category.class() == Class::Policy && category.action() == Action::Suppress {
                assert_eq!(category, Category::RecipientRefusesSender);
            }
        }
    }
}
