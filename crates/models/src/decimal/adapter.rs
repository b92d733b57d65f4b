//! How values with decimals in them are written and read, whatever their shape.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use rust_decimal::Decimal;
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::{deserialize, number, serialize};

/// How values with decimals or empty strings in them are written: [`Exact`], [`Number`], [`Plain`],
/// [`OrEmpty`], and lists, maps and options of these, as in
/// `#[serde(with = "upvest_models::decimal::As::<Vec<Exact>>")]`.
#[derive(Debug)]
pub struct As<A>(PhantomData<A>);

impl<A> As<A> {
    /// Writes a value.
    ///
    /// # Errors
    /// When the serializer fails.
    pub fn serialize<T, S>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
    where
        A: Adapter<T>,
        S: Serializer,
    {
        A::write(value, serializer)
    }

    /// Reads a value.
    ///
    /// # Errors
    /// The errors of [`deserialize`], for each number.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        A: Adapter<T>,
        D: Deserializer<'de>,
    {
        A::read(deserializer)
    }
}

/// How a value of a type is written and read.
pub trait Adapter<T> {
    /// Writes a value.
    ///
    /// # Errors
    /// When the serializer fails.
    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads a value.
    ///
    /// # Errors
    /// When what is read is not a value of this type.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>;
}

/// A decimal number as text.
#[derive(Debug)]
pub enum Exact {}

/// A decimal number as a JSON number, of at most [`MAX_NUMBER_DIGITS`](super::MAX_NUMBER_DIGITS) digits.
#[derive(Debug)]
pub enum Number {}

/// A value as its type writes and reads it.
#[derive(Debug)]
pub enum Plain {}

/// A text, or an empty string where there is no value: a decimal number unless another adapter is named.
#[derive(Debug)]
pub struct OrEmpty<A = Exact>(PhantomData<A>);

/// A value that may be null where it may also be absent: the outer option says whether it is there.
#[derive(Debug)]
pub struct Nullable<A>(PhantomData<A>);

impl Adapter<Decimal> for Exact {
    fn write<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(value, serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        deserialize(deserializer)
    }
}

impl Adapter<Decimal> for Number {
    fn write<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        number::serialize(value, serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        number::deserialize(deserializer)
    }
}

impl<T: Serialize + DeserializeOwned> Adapter<T> for Plain {
    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

impl<T, A: Adapter<T>> Adapter<Option<T>> for OrEmpty<A> {
    fn write<S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => A::write(value, serializer),
            None => serializer.serialize_str(""),
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_str(OrEmptyVisitor(PhantomData::<(T, A)>))
    }
}

impl<T, A: Adapter<T>> Adapter<Option<T>> for Option<A> {
    fn write<S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        let value = value.as_ref().map(Borrowed::<T, A>::of);
        value.serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        let read: Option<Owned<T, A>> = Deserialize::deserialize(deserializer)?;
        Ok(read.map(|owned| owned.0))
    }
}

impl<T, A: Adapter<T>> Adapter<Option<Option<T>>> for Nullable<A> {
    fn write<S: Serializer>(value: &Option<Option<T>>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => Option::<A>::write(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
        Option::<A>::read(deserializer).map(Some)
    }
}

impl<T, A: Adapter<T>> Adapter<Vec<T>> for Vec<A> {
    fn write<S: Serializer>(value: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(Borrowed::<T, A>::of))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let read: Vec<Owned<T, A>> = Deserialize::deserialize(deserializer)?;
        Ok(read.into_iter().map(|owned| owned.0).collect())
    }
}

impl<T, A: Adapter<T>> Adapter<BTreeMap<String, T>> for BTreeMap<String, A> {
    fn write<S: Serializer>(value: &BTreeMap<String, T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            value
                .iter()
                .map(|(key, value)| (key, Borrowed::<T, A>::of(value))),
        )
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error> {
        let read: BTreeMap<String, Owned<T, A>> = Deserialize::deserialize(deserializer)?;
        Ok(read
            .into_iter()
            .map(|(key, owned)| (key, owned.0))
            .collect())
    }
}

/// A value about to be written.
pub(crate) struct Borrowed<'a, T, A>(&'a T, PhantomData<A>);

impl<'a, T, A> Borrowed<'a, T, A> {
    pub(crate) fn of(value: &'a T) -> Self {
        Self(value, PhantomData)
    }
}

impl<T, A: Adapter<T>> Serialize for Borrowed<'_, T, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        A::write(self.0, serializer)
    }
}

/// A value that has been read.
pub(crate) struct Owned<T, A>(pub(crate) T, PhantomData<A>);

impl<'de, T, A: Adapter<T>> Deserialize<'de> for Owned<T, A> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        A::read(deserializer).map(|value| Self(value, PhantomData))
    }
}

struct OrEmptyVisitor<T, A>(PhantomData<(T, A)>);

impl<T, A: Adapter<T>> Visitor<'_> for OrEmptyVisitor<T, A> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, which may be empty")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text.is_empty() {
            true => Ok(None),
            false => A::read(text.into_deserializer()).map(Some),
        }
    }
}
