//! Objects whose interesting members are named in one place.
//!
//! Unlike serde's derived readers, those of [`fields!`] take a name that stands twice (the last one counts: services put their
//! customers' own names beside theirs), and read over values that are no object.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Takes members of an object as they come.
pub(crate) trait Members<'de>: Default {
    /// Takes the value of the member `name`; false, and nothing is taken, if it is not of interest.
    fn take<A: MapAccess<'de>>(&mut self, name: &str, from: &mut A) -> Result<bool, A::Error>;
}

/// Declares a struct that is read from an object: `"name" | "other name" => field: Type`.
macro_rules! fields {
    ($(#[$about:meta])* $name:ident<$life:lifetime> { $($($key:literal)|+ => $field:ident: $kind:ty,)+ }) => {
        $(#[$about])*
        #[allow(clippy::struct_field_names, reason = "the names are those of the services' objects")]
        #[derive(Debug, Default)]
        struct $name<$life> {
            $($field: $kind,)+
            life: std::marker::PhantomData<&$life ()>,
        }

        impl<$life> $crate::format::json::Members<$life> for $name<$life> {
            fn take<A: serde::de::MapAccess<$life>>(&mut self, name: &str, from: &mut A) -> Result<bool, A::Error> {
                match name {
                    $($($key)|+ => self.$field = from.next_value()?,)+
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }

        impl<$life> serde::de::Deserialize<$life> for $name<$life> {
            fn deserialize<D: serde::de::Deserializer<$life>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_any($crate::format::json::Shape::default())
            }
        }
    };
}

pub(crate) use fields;

/// Reads a [`Members`].
pub(crate) struct Shape<T>(PhantomData<T>);

impl<T> Default for Shape<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Members<'de>> Visitor<'de> for Shape<T> {
    type Value = T;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<T, A::Error> {
        let mut taken = T::default();
        while let Some(Name(name)) = members.next_key()? {
            if !taken.take(&name, &mut members)? {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(taken)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<T, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }
}

/// The name of a member.
pub(crate) struct Name<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(AnyName)
    }
}

struct AnyName;

impl<'de> Visitor<'de> for AnyName {
    type Value = Name<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}
