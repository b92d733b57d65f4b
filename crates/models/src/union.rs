//! Finding the variant of a union that a value is of.

use serde::de::{DeserializeOwned, Error};
use serde_json::Value;

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
    /// The place of the shape that a value has. If there are several, it is the one that knows
    /// most of its fields, and the first of those: nothing gets lost that another would keep.
    pub(crate) fn find(shapes: &[Self], value: &Value) -> Option<usize> {
        let mut best: Option<(usize, usize)> = None;
        for (index, shape) in shapes.iter().enumerate() {
            if let Some(score) = shape.score(value)
                && best.is_none_or(|(_, most)| score > most)
            {
                best = Some((index, score));
            }
        }
        best.map(|(index, _)| index)
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

/// The value as the variant that was found for it.
pub(crate) fn read<T: DeserializeOwned, E: Error>(value: Value) -> Result<T, E> {
    serde_json::from_value(value).map_err(E::custom)
}

#[cfg(test)]
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
            (json!({ "kind": "A", "a": 1 }), Some(0)),
            (json!({ "kind": "A" }), None),
            (json!({ "kind": "C", "a": 1 }), Some(1)),
            (json!({ "kind": "D", "a": 1 }), None),
            (json!({ "p": 1 }), Some(2)),
            (json!({ "p": 1, "q": 2 }), Some(2)),
            (json!({ "p": 1, "r": 2 }), Some(3)),
            (json!({ "q": 1 }), None),
            (json!("A"), None),
            (json!([]), None),
        ] {
            assert_eq!(Shape::find(SHAPES, &value), expected, "{value}");
        }
    }
}
