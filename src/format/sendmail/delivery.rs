//! From a delivery record to its events: one for each recipient of the list, all with the same outcome.

use super::record::{self, Record};
use super::status::{self, By, Stat, Told};
use super::{INSTANCE, relay_of};
use crate::event::{Attempt, Enhanced, Event, Key, Kind, Sink, Sort, Speaker, Stage, Status, Target, What};
use crate::format::relay::Relay;
use crate::format::smtp::{self, Taker};
use crate::format::syslog::Line;

/// Whose a record is: without an id it is of a mail that never was in the queue, and tells all that there is of it.
fn key(id: &[u8]) -> Key<'_> {
    if id.is_empty() { Key::Whole } else { Key::Message(id) }
}

/// Reads `to=…` after a queue id.
pub(super) fn read(line: &Line<'_>, id: &[u8], text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let record = record::read(text)?;
    if record.is_cut {
        return Some(Kind::Delivery);
    }
    if !record.has_fields {
        // Without an id nothing ties the fields to the recipients.
        return Some(if id.is_empty() { Kind::Context } else { start(line, id, &record, into) });
    }
    let is_soft = record.dsn.is_some_and(|status| status.class == 4) || record.reply.starts_with(b"4");
    let told = match status::read(record.stat.unwrap_or_default(), is_soft) {
        Stat::Queued => return Some(queued(line, id, &record, into)),
        Stat::Told(told) => told,
    };
    let is_outbound = record.was_tried || !record.mailer.is_empty() || !record.relay.is_empty();
    let is_to_client = |stat: &[u8]| !told.is_known || stat.starts_with(b"Message exceeds maximum ");
    if !is_outbound && record.stat.is_some_and(is_to_client) {
        // What a filter or a ruleset told the client, or that it sent too much: the mail never was in the queue.
        return Some(Kind::Inbound);
    }
    Some(attempts(line, id, &record, &told, into))
}

/// A system with a small buffer logs the recipients, the fields and `stat=` in lines of their own: the queue id ties them.
fn start(line: &Line<'_>, id: &[u8], record: &Record<'_>, into: &mut dyn Sink) -> Kind {
    for address in recipients(record) {
        let sort = if address.contains(&b'@') { Sort::Real } else { Sort::Local };
        let what = What::Start { message: id, target: Target::Address(address), sort };
        into.event(&Event { head: line.head(INSTANCE), key: Key::Slot(id), what });
    }
    Kind::Context
}

/// `stat=…` in a line of its own.
pub(super) fn ending(line: &Line<'_>, id: &[u8], text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    let Stat::Told(told) = status::read(text.strip_prefix(b"stat=")?, false) else { return Some(Kind::Context) };
    let record = Record { to: b"", has_fields: true, ..Record::default() };
    let judged = Judged { sort: Sort::Real, speaker: told.by.speaker(true), reply: told.reply };
    let attempt = attempt(line, &record, &told, &judged, &Relay::default());
    let what = What::Attempt(Attempt { target: Target::OfSlot, slot: Some(id), ..attempt });
    into.event(&Event { head: line.head(INSTANCE), key: Key::Slot(id), what });
    Some(Kind::Delivery)
}

/// Put into the queue without trying.
fn queued(line: &Line<'_>, id: &[u8], record: &Record<'_>, into: &mut dyn Sink) -> Kind {
    for address in recipients(record) {
        let what = What::Recipient { index: None, address };
        into.event(&Event { head: line.head(INSTANCE), key: key(id), what });
    }
    Kind::Context
}

/// What Sendmail writes where it lost the list.
const NO_LIST: &[u8] = b"NO-TO-LIST";

fn recipients<'a>(record: &Record<'a>) -> impl Iterator<Item = &'a [u8]> {
    record::each(record.to).filter(|&address| address != NO_LIST)
}

