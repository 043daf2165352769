//! From the values of one record to events.

use std::borrow::Cow;

use jiff::tz::TimeZone;

use super::Mapping;
use super::field::Field;
use super::words::Word;
use crate::event::{Enhanced, Kind, Micros, Status};
use crate::format::json::{Many, Meaning, NOTHING, Story, Telling, Value};
use crate::format::said::{front_code, front_enhanced};

/// The values of a record, one for each of the mapping's sources.
pub(super) type Slots<'a> = [Many<Value<'a>>];

/// Reads a record by its mapping.
pub(super) struct Record<'r, 'a> {
    pub(super) mapping: &'r Mapping,
    pub(super) slots: &'r Slots<'a>,
    /// The zone of times that name none.
    pub(super) zone: &'r TimeZone,
}

impl<'r, 'a> Record<'r, 'a> {
    /// Tells what the record says, and what it was.
    pub(super) fn tell(&self, telling: &mut Telling<'_>) -> Kind {
        let code = self.first(Field::Code).code();
        let meaning = match self.meaning(code) {
            Ok(meaning) => meaning,
            Err((field, value)) => {
                telling.into.unmapped(field.name(), value.as_bytes());
                return Kind::Unparsed;
            }
        };
        if meaning == Meaning::Aside {
            return Kind::Other;
        }
        let recipients = self.recipients();
        let time = self.time(telling);
        if time.is_none() || recipients.is_empty() {
            let field = if time.is_none() { Field::Time } else { Field::Recipient };
            telling.into.unmapped(field.name(), text_of(self.first(field)).as_bytes());
            return Kind::Unparsed;
        }
        let (queue_id, message_id) = (self.first(Field::QueueId), self.first(Field::MessageId));
        let story = Story {
            host: self.first(Field::Host).bytes(),
            time,
            id: if queue_id.is_some() { queue_id } else { message_id },
            sender: self.first(Field::Sender),
            size: self.first(Field::Size).whole(),
            recipients: &recipients,
            message_id,
            campaign: self.first(Field::Campaign),
            code,
            enhanced: Enhanced::read(self.first(Field::Enhanced).bytes()),
            words: self.first(Field::Reply).text(),
            relay: self.first(Field::Relay).bytes(),
            relay_ip: self.first(Field::RelayIp).bytes(),
            source: self.first(Field::Source).bytes(),
            tls: self.first(Field::Tls).bytes(),
            delay_ms: self.delay_ms(),
            ..Story::of(&self.mapping.name)
        };
        story.tell(meaning, telling)
    }

    /// The sources of a field that hold something, in order.
    fn all(&self, field: Field) -> impl Iterator<Item = &'r Value<'a>> {
        let of = self.mapping.of.get(field as usize).map(Vec::as_slice).unwrap_or_default();
        of.iter().filter_map(|&source| self.slots.get(source)).flat_map(Many::all).filter(|value| value.is_some())
    }

    /// The first value of a field that holds something.
    fn first(&self, field: Field) -> &'r Value<'a> {
        self.all(field).next().unwrap_or(NOTHING)
    }

    /// Whether one source of a field holds several values.
    fn is_list(&self, field: Field) -> bool {
        let of = self.mapping.of.get(field as usize).map(Vec::as_slice).unwrap_or_default();
        of.iter().filter_map(|&source| self.slots.get(source)).any(|many| many.all().len() > 1)
    }

    /// What came of it: by the status; without one by code, enhanced status or the reply's beginning. Else the value that does not tell.
    fn meaning(&self, code: Option<u16>) -> Result<Meaning, (Field, Cow<'r, str>)> {
        if self.mapping.has(Field::Status) {
            if self.is_list(Field::Status) {
                // Each may be of another recipient: which, nothing says.
                let values: Vec<_> = self.all(Field::Status).map(text_of).collect();
                return Err((Field::Status, values.join(", ").into()));
            }
            let value = text_of(self.first(Field::Status));
            return self.mapping.words.word(&value).map(Word::meaning).ok_or((Field::Status, value));
        }
        let reply = self.first(Field::Reply);
        let (front, rest) = front_code(reply.bytes());
        let class = code.or(front).map(|code| code / 100).or_else(|| {
            let enhanced = Enhanced::read(self.first(Field::Enhanced).bytes()).or_else(|| front_enhanced(rest));
            enhanced.map(|enhanced| u16::from(enhanced.class))
        });
        match class {
            Some(2) => Ok(Meaning::Tried(Status::Delivered)),
            Some(4) => Ok(Meaning::Tried(Status::Deferred)),
            Some(5) => Ok(Meaning::Tried(Status::Failed)),
            Some(_) | None => {
                let field = if self.mapping.has(Field::Reply) { Field::Reply } else { Field::Code };
                Err((field, text_of(self.first(field))))
            }
        }
    }

    /// When it happened. Several sources are the parts of one time: a day and an hour.
    fn time(&self, telling: &mut Telling<'_>) -> Option<Micros> {
        let mut parts = self.all(Field::Time);
        let (first, second) = (parts.next()?, parts.next());
        let form = &self.mapping.form;
        let Some(second) = second else { return form.moment(first, telling.clock, self.zone) };
        let joined = std::iter::once(first).chain([second]).chain(parts).map(text_of).collect::<Vec<_>>().join(" ");
        form.moment(&Value::Text(joined.into()), telling.clock, self.zone)
    }

    /// The recipients: of a list in one text, each.
    fn recipients(&self) -> Vec<Value<'r>> {
        let mut recipients = Vec::new();
        let of = self.mapping.of.get(Field::Recipient as usize).map(Vec::as_slice).unwrap_or_default();
        let told = of.iter().filter_map(|&source| self.slots.get(source)).find(|many| many.all().iter().any(Value::is_some));
        for value in told.map(Many::all).unwrap_or_default() {
            let text = value.text();
            let is_list = memchr::memchr_iter(b'@', text.as_bytes()).count() > 1;
            let parts = text.split([';', ',']).map(str::trim);
            if is_list && parts.clone().all(|part| part.contains('@') || part.is_empty()) {
                recipients.extend(parts.filter(|part| !part.is_empty()).map(|part| Value::Text(part.into())));
            } else if !text.is_empty() {
                recipients.push(Value::Text(text.into()));
            }
        }
        recipients
    }

    fn delay_ms(&self) -> Option<i64> {
        let number = |field| match self.first(field) {
            Value::Whole(whole) => Some(*whole as f64),
            Value::Real(real) => Some(*real),
            text @ Value::Text(_) => text.text().parse().ok(),
            Value::Nothing | Value::Flag(_) => None,
        };
        let delay = number(Field::DelayMs).or_else(|| number(Field::Delay).map(|seconds: f64| seconds * 1e3))?;
        (0.0..1e15).contains(&delay).then_some(delay.round() as i64)
    }
}

/// A value as text, whatever it is.
fn text_of<'v>(value: &'v Value<'_>) -> Cow<'v, str> {
    match value {
        Value::Text(_) => value.text().into(),
        Value::Whole(whole) => whole.to_string().into(),
        Value::Real(real) => real.to_string().into(),
        Value::Flag(flag) => flag.to_string().into(),
        Value::Nothing => "".into(),
    }
}
