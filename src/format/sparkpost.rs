//! `SparkPost`: events of webhooks (`{"msys": {"CLASS": {…}}}`) and of the Events API (the same objects bare).
//!
//! Every value is a string, numbers too. `raw_reason` is the reply; `reason` is the same with addresses masked. Deliveries tell no
//! reply. Sources: the webhook event reference and the Events API of `SparkPost`.
//!
//! Kinds: delivery, delay and bounce are deliveries; injections, refusals, bounces that came later and complaints are context; what
//! readers of mail do, and mail to us, is other.

use super::json::{Meaning, Members, Object, Service, Shape, Story, Telling, Value, fields, read};
use super::momentum::{is_bounce_class, judge};
use crate::event::{Kind, Speaker, Status};

/// The format.
pub(crate) static SPARKPOST: Service = Service { name: "sparkpost", knows, read: read_event };

/// What a record holds: an event in its class, or an event itself.
#[derive(Debug, Default)]
struct Record<'a> {
    class: Option<Class<'a>>,
    bare: Event<'a>,
}

impl<'a> Members<'a> for Record<'a> {
    fn take<A: serde::de::MapAccess<'a>>(&mut self, name: &str, from: &mut A) -> Result<bool, A::Error> {
        if name == "msys" {
            self.class = from.next_value()?;
            return Ok(true);
        }
        self.bare.take(name, from)
    }
}

impl<'a> serde::de::Deserialize<'a> for Record<'a> {
    fn deserialize<D: serde::de::Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Shape::default())
    }
}

/// The one member of `msys`, whatever its name.
#[derive(Debug, Default)]
struct Class<'a>(Option<Event<'a>>);

impl<'a> Members<'a> for Class<'a> {
    fn take<A: serde::de::MapAccess<'a>>(&mut self, _: &str, from: &mut A) -> Result<bool, A::Error> {
        self.0 = Some(from.next_value()?);
        Ok(true)
    }
}

impl<'a> serde::de::Deserialize<'a> for Class<'a> {
    fn deserialize<D: serde::de::Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Shape::default())
    }
}

fields! {
    Event<'a> {
        "type" => kind: Value<'a>,
        "event_id" => event_id: Value<'a>,
        "message_id" => message_id: Value<'a>,
        "transmission_id" => transmission_id: Value<'a>,
        "timestamp" => timestamp: Value<'a>,
        "msg_from" => sender: Value<'a>,
        "msg_size" => size: Value<'a>,
        "raw_rcpt_to" => raw_recipient: Value<'a>,
        "rcpt_to" => recipient: Value<'a>,
        "raw_reason" => raw_reason: Value<'a>,
        "reason" => reason: Value<'a>,
        "error_code" => code: Value<'a>,
        "bounce_class" => bounce_class: Value<'a>,
        "sending_ip" => source: Value<'a>,
        "ip_address" => relay_ip: Value<'a>,
        "queue_time" => queue_ms: Value<'a>,
        "campaign_id" => campaign: Value<'a>,
        "fbtype" => feedback: Value<'a>,
        "delv_method" => method: Value<'a>,
    }
}

/// All types of events, so that bare ones are told from others' objects. The last four are what a Momentum calls them that hands its
/// events to the service.
const TYPES: [&str; 31] = [
    "injection",
    "delivery",
    "delay",
    "bounce",
    "out_of_band",
    "policy_rejection",
    "spam_complaint",
    "generation_failure",
    "generation_rejection",
    "open",
    "initial_open",
    "click",
    "amp_open",
    "amp_initial_open",
    "amp_click",
    "list_unsubscribe",
    "link_unsubscribe",
    "relay_injection",
    "relay_rejection",
    "relay_delivery",
    "relay_tempfail",
    "relay_permfail",
    "ab_test_completed",
    "ab_test_cancelled",
    "success",
    "error",
    "sms_status",
    "reception",
    "tempfail",
    "inband",
    "outofband",
];

fn knows(object: &Object<'_>) -> bool {
    let is_bare = TYPES.contains(&object.text("type"))
        && object.has("event_id")
        && ["rcpt_to", "raw_rcpt_to", "transmission_id", "message_id", "customer_id"].into_iter().any(|name| object.has(name))
        && !object.has("event");
    object.raw("msys").starts_with('{') || is_bare
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (record, length) = read::<Record<'_>>(text)?;
    if let Some(Class(event)) = record.class {
        // An empty one is what the service sends to see whether anybody listens.
        return Some((event.map_or(Kind::Other, |event| tell(&event, telling)), length));
    }
    let event = record.bare;
    let is_own = TYPES.contains(&event.kind.text())
        && event.event_id.is_some()
        && [&event.recipient, &event.raw_recipient, &event.transmission_id, &event.message_id].into_iter().any(Value::is_some);
    is_own.then(|| (tell(&event, telling), length))
}

fn tell(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    if !matches!(event.method.text(), "" | "esmtp" | "smtp") {
        // Messages to telephones have events of the same shape.
        return Kind::Other;
    }
    let meaning = match event.kind.text() {
        "injection" | "reception" => Meaning::Accepted,
        "delivery" => Meaning::Tried(Status::Delivered),
        "delay" | "tempfail" => Meaning::Tried(Status::Deferred),
        "bounce" | "inband" => Meaning::Tried(Status::Failed),
        "out_of_band" | "outofband" if is_bounce_class(event.bounce_class.whole()) => Meaning::BouncedLater,
        "out_of_band" | "outofband" => return Kind::Context,
        "policy_rejection" | "generation_failure" | "generation_rejection" => Meaning::NotSent,
        "spam_complaint" => Meaning::Complaint,
        _ => Meaning::Aside,
    };
    let reason = if event.raw_reason.is_some() { &event.raw_reason } else { &event.reason };
    let words = if meaning == Meaning::Complaint { event.feedback.text() } else { reason.text() };
    let (meaning, speaker) = match meaning {
        Meaning::Tried(status) => {
            let (status, speaker) = judge(status, words.as_bytes());
            // Class 25 is an action of the administrator: the service itself spoke, whatever code it wrote.
            let is_own = event.bounce_class.whole() == Some(25);
            (Meaning::Tried(status), if is_own { Some(Speaker::Own) } else { speaker })
        }
        Meaning::Accepted | Meaning::NotSent | Meaning::BouncedLater | Meaning::Complaint | Meaning::Aside => (meaning, None),
    };
    let story = Story {
        time: telling.time(&event.timestamp),
        id: &event.message_id,
        sender: &event.sender,
        size: event.size.whole(),
        recipients: std::slice::from_ref(if event.raw_recipient.is_some() { &event.raw_recipient } else { &event.recipient }),
        campaign: &event.campaign,
        code: if meaning == Meaning::Complaint { None } else { event.code.code() },
        words,
        speaker,
        relay_ip: event.relay_ip.bytes(),
        source: event.source.bytes(),
        delay_ms: event.queue_ms.whole().and_then(|delay| i64::try_from(delay).ok()),
        ..Story::of(SPARKPOST.name)
    };
    story.tell(meaning, telling)
}
