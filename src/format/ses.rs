//! Amazon SES: feedback notifications (`notificationType`) and event publishing (`eventType`), bare or in the envelopes of SNS, SQS,
//! Lambda, `EventBridge` and Firehose, which the reader of JSON opens.
//!
//! The inner object (`bounce`, `delivery` …) says when and for whom; `mail` is the message, and lists all its recipients whatever became
//! of them. Sources: "Contents of event data" and "Notification contents" of the SES developer guide.
//!
//! Kinds: deliveries, bounces and delays are deliveries; sends, rejects, rendering failures and complaints are context; opens, clicks,
//! subscriptions and receipts of mail to us are other.

use super::json::{Many, Meaning, Object, Service, Story, Telling, Value, fields, read};
use crate::event::{Enhanced, Kind, Micros, Speaker, Status};

/// The format.
pub(crate) static SES: Service = Service { name: "ses", knows, read: read_event };

fields! {
    Event<'a> {
        "eventType" | "notificationType" => kind: Value<'a>,
        "mail" => mail: Option<Mail<'a>>,
        "bounce" => bounce: Bounce<'a>,
        "delivery" => delivery: Delivery<'a>,
        "deliveryDelay" => delay: Delay<'a>,
        "complaint" => complaint: Complaint<'a>,
        "reject" => reject: Failure<'a>,
        "failure" => failure: Failure<'a>,
    }
}

fields! {
    Mail<'a> {
        "timestamp" => timestamp: Value<'a>,
        "source" => sender: Value<'a>,
        "messageId" => id: Value<'a>,
        "destination" => recipients: Many<Value<'a>>,
        "commonHeaders" => headers: Headers<'a>,
        "tags" => tags: Tags<'a>,
    }
}

fields! {
    Headers<'a> {
        "messageId" => message_id: Value<'a>,
    }
}

fields! {
    /// Every tag is a list.
    Tags<'a> {
        "ses:configuration-set" => configuration_set: Value<'a>,
        "ses:outgoing-ip" => outgoing_ip: Value<'a>,
        "campaign" | "Campaign" | "campaign_id" | "campaignId" => campaign: Value<'a>,
    }
}

fields! {
    Bounce<'a> {
        "bounceType" => kind: Value<'a>,
        "bounceSubType" => sub_kind: Value<'a>,
        "bouncedRecipients" => recipients: Many<Recipient<'a>>,
        "timestamp" => timestamp: Value<'a>,
        "reportingMTA" => reporter: Value<'a>,
        "remoteMtaIp" => relay_ip: Value<'a>,
    }
}

fields! {
    Delivery<'a> {
        "timestamp" => timestamp: Value<'a>,
        "processingTimeMillis" => delay_ms: Value<'a>,
        "recipients" => recipients: Many<Value<'a>>,
        "smtpResponse" => reply: Value<'a>,
        "reportingMTA" => reporter: Value<'a>,
        "remoteMtaIp" => relay_ip: Value<'a>,
    }
}

fields! {
    Delay<'a> {
        "delayType" => kind: Value<'a>,
        "delayedRecipients" => recipients: Many<Recipient<'a>>,
        "timestamp" => timestamp: Value<'a>,
        "reportingMTA" => reporter: Value<'a>,
        "remoteMtaIp" => relay_ip: Value<'a>,
    }
}

fields! {
    Complaint<'a> {
        "complainedRecipients" => recipients: Many<Recipient<'a>>,
        "complaintFeedbackType" => kind: Value<'a>,
        "complaintSubType" => sub_kind: Value<'a>,
        "timestamp" => timestamp: Value<'a>,
    }
}

fields! {
    Failure<'a> {
        "reason" | "errorMessage" => reason: Value<'a>,
    }
}

fields! {
    Recipient<'a> {
        "emailAddress" => address: Value<'a>,
        "status" => status: Value<'a>,
        "diagnosticCode" => diagnostic: Value<'a>,
    }
}

/// The types of events.
const TYPES: [&str; 12] = [
    "Bounce",
    "Complaint",
    "Delivery",
    "DeliveryDelay",
    "Send",
    "Reject",
    "Rendering Failure",
    "RenderingFailure",
    "Open",
    "Click",
    "Subscription",
    "Received",
];

fn knows(object: &Object<'_>) -> bool {
    let is_event = ["eventType", "notificationType"].into_iter().any(|name| TYPES.contains(&object.text(name)));
    is_event && object.raw("mail").starts_with('{')
}

fn read_event(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (event, length) = read::<Event<'_>>(text)?;
    (event.mail.is_some() && TYPES.contains(&event.kind.text())).then(|| (tell(&event, telling), length))
}

fn tell(event: &Event<'_>, telling: &mut Telling<'_>) -> Kind {
    let unknown = Mail::default();
    let mail = event.mail.as_ref().unwrap_or(&unknown);
    match event.kind.text() {
        "Delivery" => delivered(mail, &event.delivery, telling),
        "Bounce" => bounced(mail, &event.bounce, telling),
        "DeliveryDelay" => delayed(mail, &event.delay, telling),
        "Complaint" => complained(mail, &event.complaint, telling),
        "Send" => whole(mail, "", Meaning::Accepted, telling),
        "Reject" => whole(mail, event.reject.reason.text(), Meaning::NotSent, telling),
        "Rendering Failure" | "RenderingFailure" => whole(mail, event.failure.reason.text(), Meaning::NotSent, telling),
        _ => Kind::Other,
    }
}

