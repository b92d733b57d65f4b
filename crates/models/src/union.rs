//! Finds the variant of a union to which a value belongs.

use serde::de::{DeserializeOwned, Error};
use serde_json::{Result as Read, Value};

/// What a variant looks like.
pub(crate) struct Shape {
    /// The fields that are always there.
    pub(crate) required: &'static [&'static str],
    /// All fields that it can have.
    pub(crate) known: &'static [&'static str],
    /// The values that a field has in this variant, and in no other.
    pub(crate) tags: &'static [(&'static str, &'static [&'static str])],
}

impl Shape {
    /// The places of the shapes that a value has. Of several, they are those that know most of its
    /// fields, in their order: nothing gets lost that another would keep.
    fn fitting(shapes: &[Self], value: &Value) -> Vec<usize> {
        let scores: Vec<Option<usize>> = shapes.iter().map(|shape| shape.score(value)).collect();
        let best = scores.iter().copied().max().flatten();
        let places = scores.iter().enumerate();
        places
            .filter(|(_, score)| best.is_some() && **score == best)
            .map(|(place, _)| place)
            .collect()
    }

    /// How many fields of a value are known, if it can be of this shape at all.
    fn score(&self, value: &Value) -> Option<usize> {
        let object = value.as_object()?;
        let is_tagged = self.tags.iter().all(|(field, values)| {
            let value = object.get(*field).and_then(Value::as_str);
            value.is_some_and(|value| values.contains(&value))
        });
        let is_complete = self
            .required
            .iter()
            .all(|field| object.contains_key(*field));
        (is_tagged && is_complete).then(|| {
            object
                .keys()
                .filter(|key| self.known.contains(&key.as_str()))
                .count()
        })
    }
}

/// The value as the first variant of a fitting shape that it can be read as, or as `unknown` if no
/// shape fits. If no variant of a fitting shape can be read, the error is that of the first.
pub(crate) fn find<T, E: Error>(
    shapes: &[Shape],
    value: Value,
    unknown: impl FnOnce(Value) -> T,
    read: impl Fn(usize, &Value) -> Option<Read<T>>,
) -> Result<T, E> {
    let mut reason = None;
    for place in Shape::fitting(shapes, &value) {
        match read(place, &value) {
            Some(Ok(found)) => return Ok(found),
            Some(Err(error)) => reason = reason.or(Some(error)),
            None => {}
        }
    }
    match reason {
        Some(error) => Err(E::custom(error)),
        None => Ok(unknown(value)),
    }
}

/// The value as one variant.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> Read<T> {
    T::deserialize(value)
}

/// Writes a union as the value of its variant, and makes it of one.
macro_rules! variants {
    ($union:ident { $($variant:ident($ty:ty)),* $(,)? }) => {
        impl serde::Serialize for $union {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(value) => value.serialize(serializer),)*
                    Self::Unknown(value) => value.serialize(serializer),
                }
            }
        }

        $(impl From<$ty> for $union {
            #[inline]
            fn from(value: $ty) -> Self {
                Self::$variant(value)
            }
        })*
    };
}

/// Methods of a union for what all its variants have.
#[allow(unused_macros)] // Not every description has unions whose variants share something.
macro_rules! accessors {
    ($union:ident $variants:tt $($kind:ident $field:ident: $ty:ty),* $(,)?) => {
        impl $union {
            $(accessors! { @$kind $variants $field $ty })*
        }
    };
    (@required [$($variant:ident)*] $field:ident $ty:ty) => {
        #[doc = concat!("`", stringify!($field), "`, which every variant has; `None` of a value that is `Unknown`.")]
        #[inline]
        #[must_use]
        pub fn $field(&self) -> Option<&$ty> {
            match self {
                $(Self::$variant(value) => Some(&value.$field),)*
                Self::Unknown(_) => None,
            }
        }
    };
    (@optional [$($variant:ident)*] $field:ident $ty:ty) => {
        #[doc = concat!("`", stringify!($field), "`, which every variant may have; `None` of a value that is `Unknown`.")]
        #[inline]
        #[must_use]
        pub fn $field(&self) -> Option<&$ty> {
            match self {
                $(Self::$variant(value) => value.$field.as_ref(),)*
                Self::Unknown(_) => None,
            }
        }
    };
    (@id [$id:ident $object:ident] $field:ident $ty:ty) => {
        /// The id, which is there by itself or in the object; `None` of a value that is `Unknown`.
        #[inline]
        #[must_use]
        pub fn $field(&self) -> Option<&$ty> {
            match self {
                Self::$id(id) => Some(id),
                Self::$object(value) => Some(&value.$field),
                Self::Unknown(_) => None,
            }
        }
    };
}

