//! Postmark: webhooks, told by `RecordType`, and the bounces of its API.
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
        "DeliveredAt" | "BouncedAt" => time: Value<'a>,
        "Details" => details: Value<'a>,
        "Description" => description: Value<'a>,
        "Tag" => tag: Value<'a>,
    }
}

/// What a record can be of.
const RECORDS: [&str; 7] = ["Delivery", "Bounce", "SpamComplaint", "SubscriptionChange", "Open", "Click", "Inbound"];

fn knows(object: &Object<'_>) -> bool {
    RECORDS.contains(&object.text("RecordType")) || object.has("TypeCode") && object.has("BouncedAt") && object.has("Email")
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    let record = event.record.text();
    let is_listed = record.is_empty() && event.code.is_some() && event.time.is_some() && event.recipient.is_some();
    (RECORDS.contains(&record) || is_listed).then(|| (tell(&event, telling), length))
}

fn tell(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    let meaning = match event.record.text() {
        "Delivery" => Meaning::Tried(Status::Delivered),
        "SpamComplaint" => Meaning::Complaint,
        "Bounce" | "" => match bounce(event.kind.text()) {
            Some(meaning) => meaning,
            None => return Kind::Context,
        },
        _ => Meaning::Aside,
    };
    let words = if event.details.text().is_empty() { &event.description } else { &event.details };
    let story = Story {
        time: telling.time(&event.time),
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
