//! `KumoMTA`: one JSON object per thing that happened to a message on a node.
//!
//! Told by `type`, a name in camel case, beside a response or a feedback report. `content` holds the reply without code and enhanced
//! status. What `KumoMTA` says itself begins with `KumoMTA internal: `: no server said it, whatever code stands beside it. Sources:
//! `docs/reference/log_record.md` and `docs/userguide/configuration/logging.md` of `KumoMTA` 2026.
//!
//! Kinds: attempts and expirations are deliveries, `Delayed` is a suspension, `Rejection` inbound, all else context.

use super::json::{Many, Message, Object, Service, Telling, Value, address, fields, read};
use super::said::{Said, attempt, said, speaker, stage};
use crate::event::{Attempt, Closing, Enhanced, Kind, Sort, Speaker, Status, What};

/// The format.
pub(crate) static KUMOMTA: Service = Service { name: "kumomta", knows, read: read_record };

/// What a record can be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Tried(Tried),
    Told(Told),
    Moved(Moved),
}

/// What became of a message, by a try or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tried {
    Delivery,
    Bounce,
    TransientFailure,
    Expiration,
    /// Put into the scheduled queue without a try.
    Delayed,
}

/// What somebody else told the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    OutOfBand,
    Feedback,
    Rejection,
}

/// Where a message came from or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moved {
    Reception,
    AdminBounce,
    /// Put into another queue of the same node.
    Rebind,
    /// Another node has it now.
    XferOut,
    /// Another node had it before.
    XferIn,
}

impl Type {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Delivery" => Self::Tried(Tried::Delivery),
            "Bounce" => Self::Tried(Tried::Bounce),
            "TransientFailure" => Self::Tried(Tried::TransientFailure),
            "Expiration" => Self::Tried(Tried::Expiration),
            "Delayed" => Self::Tried(Tried::Delayed),
            "OOB" => Self::Told(Told::OutOfBand),
            "Feedback" => Self::Told(Told::Feedback),
            "Rejection" => Self::Told(Told::Rejection),
            "Reception" => Self::Moved(Moved::Reception),
            "AdminBounce" => Self::Moved(Moved::AdminBounce),
            "AdminRebind" | "DeferredInjectionRebind" => Self::Moved(Moved::Rebind),
            "XferOut" => Self::Moved(Moved::XferOut),
            "XferIn" => Self::Moved(Moved::XferIn),
            _ => return None,
        })
    }
}

fields! {
    /// A record. Any member may be missing: versions differ, and filters of users drop what they like.
    Record<'a> {
        "type" => kind: Value<'a>,
        "id" => id: Value<'a>,
        "sender" => sender: Value<'a>,
        "recipient" => recipients: Many<Value<'a>>,
        "queue" => queue: Value<'a>,
        "site" => site: Value<'a>,
        "size" => size: Value<'a>,
        "response" => response: Option<Response<'a>>,
        "peer_address" => peer: Peer<'a>,
        "timestamp" => timestamp: Value<'a>,
        "event_time" => event_time: Value<'a>,
        "created" => created: Value<'a>,
        "created_time" => created_time: Value<'a>,
        "egress_source" => egress_source: Value<'a>,
        "source_address" => source_address: SourceAddress<'a>,
        "feedback_report" => report: Option<Report<'a>>,
        "headers" => headers: Headers<'a>,
        "delivery_protocol" => delivery_protocol: Value<'a>,
        "nodeid" => node: Value<'a>,
        "tls_protocol_version" => tls: Value<'a>,
    }
}

fields! {
    Response<'a> {
        "code" => code: Value<'a>,
        "enhanced_code" => enhanced: EnhancedCode<'a>,
        "content" => content: Value<'a>,
        "command" => command: Value<'a>,
    }
}

fields! {
    EnhancedCode<'a> {
        "class" => class: Value<'a>,
        "subject" => subject: Value<'a>,
        "detail" => detail: Value<'a>,
    }
}

fields! {
    Peer<'a> {
        "name" => name: Value<'a>,
        "addr" => address: Value<'a>,
    }
}

fields! {
    SourceAddress<'a> {
        "address" => address: Value<'a>,
    }
}

fields! {
    Headers<'a> {
        "Message-ID" | "Message-Id" | "message-id" => message_id: Value<'a>,
    }
}

fields! {
    /// What an abuse report says (RFC 5965).
    Report<'a> {
        "feedback_type" => kind: Value<'a>,
        "original_rcpto_to" => recipient: Value<'a>,
        "supplemental_trace" => trace: Trace<'a>,
    }
}