fn delivered(mail: &Mail<'_>, delivery: &Delivery<'_>, telling: &mut Telling<'_>) -> Kind {
    let (time, delay_ms) = time_and_delay(mail, &delivery.timestamp, telling);
    let stated = delivery.delay_ms.whole().and_then(|delay| i64::try_from(delay).ok());
    let story = Story {
        time,
        recipients: delivery.recipients.all(),
        words: delivery.reply.text(),
        relay_ip: delivery.relay_ip.bytes(),
        source: source(mail, &delivery.reporter),
        delay_ms: stated.or(delay_ms),
        ..plain(mail)
    };
    story.tell(Meaning::Tried(Status::Delivered), telling)
}

fn bounced(mail: &Mail<'_>, bounce: &Bounce<'_>, telling: &mut Telling<'_>) -> Kind {
    let (time, delay_ms) = time_and_delay(mail, &bounce.timestamp, telling);
    let (relay_ip, source) = (bounce.relay_ip.bytes(), source(mail, &bounce.reporter));
    let of = Story { time, relay_ip, source, delay_ms, ..plain(mail) };
    // Nobody was asked about an address that is on a suppression list.
    let is_own = matches!(bounce.sub_kind.text(), "Suppressed" | "OnAccountSuppressionList" | "UnsubscribedRecipient");
    let own = is_own.then_some(Speaker::Own);
    each(&of, Status::Failed, &bounce.recipients, [&bounce.kind, &bounce.sub_kind], own, telling)
}

fn delayed(mail: &Mail<'_>, delay: &Delay<'_>, telling: &mut Telling<'_>) -> Kind {
    let (time, delay_ms) = time_and_delay(mail, &delay.timestamp, telling);
    let (relay_ip, source) = (delay.relay_ip.bytes(), source(mail, &delay.reporter));
    let of = Story { time, relay_ip, source, delay_ms, ..plain(mail) };
    each(&of, Status::Deferred, &delay.recipients, [&delay.kind, &Value::Nothing], None, telling)
}

fn complained(mail: &Mail<'_>, complaint: &Complaint<'_>, telling: &mut Telling<'_>) -> Kind {
    let (time, _) = time_and_delay(mail, &complaint.timestamp, telling);
    let kind = if complaint.kind.is_some() { &complaint.kind } else { &complaint.sub_kind };
    let of = Story { time, words: kind.text(), ..plain(mail) };
    for recipient in complaint.recipients.all() {
        Story { recipients: std::slice::from_ref(&recipient.address), ..of }.tell(Meaning::Complaint, telling);
    }
    Kind::Context
}

/// When an event `at` this time was, and how long after its mail was taken.
fn time_and_delay(mail: &Mail<'_>, at: &Value<'_>, telling: &mut Telling<'_>) -> (Option<Micros>, Option<i64>) {
    let received = telling.time(&mail.timestamp);
    // An event that tells no time is not of the time at which its mail was taken; the envelope's comes near.
    let time = telling.time(at).or(telling.posted);
    let delay_ms = time.zip(received).map(|(time, received)| (time.0 - received.0) / 1_000);
    (time, delay_ms)
}

/// What is the same for all events of a message.
fn plain<'r>(mail: &'r Mail<'r>) -> Story<'r> {
    let tags = &mail.tags;
    let campaign = if tags.campaign.is_some() { &tags.campaign } else { &tags.configuration_set };
    Story { id: &mail.id, sender: &mail.sender, message_id: &mail.headers.message_id, campaign, ..Story::of(SES.name) }
}

/// An event of the message as a whole, at the time when it was taken.
fn whole(mail: &Mail<'_>, words: &str, meaning: Meaning, telling: &mut Telling<'_>) -> Kind {
    let time = telling.time(&mail.timestamp).or(telling.posted);
    let recipients = mail.recipients.all();
    Story { time, recipients, words, ..plain(mail) }.tell(meaning, telling)
}

/// An attempt for each recipient, each with its own reply; without one, in the words of the service: `Transient MailboxFull`.
fn each(
    of: &Story<'_>,
    status: Status,
    recipients: &Many<Recipient<'_>>,
    words: [&Value<'_>; 2],
    speaker: Option<Speaker>,
    telling: &mut Telling<'_>,
) -> Kind {
    let [kind, sub_kind] = words.map(Value::text);
    let verdict = [kind, sub_kind].join(" ");
    for recipient in recipients.all() {
        let diagnostic = recipient.diagnostic.text();
        let own = speaker.or_else(|| is_own(diagnostic).then_some(Speaker::Own));
        let story = Story {
            recipients: std::slice::from_ref(&recipient.address),
            enhanced: Enhanced::read(recipient.status.bytes()),
            words: if diagnostic.is_empty() { verdict.trim() } else { diagnostic },
            speaker: own,
            ..*of
        };
        story.tell(Meaning::Tried(status), telling);
    }
    Kind::Delivery
}

/// What the service says in its own name.
fn is_own(diagnostic: &str) -> bool {
    diagnostic.starts_with("Amazon SES") || diagnostic.contains("Message expired")
}

/// The address that sent; else the host of the service that reports.
fn source<'r>(mail: &'r Mail<'r>, reporter: &'r Value<'r>) -> &'r [u8] {
    if mail.tags.outgoing_ip.is_some() {
        return mail.tags.outgoing_ip.bytes();
    }
    // `dns; HOST`, as in reports of other mailers; the service itself writes `dsn; HOST`.
    let host = reporter.text().rsplit(';').next().unwrap_or_default().trim();
    if host.ends_with("amazonses.com") { host.as_bytes() } else { b"" }
}
