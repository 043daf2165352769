//! Syslog records inside JSON objects: the journal's export, containers' logs, shippers.
//!
//! `journalctl -o json` (systemd.journal-fields(7)) has the text in MESSAGE, as an array of byte values where it is not printable UTF-8;
//! a field that occurs twice is an array. Docker wraps a line as `{"log": "…\n"}`; rsyslog, Fluentd, Vector, Loki, GELF, Elastic and clouds
//! have names of their own. Text that JSON escaped has to be unescaped somewhere: [`Unwrapped`] is that place, one for a reader, used again.

use std::fmt;
use std::io::Write;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de::Error};

use super::members::{Field, Name};
use super::{Clock, Envelope, Micros};
use crate::format::cursor::{Cursor, number, skip_blanks};
use crate::format::json::Value;

/// What a JSON record says of itself.
#[derive(Debug, Default)]
pub(crate) struct Unwrapped {
    time: Vec<u8>,
    /// Microseconds since 1970, UTC, as the journal counts.
    pub(super) micros: Option<u64>,
    /// The digits of that.
    digits: Vec<u8>,
    pub(super) host: Vec<u8>,
    pub(super) tag: Vec<u8>,
    pub(super) pid: Vec<u8>,
    pub(super) text: Vec<u8>,
    /// The line as it was before a pipeline took it apart.
    original: Vec<u8>,
    /// A member that may be the text.
    data: Vec<u8>,
}

impl Unwrapped {
    /// Reads the object `record`, which is whole; false if it is no object, or holds neither a text nor a
    /// program's name.
    pub(crate) fn read(&mut self, record: &[u8]) -> bool {
        self.clear();
        let mut json = serde_json::Deserializer::from_slice(record);
        let is_whole = json.deserialize_map(Fields(self)).is_ok();
        self.choose_text();
        is_whole && self.holds_record()
    }

    /// Takes what a table's columns hold; program and process belong together.
    pub(crate) fn fill(&mut self, time: Option<Micros>, host: &[u8], tag: &[u8], pid: &[u8], text: &[u8]) {
        self.clear();
        self.micros = time.and_then(|time| u64::try_from(time.0).ok());
        for (to, from) in [(&mut self.host, host), (&mut self.tag, tag), (&mut self.pid, pid), (&mut self.text, text)] {
            to.extend_from_slice(from);
        }
    }

    /// Forgets the record before.
    pub(super) fn clear(&mut self) {
        let Self { time, micros: _, digits: _, host, tag, pid, text, original, data } = self;
        for field in [time, host, tag, pid, text, original, data] {
            field.clear();
        }
        self.micros = None;
    }

    /// Whether there is a text, or a program's name.
    pub(super) fn holds_record(&self) -> bool {
        !(self.text.is_empty() && self.tag.is_empty())
    }

    /// Takes the original line for the text where it says more: a pipeline took its header off and did not keep the program, or kept
    /// nothing of the line.
    fn choose_text(&mut self) {
        if self.original.is_empty() {
            return;
        }
        let (rest, whole) = (self.text().trim_ascii_end(), self.original.trim_ascii_end());
        let is_rest = self.tag.is_empty() && whole.len() > rest.len() && whole.ends_with(rest);
        if self.text.is_empty() || is_rest {
            std::mem::swap(&mut self.text, &mut self.original);
            self.tag.clear();
            self.pid.clear();
        }
    }

    /// The text, without the line ends behind it.
    pub(crate) fn text(&self) -> &[u8] {
        let end = self.text.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
        self.text.get(..end).unwrap_or_default()
    }

