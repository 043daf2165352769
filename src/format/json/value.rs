//! Values of JSON as strangers write them: a number may stand in quotes, a list where one is meant, null for anything.
//!
//! Nothing here refuses a value for its type: what is not of use is read over. Text is borrowed where JSON escaped nothing.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use crate::event::Micros;
use crate::format::clock::Clock;
use crate::format::cursor::{Cursor, millionths, number};
use crate::format::envelope;

/// A single value. A list is its first element; an object is nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Value<'a> {
    /// Absent, null, or of no use.
    #[default]
    Nothing,
    /// A string.
    Text(Cow<'a, str>),
    /// A number without a fraction.
    Whole(i64),
    /// A number with a fraction, or one beyond 64 bits.
    Real(f64),
    /// true or false.
    Flag(bool),
}

impl Value<'_> {
    /// The text without blanks around it; empty if it is none.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text.trim(),
            Self::Nothing | Self::Whole(_) | Self::Real(_) | Self::Flag(_) => "",
        }
    }

    /// [`Value::text`] as bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.text().as_bytes()
    }

    /// Whether there is anything: text that is not empty, a number, a flag.
    pub(crate) fn is_some(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Text(text) => !text.is_empty(),
            Self::Whole(_) | Self::Real(_) | Self::Flag(_) => true,
        }
    }

    /// The number that is not negative, with or without quotes; what follows its point is dropped.
    pub(crate) fn whole(&self) -> Option<u64> {
        match *self {
            Self::Whole(whole) => u64::try_from(whole).ok(),
            Self::Real(real) => (0.0..9e18).contains(&real).then_some(real as u64),
            Self::Text(_) => {
                let mut at = Cursor(self.bytes());
                let whole = number(at.digits());
                whole.filter(|_| at.0.is_empty() || at.0.starts_with(b"."))
            }
            Self::Nothing | Self::Flag(_) => None,
        }
    }

    /// true, 1, and the words for it.
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Flag(flag) => *flag,
            Self::Whole(whole) => *whole != 0,
            Self::Text(_) => matches!(self.text(), "true" | "True" | "1" | "yes"),
            Self::Nothing | Self::Real(_) => false,
        }
    }

    /// A reply code of SMTP (RFC 5321 section 4.2); services have numbers of their own beyond those.
    pub(crate) fn code(&self) -> Option<u16> {
        self.whole().and_then(|code| u16::try_from(code).ok()).filter(|code| (200..=559).contains(code))
    }

    /// Appends it as it would be written: for ids, which may be numbers.
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        match self {
            Self::Text(_) => to.extend_from_slice(self.bytes()),
            Self::Whole(whole) => to.extend_from_slice(whole.to_string().as_bytes()),
            Self::Real(real) => to.extend_from_slice(real.to_string().as_bytes()),
            Self::Nothing | Self::Flag(_) => {}
        }
    }

    /// The moment that it names: seconds since 1970, or thousandths or finer, told by their size; or a date and time, which `clock`
    /// takes in the file's zone where it names none.
    pub(crate) fn time(&self, clock: &mut Clock) -> Option<Micros> {
        match self {
            Self::Whole(whole) => epoch(*whole, 0),
            Self::Real(real) => (1.0..1e11).contains(real).then(|| Micros((real * 1e6).round() as i64)),
            Self::Text(_) => {
                let mut at = Cursor(self.bytes());
                let digits = at.digits();
                if at.0.is_empty() || at.0.starts_with(b".") {
                    let fraction = if at.take(b".") { millionths(at.digits()) } else { 0 };
                    return epoch(i64::try_from(number(digits)?).ok()?, fraction).filter(|_| at.0.is_empty());
                }
                envelope::stamp(self.bytes(), clock).map(|(time, _)| time)
            }
            Self::Nothing | Self::Flag(_) => None,
        }
    }
}

/// Seconds since 1970, or thousandths, millionths or less of them. Zero means that the writer did not know.
fn epoch(whole: i64, fraction: i64) -> Option<Micros> {
    Some(Micros(match whole {
        ..=0 => return None,
        1..100_000_000_000 => whole * Micros::SECOND + fraction,
        100_000_000_000..100_000_000_000_000 => whole * 1_000,
        100_000_000_000_000..100_000_000_000_000_000 => whole,
        100_000_000_000_000_000.. => whole / 1_000,
    }))
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E: Error>(self, whole: i64) -> Result<Value<'de>, E> {
        Ok(Value::Whole(whole))
    }

    fn visit_u64<E: Error>(self, whole: u64) -> Result<Value<'de>, E> {
        Ok(i64::try_from(whole).map_or(Value::Real(whole as f64), Value::Whole))
    }

    fn visit_f64<E: Error>(self, real: f64) -> Result<Value<'de>, E> {
        Ok(Value::Real(real))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value<'de>, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_unit<E: Error>(self) -> Result<Value<'de>, E> {
        Ok(Value::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value<'de>, A::Error> {
        let first = elements.next_element::<Value<'de>>()?;
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(first.unwrap_or_default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value<'de>, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Nothing)
    }
}

/// One thing, or a list of such.
#[derive(Clone, Debug, Default)]
pub(crate) enum Many<T> {
    /// Absent, null or an empty list.
    #[default]
    None,
    /// One, in a list or not: no memory is needed for it.
    One(T),
    /// More than one.
    Several(Vec<T>),
}

impl<T> Many<T> {
    /// All of them.
    pub(crate) fn all(&self) -> &[T] {
        match self {
            Self::None => &[],
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }

    /// The same, and one more.
    pub(crate) fn with(self, next: T) -> Self {
        match self {
            Self::None => Self::One(next),
            Self::One(one) => Self::Several(vec![one, next]),
            Self::Several(mut several) => {
                several.push(next);
                Self::Several(several)
            }
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyMany(PhantomData))
    }
}

struct AnyMany<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AnyMany<T> {
    type Value = Many<T>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("one or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Many<T>, A::Error> {
        let mut many = Many::None;
        while let Some(next) = elements.next_element()? {
            many = many.with(next);
        }
        Ok(many)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Many<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Many::One)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Many<T>, E> {
        T::deserialize(BorrowedStrDeserializer::new(text)).map(Many::One)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Many<T>, E> {
        T::deserialize(text.into_deserializer()).map(Many::One)
    }

    fn visit_i64<E: Error>(self, whole: i64) -> Result<Many<T>, E> {
        T::deserialize(whole.into_deserializer()).map(Many::One)
    }

    fn visit_u64<E: Error>(self, whole: u64) -> Result<Many<T>, E> {
        T::deserialize(whole.into_deserializer()).map(Many::One)
    }

    fn visit_f64<E: Error>(self, real: f64) -> Result<Many<T>, E> {
        T::deserialize(real.into_deserializer()).map(Many::One)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Many<T>, E> {
        T::deserialize(flag.into_deserializer()).map(Many::One)
    }

    fn visit_unit<E: Error>(self) -> Result<Many<T>, E> {
        Ok(Many::None)
    }
}
