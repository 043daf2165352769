//! From what an object says to events.

use crate::event::{Attempt, Event, Head, Key, Micros, Sink, What};
use crate::format::clock::Clock;

use super::Value;

/// What a service needs to tell events: where its record stands, who takes them, and memory that is used again.
pub(crate) struct Telling<'s> {
    /// The record, without time, host and instance.
    pub(crate) head: Head<'s>,
    /// Takes the events.
    pub(crate) into: &'s mut dyn Sink,
    /// When the envelope that holds the object was sent, for events that tell no time.
    pub(crate) posted: Option<Micros>,
    /// Reads times.
    pub(crate) clock: &'s mut Clock,
    /// For an id that has to be put together.
    pub(crate) id: &'s mut Vec<u8>,
    /// For a reply that has to be put together.
    pub(crate) reply: &'s mut Vec<u8>,
    /// The name of the first member of the last record that was an envelope; empty where none was.
    pub(crate) envelope: &'s mut String,
}

impl Telling<'_> {
    /// The moment that a value names.
    pub(crate) fn time(&mut self, value: &Value<'_>) -> Option<Micros> {
        value.time(self.clock)
    }

    /// Begins to tell of the message `id`, and gives the memory for its replies. Without an id the record is whole by itself.
    pub(crate) fn message<'e>(
        &'e mut self,
        host: &'e [u8],
        instance: &'e str,
        time: Option<Micros>,
        id: &Value<'_>,
    ) -> (Message<'e>, &'e mut Vec<u8>) {
        self.id.clear();
        id.write(self.id);
        self.keyed(host, instance, time)
    }

    /// The same with the id that was put into `self.id`.
    pub(crate) fn keyed<'e>(
        &'e mut self,
        host: &'e [u8],
        instance: &'e str,
        time: Option<Micros>,
    ) -> (Message<'e>, &'e mut Vec<u8>) {
        let key = if self.id.is_empty() { Key::Whole } else { Key::Message(self.id) };
        let head = Head { time, host, instance: instance.as_bytes(), ..self.head };
        (Message { head, key, into: &mut *self.into }, &mut *self.reply)
    }
}

/// Tells of one message.
pub(crate) struct Message<'e> {
    head: Head<'e>,
    key: Key<'e>,
    into: &'e mut dyn Sink,
}

impl Message<'_> {
    /// Tells one thing of it.
    pub(crate) fn say(&mut self, what: What<'_>) {
        self.into.event(&Event { head: self.head, key: self.key, what });
    }

    /// Its envelope sender, if one is named.
    pub(crate) fn sender(&mut self, sender: &Value<'_>, size: Option<u64>) {
        if sender.is_some() || size.is_some() {
            self.say(What::Sender { address: address(sender.text()), size, recipients: None });
        }
    }

    /// A recipient, before any attempt.
    pub(crate) fn recipient(&mut self, recipient: &Value<'_>) {
        let address = address(recipient.text());
        if !address.is_empty() {
            self.say(What::Recipient { index: None, address });
        }
    }

    /// Its Message-ID header, if it is named.
    pub(crate) fn message_id(&mut self, id: &Value<'_>) {
        let id = address(id.text());
        if !id.is_empty() {
            self.say(What::MessageId(id));
        }
    }

    /// Its campaign, if it is named.
    pub(crate) fn campaign(&mut self, name: &Value<'_>) {
        if !name.bytes().is_empty() {
            self.say(What::Campaign(name.bytes()));
        }
    }

    /// A bounce that came later, or a complaint.
    pub(crate) fn feedback(&mut self, complaint: bool, recipient: &Value<'_>, reply: &[u8]) {
        self.say(What::Feedback { complaint, recipient: address(recipient.text()), reply });
    }

    /// An attempt.
    pub(crate) fn attempt(&mut self, attempt: Attempt<'_>) {
        self.say(What::Attempt(attempt));
    }
}

/// The address in `Name <address>`, `<address>` or `address`.
pub(crate) fn address(text: &str) -> &[u8] {
    let text = text.trim();
    let inner = text.strip_suffix('>').and_then(|text| text.rsplit_once('<'));
    inner.map_or(text, |(_, address)| address.trim()).as_bytes()
}