    /// The record without its header. The text of a container is often a line with a header of its own, which then counts.
    pub(crate) fn envelope(&self, clock: &mut Clock) -> Envelope<'_> {
        let text = self.text();
        let micros = self.micros.and_then(|micros| i64::try_from(micros).ok()).map(Micros);
        let time = micros.or_else(|| Value::Text(String::from_utf8_lossy(&self.time)).time(clock));
        if self.tag.is_empty() {
            let inner = Envelope::open(text, clock);
            let host = if inner.host.is_empty() { &self.host } else { inner.host };
            let dated = inner.time.zip(time).map(|(inner, outer)| super::dated_within(outer, inner, text, clock));
            return Envelope { time: dated.or(inner.time).or(time), host, framed: true, ..inner };
        }
        let (tag, pid) = self.tag_and_pid();
        // rsyslog's `msg` begins with the blank that followed the tag.
        Envelope { time, host: &self.host, tag, pid, text: skip_blanks(text), framed: true }
    }

    /// rsyslog's `syslogtag` is `postfix/smtp[17]:`.
    fn tag_and_pid(&self) -> (&[u8], &[u8]) {
        let mut at = Cursor(&self.tag);
        let tag = at.run(|byte| !matches!(byte, b'[' | b':'));
        let inner = if at.take(b"[") { at.digits() } else { b"" };
        (tag, if self.pid.is_empty() { inner } else { &self.pid })
    }
}

/// Fills an [`Unwrapped`] from the members of an object.
struct Fields<'u>(&'u mut Unwrapped);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let unwrapped = self.0;
        while let Some(Name(name)) = members.next_key::<Name>()? {
            match name {
                Field::Micros => {
                    unwrapped.digits.clear();
                    members.next_value_seed(Text(&mut unwrapped.digits))?;
                    unwrapped.micros = number(&unwrapped.digits);
                }
                Field::Time => members.next_value_seed(Text(&mut unwrapped.time))?,
                Field::Host => members.next_value_seed(Text(&mut unwrapped.host))?,
                Field::Tag => members.next_value_seed(Text(&mut unwrapped.tag))?,
                Field::SyslogPid => {
                    // What the program called itself, whoever wrote the record for it.
                    unwrapped.pid.clear();
                    members.next_value_seed(Text(&mut unwrapped.pid))?;
                }
                Field::Pid => members.next_value_seed(Text(&mut unwrapped.pid))?,
                Field::Process => members.next_value_seed(Within(unwrapped, Part::Process))?,
                Field::Log => members.next_value_seed(Within(unwrapped, Part::Log))?,
                Field::Event => members.next_value_seed(Within(unwrapped, Part::Event))?,
                Field::Original => members.next_value_seed(Text(&mut unwrapped.original))?,
                Field::Inner => members.next_value_seed(Inner(unwrapped))?,
                Field::Row => members.next_value_seed(Within(unwrapped, Part::Row))?,
                Field::Text => members.next_value_seed(Text(&mut unwrapped.text))?,
                Field::Data => unwrapped.data.extend_from_slice(members.next_value::<Value<'de>>()?.bytes()),
                Field::Other => members.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        if unwrapped.text.is_empty() {
            std::mem::swap(&mut unwrapped.text, &mut unwrapped.data);
        }
        Ok(())
    }
}

/// Writes a member's value into a buffer, unless an earlier member of the same meaning filled it.
struct Text<'u>(&'u mut Vec<u8>);

impl<'de> serde::de::DeserializeSeed<'de> for Text<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        if self.0.is_empty() { from.deserialize_any(self) } else { from.deserialize_ignored_any(IgnoredAny).map(|_| ()) }
    }
}