fields! {
    /// What this node had put into the message's own header.
    Trace<'a> {
        "recipient" => recipient: Value<'a>,
    }
}

fn knows(object: &Object<'_>) -> bool {
    let is_type = Type::of(object.text("type")).is_some();
    let is_whole = object.has("response") && (object.has("recipient") || object.has("nodeid") || object.has("queue"));
    is_type && (is_whole || object.has("feedback_report"))
}

fn read_record(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (record, length) = read::<Record<'_>>(text)?;
    let kind = Type::of(record.kind.text())?;
    let is_whole = record.response.is_some()
        && (record.recipients.all().iter().any(Value::is_some) || record.node.is_some() || record.queue.is_some());
    (is_whole || record.report.is_some()).then(|| (tell(kind, &record, telling), length))
}

fn tell(kind: Type, record: &Record<'_>, telling: &mut Telling<'_>) -> Kind {
    let time = telling.time(&record.event_time).or_else(|| telling.time(&record.timestamp));
    let created = telling.time(&record.created_time).or_else(|| telling.time(&record.created));
    let delay_ms = time.zip(created).map(|(time, created)| (time.0 - created.0) / 1_000).filter(|delay| *delay >= 0);
    // What somebody told the node has an id of its own.
    let id = if matches!(kind, Type::Told(_)) { &Value::Nothing } else { &record.id };
    let (mut message, buffer) = telling.message(record.node.bytes(), "", time, id);
    match kind {
        Type::Tried(kind) => tried(kind, record, delay_ms, &mut message, buffer),
        Type::Told(kind) => told(kind, record, &mut message, buffer),
        Type::Moved(kind) => moved(kind, record, &mut message),
    }
}

/// One attempt for each recipient.
fn tried(kind: Tried, record: &Record<'_>, delay_ms: Option<i64>, message: &mut Message<'_>, buffer: &mut Vec<u8>) -> Kind {
    let status = match kind {
        Tried::Delivery => Status::Delivered,
        Tried::TransientFailure | Tried::Delayed => Status::Deferred,
        Tried::Bounce => Status::Failed,
        Tried::Expiration => Status::Expired,
    };
    describe(record, message);
    let words = words(record, buffer);
    let sort = sort(kind, record, words.speaker);
    let command = record.response.as_ref().map_or("", |response| response.command.text());
    for recipient in record.recipients.all() {
        message.attempt(Attempt {
            sort,
            speaker: if matches!(sort, Sort::Suspended | Sort::Own) { Speaker::Own } else { words.speaker },
            stage: stage(command.lines().next().unwrap_or_default().as_bytes()),
            relay: relay(record),
            relay_ip: without_port(record.peer.address.text()),
            source: source(record),
            delay_ms,
            tls: record.tls.bytes(),
            // A message that waits was not tried: the record is no attempt, whatever its code.
            times: u32::from(kind != Tried::Delayed),
            ..attempt(address(recipient.text()), status, &words)
        });
    }
    if kind == Tried::Delayed { Kind::Suspended } else { Kind::Delivery }
}

/// Deliveries by Lua, to a Maildir or over HTTP reach no mailbox provider.
fn sort(kind: Tried, record: &Record<'_>, speaker: Speaker) -> Sort {
    let is_smtp = matches!(record.delivery_protocol.text(), "" | "ESMTP" | "SMTP");
    match kind {
        Tried::Delayed => Sort::Suspended,
        Tried::Expiration => Sort::Own,
        Tried::TransientFailure if speaker == Speaker::Own => Sort::Suspended,
        Tried::Bounce if speaker == Speaker::Own => Sort::Own,
        Tried::Delivery | Tried::Bounce | Tried::TransientFailure if is_smtp => Sort::Real,
        Tried::Delivery | Tried::Bounce | Tried::TransientFailure => Sort::Local,
    }
}

/// A record that tells of a message, and of no try.
fn moved(kind: Moved, record: &Record<'_>, message: &mut Message<'_>) -> Kind {
    describe(record, message);
    for recipient in record.recipients.all() {
        message.recipient(recipient);
    }
    match kind {
        Moved::Reception => message.message_id(&record.headers.message_id),
        Moved::AdminBounce => message.say(What::Close(Closing::Cancelled)),
        Moved::XferOut => message.say(What::Close(Closing::Requeued)),
        Moved::Rebind | Moved::XferIn => {}
    }
    Kind::Context
}

