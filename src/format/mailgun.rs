//! Mailgun: events of webhooks (`{"signature": …, "event-data": {…}}`), of the Events API and the Logs API, and the legacy posts.
//!
//! `severity` tells a temporary failure from a permanent one; reasons that begin with `suppress-` and the codes from 600 on are Mailgun's
//! own: nothing was sent. The message id is that of the mail's header, one for all recipients of a call. Sources: "Events" and
//! "Webhooks" of the Mailgun documentation.
//!
//! Kinds: delivered and failed are deliveries; accepted, suppressed, rejected, complained and later bounces are context; the rest other.

use super::json::{Many, Meaning, Object, Service, Story, Telling, Value, fields, read};
use crate::event::{Enhanced, Kind, Status};

/// The format.
pub(crate) static MAILGUN: Service = Service { name: "mailgun", knows, read: read_event };

fields! {
    Event<'a> {
        "event" => event: Value<'a>,
        "log-level" => level: Value<'a>,
        "timestamp" => timestamp: Value<'a>,
        "@timestamp" => logged: Value<'a>,
        "severity" => severity: Value<'a>,
        "reason" => reason: Value<'a>,
        "recipient" => recipient: Value<'a>,
        "delivery-status" => status: Option<DeliveryStatus<'a>>,
        "envelope" => envelope: Envelope<'a>,
        "message" => message: Mail<'a>,
        "flags" => flags: Flags<'a>,
        "tags" => tag: Value<'a>,
        "campaigns" => campaigns: Many<Campaign<'a>>,
        "reject" => reject: Reject<'a>,
        "domain" => domain: Value<'a>,
        "recipient-domain" | "message-headers" | "X-Mailgun-Sid" => mark: Value<'a>,
        "Message-Id" | "message-id" => legacy_id: Value<'a>,
        "code" => legacy_code: Value<'a>,
        "error" | "description" => legacy_words: Value<'a>,
    }
}

fields! {
    DeliveryStatus<'a> {
        "code" => code: Value<'a>,
        "message" => message: Value<'a>,
        "description" => description: Value<'a>,
        "enhanced-code" | "bounce-code" => enhanced: Value<'a>,
        "mx-host" => relay: Value<'a>,
        "retry-seconds" => retry: Value<'a>,
    }
}

fields! {
    Envelope<'a> {
        "sender" => sender: Value<'a>,
        "sending-ip" => source: Value<'a>,
    }
}

fields! {
    Mail<'a> {
        "headers" => headers: Headers<'a>,
        "size" => size: Value<'a>,
    }
}

fields! {
    Headers<'a> {
        "message-id" => id: Value<'a>,
    }
}

fields! {
    Flags<'a> {
        "is-delayed-bounce" => is_later: Value<'a>,
    }
}

fields! {
    Campaign<'a> {
        "name" => name: Value<'a>,
    }
}

fields! {
    Reject<'a> {
        "reason" => reason: Value<'a>,
    }
}

fn knows(object: &Object<'_>) -> bool {
    let has = |name| object.has(name);
    let is_event =
        has("log-level") || has("delivery-status") || has("recipient") && (has("envelope") || has("recipient-domain"));
    let is_legacy = has("recipient") && (has("domain") || has("message-headers") || has("X-Mailgun-Sid"));
    // Entries of the Logs API call the time as shippers do, so that it marks none of them.
    let is_logged = has("@timestamp") && has("recipient") && !object.text("event").is_empty();
    let has_time = has("timestamp") || is_logged;
    has("event") && has_time && (is_event || is_legacy) && !has("payload")
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    let has_marks = event.level.is_some() || event.status.is_some();
    let is_legacy =
        event.recipient.is_some() && (event.domain.is_some() || event.mark.is_some() || event.envelope.sender.is_some());
    let has_time = event.timestamp.is_some() || event.logged.is_some() && event.recipient.is_some();
    let is_own = event.event.is_some() && has_time && (has_marks || is_legacy);
    is_own.then(|| (tell(&event, telling), length))
}

/// Codes that Mailgun made up: no server said them.
fn is_made_up(code: Option<u64>) -> bool {
    matches!(code, Some(498 | 499 | 600..))
}

fn tell(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    let nothing = DeliveryStatus::default();
    let status = event.status.as_ref().unwrap_or(&nothing);
    let code = if event.status.is_some() { &status.code } else { &event.legacy_code };
    let meaning = meaning(event, code.whole());
    let words = [&status.message, &status.description, &event.legacy_words, &event.reject.reason, &event.reason];
    let words = words.into_iter().find(|words| !words.text().is_empty()).unwrap_or(&Value::Nothing);
    // An event that a shipper carries has its own stamp beside the event's.
    let time = telling.time(if event.timestamp.is_some() { &event.timestamp } else { &event.logged });
    let id = &event.message.headers.id;
    let id = if id.is_some() { id } else { &event.legacy_id };
    let story = Story {
        time,
        id,
        sender: &event.envelope.sender,
        size: event.message.size.whole(),
        recipients: std::slice::from_ref(&event.recipient),
        message_id: id,
        campaign: event.campaigns.all().first().map_or(&event.tag, |campaign| &campaign.name),
        code: code.code().filter(|_| !is_made_up(code.whole())),
        enhanced: Enhanced::read(status.enhanced.bytes()),
        words: words.text(),
        relay: status.relay.bytes(),
        source: event.envelope.source.bytes(),
        ..Story::of(MAILGUN.name)
    };
    telling.id.clear();
    // The header's own brackets are no part of the id: some events have them and some not.
    telling.id.extend_from_slice(super::json::address(id.text()));
    story.tell_keyed(meaning, telling)
}

/// Whether it is tried again: `severity` says so, and where it is left out, the time until then.
fn is_temporary(event: &Event<'_>) -> bool {
    let retries = event.status.as_ref().is_some_and(|status| status.retry.is_some());
    event.severity.text() == "temporary" || !event.severity.is_some() && retries
}

fn meaning(event: &Event<'_>, code: Option<u64>) -> Meaning {
    let reason = event.reason.text();
    match event.event.text() {
        "accepted" => Meaning::Accepted,
        "delivered" => Meaning::Tried(Status::Delivered),
        "failed" if is_temporary(event) => Meaning::Tried(Status::Deferred),
        "failed" | "bounced" | "dropped" if reason.starts_with("suppress-") || matches!(code, Some(605..=607)) => {
            Meaning::NotSent
        }
        "failed" if event.flags.is_later.is_true() => Meaning::BouncedLater,
        "failed" | "dropped" if reason == "old" => Meaning::Tried(Status::Expired),
        "failed" | "bounced" | "dropped" => Meaning::Tried(Status::Failed),
        "rejected" => Meaning::NotSent,
        "complained" => Meaning::Complaint,
        _ => Meaning::Aside,
    }
}
