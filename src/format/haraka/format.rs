//! Which of Haraka's formats a file is in.

use super::entry::{Delivered, Entry, Fields};
use super::outbound::Telling as Tells;
use super::{Lines, is_start, tell};
use crate::event::{Framing, Head, Kind, Micros, Pos, Sink};
use crate::format::cursor::split_byte;
use crate::format::detect::lines;
use crate::format::json::{Object, Service, Telling, Value, fields, read};
use crate::format::relay::OwnRelays;
use crate::format::syslog::Syslog;
use crate::format::{Confidence, FileContext, Format, Opening, Reader};

/// The format, whichever of its three.
pub(crate) struct Haraka;

/// Its log of JSON objects.
pub(crate) static HARAKA: Service = Service { name: "haraka", knows, read: read_entry };

/// Its log of lines.
static LINES: Syslog = Syslog(&Lines);

impl Format for Haraka {
    fn name(&self) -> &'static str {
        HARAKA.name
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        let by_syslog = || LINES.recognise(head).filter(|&(sure, _)| sure == Confidence::Certain);
        HARAKA.recognise(head).or_else(by_syslog).or_else(|| has_entry(head).then_some((Confidence::Certain, Framing::Lines)))
    }

    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        if HARAKA.recognise(head).is_none() {
            return LINES.reader(head, context);
        }
        Box::new(Objects(HARAKA.reader(head, context)))
    }
}

/// Reads objects, and knows what stands before the first of them.
struct Objects(Box<dyn Reader>);

impl Reader for Objects {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        if is_start(record) { Kind::Other } else { self.0.read(record, at, into) }
    }

    fn opening(&mut self, record: &[u8]) -> Option<Opening> {
        self.0.opening(record)
    }
}

/// Whether a line is of the core or of the outbound side.
fn has_entry(head: &[u8]) -> bool {
    lines(head).filter_map(Entry::of).any(|entry| entry.is_outbound() || entry.origin == b"core")
}

fields! {
    Record<'a> {
        "level" => level: Value<'a>,
        "uuid" => uuid: Value<'a>,
        "origin" | "source" => origin: Value<'a>,
        "message" => message: Value<'a>,
        "delivered file" => file: Value<'a>,
        "domain" => domain: Value<'a>,
        "host" => host: Value<'a>,
        "ip" => ip: Value<'a>,
        "mode" => mode: Value<'a>,
        "tls" => tls: Value<'a>,
        "response" => response: Value<'a>,
        "delay" => delay: Value<'a>,
        "rcpts" => recipients: Value<'a>,
        "code" => code: Value<'a>,
        "msg" => msg: Value<'a>,
        "sender" => sender: Value<'a>,
        "mid" => mid: Value<'a>,
        "size" => size: Value<'a>,
        "timestamp" | "time" => time: Value<'a>,
    }
}

fn knows(object: &Object<'_>) -> bool {
    ["level", "uuid", "message"].into_iter().all(|name| object.has(name)) && (object.has("origin") || object.has("source"))
}

fn read_entry(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (record, length) = read::<Record<'_>>(text)?;
    let is_own = record.level.is_some() && record.uuid.is_some() && record.origin.is_some();
    is_own.then(|| (tell_record(&record, telling), length))
}

/// Before this no record was written: `time` may be the seconds that a connection took.
const HARAKA_BEGAN: Micros = Micros(1_262_304_000 * Micros::SECOND);

/// The stamp before the object, else a member that is one.
fn time(record: &Record<'_>, telling: &mut Telling<'_>) -> Option<Micros> {
    let front = split_byte(telling.head.record, b'{').and_then(|(front, _)| std::str::from_utf8(front).ok());
    let front = front.map(str::trim).filter(|front| !front.is_empty());
    let time = front.and_then(|front| telling.time(&Value::Text(front.into()))).or_else(|| telling.time(&record.time));
    time.filter(|&time| time >= HARAKA_BEGAN).or(telling.posted)
}

fn tell_record(record: &Record<'_>, telling: &mut Telling<'_>) -> Kind {
    let mut delay = Vec::new();
    record.delay.write(&mut delay);
    let mut size = Vec::new();
    record.size.write(&mut size);
    let delivered = Delivered {
        file: record.file.bytes().into(),
        domain: record.domain.bytes().into(),
        host: record.host.bytes().into(),
        ip: record.ip.bytes().into(),
        mode: record.mode.bytes().into(),
        tls: record.tls.bytes().into(),
        response: record.response.bytes().into(),
        delay: delay.into(),
        recipients: record.recipients.bytes().into(),
    };
    let entry = Entry {
        uuid: record.uuid.bytes(),
        origin: record.origin.bytes(),
        message: record.message.bytes().into(),
        delivered: record.file.is_some().then_some(delivered),
        fields: Fields {
            code: record.code.bytes().into(),
            msg: record.msg.bytes().into(),
            sender: record.sender.bytes().into(),
            mid: record.mid.bytes().into(),
            size: size.into(),
        },
    };
    let time = time(record, telling);
    let head = Head { time, instance: b"haraka", ..telling.head };
    let own = OwnRelays::default();
    tell(&entry, &mut Tells { head, own: &own, into: &mut *telling.into, reply: &mut *telling.reply })
}