#[allow(unused_imports)]
pub(crate) use {accessors, variants};

#[cfg(test)]
#[allow(unreachable_pub)]
mod tests {
    use serde_json::json;

    use super::*;

    const SHAPES: &[Shape] = &[
        Shape {
            required: &["kind", "a"],
            known: &["kind", "a", "x"],
            tags: &[("kind", &["A"])],
        },
        Shape {
            required: &["kind"],
            known: &["kind", "a", "b"],
            tags: &[("kind", &["B", "C"])],
        },
        Shape {
            required: &["p"],
            known: &["p", "q"],
            tags: &[],
        },
        Shape {
            required: &["p"],
            known: &["p", "q", "r"],
            tags: &[],
        },
    ];

    #[test]
    fn a_value_finds_its_variant() {
        for (value, expected) in [
            (json!({ "kind": "A", "a": 1 }), vec![0]),
            (json!({ "kind": "A" }), vec![]),
            (json!({ "kind": "C", "a": 1 }), vec![1]),
            (json!({ "kind": "D", "a": 1 }), vec![]),
            (json!({ "p": 1 }), vec![2, 3]),
            (json!({ "p": 1, "q": 2 }), vec![2, 3]),
            (json!({ "p": 1, "r": 2 }), vec![3]),
            (json!({ "q": 1 }), vec![]),
            (json!("A"), vec![]),
            (json!([]), vec![]),
        ] {
            assert_eq!(Shape::fitting(SHAPES, &value), expected, "{value}");
        }
    }

    #[test]
    fn of_shapes_that_fit_alike_the_first_that_can_be_read_is_taken() {
        let read = |place: usize, value: &Value| match place {
            2 => Some(read::<bool>(&value["p"]).map(|it| it.to_string())),
            3 => Some(read::<u8>(&value["p"]).map(|it| it.to_string())),
            _ => None,
        };
        let find = |value: Value| {
            find::<String, serde_json::Error>(SHAPES, value, |it| format!("unknown {it}"), read)
        };
        assert_eq!(find(json!({ "p": true })).unwrap(), "true");
        assert_eq!(find(json!({ "p": 7 })).unwrap(), "7");
        assert_eq!(find(json!({ "x": 7 })).unwrap(), r#"unknown {"x":7}"#);
        let error = find(json!({ "p": "a" })).unwrap_err().to_string();
        assert!(error.contains("boolean"), "{error}");
    }

    struct Order {
        id: i64,
        note: Option<i64>,
    }

    struct Plan {
        id: i64,
        note: Option<i64>,
    }

    enum Either {
        Order(Order),
        Plan(Plan),
        Unknown(Value),
    }

    accessors! { Either [Order Plan] required id: i64, optional note: i64 }

    enum IdOrOrder {
        Id(i64),
        Order(Order),
        Unknown(Value),
    }

    accessors! { IdOrOrder [Id Order] id id: i64 }

    #[test]
    fn a_union_answers_what_all_its_variants_can() {
        let order = Either::Order(Order { id: 1, note: None });
        assert_eq!((order.id(), order.note()), (Some(&1), None));
        let plan = Either::Plan(Plan {
            id: 2,
            note: Some(3),
        });
        assert_eq!((plan.id(), plan.note()), (Some(&2), Some(&3)));
        let unknown = Either::Unknown(json!({ "id": 4 }));
        assert_eq!((unknown.id(), unknown.note()), (None, None));
    }

    #[test]
    fn an_id_is_found_by_itself_and_in_its_object() {
        assert_eq!(IdOrOrder::Id(1).id(), Some(&1));
        let order = IdOrOrder::Order(Order { id: 2, note: None });
        assert_eq!(order.id(), Some(&2));
        assert_eq!(IdOrOrder::Unknown(json!({})).id(), None);
    }
}
