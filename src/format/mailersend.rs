//! `MailerSend`: webhooks, told by a `type` that begins with `activity.`.
//!
//! The reason of a bounce is in words, seldom a reply. Source: "Webhooks" of the `MailerSend` API documentation.
//!
//! Kinds: delivered, deferred and bounced are deliveries; sent and complaints are context; what readers do is other.

use super::json::{Meaning, Object, Service, Story, Telling, Value, fields, read};
use crate::event::{Kind, Status};

/// The format.
pub(crate) static MAILERSEND: Service = Service { name: "mailersend", knows, read: read_event };

fields! {
    Event<'a> {
        "type" => kind: Value<'a>,
        "created_at" => time: Value<'a>,
        "data" => data: Data<'a>,
    }
}

fields! {
    Data<'a> {
        "created_at" => time: Value<'a>,
        "email" => email: Mail<'a>,
        "morph" => morph: Morph<'a>,
    }
}

fields! {
    Mail<'a> {
        "id" => id: Value<'a>,
        "created_at" => created: Value<'a>,
        "from" => sender: Value<'a>,
        "tags" => tag: Value<'a>,
        "message" => message: Batch<'a>,
        "recipient" => recipient: Recipient<'a>,
    }
}

fields! {
    Batch<'a> {
        "id" => id: Value<'a>,
    }
}

fields! {
    Recipient<'a> {
        "email" => email: Value<'a>,
    }
}

fields! {
    /// What the activity came from.
    Morph<'a> {
        "reason" => reason: Value<'a>,
        "readable_reason" => readable: Value<'a>,
    }
}

fn knows(object: &Object<'_>) -> bool {
    object.text("type").starts_with("activity.") && object.raw("data").starts_with('{')
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    let is_own = event.kind.text().starts_with("activity.") && event.data.email.recipient.email.is_some();
    is_own.then(|| (tell(&event, telling), length))
}

fn tell(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    let meaning = match event.kind.text() {
        "activity.sent" => Meaning::Accepted,
        "activity.delivered" => Meaning::Tried(Status::Delivered),
        "activity.deferred" => Meaning::Tried(Status::Deferred),
        "activity.soft_bounced" | "activity.hard_bounced" => Meaning::Tried(Status::Failed),
        "activity.spam_complaint" => Meaning::Complaint,
        _ => Meaning::Aside,
    };
    let (email, morph) = (&event.data.email, &event.data.morph);
    let time = telling.time(&event.data.time).or_else(|| telling.time(&event.time));
    let created = telling.time(&email.created);
    let story = Story {
        time,
        id: if email.message.id.is_some() { &email.message.id } else { &email.id },
        sender: &email.sender,
        recipients: std::slice::from_ref(&email.recipient.email),
        campaign: &email.tag,
        words: if morph.reason.is_some() { morph.reason.text() } else { morph.readable.text() },
        delay_ms: time.zip(created).map(|(time, created)| (time.0 - created.0) / 1_000),
        ..Story::of(MAILERSEND.name)
    };
    story.tell(meaning, telling)
}
