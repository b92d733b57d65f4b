//! Objects with further fields, whose names are not known beforehand.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Object;
use super::read::{self, Fill, Filled, Read};
use super::write::{Sink, Write};
use crate::decimal::{Adapter, Borrowed, Owned};

/// An object with further fields.
pub(crate) trait Open: Object {
    /// How the values of these are written.
    type Adapter;
}

/// Writes an object of references to the values of its fields, and the further ones.
pub(crate) fn write_open<T, R, V, S>(
    serializer: S,
    values: R,
    rest: &BTreeMap<String, V>,
) -> Result<S::Ok, S::Error>
where
    T: Open<Fields: Write<R>, Adapter: Adapter<V>>,
    R: Copy,
    S: Serializer,
{
    let mut entries = Entries(serializer.serialize_map(None)?);
    T::Fields::write(values, &mut T::NAMES.iter(), &mut entries)?;
    let Entries(mut map) = entries;
    for (name, value) in rest {
        map.serialize_entry(name, &Borrowed::<V, T::Adapter>::of(value))?;
    }
    map.end()
}

struct Entries<S>(S);

impl<S: SerializeMap> Sink for Entries<S> {
    type Error = S::Error;

    fn field<V: Serialize>(&mut self, name: &'static str, value: &V) -> Result<(), S::Error> {
        self.0.serialize_entry(name, value)
    }

    fn left_out(&mut self, _: &'static str) -> Result<(), S::Error> {
        Ok(())
    }
}

/// Reads the values of the fields of an object, and the further ones by their names.
pub(crate) fn read_open<'de, T, W, V, D>(
    deserializer: D,
) -> Result<(W, BTreeMap<String, V>), D::Error>
where
    T: Open<Fields: Read<W>, Adapter: Adapter<V>>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(OpenVisitor::<T, W, V>(PhantomData))
}

struct OpenVisitor<T, W, V>(PhantomData<(T, W, V)>);

impl<'de, T, W, V> Visitor<'de> for OpenVisitor<T, W, V>
where
    T: Open<Fields: Read<W>, Adapter: Adapter<V>>,
{
    type Value = (W, BTreeMap<String, V>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "struct {}", T::NAME)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut slots = OpenSlots::<T, W, V> {
            fields: T::Fields::none(),
            rest: BTreeMap::new(),
            name: String::new(),
        };
        read::fill(&mut map, T::NAMES, &mut slots)?;
        let values = read::finish::<T, W, _>(slots.fields)?;
        Ok((values, slots.rest))
    }
}

struct OpenSlots<T: Open<Fields: Read<W>>, W, V> {
    fields: <T::Fields as Read<W>>::Slots,
    rest: BTreeMap<String, V>,
    /// The name of the further field that is read next.
    name: String,
}

impl<'de, M, T, W, V> Fill<'de, M> for OpenSlots<T, W, V>
where
    M: MapAccess<'de>,
    T: Open<Fields: Read<W>, Adapter: Adapter<V>>,
{
    fn fill(&mut self, field: usize, map: &mut M) -> Result<Filled, M::Error> {
        T::Fields::fill(&mut self.fields, field, map)
    }

    fn other(&mut self) -> Option<&mut String> {
        Some(&mut self.name)
    }

    fn fill_other(&mut self, map: &mut M) -> Result<(), M::Error> {
        let read: Owned<V, T::Adapter> = map.next_value()?;
        let name = std::mem::take(&mut self.name);
        self.rest.insert(name, read.0);
        Ok(())
    }
}
