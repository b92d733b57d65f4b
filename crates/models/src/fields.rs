//! How objects are written and read, field by field.
//!
//! What `serde`'s derive macros would write again for each struct is here once for all of them: a struct
//! names its fields (`members!`), takes itself apart into a tuple of references, and is made of a tuple of
//! values. With derived code, this crate takes about three times as long to compile, and cannot begin
//! before the macros are built.
//!
//! The traits are implemented for tuples of up to eight. A struct with more fields has groups of them, in
//! tuples of tuples.

use std::marker::PhantomData;

use crate::decimal::{Adapter, Plain};

mod members;
mod open;
mod read;
#[cfg(test)]
mod tests;
mod tuples;
mod write;

pub(crate) use members::{consists, members, wire};
#[allow(unused_imports)] // Not every description has objects with further fields.
pub(crate) use open::{Open, read_open, write_open};
pub(crate) use read::read;
pub(crate) use write::write;

/// The fields of an object.
pub(crate) trait Object: Sized {
    /// What it is called in errors.
    const NAME: &'static str;

    /// The names of its fields.
    const NAMES: &'static [&'static str];

    /// Its fields, in groups.
    type Fields;
}

/// A field that has to be there, written by an adapter.
pub(crate) struct Required<A = Plain>(PhantomData<A>);

/// A field that has only one value, and has to be there.
pub(crate) type Constant = Required;

/// A field that may be null. One that is absent is read as null.
pub(crate) struct Nullable(PhantomData<Plain>);

/// A field that has to be there, and whose adapter knows a form of no value.
pub(crate) type RequiredNullable<A> = Required<A>;

/// A field that may be absent. `None` is left out when it is written.
pub(crate) struct Optional<A = Plain>(PhantomData<A>);

/// A field that may be absent, and may be null.
pub(crate) type OptionalNullable<A = crate::decimal::Nullable<Plain>> = Optional<A>;

/// Fields whose names are not known beforehand, written by an adapter.
pub(crate) type Rest<A = Plain> = A;

/// Whether a field has to be there, and how its value is written.
pub(crate) trait Presence<V> {
    /// How the value is written.
    type Adapter: Adapter<V>;

    /// The value of a field that is absent, unless it has to be there.
    fn absent() -> Option<V>;

    /// Whether a value is left out when it is written.
    fn is_left_out(value: &V) -> bool;
}

impl<V, A: Adapter<V>> Presence<V> for Required<A> {
    type Adapter = A;

    fn absent() -> Option<V> {
        None
    }

    fn is_left_out(_: &V) -> bool {
        false
    }
}

impl<V> Presence<Option<V>> for Nullable
where
    Plain: Adapter<Option<V>>,
{
    type Adapter = Plain;

    fn absent() -> Option<Option<V>> {
        Some(None)
    }

    fn is_left_out(_: &Option<V>) -> bool {
        false
    }
}

impl<V, A: Adapter<Option<V>>> Presence<Option<V>> for Optional<A> {
    type Adapter = A;

    fn absent() -> Option<Option<V>> {
        Some(None)
    }

    fn is_left_out(value: &Option<V>) -> bool {
        value.is_none()
    }
}
