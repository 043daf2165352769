//! Brevo (once Sendinblue): webhooks of transactional and marketing mail, and the events of its API.
//!
//! `date` and `ts` are in the zone of the account, and so was `ts_event` for some; `ts_epoch` never is. `blocked` and `invalid_email` were never sent.
//! Sources: "Transactional webhooks", "Marketing webhooks" and "Get all your transactional email activity" of the Brevo API reference.
//!
//! Kinds: delivered, deferred and bounces are deliveries; requests, blocked and complaints are context; what readers do is other.

use super::json::{Meaning, Object, Service, Story, Telling, Value, address, fields, read};
use crate::event::{Kind, Status};

/// The format.
pub(crate) static BREVO: Service = Service { name: "brevo", knows, read: read_event };

fields! {
    Event<'a> {
        "event" => event: Value<'a>,
        "email" => email: Value<'a>,
        "message-id" | "messageId" => id: Value<'a>,
        "ts_event" => seconds: Value<'a>,
        "ts_epoch" => milliseconds: Value<'a>,
        "ts" => local_seconds: Value<'a>,
        "date" | "date_event" => date: Value<'a>,
        "camp_id" => marketing: Value<'a>,
        "campaign name" => campaign: Value<'a>,
        "tag" => tag: Value<'a>,
        "tags" => first_tag: Value<'a>,
        "reason" => reason: Value<'a>,
        "sending_ip" => source: Value<'a>,
        "sender_email" => sender: Value<'a>,
        "sg_event_id" | "sg_message_id" => foreign: Value<'a>,
    }
}

fn knows(object: &Object<'_>) -> bool {
    let has = |name| object.has(name);
    let has_time = has("ts_event") || has("ts_epoch") || has("ts") || has("date") || has("date_event");
    let is_marked = has("message-id") || has("messageId") || has("camp_id");
    has("event") && has("email") && is_marked && has_time && !has("sg_event_id") && !has("sg_message_id")
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    let times = [&event.seconds, &event.milliseconds, &event.local_seconds, &event.date];
    let is_marked = event.id.is_some() || event.marketing.is_some();
    let is_own = event.event.is_some() && event.email.is_some() && is_marked && !event.foreign.is_some();
    (is_own && times.into_iter().any(Value::is_some)).then(|| (tell(&event, telling), length))
}

fn tell(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    let meaning = match event.event.text() {
        "request" | "requests" | "sent" => Meaning::Accepted,
        "delivered" => Meaning::Tried(Status::Delivered),
        "deferred" => Meaning::Tried(Status::Deferred),
        "soft_bounce" | "hard_bounce" | "softBounces" | "hardBounces" | "bounces" => Meaning::Tried(Status::Failed),
        "blocked" | "invalid_email" | "invalid" | "error" => Meaning::NotSent,
        "spam" | "complaint" => Meaning::Complaint,
        _ => Meaning::Aside,
    };
    let times = [&event.milliseconds, &event.seconds, &event.local_seconds, &event.date];
    let campaigns = [&event.campaign, &event.first_tag, &event.tag];
    let story = Story {
        time: times.into_iter().find_map(|time| telling.time(time)),
        sender: &event.sender,
        recipients: std::slice::from_ref(&event.email),
        message_id: &event.id,
        campaign: campaigns.into_iter().find(|campaign| campaign.is_some()).unwrap_or(&Value::Nothing),
        words: reply(event.reason.text()),
        source: event.source.bytes(),
        ..Story::of(BREVO.name)
    };
    telling.id.clear();
    telling.id.extend_from_slice(address(event.id.text()));
    story.tell_keyed(meaning, telling)
}

/// The word `sent` is no reply. `550 RecipientError: 550 5.1.1 <a@b>: no` and ` RecipientError: 550 5.1.1 no`: the reply stands behind the name of the error.
fn reply(reason: &str) -> &str {
    match reason.split_once("Error: ") {
        Some((_, reply)) if reply.starts_with(|c: char| c.is_ascii_digit()) => reply,
        Some(_) | None if reason == "sent" => "",
        Some(_) | None => reason,
    }
}
