//! Acme Mail: events of its webhooks. `sent` means that the recipient's server took the mail. Source: "Webhooks" of its manual.

use super::json::{Meaning, Object, Service, Story, Telling, Value, fields, read};
use crate::event::{Kind, Status};

pub(crate) static ACME: Service = Service { name: "acme", knows, read: read_event };

fields! {
    Event<'a> {
        "acme_event" => event: Value<'a>,
        "at" => time: Value<'a>,
        "mail" => id: Value<'a>,
        "rcpt" => recipient: Value<'a>,
        "said" => reply: Value<'a>,
    }
}

fn knows(object: &Object<'_>) -> bool {
    object.has("acme_event") && object.has("rcpt")
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    let is_own = event.event.is_some() && event.recipient.is_some();
    is_own.then(|| (tell(&event, telling), length))
}

fn tell(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    let meaning = match event.event.text() {
        "sent" => Meaning::Tried(Status::Delivered),
        "delayed" => Meaning::Tried(Status::Deferred),
        "bounced" => Meaning::Tried(Status::Failed),
        "suppressed" => Meaning::NotSent,
        "complained" => Meaning::Complaint,
        _ => Meaning::Aside,
    };
    let story = Story {
        time: telling.time(&event.time),
        id: &event.id,
        recipients: std::slice::from_ref(&event.recipient),
        words: event.reply.text(),
        ..Story::of(ACME.name)
    };
    story.tell(meaning, telling)
}
