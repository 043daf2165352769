//! Mailjet: events of its event API.
//!
//! A bounce has no code: `error` is a word of a fixed vocabulary, and `comment` the reply, if there is one. `sent` means that the
//! recipient's server took the mail, `blocked` that Mailjet did not send it. A greylisted mail is tried again; no other soft bounce is said to
//! be. Source: "Event API" of the Mailjet guides, with its table of errors.
//!
//! Kinds: sent and bounce are deliveries; blocked and spam are context; what readers do is other.

use super::json::{Meaning, Object, Service, Story, Telling, Value, fields, read};
use super::said::within;
use crate::event::{Kind, Status};

/// The format.
pub(crate) static MAILJET: Service = Service { name: "mailjet", knows, read: read_event };

fields! {
    Event<'a> {
        "event" => event: Value<'a>,
        "time" => time: Value<'a>,
        "MessageID" => id: Value<'a>,
        "Message_GUID" => guid: Value<'a>,
        "mj_campaign_id" | "mj_contact_id" | "mj_message_id" => mark: Value<'a>,
        "email" => email: Value<'a>,
        "customcampaign" => campaign: Value<'a>,
        "smtp_reply" => reply: Value<'a>,
        "error" => error: Value<'a>,
        "hard_bounce" => hard: Value<'a>,
        "comment" => comment: Value<'a>,
        "source" => source: Value<'a>,
    }
}

fn knows(object: &Object<'_>) -> bool {
    let has = |name| object.has(name);
    has("event") && has("time") && has("email") && (has("MessageID") || has("Message_GUID") || has("mj_campaign_id"))
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    let is_marked = event.id.is_some() || event.guid.is_some() || event.mark.is_some();
    let is_own = event.event.is_some() && event.time.is_some() && event.email.is_some() && is_marked;
    is_own.then(|| (tell(&event, telling), length))
}

fn tell(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    let (meaning, words) = match event.event.text() {
        "sent" => (Meaning::Tried(Status::Delivered), within(event.reply.text())),
        "bounce" if !event.comment.text().is_empty() => (bounce(event), within(event.comment.text())),
        "bounce" => (bounce(event), event.error.text()),
        "blocked" => (Meaning::NotSent, event.error.text()),
        "spam" => (Meaning::Complaint, event.source.text()),
        _ => (Meaning::Aside, ""),
    };
    let story = Story {
        time: telling.time(&event.time),
        id: if event.id.is_some() { &event.id } else { &event.guid },
        recipients: std::slice::from_ref(&event.email),
        campaign: &event.campaign,
        words,
        ..Story::of(MAILJET.name)
    };
    story.tell(meaning, telling)
}

/// What a bounce means: most are final, whatever their hardness; what is greylisted is tried again, and some were never sent.
fn bounce(event: &Event<'_>) -> Meaning {
    match event.error.text() {
        "greylisted" if !event.hard.is_true() => Meaning::Tried(Status::Deferred),
        "preblocked" | "duplicate in campaign" => Meaning::NotSent,
        _ => Meaning::Tried(Status::Failed),
    }
}
