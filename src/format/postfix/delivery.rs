//! From a delivery record to its events: what sort of attempt it was, and which message goes on from it.

use memchr::memmem;

use super::record::{self, Record, Word};
use super::reply::{self, Told};
use super::{Agent, Service, queue_id};
use crate::event::{Attempt, Event, Key, Kind, Sink, Sort, Speaker, Stage, Status, Target, What};
use crate::format::relay::Relay;
use crate::format::smtp::{self, Taker};
use crate::format::syslog::Line;

/// Reads `QID: to=…`. None: another program's.
pub(super) fn read(line: &Line<'_>, service: &Service<'_>, id: &[u8], fields: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    match record::read(fields) {
        Some(record) if service.is_ours || (!record.relay.is_empty() && !is_sendmails(&record)) => {
            Some(attempt(line, service, id, &record, into))
        }
        // Cut within the recipient there is no attempt to speak of, but it was a delivery. Whole, it is not understood.
        None if service.is_ours => {
            Some(if memmem::find(fields, b"status=").is_some() { Kind::Unparsed } else { Kind::Delivery })
        }
        Some(_) | None => None,
    }
}

/// Sendmail has other fields behind its recipients; a server's words in them may look like an address and the field that Postfix has there.
fn is_sendmails(record: &Record<'_>) -> bool {
    memmem::find(record.recipient, b", delay=").is_some()
}

fn attempt(line: &Line<'_>, service: &Service<'_>, id: &[u8], record: &Record<'_>, into: &mut dyn Sink) -> Kind {
    if record.status == Word::Strange {
        return Kind::Unparsed;
    }
    let told = reply::read(record.text);
    let relay = Some(Relay::read(record.relay)).filter(|relay| !relay.is_none()).unwrap_or(told.named);
    let judged = Judged::of(line, service.agent(), record, &told, &relay);
    into.event(&Event {
        head: line.head(service.instance()),
        key: Key::Message(id),
        what: What::Attempt(Attempt {
            target: Target::Address(record.recipient),
            original: record.original,
            slot: None,
            status: judged.status,
            sort: judged.sort,
            speaker: judged.speaker,
            stage: judged.stage,
            relay: relay.host,
            relay_ip: relay.ip,
            source: b"",
            code: if told.speaker == Speaker::Remote { smtp::code(told.reply) } else { None },
            enhanced: record.enhanced.or_else(|| smtp::enhanced(told.reply)),
            reply: told.reply,
            delay_ms: record.delay_ms,
            parts_ms: record.parts_ms,
            tls: record.tls,
            times: line.times,
            nth: record.nth,
        }),
    });
    if let Some((taker, child)) = judged.child {
        let instance = if taker == Taker::Postfix { service.instance() } else { taker.instance() };
        into.event(&Event { head: line.head(instance), key: Key::Message(child), what: What::Linked { parent: id } });
    }
    match judged.sort {
        Sort::Suspended => Kind::Suspended,
        Sort::Probe => Kind::Probe,
        Sort::Real | Sort::Hop | Sort::Local | Sort::Own | Sort::NotSent => Kind::Delivery,
    }
}

/// What a record says when agent, relay and words are taken together.
struct Judged<'a> {
    status: Status,
    sort: Sort,
    speaker: Speaker,
    stage: Stage,
    /// Who goes on with the message here, and under which id.
    child: Option<(Taker, &'a [u8])>,
}

impl<'a> Judged<'a> {
    fn of(line: &Line<'_>, agent: Agent, record: &Record<'a>, told: &Told<'a>, relay: &Relay<'_>) -> Self {
        let status = status(record);
        let at_home = line.own.hold(relay);
        let child = match status {
            Status::Delivered if at_home => smtp::next_id(told.reply).or_else(|| forwarded(told.reply)),
            Status::Delivered => forwarded(told.reply),
            Status::Deferred | Status::Failed | Status::Expired | Status::Unknown => None,
        };
        let sort = match record.status {
            Word::Deliverable | Word::Undeliverable => Sort::Probe,
            Word::Deferred | Word::SoftBounce if told.suspended => Sort::Suspended,
            Word::Sent if child.is_some() => Sort::Hop,
            Word::Sent | Word::Deferred | Word::Bounced | Word::SoftBounce | Word::Cut | Word::Strange => {
                sort_of(agent, status, told, relay, at_home)
            }
        };
        // Words in a reply's shape are a provider's only where a host elsewhere was asked.
        let is_away = !at_home && !matches!(sort, Sort::Local | Sort::Own | Sort::Hop);
        let speaker = if told.speaker == Speaker::Remote && !is_away { Speaker::Own } else { told.speaker };
        Self { status, sort, speaker, stage: stage(status, sort, told), child }
    }
}

/// The word, or for a probe what the word means.
fn status(record: &Record<'_>) -> Status {
    match record.status {
        Word::Sent | Word::Deliverable => Status::Delivered,
        Word::Deferred | Word::SoftBounce => Status::Deferred,
        Word::Undeliverable if record.enhanced.is_some_and(|status| status.class == 4) => Status::Deferred,
        Word::Bounced | Word::Undeliverable => Status::Failed,
        Word::Cut | Word::Strange => Status::Unknown,
    }
}

/// A reply that takes a mail comes after its last byte, one that takes a probe's recipient after `RCPT TO`; other replies say where they
/// came.
fn stage(status: Status, sort: Sort, told: &Told<'_>) -> Stage {
    match sort {
        _ if status != Status::Delivered || told.speaker != Speaker::Remote => told.stage,
        Sort::Probe => Stage::Recipient,
        Sort::Real | Sort::Hop | Sort::Local | Sort::Suspended | Sort::Own | Sort::NotSent => Stage::EndOfData,
    }
}

/// The sort of an attempt that is neither probe nor suspension and that names no next id. LMTP hands mail to a store, wherever that
/// stands.
fn sort_of(agent: Agent, status: Status, told: &Told<'_>, relay: &Relay<'_>, at_home: bool) -> Sort {
    // A record without its header: only smtp names an address or speaks of connections and names.
    let is_remote = || !relay.is_none() || matches!(told.speaker, Speaker::Connection | Speaker::Dns);
    match agent {
        Agent::Local | Agent::Lmtp => Sort::Local,
        Agent::Smtp | Agent::Unknown if at_home => at_filter(status),
        Agent::Unknown if is_at_home_by_name(relay) => Sort::Local,
        Agent::Smtp => Sort::Real,
        Agent::Unknown if is_remote() => Sort::Real,
        Agent::Qmgr | Agent::Error | Agent::Other | Agent::Unknown => Sort::Own,
    }
}

/// What a filter of ours did that names no next id. It kept the mail, or threw it away; it refused, and nobody else will be asked; it
/// was not ready, and the hop is still to come.
fn at_filter(status: Status) -> Sort {
    match status {
        Status::Delivered => Sort::Local,
        Status::Failed => Sort::Own,
        Status::Deferred | Status::Expired | Status::Unknown => Sort::Hop,
    }
}

/// `relay=local`, `relay=virtual`, `relay=dovecot`: a transport's name has no dot, no colon and no address.
fn is_at_home_by_name(relay: &Relay<'_>) -> bool {
    relay.ip.is_empty() && !relay.host.is_empty() && !relay.host.iter().any(|byte| matches!(byte, b'.' | b':'))
}

/// `forwarded as QID`: an alias or a `.forward` file of local(8).
fn forwarded(reply: &[u8]) -> Option<(Taker, &[u8])> {
    queue_id::leading(reply.strip_prefix(b"forwarded as ")?).map(|id| (Taker::Postfix, id))
}