fn attempts(line: &Line<'_>, id: &[u8], record: &Record<'_>, told: &Told<'_>, into: &mut dyn Sink) -> Kind {
    let named = relay_of(told.named);
    let relay = Some(relay_of(record.relay)).filter(|relay| !relay.is_none()).unwrap_or(named);
    let at_home = line.own.hold(&relay);
    let child = if told.status == Status::Delivered && at_home { smtp::next_id(told.reply) } else { None };
    let mut kind = Kind::Delivery;
    let mut say = |instance, key, what| into.event(&Event { head: line.head(instance), key, what });
    for address in recipients(record) {
        let judged = Judged::of(record, told, &relay, at_home, child.is_some(), address);
        if judged.sort == Sort::Suspended {
            kind = Kind::Suspended;
        }
        let target = Target::Address(address);
        if told.is_expired {
            say(INSTANCE, key(id), What::GaveUp { target });
        }
        let attempt = attempt(line, record, told, &judged, &relay);
        say(INSTANCE, key(id), What::Attempt(Attempt { target, ..attempt }));
    }
    if let Some((taker, child)) = child.filter(|_| !id.is_empty()) {
        let instance = if taker == Taker::Sendmail { INSTANCE } else { taker.instance() };
        say(instance, Key::Message(child), What::Linked { parent: id });
    }
    kind
}

/// A recipient that Sendmail itself gave up for `reason`, as a record tells that is about the message.
pub(super) fn given_up<'a>(line: &Line<'a>, recipient: &'a [u8], reason: &'a [u8]) -> Option<Attempt<'a>> {
    let Stat::Told(told) = status::read(reason, false) else { return None };
    let judged = Judged { sort: Sort::Own, speaker: told.by.speaker(false), reply: told.reply };
    let attempt = attempt(line, &Record::default(), &told, &judged, &Relay::default());
    Some(Attempt { target: Target::Address(recipient), ..attempt })
}

/// The attempt of a recipient that is still to be named.
fn attempt<'a>(line: &Line<'a>, record: &Record<'a>, told: &Told<'a>, judged: &Judged<'a>, relay: &Relay<'a>) -> Attempt<'a> {
    let is_taken = told.status == Status::Delivered && judged.speaker == Speaker::Remote;
    let named = Some(status::stage_of(record.stage)).filter(|&stage| stage != Stage::Unknown);
    let stage = named.unwrap_or(if is_taken { Stage::EndOfData } else { told.stage });
    Attempt {
        target: Target::OfSlot,
        original: None,
        slot: None,
        status: told.status,
        sort: judged.sort,
        speaker: judged.speaker,
        stage,
        relay: relay.host,
        relay_ip: relay.ip,
        source: b"",
        // The code of a success is not logged: what looks like one stands in the server's own words.
        code: if judged.speaker == Speaker::Remote && told.status != Status::Delivered {
            smtp::code(judged.reply)
        } else {
            None
        },
        enhanced: enhanced(record, told, judged.reply),
        reply: judged.reply,
        delay_ms: record.delay_ms,
        parts_ms: None,
        tls: record.tls,
        times: line.times,
        nth: 1,
    }
}

/// As logged; but `dsn=` may be of a reply that another came after (`503 5.5.1`, then `421`), and then is not of what became of the mail.
fn enhanced(record: &Record<'_>, told: &Told<'_>, reply: &[u8]) -> Option<Enhanced> {
    let own = record.dsn.filter(|dsn| dsn.class != 5 || told.status != Status::Deferred);
    own.or_else(|| smtp::enhanced(reply)).or(record.dsn)
}

/// What a record says when mailer, relay and words are taken together.
struct Judged<'a> {
    sort: Sort,
    speaker: Speaker,
    reply: &'a [u8],
}

