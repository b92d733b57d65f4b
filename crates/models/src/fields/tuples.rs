//! Fields in groups.

use serde::de::MapAccess;

use super::read::{Filled, Read};
use super::write::{Names, Sink, Write};

macro_rules! tuple {
    ($([$field:ident $value:ident $reference:ident $place:tt])*) => {
        #[allow(unused_variables)] // There are no fields in an empty tuple.
        impl<$($field: Write<$reference>, $reference: Copy),*> Write<($($reference,)*)> for ($($field,)*) {
            fn count(values: ($($reference,)*)) -> usize {
                0 $(+ $field::count(values.$place))*
            }

            fn write<S: Sink>(
                values: ($($reference,)*),
                names: &mut Names,
                sink: &mut S,
            ) -> Result<(), S::Error> {
                $($field::write(values.$place, names, sink)?;)*
                Ok(())
            }
        }

        #[allow(clippy::unused_unit, unused_variables)] // There are no fields in an empty tuple.
        impl<$($field: Read<$value>, $value),*> Read<($($value,)*)> for ($($field,)*) {
            const COUNT: usize = 0 $(+ $field::COUNT)*;

            type Slots = ($($field::Slots,)*);

            fn none() -> Self::Slots {
                ($($field::none(),)*)
            }

            #[inline(always)]
            fn fill<'de, M: MapAccess<'de>>(
                slots: &mut Self::Slots,
                field: usize,
                map: &mut M,
            ) -> Result<Filled, M::Error> {
                let place = field;
                $(
                    if place < $field::COUNT {
                        return $field::fill(&mut slots.$place, place, map);
                    }
                    let place = place - $field::COUNT;
                )*
                unreachable!("field {field} is one of {}, {place} too far", Self::COUNT)
            }

            #[inline]
            fn finish(slots: Self::Slots, count: &mut usize) -> Option<($($value,)*)> {
                Some(($($field::finish(slots.$place, count)?,)*))
            }
        }
    };
}

/// Tuples of none, of the first, of the first two, and so on.
macro_rules! tuples {
    ([$($first:tt)*]) => {
        tuple! { $($first)* }
    };
    ([$($first:tt)*] $next:tt $($rest:tt)*) => {
        tuple! { $($first)* }
        tuples! { [$($first)* $next] $($rest)* }
    };
}

tuples! {
    []
    [F0 V0 R0 0]
    [F1 V1 R1 1]
    [F2 V2 R2 2]
    [F3 V3 R3 3]
    [F4 V4 R4 4]
    [F5 V5 R5 5]
    [F6 V6 R6 6]
    [F7 V7 R7 7]
}
