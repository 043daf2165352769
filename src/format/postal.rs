//! Postal: webhooks, told by an `event` that begins with `Message` beside a `payload`.
//!
//! `output` is the server's reply, `details` Postal's words about it. A bounce names two messages: the one that came back and the original.
//! Source: "Webhook events & payloads" of the Postal documentation.
//!
//! Kinds: sent, delayed and failed are deliveries; held messages and bounces are context; mail to us and what readers do is other.

use super::json::{Meaning, Object, Service, Story, Telling, Value, fields, read};
use crate::event::{Kind, Status};

/// The format.
pub(crate) static POSTAL: Service = Service { name: "postal", knows, read: read_event };

fields! {
    Event<'a> {
        "event" => event: Value<'a>,
        "timestamp" => time: Value<'a>,
        "payload" => payload: Option<Payload<'a>>,
    }
}

fields! {
    Payload<'a> {
        "message" => message: Mail<'a>,
        "original_message" => original: Option<Mail<'a>>,
        "output" => output: Value<'a>,
        "details" => details: Value<'a>,
        "timestamp" => time: Value<'a>,
    }
}

fields! {
    Mail<'a> {
        "id" => id: Value<'a>,
        "token" => token: Value<'a>,
        "direction" => direction: Value<'a>,
        "to" => to: Value<'a>,
        "from" => from: Value<'a>,
        "timestamp" => created: Value<'a>,
        "tag" => tag: Value<'a>,
    }
}

fn knows(object: &Object<'_>) -> bool {
    let event = object.text("event");
    (event.starts_with("Message") || event == "DomainDNSError") && object.raw("payload").starts_with('{')
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    let payload = event.payload.as_ref()?;
    let name = event.event.text();
    (name.starts_with("Message") || name == "DomainDNSError").then(|| (tell(&event, payload, telling), length))
}

fn tell(event: &Event<'_>, payload: &Payload<'_>, telling: &mut Telling<'_>) -> Kind {
    let message = payload.original.as_ref().unwrap_or(&payload.message);
    let meaning = match event.event.text() {
        _ if message.direction.text() == "incoming" => Meaning::Aside,
        _ if payload.original.is_some() => Meaning::BouncedLater,
        "MessageSent" => Meaning::Tried(Status::Delivered),
        "MessageDelayed" => Meaning::Tried(Status::Deferred),
        "MessageDeliveryFailed" => Meaning::Tried(Status::Failed),
        "MessageHeld" => Meaning::NotSent,
        "MessageBounced" => Meaning::BouncedLater,
        _ => Meaning::Aside,
    };
    let words = if payload.output.text().is_empty() { &payload.details } else { &payload.output };
    let time = telling.time(&event.time).or_else(|| telling.time(&payload.time));
    let created = telling.time(&message.created);
    let story = Story {
        time,
        id: if message.token.is_some() { &message.token } else { &message.id },
        sender: &message.from,
        recipients: std::slice::from_ref(&message.to),
        campaign: &message.tag,
        words: words.text(),
        delay_ms: time.zip(created).map(|(time, created)| (time.0 - created.0) / 1_000),
        ..Story::of(POSTAL.name)
    };
    story.tell(meaning, telling)
}
