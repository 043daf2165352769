//! Twilio `SendGrid`: the event webhook, the exports of its suppression lists, and the download of its Email Activity ([`activity`]).
//!
//! Events are flat, and the customer's own arguments lie beside the official members. The sender is not told. A bounce of type `blocked`
//! is a refusal that says nothing of the address, one of type `expired` the end of 72 hours of trying. Sources: "Event Webhook Reference"
//! and "Retrieve all bounces" of the `SendGrid` documentation.
//!
//! Kinds: delivered, deferred, bounce and blocked are deliveries; processed, dropped and spamreport are context; what readers do is other.

mod activity;

use super::json::{Meaning, Object, Service, Story, Telling, Value, fields, read};
use super::said::front_code;
use super::{Confidence, FileContext, Format, Reader};
use crate::event::{Enhanced, Framing, Kind, Status};

/// The format, objects or rows.
pub(crate) struct SendGrid;

/// Its objects.
pub(crate) static SENDGRID: Service = Service { name: "sendgrid", knows, read: read_event };

impl Format for SendGrid {
    fn name(&self) -> &'static str {
        SENDGRID.name
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        if activity::holds_rows(head) {
            return Some((Confidence::Certain, Framing::Csv));
        }
        SENDGRID.recognise(head)
    }

    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        if activity::holds_rows(head) { Box::new(activity::Rows::new(context)) } else { SENDGRID.reader(head, context) }
    }
}

fields! {
    Event<'a> {
        "event" => event: Value<'a>,
        "email" => email: Value<'a>,
        "timestamp" => timestamp: Value<'a>,
        "created" => created: Value<'a>,
        "sg_event_id" => event_id: Value<'a>,
        "sg_message_id" => message_id: Value<'a>,
        "smtp-id" => smtp_id: Value<'a>,
        "type" => kind: Value<'a>,
        "response" => response: Value<'a>,
        "reason" => reason: Value<'a>,
        "status" => status: Value<'a>,
        "ip" => ip: Value<'a>,
        "category" => category: Value<'a>,
        "marketing_campaign_name" | "singlesend_name" => campaign: Value<'a>,
        "message-id" | "MessageID" | "event_id" | "msg" | "recipient" => foreign: Value<'a>,
    }
}

/// What can have happened.
const EVENTS: [&str; 14] = [
    "processed",
    "deferred",
    "delivered",
    "bounce",
    "blocked",
    "dropped",
    "spamreport",
    "open",
    "click",
    "unsubscribe",
    "group_unsubscribe",
    "group_resubscribe",
    "account_status_change",
    "expired",
];

fn is_event(name: &str) -> bool {
    EVENTS.iter().any(|event| event.eq_ignore_ascii_case(name))
}

fn knows(object: &Object<'_>) -> bool {
    let has = |name| object.has(name);
    let is_marked = has("sg_event_id") || has("sg_message_id") || has("smtp-id");
    let is_foreign = has("message-id") || has("MessageID") || has("event_id") || has("msg") || has("recipient");
    let is_plain = is_event(object.text("event")) && !is_foreign;
    let is_listed = has("created") && has("reason") && has("status") && !has("event");
    has("email") && (has("event") && has("timestamp") && (is_marked || is_plain) || is_listed)
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    if !event.email.is_some() {
        return None;
    }
    if !event.event.is_some() {
        let is_listed = event.created.is_some() && event.reason.is_some() && event.status.is_some();
        return is_listed.then(|| (listed(&event, telling), length));
    }
    let is_marked = event.event_id.is_some() || event.message_id.is_some() || event.smtp_id.is_some();
    let is_plain = is_event(event.event.text()) && !event.foreign.is_some();
    (event.timestamp.is_some() && (is_marked || is_plain)).then(|| (tell(&event, telling), length))
}

/// What an event of this name means; `kind` is the type of a bounce. Webhook and download call some by names of their own.
fn meaning(name: &str, kind: &str) -> Meaning {
    let is = |others: &[&str]| others.iter().any(|other| name.eq_ignore_ascii_case(other));
    if is(&["processed"]) {
        Meaning::Accepted
    } else if is(&["delivered"]) {
        Meaning::Tried(Status::Delivered)
    } else if is(&["deferred"]) {
        Meaning::Tried(Status::Deferred)
    } else if is(&["expired"]) || is(&["bounce"]) && kind == "expired" {
        Meaning::Tried(Status::Expired)
    } else if is(&["bounce", "blocked"]) {
        Meaning::Tried(Status::Failed)
    } else if is(&["dropped", "drop"]) {
        Meaning::NotSent
    } else if is(&["spamreport", "spam report"]) {
        Meaning::Complaint
    } else {
        Meaning::Aside
    }
}

fn tell(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    let meaning = meaning(event.event.text(), event.kind.text());
    let id = [&event.message_id, &event.smtp_id].into_iter().find(|id| id.is_some()).unwrap_or(&Value::Nothing);
    let time = telling.time(&event.timestamp);
    let words = if event.response.is_some() { &event.response } else { &event.reason };
    let story = Story {
        time,
        id,
        message_id: &event.smtp_id,
        campaign: if event.campaign.is_some() { &event.campaign } else { &event.category },
        // Of readers, it is theirs.
        source: if matches!(meaning, Meaning::Tried(_)) { event.ip.bytes() } else { b"" },
        ..plain(event, words.text())
    };
    story.tell(meaning, telling)
}

/// A row of the exported lists of bounces and blocks: one that failed, at some time, of some message.
fn listed(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    let time = telling.time(&event.created);
    Story { time, ..plain(event, event.reason.text()) }.tell(Meaning::Tried(Status::Failed), telling)
}

/// Recipient, reply and status. The status may be a bare code; `5.0.0` stands for none where no reply is given.
fn plain<'r>(event: &'r Event<'r>, words: &'r str) -> Story<'r> {
    let status = event.status.text();
    let (has_code, _) = front_code(words.as_bytes());
    let enhanced = Enhanced::read(status.as_bytes());
    Story {
        recipients: std::slice::from_ref(&event.email),
        code: event.status.code().filter(|_| !status.contains('.')),
        enhanced: enhanced.filter(|status| has_code.is_some() || (status.subject, status.detail) != (0, 0)),
        words,
        ..Story::of(SENDGRID.name)
    }
}
