//! A mapping for a file of unknown format, made from the names of its columns and what stands in them.
//!
//! A suggestion is given only if it works: the text is read back as a configuration, and by it the file holds deliveries.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::IpAddr;

use jiff::tz::TimeZone;
use serde::Deserialize;

use super::field::Field;
use super::sample::{Column, Sample};
use super::time::Form;
use super::usual::{self, plain};
use super::words::Word;
use super::{Mapping, WrittenMapping};
use crate::event::{Enhanced, Framing, Kind, Micros, Pos};
use crate::format::clock::Clock;
use crate::format::detect::Nowhere;
use crate::format::json::{self, Value};
use crate::format::said::front_code;
use crate::format::{FileContext, Format};

/// Patterns of time that `Form::Told` does not know. Where the day and the month could be either, the first is taken and it is said.
const PATTERNS: [&str; 14] = [
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d-%m-%Y %H:%M:%S",
    "%d/%b/%Y:%H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%d %b %Y %H:%M:%S",
    "%b %d, %Y %H:%M:%S",
];

/// Different values of a status.
const MOST_WORDS: usize = 60;

/// A mapping in TOML for the file that begins with `head`, as `[[format]]` of a configuration; None: it does not look like a log of
/// deliveries whose columns are named.
#[must_use]
pub fn suggest(head: &[u8]) -> Option<String> {
    let sample = Sample::of(head)?;
    let chosen = Chosen::of(&sample)?;
    let text = chosen.written(&sample);
    works(&text, head).then_some(text)
}

/// What was found of a file.
struct Chosen<'s> {
    /// The columns of each field that has some.
    fields: Vec<(Field, Vec<&'s Column>)>,
    /// How times are written, and whether day and month could be either.
    form: (Form, bool),
}

impl<'s> Chosen<'s> {
    fn of(sample: &'s Sample) -> Option<Self> {
        let mut chosen = Self { fields: Vec::new(), form: (Form::Told, false) };
        for field in Field::ALL {
            if field == Field::Time {
                let (columns, form) = time(sample)?;
                chosen.fields.push((field, columns));
                chosen.form = form;
            } else if let Some(column) = chosen.named(sample, field).or_else(|| chosen.alike(sample, field)) {
                chosen.fields.push((field, vec![column]));
            }
        }
        let has = |field| chosen.fields.iter().any(|(known, _)| *known == field);
        (has(Field::Recipient) && (has(Field::Status) || has(Field::Reply) || has(Field::Code))).then_some(chosen)
    }

    fn is_free(&self, column: &Column) -> bool {
        !self.fields.iter().any(|(_, columns)| columns.iter().any(|taken| taken.name == column.name))
    }

