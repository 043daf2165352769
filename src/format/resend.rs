//! Resend: webhooks, told by a `type` that begins with `email.`.
//!
//! An event names all recipients of its mail: where there are several, it does not say whom it is about, and the attempt is for their
//! common domain, or for nobody known. Source: "Webhook event types" of the Resend documentation.
//!
//! Kinds: delivered, delayed and bounced are deliveries; sent, failed, suppressed and complained are context; the rest other.

use super::json::{Many, Meaning, Object, Service, Story, Telling, Value, address, fields, read};
use crate::event::{Kind, Status};

/// The format.
pub(crate) static RESEND: Service = Service { name: "resend", knows, read: read_event };

fields! {
    Event<'a> {
        "type" => kind: Value<'a>,
        "created_at" => time: Value<'a>,
        "data" => data: Data<'a>,
    }
}

fields! {
    Data<'a> {
        "email_id" => id: Value<'a>,
        "created_at" => created: Value<'a>,
        "from" => sender: Value<'a>,
        "to" => recipients: Many<Value<'a>>,
        "bounce" | "failed" | "suppressed" => reason: Reason<'a>,
        "broadcast_id" => campaign: Value<'a>,
    }
}

fields! {
    Reason<'a> {
        "message" | "reason" => message: Value<'a>,
        "diagnosticCode" => diagnostic: Value<'a>,
        "subType" => sub_kind: Value<'a>,
    }
}

fn knows(object: &Object<'_>) -> bool {
    object.text("type").starts_with("email.") && object.raw("data").starts_with('{')
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    let is_own = event.kind.text().starts_with("email.") && event.data.id.is_some();
    is_own.then(|| (tell(&event, telling), length))
}

fn tell(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    let data = &event.data;
    let reason = &data.reason;
    let is_suppressed = reason.message.text().contains("suppressed sending") || reason.sub_kind.text() == "Suppressed";
    let meaning = match event.kind.text() {
        "email.sent" | "email.scheduled" => Meaning::Accepted,
        "email.delivered" => Meaning::Tried(Status::Delivered),
        "email.delivery_delayed" | "email.delivered_delayed" => Meaning::Tried(Status::Deferred),
        "email.bounced" if is_suppressed => Meaning::NotSent,
        "email.bounced" => Meaning::Tried(Status::Failed),
        "email.failed" | "email.suppressed" => Meaning::NotSent,
        "email.complained" => Meaning::Complaint,
        _ => Meaning::Aside,
    };
    let common = common(data.recipients.all());
    let recipients = match (data.recipients.all(), meaning) {
        (all @ ([] | [_]), _) | (all, Meaning::Accepted) => all,
        (_, _) => std::slice::from_ref(&common),
    };
    let (time, created) = (telling.time(&event.time), telling.time(&data.created));
    let words = if reason.diagnostic.is_some() { &reason.diagnostic } else { &reason.message };
    let story = Story {
        time,
        id: &data.id,
        sender: &data.sender,
        recipients,
        campaign: &data.campaign,
        words: words.text(),
        delay_ms: time.zip(created).map(|(time, created)| (time.0 - created.0) / 1_000),
        ..Story::of(RESEND.name)
    };
    story.tell(meaning, telling)
}

/// `@DOMAIN` of the domain that all have; nothing if they differ.
fn common<'a>(recipients: &[Value<'_>]) -> Value<'a> {
    let domain = |recipient: &Value<'_>| {
        let address = String::from_utf8_lossy(address(recipient.text())).to_ascii_lowercase();
        address.rfind('@').and_then(|at| address.get(at..).map(str::to_owned))
    };
    let mut domains = recipients.iter().map(domain);
    match domains.next().flatten() {
        Some(first) if domains.all(|domain| domain.as_ref() == Some(&first)) => Value::Text(first.into()),
        Some(_) | None => Value::Nothing,
    }
}
