//! What became of one address: `=>`, `->`, `>>`, `==` and `**`.
//!
//! Each record is of one address, and each is an attempt; that several went over one connection is of no account here. Source:
//! `delivery_log()`, `deferral_log()`, `failure_log()`.

use super::failure::{self, Told};
use super::fields::{self, Field, Recipient};
use super::{Flag, INSTANCE, message};
use crate::event::{Attempt, Enhanced, Event, Key, Kind, Sink, Sort, Speaker, Stage, Status, Target, What};
use crate::format::cursor::{rsplit_text, skip_blanks, split_byte, split_text};
use crate::format::relay::Relay;
use crate::format::smtp::{self, Taker};
use crate::format::syslog::Line;

/// What a record says behind its address.
#[derive(Clone, Copy, Debug, Default)]
struct Record<'a> {
    /// `F=`
    sender: Option<&'a [u8]>,
    /// `T=`
    transport: &'a [u8],
    /// `H=`
    host: Relay<'a>,
    /// `I=`, or what a proxy has in its place: without brackets and port.
    source: &'a [u8],
    /// `X=`
    cipher: &'a [u8],
    /// `C=`
    confirmation: &'a [u8],
    /// `QT=`, milliseconds.
    queued_ms: Option<i64>,
    /// `defer (N)`; above 0 the system's own.
    error: Option<i32>,
    /// The words of an error.
    text: &'a [u8],
}

/// Reads what follows a flag. None: no address is there.
pub(super) fn read(line: &Line<'_>, id: &[u8], flag: Flag, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    if flag == Flag::Delivered && is_of_all(text) {
        let what = What::Attempt(Attempt { reply: skip_blanks(text), ..message::at_home(line) });
        into.event(&Event { head: line.head(INSTANCE), key: Key::Message(id), what });
        return Some(Kind::Delivery);
    }
    let longest = match flag {
        Flag::Delivered | Flag::Suppressed => usize::MAX,
        Flag::Deferred | Flag::Failed => fields::LONGEST_LOCAL_PART,
    };
    let (recipient, rest) = fields::recipient(text, longest)?;
    let record = record(rest);
    let mut say = |instance, key, what| into.event(&Event { head: line.head(instance), key, what });
    let key = Key::Message(id);
    if let Some(address) = record.sender {
        say(INSTANCE, key, What::Sender { address, size: None, recipients: None });
    }
    let told = match flag {
        Flag::Delivered | Flag::Suppressed => delivered(&record),
        Flag::Deferred => failure::read(record.text, false),
        Flag::Failed => failure::read(untimed(record.text), true),
    };
    let judged = Judged::of(line, flag, &recipient, &record, &told);
    let target = Target::Address(recipient.address);
    if told.is_expired {
        say(INSTANCE, key, What::GaveUp { target });
    }
    say(INSTANCE, key, What::Attempt(attempt(line, target, &recipient, &record, &told, &judged)));
    if let Some((taker, child)) = judged.child {
        let instance = if taker == Taker::Exim { INSTANCE } else { taker.instance() };
        say(instance, Key::Message(child), What::Linked { parent: id });
    }
    Some(if told.is_suspended || judged.sort == Sort::NotSent { Kind::Suspended } else { Kind::Delivery })
}

/// `discarded (system filter)`, `blackhole (RCPT ACL discarded recipients)`: thrown away for all recipients, of whom none is named.
fn is_of_all(text: &[u8]) -> bool {
    let text = skip_blanks(text);
    text.starts_with(b"discarded (") || text.starts_with(b"blackhole (")
}

fn attempt<'a>(
    line: &Line<'a>,
    target: Target<'a>,
    recipient: &Recipient<'a>,
    record: &Record<'a>,
    told: &Told<'a>,
    judged: &Judged<'a>,
) -> Attempt<'a> {
    Attempt {
        target,
        original: recipient.original,
        slot: None,
        status: judged.status,
        sort: judged.sort,
        speaker: judged.speaker,
        stage: told.stage,
        relay: judged.relay.host,
        relay_ip: judged.relay.ip,
        source: record.source,
        code: if judged.speaker == Speaker::Remote { smtp::code(told.reply) } else { None },
        enhanced: enhanced(told, judged.speaker),
        reply: told.reply,
        delay_ms: record.queued_ms,
        parts_ms: None,
        tls: version(record.cipher),
        times: line.times,
        nth: 1,
    }
}

/// Exim logs no status of its own: only a server's words have one.
fn enhanced(told: &Told<'_>, speaker: Speaker) -> Option<Enhanced> {
    match speaker {
        Speaker::Remote | Speaker::Own => smtp::enhanced(told.reply),
        Speaker::Connection | Speaker::Dns | Speaker::Unknown => None,
    }
}