    /// The column that is usually called so, if what stands in it fits.
    fn named(&self, sample: &'s Sample, field: Field) -> Option<&'s Column> {
        let free = || sample.columns.iter().filter(|column| self.is_free(column) && fits(field, column));
        usual::names(field).iter().find_map(|usual| free().find(|column| is_called(column, usual)))
    }

    /// The column that can be nothing else by what stands in it.
    fn alike(&self, sample: &'s Sample, field: Field) -> Option<&'s Column> {
        let mut free = sample.columns.iter().filter(|column| self.is_free(column));
        match field {
            Field::Recipient => {
                let is_sender = |column: &Column| {
                    usual::names(Field::Sender).iter().any(|usual| plain(&column.name).ends_with(usual.as_str()))
                };
                free.find(|column| fits(field, column) && !is_sender(column))
            }
            Field::Status => free.find(|column| {
                let words = distinct(column);
                words.len() <= MOST_WORDS && words.iter().filter(|word| usual::word(word).is_some()).count() * 2 > words.len()
            }),
            Field::Reply => {
                free.find(|column| share(column, |value| front_code(value.as_bytes()).0.is_some() && value.len() > 4) > 0.5)
            }
            Field::Time
            | Field::Code
            | Field::Enhanced
            | Field::Sender
            | Field::MessageId
            | Field::QueueId
            | Field::Relay
            | Field::RelayIp
            | Field::Source
            | Field::Campaign
            | Field::Tls
            | Field::Host
            | Field::Size
            | Field::Delay
            | Field::DelayMs => None,
        }
    }

    /// The mapping as TOML.
    fn written(&self, sample: &Sample) -> String {
        let mut text = String::from("[[format]]\nname = \"own\"\n");
        match sample.separator {
            None => text.push_str("kind = \"json\"\n"),
            Some(b',') => text.push_str("kind = \"csv\"\n"),
            Some(separator) => line(&mut text, "kind = \"csv\"\nseparator", &quoted(&char::from(separator).to_string())),
        }
        let (form, is_either) = &self.form;
        match form {
            Form::Told => {}
            Form::Seconds => line(&mut text, "time_format", "\"epoch\""),
            Form::Thousandths => line(&mut text, "time_format", "\"epoch_ms\""),
            Form::Pattern(pattern) => {
                let pattern = quoted(pattern);
                let doubt = if *is_either { "  # the month may come first: every number here could be either" } else { "" };
                line(&mut text, "time_format", &format!("{pattern}{doubt}"));
            }
        }
        text.push_str("\n[format.fields]\n");
        for (field, columns) in &self.fields {
            let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
            let names = if names.len() == 1 { names.concat() } else { format!("[{}]", names.join(", ")) };
            line(&mut text, field.name(), &names);
        }
        self.write_words(&mut text);
        text
    }

    /// What each value of the status means; those that have no usual meaning are left to whoever knows.
    fn write_words(&self, text: &mut String) {
        let Some((_, status)) = self.fields.iter().find(|(field, _)| *field == Field::Status) else { return };
        let values: BTreeSet<&str> = status.iter().flat_map(|column| distinct(column)).collect();
        let word = |value: &str| meaning(value, &values);
        text.push_str("\n[format.status]\n");
        for one in Word::ALL {
            let meant: Vec<String> =
                values.iter().filter(|value| word(value) == Some(one)).map(|value| quoted(value)).collect();
            if !meant.is_empty() {
                line(text, one.name(), &format!("[{}]", meant.join(", ")));
            }
        }
        let unknown: Vec<String> = values.iter().filter(|value| word(value).is_none()).map(|value| quoted(value)).collect();
        if !unknown.is_empty() {
            let _written =
                writeln!(text, "# What these mean is not known; put each into one of the lists: {}", unknown.join(", "));
        }
    }
}

/// What a value means beside the others: where a service tells what was delivered, what was sent is what it took in to deliver it.
fn meaning(value: &str, values: &BTreeSet<&str>) -> Option<Word> {
    let tells_delivery = || values.iter().any(|value| matches!(plain(value).as_str(), "delivered" | "delivery"));
    if plain(value) == "sent" && tells_delivery() { Some(Word::Accepted) } else { usual::word(value) }
}

fn line(text: &mut String, name: &str, value: &str) {
    // Writing to a String cannot fail.
    let _written = writeln!(text, "{name} = {value}");
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Whether a column is called so, or the member of a member is.
fn is_called(column: &Column, usual: &str) -> bool {
    plain(&column.name) == usual || column.name.rsplit_once('.').is_some_and(|(_, last)| plain(last) == usual)
}

/// The different values of a column; of values that differ in case alone, one.
fn distinct(column: &Column) -> BTreeSet<&str> {
    let mut seen = BTreeSet::new();
    column.values.iter().map(String::as_str).filter(|value| seen.insert(value.to_lowercase())).take(MOST_WORDS + 1).collect()
}

/// The share of a column's values that are so; 0 for none.
fn share(column: &Column, is_so: impl Fn(&str) -> bool) -> f64 {
    let all = column.values.len();
    if all == 0 { 0.0 } else { column.values.iter().filter(|value| is_so(value)).count() as f64 / all as f64 }
}

/// Whether what stands in a column can be of the field.
fn fits(field: Field, column: &Column) -> bool {
    let number = |value: &str| value.parse::<f64>().is_ok();
    match field {
        Field::Time => true,
        Field::Recipient => share(column, is_address) >= 0.8,
        Field::Sender => share(column, is_address) >= 0.5,
        Field::Status => {
            let words = distinct(column);
            words.len() <= MOST_WORDS && words.iter().any(|word| usual::word(word).is_some())
        }
        Field::Reply => share(column, |value| value.contains(|c: char| c.is_alphabetic())) >= 0.5,
        Field::Code => share(column, |value| value.len() == 3 && front_code(value.as_bytes()).0.is_some()) >= 0.8,
        Field::Enhanced => share(column, |value| Enhanced::read(value.as_bytes()).is_some()) >= 0.8,
        Field::RelayIp => share(column, |value| value.parse::<IpAddr>().is_ok()) >= 0.8,
        Field::Size | Field::Delay | Field::DelayMs => share(column, number) >= 0.8,
        Field::MessageId | Field::QueueId | Field::Relay | Field::Source | Field::Campaign | Field::Tls | Field::Host => {
            !column.values.is_empty()
        }
    }
}

fn is_address(value: &str) -> bool {
    let value = value.strip_suffix('>').unwrap_or(value);
    value.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains(' '))
}

/// The columns that tell when something happened, and how they are written.
fn time(sample: &Sample) -> Option<(Vec<&Column>, (Form, bool))> {
    let names = usual::names(Field::Time);
    let called = names.iter().filter_map(|usual| sample.columns.iter().find(|column| is_called(column, usual)));
    let called: Vec<&Column> = called.collect();
    let whole = |column: &&Column| form(&column.values).filter(|_| column.values.iter().all(|value| has_clock(value)));
    if let Some((column, form)) = called.iter().find_map(|column| Some((*column, whole(column)?))) {
        return Some((vec![column], form));
    }
    // A day, and beside it an hour.
    let by = |name: &str| sample.columns.iter().find(|column| plain(&column.name) == name);
    if let (Some(day), Some(hour)) = (by("date"), by("time"))
        && day.values.len() == hour.values.len()
    {
        let joined: Vec<String> = day.values.iter().zip(&hour.values).map(|(day, hour)| format!("{day} {hour}")).collect();
        if let Some(form) = form(&joined) {
            return Some((vec![day, hour], form));
        }
    }
    let by_look = sample.columns.iter().find_map(|column| {
        let is_number = share(column, |value| value.parse::<f64>().is_ok()) > 0.0;
        Some((column, whole(&column).filter(|_| !is_number)?))
    });
    by_look.map(|(column, form)| (vec![column], form))
}

/// A number, or something with an hour in it.
fn has_clock(value: &str) -> bool {
    value.contains(':') || value.parse::<f64>().is_ok()
}

/// How these times are written, and whether day and month could be either. None: no form fits all of them.
fn form(values: &[String]) -> Option<(Form, bool)> {
    let context = FileContext { anchor: Micros(0), zone: TimeZone::UTC, own_relays: Vec::new() };
    let mut clock = Clock::new(&context);
    let mut fits = |form: &Form| {
        // Nobody's mail was logged before 1990, and a stamp without a year is none for a table.
        let is_time = |time: Option<Micros>| time.is_some_and(|time| time.day() > 7_300);
        !values.is_empty()
            && values.iter().all(|value| is_time(form.moment(&Value::Text(value.as_str().into()), &mut clock, &TimeZone::UTC)))
    };
    if fits(&Form::Told) {
        return Some((Form::Told, false));
    }
    let mut patterns = PATTERNS.iter().map(|pattern| Form::Pattern((*pattern).to_owned())).filter(|form| fits(form));
    let first = patterns.next()?;
    Some((first, patterns.next().is_some()))
}

/// Whether the text, read as a configuration, makes deliveries of the file.
fn works(text: &str, head: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct File {
        format: Vec<WrittenMapping>,
    }
    let Ok(File { format }) = toml::from_str(text) else { return false };
    let Some(Ok(mapping)) = format.first().map(|written| Mapping::new(written, &[])) else { return false };
    let Some((_, framing)) = mapping.recognise(head) else { return false };
    let context = FileContext { anchor: Micros(0), zone: TimeZone::UTC, own_relays: Vec::new() };
    let mut reader = mapping.reader(head, &context);
    let mut is_delivery = |record: &[u8]| reader.read(record, Pos::default(), &mut Nowhere) == Kind::Delivery;
    match framing {
        Framing::Json => json::tops(&String::from_utf8_lossy(head)).any(|object| is_delivery(object.as_bytes())),
        Framing::Lines | Framing::Csv | Framing::Mbox | Framing::Elements | Framing::Entries => {
            head.split(|&byte| byte == b'\n').any(is_delivery)
        }
    }
}
