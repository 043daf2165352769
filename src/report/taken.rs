//! Who took the mail that a page calls delivered, and what such a word then means.

use crate::insights::smarthost;
use crate::tables::Tables;

/// What is known of mail that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The mailbox provider accepted it, and bounces that came later are taken off.
    Kept,
    /// The mailbox provider accepted it; nobody looked for bounces that come later.
    Accepted,
    /// A smarthost accepted it.
    HandedOver,
}

impl Taken {
    /// What the logs of a period tell.
    #[must_use]
    pub fn of(tables: &Tables) -> Self {
        if smarthost::hides_providers(tables) {
            Self::HandedOver
        } else if tables.totals.knows_later {
            Self::Kept
        } else {
            Self::Accepted
        }
    }

    /// As a sentence has it: 97.9 % were …
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Kept => "delivered",
            Self::Accepted => "accepted",
            Self::HandedOver => "handed to the smarthost",
        }
    }

    /// As a figure is called.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Kept => "Delivered",
            Self::Accepted => "Accepted",
            Self::HandedOver => "Handed to the smarthost",
        }
    }

    /// What a reader must know before any figure: the words of weight, then the rest.
    #[must_use]
    pub const fn meaning(self) -> (&'static str, &'static str) {
        match self {
            Self::Kept => (
                "Delivered means accepted by their server.",
                "Inbox or spam folder is not visible here: a log ends where the other side says 250. What came back later, as far as mails \
                 or logs tell, counts as bounced later.",
            ),
            Self::Accepted => (
                "Delivered means accepted by their server.",
                "Inbox or spam folder is not visible here: a log ends where the other side says 250. Bounces that come later by mail were \
                 not read (--dsn), so that this page can say no more than accepted.",
            ),
            Self::HandedOver => (
                "Delivered means accepted by the smarthost.",
                "What the mailbox providers then did, inbox or spam folder, is not visible here: these logs end where the smarthost says \
                 250.",
            ),
        }
    }
}