fn record(mut rest: &[u8]) -> Record<'_> {
    let mut record = Record::default();
    while let Some(field) = fields::next(&mut rest) {
        match field {
            Field::Value(b"F", address) => record.sender = Some(bare(address)),
            Field::Value(b"T", name) => record.transport = name,
            Field::Value(b"I" | b"PRX", address) => record.source = literal(address),
            Field::Value(b"X", cipher) => record.cipher = cipher,
            Field::Value(b"C", reply) => record.confirmation = reply,
            Field::Value(b"QT", interval) => record.queued_ms = fields::interval_ms(interval),
            Field::Host(host) => record.host = host,
            Field::Error(number) => record.error = Some(number),
            Field::Text(text) => {
                record.text = text;
                if record.error.is_some_and(|number| number > 0) && record.host.is_none() {
                    after_system_words(&mut record);
                }
            }
            Field::Value(..) | Field::Word(_) => {}
        }
    }
    record
}

/// `defer (110): Connection timed out H=mx [ip] DT=2m7s: SMTP timeout after DATA`: host and time of the attempt stand behind the system's
/// own words, and better words may follow them.
fn after_system_words(record: &mut Record<'_>) {
    let text = record.text;
    let named = split_text(text, b" H=").map(|(system, after)| (system, fields::host(after)));
    let (system, mut rest) = match named.filter(|(_, (host, _))| !host.ip.is_empty()) {
        Some((system, (host, rest))) => {
            record.host = host;
            (system, rest)
        }
        None => match split_text(text, b" DT=") {
            Some((system, after)) if is_interval(word(after)) => (system, after.get(word(after).len()..).unwrap_or_default()),
            Some(_) | None => return,
        },
    };
    record.text = system;
    while let Some(field) = fields::next(&mut rest) {
        if let Field::Text(text) = field
            && !is_host(text)
        {
            record.text = text;
        }
    }
}

/// What stands before a blank or a colon.
fn word(text: &[u8]) -> &[u8] {
    text.get(..memchr::memchr2(b' ', b':', text).unwrap_or(text.len())).unwrap_or_default()
}

fn is_interval(text: &[u8]) -> bool {
    fields::interval_ms(text).is_some()
}

/// An error's words without the time that a failed attempt took: `+deliver_time` puts that behind them.
fn untimed(text: &[u8]) -> &[u8] {
    match rsplit_text(text, b" DT=") {
        Some((words, time)) if is_interval(time) => words,
        Some(_) | None => text,
    }
}

/// Whether an error's words are no more than the host once again: then the system's say why.
fn is_host(text: &[u8]) -> bool {
    let (host, rest) = fields::host(text);
    !host.ip.is_empty() && rest.trim_ascii().is_empty()
}

/// `<a@b>` or `a@b`: some write the sender without its brackets.
fn bare(address: &[u8]) -> &[u8] {
    address.strip_prefix(b"<").unwrap_or(address)
}

/// `[192.0.2.9]:1234`, `192.0.2.9`
fn literal(address: &[u8]) -> &[u8] {
    let Some(inside) = address.strip_prefix(b"[") else { return address };
    split_byte(inside, b']').map_or(inside, |(inside, _)| inside)
}

/// `TLS1.3:TLS_AES_256_GCM_SHA384:256`: the version, as others write it.
fn version(cipher: &[u8]) -> &[u8] {
    match split_byte(cipher, b':').map_or(cipher, |(version, _)| version) {
        b"TLS1.0" | b"TLS1" => b"TLSv1",
        b"TLS1.1" => b"TLSv1.1",
        b"TLS1.2" => b"TLSv1.2",
        b"TLS1.3" => b"TLSv1.3",
        version => version,
    }
}

/// A success has a reply where `smtp_confirmation` is on.
fn delivered<'a>(record: &Record<'a>) -> Told<'a> {
    let has_reply = !record.confirmation.is_empty();
    Told {
        speaker: Speaker::Remote,
        stage: if has_reply { Stage::EndOfData } else { Stage::Unknown },
        named: Relay::default(),
        reply: confirmed(record.confirmation),
        is_suspended: false,
        is_expired: false,
    }
}

/// The server's words of a confirmation: some transports have words of their own before them (`LMTP Successful delivery:250 2.1.5 Ok`).
fn confirmed(text: &[u8]) -> &[u8] {
    if smtp::code(text).is_some() {
        return text;
    }
    let behind = split_byte(text, b':').map(|(_, reply)| skip_blanks(reply));
    behind.filter(|reply| matches!(smtp::code(reply), Some(200..300))).unwrap_or(text)
}

