//! Reading the fields of an object.
//!
//! What is between the loop over the names and the values is inlined: as calls, it made reading a fifth
//! slower.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::{Object, Presence};
use crate::decimal::Owned;

/// Reads the values of the fields of an object. Fields that it does not have are ignored.
pub(crate) fn read<'de, T: Object<Fields: Read<V>>, V, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<V, D::Error> {
    deserializer.deserialize_struct(T::NAME, T::NAMES, ObjectVisitor::<T, V>(PhantomData))
}

struct ObjectVisitor<T, V>(PhantomData<(T, V)>);

impl<'de, T: Object<Fields: Read<V>>, V> Visitor<'de> for ObjectVisitor<T, V> {
    type Value = V;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "struct {}", T::NAME)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<V, M::Error> {
        let mut slots = Slots::<T::Fields, V>(T::Fields::none());
        fill(&mut map, T::NAMES, &mut slots)?;
        finish::<T, V, _>(slots.0)
    }
}

/// All values, or an error that names the field that is missing.
pub(super) fn finish<T: Object<Fields: Read<V>>, V, E: Error>(
    slots: <T::Fields as Read<V>>::Slots,
) -> Result<V, E> {
    let mut count = 0;
    T::Fields::finish(slots, &mut count).ok_or_else(|| E::missing_field(T::NAMES[count]))
}

/// Where the values of an object go that is read from a map `M`.
pub(super) trait Fill<'de, M: MapAccess<'de>> {
    /// Reads the value of a field, unless there is one.
    fn fill(&mut self, field: usize, map: &mut M) -> Result<Filled, M::Error>;

    /// Where the name of a field goes that the object does not have, if such fields are kept.
    fn other(&mut self) -> Option<&mut String> {
        None
    }

    /// Reads the value of a field that the object does not have.
    fn fill_other(&mut self, map: &mut M) -> Result<(), M::Error> {
        map.next_value::<IgnoredAny>().map(|_| ())
    }
}

struct Slots<F: Read<V>, V>(F::Slots);

impl<'de, M: MapAccess<'de>, F: Read<V>, V> Fill<'de, M> for Slots<F, V> {
    #[inline(always)]
    fn fill(&mut self, field: usize, map: &mut M) -> Result<Filled, M::Error> {
        F::fill(&mut self.0, field, map)
    }
}

/// Reads all fields of an object.
#[inline(always)]
pub(super) fn fill<'de, M: MapAccess<'de>>(
    map: &mut M,
    names: &'static [&'static str],
    slots: &mut impl Fill<'de, M>,
) -> Result<(), M::Error> {
    let mut expected = 0;
    loop {
        let other = slots.other();
        let name = map.next_key_seed(NameSeed {
            names,
            expected,
            other,
        })?;
        match name {
            Some(Some(field)) => match slots.fill(field, map)? {
                Filled::Now => expected = field + 1,
                Filled::Before => return Err(M::Error::duplicate_field(names[field])),
            },
            Some(None) => slots.fill_other(map)?,
            None => return Ok(()),
        }
    }
}

/// Reads a name, as its place among those that are known.
struct NameSeed<'a> {
    names: &'static [&'static str],
    /// The place to look at first: fields mostly come in their order.
    expected: usize,
    /// Where another name goes, if it is needed.
    other: Option<&'a mut String>,
}

impl<'de> DeserializeSeed<'de> for NameSeed<'_> {
    type Value = Option<usize>;

    #[inline(always)]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for NameSeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("field identifier")
    }

    #[inline(always)]
    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        if self.names.get(self.expected) == Some(&name) {
            return Ok(Some(self.expected));
        }
        let found = place(self.names, self.expected, name);
        if let (None, Some(other)) = (found, self.other) {
            name.clone_into(other);
        }
        Ok(found)
    }
}

/// The place of a name, most likely behind the one that was expected.
fn place(names: &[&str], expected: usize, name: &str) -> Option<usize> {
    let is_name = |at: &usize| names[*at] == name;
    let after = (expected..names.len()).find(is_name);
    after.or_else(|| (0..expected).find(is_name))
}

/// Fields that can be read: one field, or a tuple of these.
pub(crate) trait Read<V> {
    /// How many fields these are.
    const COUNT: usize;

    /// The values that are there already.
    type Slots;

    /// No value.
    fn none() -> Self::Slots;

    /// Reads the value of a field, unless there is one.
    fn fill<'de, M: MapAccess<'de>>(
        slots: &mut Self::Slots,
        field: usize,
        map: &mut M,
    ) -> Result<Filled, M::Error>;

    /// All values, unless one is missing. Counts those that are not.
    fn finish(slots: Self::Slots, count: &mut usize) -> Option<V>;
}

/// Whether a field was read.
pub(crate) enum Filled {
    /// It was.
    Now,
    /// It was before.
    Before,
}

impl<V, F: Presence<V>> Read<V> for F {
    const COUNT: usize = 1;

    type Slots = Option<V>;

    fn none() -> Option<V> {
        None
    }

    #[inline(always)]
    fn fill<'de, M: MapAccess<'de>>(
        slot: &mut Option<V>,
        _: usize,
        map: &mut M,
    ) -> Result<Filled, M::Error> {
        if slot.is_some() {
            return Ok(Filled::Before);
        }
        let read: Owned<V, F::Adapter> = map.next_value()?;
        *slot = Some(read.0);
        Ok(Filled::Now)
    }

    fn finish(slot: Option<V>, count: &mut usize) -> Option<V> {
        let value = slot.or_else(F::absent)?;
        *count += 1;
        Some(value)
    }
}
