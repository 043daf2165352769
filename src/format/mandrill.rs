//! Mandrill (Mailchimp Transactional): message events of webhooks.
//!
//! `send` is its word for a mail that the recipient's server took; newer accounts get `delivered` for that. `diag` is the reply of a bounce;
//! a message's `smtp_events` are its attempts so far, of which the event tells the last. Source: "Message event webhooks" of the Mailchimp
//! Transactional API.
//!
//! Kinds: send, delivered, deferral and bounces are deliveries; reject and spam are context; the rest, and list changes, other.

use super::json::{Many, Meaning, Object, Service, Story, Telling, Value, fields, read};
use crate::event::{Kind, Status};

/// The format.
pub(crate) static MANDRILL: Service = Service { name: "mandrill", knows, read: read_event };

fields! {
    Event<'a> {
        "event" => event: Value<'a>,
        "ts" => time: Value<'a>,
        "_id" => id: Value<'a>,
        "msg" => message: Option<Mail<'a>>,
        "type" => kind: Value<'a>,
        "action" => action: Value<'a>,
        "reject" => reject: Reject<'a>,
    }
}

fields! {
    Mail<'a> {
        "_id" => id: Value<'a>,
        "ts" => sent: Value<'a>,
        "email" => email: Value<'a>,
        "sender" => sender: Value<'a>,
        "tags" => tag: Value<'a>,
        "diag" => diagnostic: Value<'a>,
        "bounce_description" => description: Value<'a>,
        "smtp_events" => tries: Many<Try<'a>>,
        "reject" => reject: Reject<'a>,
    }
}

fields! {
    Try<'a> {
        "diag" => diagnostic: Value<'a>,
        "source_ip" => source: Value<'a>,
        "destination_ip" => relay_ip: Value<'a>,
    }
}

fields! {
    Reject<'a> {
        "reason" => reason: Value<'a>,
        "email" => email: Value<'a>,
    }
}

fn knows(object: &Object<'_>) -> bool {
    let is_sync = object.has("action") && object.has("reject") && matches!(object.text("type"), "blacklist" | "whitelist");
    object.has("event") && object.raw("msg").starts_with('{') && (object.has("_id") || object.has("ts")) || is_sync
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    if event.action.is_some() && event.reject.email.is_some() && matches!(event.kind.text(), "blacklist" | "whitelist") {
        return Some((Kind::Other, length));
    }
    let message = event.message.as_ref()?;
    (event.event.is_some() && (event.id.is_some() || event.time.is_some())).then(|| (tell(&event, message, telling), length))
}

fn tell(event: &Event<'_>, message: &Mail<'_>, telling: &mut Telling<'_>) -> Kind {
    let meaning = match event.event.text() {
        "send" | "delivered" => Meaning::Tried(Status::Delivered),
        "deferral" => Meaning::Tried(Status::Deferred),
        "soft_bounce" | "hard_bounce" => Meaning::Tried(Status::Failed),
        "reject" => Meaning::NotSent,
        "spam" => Meaning::Complaint,
        _ => Meaning::Aside,
    };
    let nothing = Try::default();
    let last = message.tries.all().last().unwrap_or(&nothing);
    let words = [&message.diagnostic, &last.diagnostic, &message.description, &message.reject.reason];
    let words = words.into_iter().find(|words| !words.text().is_empty()).unwrap_or(&Value::Nothing);
    let (time, sent) = (telling.time(&event.time), telling.time(&message.sent));
    let story = Story {
        time,
        id: if event.id.is_some() { &event.id } else { &message.id },
        sender: &message.sender,
        recipients: std::slice::from_ref(&message.email),
        campaign: &message.tag,
        words: words.text(),
        relay_ip: last.relay_ip.bytes(),
        source: last.source.bytes(),
        delay_ms: time.zip(sent).map(|(time, sent)| (time.0 - sent.0) / 1_000),
        ..Story::of(MANDRILL.name)
    };
    story.tell(meaning, telling)
}
