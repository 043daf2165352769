//! What lies in the queue of a Postfix host: messages, their recipients, and where the mail of each goes.

use std::sync::Arc;

/// Where a recipient's mail goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A domain of the world and a person there.
    Person(usize, u64),
    /// A mail server of the sender's, which takes what it gets.
    Owner,
    /// A mailbox of this host.
    Home,
    /// An alias of this host for a person elsewhere, expanded at delivery.
    Alias(usize, u64),
}

/// A recipient as it is entered.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) address: Arc<str>,
    pub(super) original: Option<Arc<str>>,
    pub(super) place: Place,
}

/// A recipient of a message in the queue.
#[derive(Clone, Debug)]
pub(super) struct Recipient {
    pub(super) wanted: Wanted,
    /// Number in the book.
    pub(super) outcome: u32,
    pub(super) is_open: bool,
    /// Real attempts so far.
    pub(super) tries: u32,
}

/// A message in the queue.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) queue_id: Arc<str>,
    /// Number in the book.
    pub(super) number: u32,
    pub(super) envelope: Envelope,
    pub(super) arrived: i64,
    pub(super) to: Vec<Recipient>,
    /// Activations so far; None once it left the queue.
    pub(super) runs: Option<u32>,
    /// When the last activation is over.
    pub(super) busy_until: i64,
    /// A delay notification was sent.
    pub(super) warned: bool,
}

/// What stays the same when a message gets another queue id.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    /// Empty for a notification.
    pub(super) sender: Arc<str>,
    pub(super) message_id: Arc<str>,
    pub(super) size: u64,
    /// Still to pass the content filter.
    pub(super) is_unfiltered: bool,
    pub(super) is_own_bounce: bool,
}