impl<'de> Visitor<'de> for Text<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("text, a number, bytes or a list of them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        write!(self.0, "{number}").map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    /// Seconds since 1970 with a fraction: nothing else here is one.
    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        write!(self.0, "{number}").map_err(E::custom)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    /// Bytes; or what several members of one name said, of which the first counts.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(item) = list.next_element::<Item>()? {
            match item {
                Item::Byte(byte) => self.0.push(byte),
                Item::Text(text) if self.0.is_empty() => *self.0 = text,
                Item::Text(_) | Item::Other => {}
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        // Elastic's `"host": {"name": …}`.
        while let Some(name) = members.next_key::<std::borrow::Cow<'de, str>>()? {
            if matches!(&*name, "name" | "hostname") {
                members.next_value_seed(Text(&mut *self.0))?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// An object of Elastic's common schema, or what others call by its name.
#[derive(Clone, Copy)]
enum Part {
    /// `"process": {"name": "postfix/smtp", "pid": 17}`; a text is the name.
    Process,
    /// `"log": {"syslog": {…}}`; a text is a container's line.
    Log,
    /// `"syslog": {"hostname": "mx1", "appname": "postfix/smtp", "procid": "17"}`
    Syslog,
    /// `"event": {"original": "<22>…"}`; a text is the line, as Splunk's collector takes it.
    Event,
    /// `"result": {"_raw": "…"}` of a search of Splunk.
    Row,
}

/// Reads such an object.
struct Within<'u>(&'u mut Unwrapped, Part);

impl<'de> serde::de::DeserializeSeed<'de> for Within<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Within<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object or a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        let to = match self.1 {
            Part::Process => &mut self.0.tag,
            Part::Log => &mut self.0.text,
            Part::Event => &mut self.0.data,
            Part::Syslog | Part::Row => return Ok(()),
        };
        if to.is_empty() { Text(to).visit_str(text) } else { Ok(()) }
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self(unwrapped, part) = self;
        while let Some(name) = members.next_key::<std::borrow::Cow<'de, str>>()? {
            match (part, &*name) {
                (Part::Log, "syslog") => members.next_value_seed(Within(unwrapped, Part::Syslog))?,
                (Part::Process, "name") | (Part::Syslog, "appname") => {
                    members.next_value_seed(Text(&mut unwrapped.tag))?;
                }
                (Part::Process, "pid") | (Part::Syslog, "procid") => members.next_value_seed(Text(&mut unwrapped.pid))?,
                (Part::Syslog, "hostname") | (Part::Row, "host") => members.next_value_seed(Text(&mut unwrapped.host))?,
                (Part::Row, "_raw") => members.next_value_seed(Text(&mut unwrapped.text))?,
                (Part::Row, "_time") => members.next_value_seed(Text(&mut unwrapped.time))?,
                (Part::Event, "original") => members.next_value_seed(Text(&mut unwrapped.original))?,
                _ => members.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(())
    }
}

/// What a cloud's log or a search wrapped: an object as the journal or a shipper writes it.
struct Inner<'u>(&'u mut Unwrapped);

impl<'de> serde::de::DeserializeSeed<'de> for Inner<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(Fields(self.0))
    }
}

