//! What a struct says of its fields.

/// Writes a struct as a JSON object, and reads it from one.
///
/// The groups of fields become a tuple of types, and one of names that is both a pattern and a value:
/// `(a, b)`, then `((a, b), (c, d))`, then `(((a, b), (c, d)), (e, f))`.
macro_rules! members {
    ($name:ident {
        $($($wire:literal)? $kind:ident $(<$adapter:ty>)? $field:ident),* $(,)?
    } $($more:tt)*) => {
        $crate::fields::members! {
            @ $name [$($field,)*] [$($crate::fields::wire!($($wire)? $field),)*]
            [($($crate::fields::$kind $(<$adapter>)?,)*)] [($($field,)*)] $($more)*
        }
    };
    (@ $name:ident [$($fields:tt)*] [$($wires:tt)*] [$($types:tt)*] [$($tuple:tt)*] {
        $($($wire:literal)? $kind:ident $(<$adapter:ty>)? $field:ident),* $(,)?
    } $($more:tt)*) => {
        $crate::fields::members! {
            @ $name [$($fields)* $($field,)*] [$($wires)* $($crate::fields::wire!($($wire)? $field),)*]
            [($($types)*, ($($crate::fields::$kind $(<$adapter>)?,)*))] [($($tuple)*, ($($field,)*))] $($more)*
        }
    };
    (@ $name:ident [$($fields:tt)*] [$($wires:tt)*] [$($types:tt)*] [$($tuple:tt)*]) => {
        $crate::fields::consists! { $name [$($wires)*] $($types)* }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let Self { $($fields)* } = self;
                $crate::fields::write::<Self, _, S>(serializer, $($tuple)*)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match $crate::fields::read::<Self, _, D>(deserializer) {
                    Ok($($tuple)*) => Ok(Self { $($fields)* }),
                    Err(error) => Err(error),
                }
            }
        }
    };
    (
        @ $name:ident [$($fields:tt)*] [$($wires:tt)*] [$($types:tt)*] [$($tuple:tt)*]
        Rest $(<$adapter:ty>)? $rest:ident
    ) => {
        $crate::fields::consists! { $name [$($wires)*] $($types)* }

        impl $crate::fields::Open for $name {
            type Adapter = $crate::fields::Rest $(<$adapter>)?;
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let Self { $($fields)* $rest } = self;
                $crate::fields::write_open::<Self, _, _, S>(serializer, $($tuple)*, $rest)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match $crate::fields::read_open::<Self, _, _, D>(deserializer) {
                    Ok(($($tuple)*, $rest)) => Ok(Self { $($fields)* $rest }),
                    Err(error) => Err(error),
                }
            }
        }
    };
}

macro_rules! consists {
    ($name:ident [$($wires:tt)*] $($types:tt)*) => {
        impl $crate::fields::Object for $name {
            const NAME: &'static str = stringify!($name);

            const NAMES: &'static [&'static str] = &[$($wires)*];

            type Fields = $($types)*;
        }
    };
}

/// The name of a field in JSON.
macro_rules! wire {
    ($wire:literal $field:ident) => {
        $wire
    };
    ($field:ident) => {
        stringify!($field)
    };
}

pub(crate) use {consists, members, wire};
