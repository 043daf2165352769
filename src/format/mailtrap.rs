//! Mailtrap: webhooks that hold a list of events, each with a message id and an event id.
//!
//! A soft bounce is tried again. The reply stands in parentheses behind the event's name. Source: "Webhooks" of the Mailtrap API
//! documentation.
//!
//! Kinds: delivery and bounces are deliveries; suspensions, rejects and complaints are context; what readers do is other.

use super::json::{Meaning, Object, Service, Story, Telling, Value, fields, read};
use super::said::within;
use crate::event::{Kind, Status};

/// The format.
pub(crate) static MAILTRAP: Service = Service { name: "mailtrap", knows, read: read_event };

fields! {
    Event<'a> {
        "event" => event: Value<'a>,
        "event_id" => event_id: Value<'a>,
        "message_id" => id: Value<'a>,
        "email" => email: Value<'a>,
        "timestamp" => time: Value<'a>,
        "category" => category: Value<'a>,
        "response" => response: Value<'a>,
        "response_code" => code: Value<'a>,
        "reason" | "bounce_category" => reason: Value<'a>,
    }
}

fn knows(object: &Object<'_>) -> bool {
    ["event", "event_id", "message_id", "email", "timestamp"].into_iter().all(|name| object.has(name))
        && !object.has("msg_from")
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    let needed = [&event.event, &event.event_id, &event.id, &event.email, &event.time];
    needed.into_iter().all(Value::is_some).then(|| (tell(&event, telling), length))
}

fn tell(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    let meaning = match event.event.text() {
        "delivery" => Meaning::Tried(Status::Delivered),
        "soft bounce" | "soft_bounce" => Meaning::Tried(Status::Deferred),
        "bounce" => Meaning::Tried(Status::Failed),
        "suspension" | "reject" => Meaning::NotSent,
        "spam" => Meaning::Complaint,
        _ => Meaning::Aside,
    };
    let words = if event.response.text().is_empty() { &event.reason } else { &event.response };
    let story = Story {
        time: telling.time(&event.time),
        id: &event.id,
        recipients: std::slice::from_ref(&event.email),
        campaign: &event.category,
        code: event.code.code(),
        words: within(words.text()),
        ..Story::of(MAILTRAP.name)
    };
    story.tell(meaning, telling)
}
