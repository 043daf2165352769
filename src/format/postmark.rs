//! Postmark: webhooks, told by `RecordType` since 2018 and by their members before, and the bounces of its API.
//!
//! A bounce is told by its `Type`, of which some are no bounces. `Details` is the reply, or the text of a notification; `Description` is
//! the same sentence for all of a type. Sources: "Webhooks" and "Bounce types" of the Postmark developer documentation.
//!
//! Kinds: deliveries and bounces are deliveries; complaints, automatic replies and mail that was not sent are context; the rest other.

use super::json::{Meaning, Object, Service, Story, Telling, Value, fields, read};
use crate::event::{Kind, Speaker, Status};

/// The format.
pub(crate) static POSTMARK: Service = Service { name: "postmark", knows, read: read_event };

fields! {
    Event<'a> {
        "RecordType" => record: Value<'a>,
        "Type" => kind: Value<'a>,
        "TypeCode" => code: Value<'a>,
        "MessageID" => id: Value<'a>,
        "Recipient" | "Email" => recipient: Value<'a>,
        "From" => sender: Value<'a>,
        "DeliveredAt" => delivered: Value<'a>,
        "BouncedAt" => bounced: Value<'a>,
        "Details" => details: Value<'a>,
        "Description" => description: Value<'a>,
        "Tag" => tag: Value<'a>,
    }
}

/// What a record can be of.
const RECORDS: [&str; 7] = ["Delivery", "Bounce", "SpamComplaint", "SubscriptionChange", "Open", "Click", "Inbound"];

fn knows(object: &Object<'_>) -> bool {
    let has_all = |names: [&str; 3]| names.into_iter().all(|name| object.has(name));
    RECORDS.contains(&object.text("RecordType"))
        || has_all(["TypeCode", "BouncedAt", "Email"])
        || has_all(["DeliveredAt", "Recipient", "MessageID"])
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    let record = event.record.text();
    let is_timed = event.code.is_some() && event.bounced.is_some() || is_delivery(&event) && event.id.is_some();
    let is_unnamed = record.is_empty() && event.recipient.is_some() && is_timed;
    (RECORDS.contains(&record) || is_unnamed).then(|| (tell(&event, telling), length))
}

/// Older webhooks do not name their records: what was delivered at some time is a delivery.
fn is_delivery(event: &Event<'_>) -> bool {
    match event.record.text() {
        "Delivery" => true,
        "" => event.delivered.is_some(),
        _ => false,
    }
}

fn tell(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    let meaning = match event.record.text() {
        _ if is_delivery(event) => Meaning::Tried(Status::Delivered),
        "SpamComplaint" => Meaning::Complaint,
        "Bounce" | "" => match bounce(event.kind.text()) {
            Some(meaning) => meaning,
            None => return Kind::Context,
        },
        _ => Meaning::Aside,
    };
    let words = if event.details.text().is_empty() { &event.description } else { &event.details };
    let story = Story {
        time: telling.time(if event.delivered.is_some() { &event.delivered } else { &event.bounced }),
        id: &event.id,
        sender: &event.sender,
        recipients: std::slice::from_ref(&event.recipient),
        campaign: &event.tag,
        words: words.text(),
        speaker: (event.kind.text() == "DnsError").then_some(Speaker::Dns),
        ..Story::of(POSTMARK.name)
    };
    story.tell(meaning, telling)
}

/// What a type of bounce means; None for what is none.
fn bounce(kind: &str) -> Option<Meaning> {
    Some(match kind {
        "Transient" => Meaning::Tried(Status::Deferred),
        "SpamComplaint" => Meaning::Complaint,
        "AutoResponder" | "AddressChange" | "ChallengeVerification" | "Subscribe" | "Unsubscribe" | "OpenRelayTest" => {
            return None;
        }
        "ManuallyDeactivated" | "SMTPApiError" | "TemplateRenderingFailed" | "BadEmailAddress" | "Unconfirmed" => {
            Meaning::NotSent
        }
        "InboundError" => Meaning::Aside,
        _ => Meaning::Tried(Status::Failed),
    })
}