/// What a record says when flag, host and words are taken together.
struct Judged<'a> {
    status: Status,
    sort: Sort,
    speaker: Speaker,
    relay: Relay<'a>,
    /// Who goes on with the message here, and under which id.
    child: Option<(Taker, &'a [u8])>,
}

impl<'a> Judged<'a> {
    fn of(line: &Line<'_>, flag: Flag, recipient: &Recipient<'_>, record: &Record<'a>, told: &Told<'a>) -> Self {
        let relay = if record.host.is_none() { told.named } else { record.host };
        let at_home = line.own.hold(&relay);
        let child = if flag == Flag::Delivered && at_home { smtp::next_id(told.reply) } else { None };
        let sort = match flag {
            Flag::Delivered if child.is_some() => Sort::Hop,
            Flag::Delivered => sort_of_delivery(recipient, record, at_home),
            Flag::Suppressed => Sort::NotSent,
            Flag::Deferred | Flag::Failed => sort_of_failure(flag, recipient, record, told, &relay, at_home),
        };
        let is_away = !at_home && matches!(sort, Sort::Real | Sort::Suspended);
        let speaker = if told.speaker == Speaker::Remote && !is_away { Speaker::Own } else { told.speaker };
        let status = match flag {
            Flag::Delivered => Status::Delivered,
            Flag::Deferred => Status::Deferred,
            Flag::Failed => Status::Failed,
            Flag::Suppressed => Status::Unknown,
        };
        Self { status, sort, speaker, relay, child }
    }
}

/// A delivery is remote where a host with its address took it, whatever the transport is called.
fn sort_of_delivery(recipient: &Recipient<'_>, record: &Record<'_>, at_home: bool) -> Sort {
    // Whole records name a transport; only what is thrown away has none.
    let is_cut = record.transport.is_empty() && record.host.is_none() && is_mail(recipient.address);
    let is_remote = !record.host.ip.is_empty() && !at_home;
    if is_remote || is_cut { Sort::Real } else { Sort::Local }
}

/// An address that mail goes to, and not a file, a command, a reply or a word.
fn is_mail(address: &[u8]) -> bool {
    !matches!(address.first(), Some(b'/' | b'|' | b'>' | b':')) && memchr::memchr(b'@', address).is_some()
}

fn sort_of_failure(
    flag: Flag,
    recipient: &Recipient<'_>,
    record: &Record<'_>,
    told: &Told<'_>,
    relay: &Relay<'_>,
    at_home: bool,
) -> Sort {
    let is_local = !is_mail(recipient.address) || (!record.transport.is_empty() && !is_remote_transport(record.transport));
    match told.speaker {
        _ if relay.is_none() && is_at_home(record, told, is_local) => Sort::Local,
        _ if told.is_suspended => Sort::Suspended,
        _ if told.is_expired => Sort::Own,
        // A gateway of ours refused, and nobody else will be asked; or it was not ready, and the hop is still to come.
        _ if at_home && flag == Flag::Failed => Sort::Own,
        _ if at_home => Sort::Hop,
        _ if !relay.ip.is_empty() => Sort::Real,
        Speaker::Remote | Speaker::Connection | Speaker::Dns if !is_local || record.transport.is_empty() => Sort::Real,
        Speaker::Remote | Speaker::Connection | Speaker::Dns | Speaker::Own | Speaker::Unknown if is_local => Sort::Local,
        Speaker::Remote | Speaker::Connection | Speaker::Dns | Speaker::Own | Speaker::Unknown => Sort::Own,
    }
}

/// Whether mail that was not tried waits for its turn at home, or has waited there for too long. Only transports to other hosts say of hosts
/// that their time has not come; to local ones the words are others. Source: `do_local_deliveries()`, `retry_update()`.
fn is_at_home(record: &Record<'_>, told: &Told<'_>, is_local: bool) -> bool {
    let is_waiting = told.is_suspended && record.text.starts_with(b"Retry time not yet reached");
    let is_over = told.is_expired && is_local && split_text(record.text, b"host").is_none();
    !record.transport.is_empty() && (is_waiting || is_over)
}

/// By its name, where nothing else tells: transports to other hosts are called after their protocol or where they lead.
fn is_remote_transport(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 5] = [b"smtp", b"remote", b"smart", b"relay", b"gateway"];
    NAMES.iter().any(|part| memchr::memmem::find(name, part).is_some())
}