fn told(kind: Told, record: &Record<'_>, message: &mut Message<'_>, buffer: &mut Vec<u8>) -> Kind {
    let nothing = Report::default();
    let report = record.report.as_ref().unwrap_or(&nothing);
    match kind {
        Told::Rejection => {
            message.say(What::Inbound { reply: words(record, buffer).reply });
            return Kind::Inbound;
        }
        Told::Feedback => {
            let known = [&report.trace.recipient, &report.recipient].into_iter().find(|known| known.is_some());
            let recipient = known.or(record.recipients.all().first()).unwrap_or(&Value::Nothing);
            message.feedback(true, recipient, report.kind.bytes());
        }
        Told::OutOfBand => {
            let words = words(record, buffer);
            for recipient in record.recipients.all() {
                message.feedback(false, recipient, words.reply);
            }
        }
    }
    Kind::Context
}

/// Sender, size and campaign.
fn describe(record: &Record<'_>, message: &mut Message<'_>) {
    // The size of a message that is not in memory is 0.
    message.sender(&record.sender, record.size.whole().filter(|&size| size > 0));
    if let Some(campaign) = campaign(record) {
        message.say(What::Campaign(campaign.as_bytes()));
    }
}

/// Of `campaign:tenant@domain!routing_domain`, of which all but the domain may be missing.
fn campaign<'a>(record: &'a Record<'_>) -> Option<&'a str> {
    let (before, _) = record.queue.text().split_once('@')?;
    let (campaign, _) = before.split_once(':')?;
    Some(campaign).filter(|campaign| !campaign.is_empty())
}

/// How `KumoMTA` marks what it says itself.
const INTERNAL: &str = "KumoMTA internal: ";

/// What the server said, as it said it; or what `KumoMTA` says, as that.
fn words<'b>(record: &Record<'_>, buffer: &'b mut Vec<u8>) -> Said<'b> {
    let nothing = Response::default();
    let response = record.response.as_ref().unwrap_or(&nothing);
    let content = response.content.text();
    let own = content.find(INTERNAL).and_then(|at| content.get(at + INTERNAL.len()..));
    if let Some(own) = own {
        let said = said(None, None, own.as_bytes(), buffer);
        let speaker = if said.speaker == Speaker::Unknown { Speaker::Own } else { said.speaker };
        return Said { code: None, enhanced: None, speaker, ..said };
    }
    let part = |value: &Value<'_>| value.whole().and_then(|part| u16::try_from(part).ok());
    let EnhancedCode { class, subject, detail, .. } = &response.enhanced;
    let class = part(class).and_then(|class| u8::try_from(class).ok()).filter(|class| matches!(class, 2 | 4 | 5));
    let enhanced = class.zip(part(subject).zip(part(detail)));
    let enhanced = enhanced.map(|(class, (subject, detail))| Enhanced { class, subject, detail });
    let said = said(response.code.code(), enhanced, content.as_bytes(), buffer);
    // Before any connection there is nobody who could reply: what the name service said is put in words without a mark.
    let is_connected = record.peer.address.is_some();
    match speaker(content.as_bytes()) {
        Speaker::Dns if !is_connected => Said { speaker: Speaker::Dns, ..said },
        _ if content.contains("prohibited_hosts") => Said { speaker: Speaker::Own, ..said },
        Speaker::Dns | Speaker::Connection | Speaker::Remote | Speaker::Own | Speaker::Unknown => said,
    }
}

/// The host that answered; else what the site's pattern names for all its hosts: `source->(mx1|mx2)?.example.com.` is of
/// `example.com`.
fn relay<'a>(record: &'a Record<'_>) -> &'a [u8] {
    let named = record.peer.name.text();
    let name = if named.is_empty() {
        let hosts = record.site.text().split_once("->").map_or("", |(_, hosts)| hosts);
        hosts.rsplit([')', '?']).next().unwrap_or_default().trim_start_matches('.')
    } else {
        named
    };
    name.strip_suffix('.').unwrap_or(name).as_bytes()
}

/// The name of the source, else its address. `unspecified` is what a pool without sources is called.
fn source<'a>(record: &'a Record<'_>) -> &'a [u8] {
    match record.egress_source.text() {
        "" | "unspecified" => without_port(record.source_address.address.text()),
        named => named.as_bytes(),
    }
}

/// `192.0.2.1:53210`, `[2001:db8::1]:53210`, or an address alone.
fn without_port(text: &str) -> &[u8] {
    if let Some(bracketed) = text.strip_prefix('[') {
        return bracketed.split(']').next().unwrap_or_default().as_bytes();
    }
    match text.split_once(':') {
        Some((address, port)) if !port.contains(':') => address.as_bytes(),
        _ => text.as_bytes(),
    }
}