impl<'a> Judged<'a> {
    fn of(record: &Record<'a>, told: &Told<'a>, relay: &Relay<'_>, at_home: bool, is_hop: bool, address: &[u8]) -> Self {
        let mailer = Mailer::of(record.mailer, relay, at_home);
        let is_reached = mailer == Mailer::Away && !at_home && !relay.ip.is_empty();
        let (by, reply) = words(record, told, relay);
        let is_null_mx = mailer == Mailer::Away && relay.ip.is_empty() && by == By::Server && record.dsn == Some(NULL_MX);
        let by = if is_null_mx { By::Dns } else { by };
        let sort = match mailer {
            _ if told.is_expired => Sort::Own,
            Mailer::Away if at_home => at_hop(told.status, is_hop, address),
            Mailer::Away if is_copied(record, told, relay) => Sort::Suspended,
            Mailer::Away if relay.is_none() && by == By::Own => Sort::Own,
            Mailer::Away => Sort::Real,
            Mailer::Home => Sort::Local,
            Mailer::Unknown if told.status == Status::Delivered => Sort::Local,
            Mailer::Error | Mailer::Unknown => Sort::Own,
        };
        Self { sort, speaker: by.speaker(is_reached), reply }
    }
}

/// The domain takes no mail, RFC 7505.
const NULL_MX: Enhanced = Enhanced { class: 5, subject: 1, detail: 10 };

/// Whether a host's last failure is told once more, since it was so a moment ago: where a host was asked, its address stands behind its
/// name. The name service is asked each time.
fn is_copied(record: &Record<'_>, told: &Told<'_>, relay: &Relay<'_>) -> bool {
    told.status == Status::Deferred && told.by != By::Dns && !record.relay.is_empty() && relay.ip.is_empty()
}

/// Who decided, and in which words. A reply in `stat=` is the last that the server gave; the one in `reply=` may have come before it. Where
/// the words are Sendmail's own and stand for any refusal, its status alone tells which.
fn words<'a>(record: &Record<'a>, told: &Told<'a>, relay: &Relay<'_>) -> (By, &'a [u8]) {
    let is_named = told.status == Status::Deferred && told.reply != b"Deferred";
    let is_answered = told.by == By::Server || (told.reply == b"Deferred" && !relay.ip.is_empty());
    let lost = status::lost(record.reply, relay.host, is_named && told.by == By::Connection);
    match (status::server_words(record.reply), lost) {
        (Some(_), Some(lost)) => (By::Connection, if is_named { told.reply } else { lost }),
        (Some(_), None) if is_named && smtp::code(told.reply).is_some() => (By::Server, told.reply),
        (Some(reply), None) => (By::Server, reply),
        (None, _) if is_answered && record.dsn.is_some_and(|dsn| status::hides(told.reply, dsn)) => (told.by, record.dsn_text),
        (None, _) => (told.by, told.reply),
    }
}

/// What the next MTA on this machine did. It took the mail under another id, or kept it; it refused, and nobody else will be asked; or
/// it was not ready, and the hop is still to come. A name without a domain is a user of this machine.
fn at_hop(status: Status, is_hop: bool, address: &[u8]) -> Sort {
    match status {
        Status::Delivered if is_hop => Sort::Hop,
        Status::Delivered => Sort::Local,
        Status::Deferred | Status::Failed | Status::Expired | Status::Unknown if !address.contains(&b'@') => Sort::Local,
        Status::Failed | Status::Expired => Sort::Own,
        Status::Deferred | Status::Unknown => Sort::Hop,
    }
}

/// Where a mailer takes mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mailer {
    /// To another host, or to another MTA on this one.
    Away,
    /// Into a mailbox, a program, a file, a list; or it throws it away.
    Home,
    /// Nowhere: a rule of ours refused.
    Error,
    Unknown,
}

impl Mailer {
    /// By its name; a mailer of another name that reached an address elsewhere is one that somebody defined.
    fn of(name: &[u8], relay: &Relay<'_>, at_home: bool) -> Self {
        const HOME: [&[u8]; 10] =
            [b"local", b"prog", b"*file*", b"*include*", b"procmail", b"cyrus", b"cyrusv2", b"lmtp", b"discard", b"uucp"];
        let reaches = !relay.ip.is_empty() && !at_home;
        match name {
            b"error" => Self::Error,
            b"" if !relay.is_none() => Self::Away,
            b"" => Self::Unknown,
            _ if HOME.contains(&name) => Self::Home,
            _ if reaches || name.starts_with(b"relay") || memchr::memmem::find(name, b"smtp").is_some() => Self::Away,
            _ => Self::Home,
        }
    }
}