/// An item of a list: a byte of the text, or a text.
enum Item {
    Byte(u8),
    Text(Vec<u8>),
    Other,
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Known;
        impl<'de> Visitor<'de> for Known {
            type Value = Item;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a byte or a text")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Item, E> {
                Ok(u8::try_from(number).map_or(Item::Other, Item::Byte))
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<Item, E> {
                Ok(Item::Other)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Item, E> {
                Ok(Item::Text(text.as_bytes().to_vec()))
            }

            fn visit_unit<E: Error>(self) -> Result<Item, E> {
                Ok(Item::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<Item, A::Error> {
                let mut text = Vec::new();
                while let Some(byte) = bytes.next_element::<u8>()? {
                    text.push(byte);
                }
                Ok(Item::Text(text))
            }
        }
        from.deserialize_any(Known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FileContext;
    use jiff::tz::TimeZone;

    #[track_caller]
    fn check(record: &str, expected: Option<(i64, &str, &str, &str, &str)>) {
        let mut clock = Clock::new(&FileContext { anchor: Micros(i64::MAX), zone: TimeZone::UTC, own_relays: Vec::new() });
        let mut unwrapped = Unwrapped::default();
        let found = unwrapped.read(record.as_bytes()).then(|| unwrapped.envelope(&mut clock));
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        let found = found.map(|e| (e.time.unwrap_or_default().0, text(e.host), text(e.tag), text(e.pid), text(e.text)));
        assert_eq!(found, expected);
    }

    #[test]
    fn the_journal_writes_unprintable_text_as_bytes() {
        check(
            r#"{"__REALTIME_TIMESTAMP":"1789228152650438","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/smtp","SYSLOG_PID":"17",
                "_PID":"18","MESSAGE":[52,70,58,32,104,105]}"#,
            Some((1_789_228_152_650_438, "mx1", "postfix/smtp", "17", "4F: hi")),
        );
    }

    #[test]
    fn the_process_that_spoke_counts_and_not_the_one_that_wrote_it_down() {
        for record in [
            r#"{"MESSAGE":"one","SYSLOG_PID":"17","_PID":"18","SYSLOG_IDENTIFIER":"a"}"#,
            r#"{"MESSAGE":"one","_PID":"18","SYSLOG_PID":"17","SYSLOG_IDENTIFIER":"a"}"#,
        ] {
            check(record, Some((0, "", "a", "17", "one")));
        }
    }

    #[test]
    fn a_lines_stamp_without_a_year_is_of_the_records() {
        let line = "Nov  1 02:11:18 mx1 postfix/smtp[17]: hi";
        let expected = Some((1_635_732_678_000_000, "mx1", "postfix/smtp", "17", "hi"));
        check(&format!(r#"{{"log":"{line}\n","stream":"stdout","time":"2021-11-01T02:11:19.5Z"}}"#), expected);
        check(
            &format!(r#"{{"timestamp":"2021-11-01T02:11:19.123+0000","full_log":"{line}","location":"/var/log/mail.log"}}"#),
            expected,
        );
        check(
            r#"{"TimeGenerated":"2021-11-01T02:11:18Z","Computer":"mx1","ProcessName":"postfix/smtp","ProcessID":17,"SyslogMessage":"hi"}"#,
            expected,
        );
    }

    #[test]
    fn a_field_that_occurs_twice_is_a_list() {
        check(
            r#"{"MESSAGE":["one","two"],"SYSLOG_IDENTIFIER":["a/b","c"],"PRIORITY":null,"x":{"y":[1.5]}}"#,
            Some((0, "", "a/b", "", "one")),
        );
        check(r#"{"MESSAGE":[[111,110,101],"two"],"SYSLOG_IDENTIFIER":"a"}"#, Some((0, "", "a", "", "one")));
    }

    #[test]
    fn a_line_in_a_container_keeps_its_own_header() {
        check(
            r#"{"log":"2026-03-05T12:00:00Z mx1 postfix/smtp[17]: say \"hi\"\n","stream":"stdout","time":"2026-03-05T12:00:01.5Z"}"#,
            Some((1_772_712_000_000_000, "mx1", "postfix/smtp", "17", "say \"hi\"")),
        );
        check(r#"{"log":"plain\n","time":"2026-03-05T12:00:01.5Z"}"#, Some((1_772_712_001_500_000, "", "", "", "plain")));
        check(
            r#"{"message":" hi","syslog-tag":"postfix/smtp[17]:","host":"mx1"}"#,
            Some((0, "mx1", "postfix/smtp", "17", "hi")),
        );
        check(r#"{"message":"hi","syslogtag":"postfix/smtp[17]:","host":"mx1"}"#, Some((0, "mx1", "postfix/smtp", "17", "hi")));
    }

    #[test]
    fn shippers_and_clouds_have_names_of_their_own() {
        let expected = Some((1_772_712_001_500_000, "mx1", "postfix/smtp", "17", "hi"));
        for record in [
            r#"{"timestamp":1772712001.5,"host":"mx1","short_message":"hi","_process_name":"postfix/smtp","pid":17}"#,
            r#"{"@timestamp":"2026-03-05T12:00:01.500Z","host":{"ip":["192.0.2.1"],"name":"mx1"},"process":{"name":"postfix/smtp","pid":17},"log":{"offset":9},"message":"hi"}"#,
            r#"{"timestamp":"2026-03-05T12:00:01.5Z","jsonPayload":{"MESSAGE":"hi","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/smtp","_PID":"17"},"labels":{"a":"b"}}"#,
            r#"{"timestamp":"2026-03-05T12:00:01.5Z","host":"mx1","program":"postfix/smtp","pid":"17","message":"hi"}"#,
        ] {
            check(record, expected);
        }
        let line = "2026-03-05T12:00:01.5Z mx1 postfix/smtp[17]: hi";
        check(&format!(r#"{{"line":"{line}","timestamp":"1772712009000000000","fields":{{"app":"x"}}}}"#), expected);
        check(&format!(r#"{{"textPayload":"{line}","timestamp":"2026-03-05T12:00:09Z"}}"#), expected);
    }

    #[test]
    fn what_a_pipeline_took_off_a_line_stands_beside_it() {
        let expected = Some((1_772_712_001_000_000, "mx1", "postfix/smtp", "17", "hi"));
        let line = "Mar  5 12:00:01 mx1 postfix/smtp[17]: hi";
        for record in [
            format!(r#"{{"@timestamp":"2026-03-05T12:00:01Z","message":"hi","event":{{"dataset":"mail","original":"{line}\n"}}}}"#),
            format!(r#"{{"@timestamp":"2026-03-05T12:00:01Z","event":{{"original":"{line}"}},"postfix":{{"queueid":"x"}}}}"#),
            format!(r#"{{"@timestamp":"2026-03-05T12:00:01Z","event.original":"{line}","process":{{"name":"postfix/smtp"}}}}"#),
            format!(r#"{{"_source":{{"@timestamp":"2026-03-05T12:00:01Z","message":"{line}","event":{{"original":"{line}"}}}}}}"#),
            r#"{"@timestamp":"2026-03-05T12:00:01Z","log":{"file":{"path":"x"},"syslog":{"priority":22,"hostname":"mx1","appname":"postfix/smtp","procid":"17"}},"message":"hi"}"#.to_owned(),
            r#"{"@timestamp":"2026-03-05T12:00:01Z","process":{"name":"postfix/smtp","pid":17},"host":{"name":"mx1"},"message":"hi","event":{"original":"x hi"}}"#.to_owned(),
            r#"{"@timestamp":"2026-03-05T12:00:01Z","process":{"name":"postfix/smtp","pid":17},"host":{"name":"mx1"},"message":"hi","event":["a",1]}"#.to_owned(),
        ] {
            check(&record, expected);
        }
    }

    #[test]
    fn daemons_and_searches_have_names_of_their_own() {
        let expected = Some((1_772_712_001_000_000, "mx1", "postfix/smtp", "17", "hi"));
        for record in [
            r#"{"PROGRAM":"postfix/smtp","PRIORITY":"info","PID":"17","MESSAGE":"hi","HOST_FROM":"mx1","HOST":"mx1","DATE":"2026-03-05T12:00:01+00:00"}"#,
            r#"{"msg":" hi","rawmsg":"<22>x","timereported":"2026-03-05T13:00:01+01:00","hostname":"mx1","syslogtag":"postfix/smtp[17]:"}"#,
            r#"{"_index":"mail","_source":{"@timestamp":"2026-03-05T12:00:01.000Z","host":{"hostname":"mx1"},"process":{"name":"postfix/smtp","pid":17},"message":"hi"}}"#,
            r#"{"@timestamp":"2026-03-05T12:00:01Z","host.hostname":"mx1","process.name":"postfix/smtp","process.pid":17,"message":"hi"}"#,
            r#"{"@timestamp":"2026-03-05T12:00:01Z","logsource":"mx1","program":"postfix/smtp","pid":"17","message":"hi"}"#,
            r#"{"generated_at":"2026-03-05T12:00:01Z","hostname":"mx1","program":"postfix/smtp[17]","message":"hi"}"#,
            r#"{"date":1772712001.0,"host":"mx1","ident":"postfix/smtp","pid":"17","message":"hi"}"#,
        ] {
            check(record, expected);
        }
    }

    #[test]
    fn what_is_no_whole_object_with_text_is_none() {
        for record in ["", "{", "[]", "{}", r#"{"MESSAGE":""}"#, r#"{"MESSAGE":null}"#, r#"{"MESSAGE":"x""#, "null"] {
            check(record, None);
        }
    }
}
