//! Writing the fields of an object.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Object, Presence};
use crate::decimal::Borrowed;

/// Writes an object of references to the values of its fields.
pub(crate) fn write<T: Object<Fields: Write<R>>, R: Copy, S: Serializer>(
    serializer: S,
    values: R,
) -> Result<S::Ok, S::Error> {
    let count = T::Fields::count(values);
    let mut members = Members(serializer.serialize_struct(T::NAME, count)?);
    T::Fields::write(values, &mut T::NAMES.iter(), &mut members)?;
    members.0.end()
}

struct Members<S>(S);

impl<S: SerializeStruct> Sink for Members<S> {
    type Error = S::Error;

    fn field<V: Serialize>(&mut self, name: &'static str, value: &V) -> Result<(), S::Error> {
        self.0.serialize_field(name, value)
    }

    fn left_out(&mut self, name: &'static str) -> Result<(), S::Error> {
        self.0.skip_field(name)
    }
}

/// What fields are written to.
pub(crate) trait Sink {
    /// Why writing fails.
    type Error;

    /// Writes a field.
    fn field<V: Serialize>(&mut self, name: &'static str, value: &V) -> Result<(), Self::Error>;

    /// Leaves a field out.
    fn left_out(&mut self, name: &'static str) -> Result<(), Self::Error>;
}

/// Fields that can be written, given references to their values: one field, or a tuple of these.
pub(crate) trait Write<R: Copy> {
    /// How many of them are not left out.
    fn count(values: R) -> usize;

    /// Writes them; `names` begins with theirs.
    fn write<S: Sink>(values: R, names: &mut Names, sink: &mut S) -> Result<(), S::Error>;
}

/// The names of fields that are still to be written.
pub(crate) type Names = std::slice::Iter<'static, &'static str>;

impl<V, F: Presence<V>> Write<&V> for F {
    fn count(value: &V) -> usize {
        usize::from(!F::is_left_out(value))
    }

    fn write<S: Sink>(value: &V, names: &mut Names, sink: &mut S) -> Result<(), S::Error> {
        match names.next() {
            Some(name) if F::is_left_out(value) => sink.left_out(name),
            Some(name) => sink.field(name, &Borrowed::<V, F::Adapter>::of(value)),
            None => Ok(()),
        }
    }
}
