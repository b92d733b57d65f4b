//! What a schema demands of a value beyond its type. Generated code checks this for values that are
//! sent, and does not check it for values that are read.

use serde_json::{Map, Value};

use super::Ty;

/// Keywords and their values, and those of the elements of a list or the values of a map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// By keyword: `pattern`, `maxLength`, `minimum`, `default`, a `format` without a type, ...
    pub keywords: Map<String, Value>,
    /// Those of the elements.
    pub inner: Option<Box<Limits>>,
}

impl Limits {
    /// Keywords that limit a value.
    pub const KEYWORDS: &'static [&'static str] = &[
        "default",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "pattern",
        "uniqueItems",
    ];

    /// The pattern, as published.
    pub fn pattern(&self) -> Option<&str> {
        self.keywords.get("pattern")?.as_str()
    }

    /// Whether a keyword is `true`.
    pub fn is_true(&self, keyword: &str) -> bool {
        self.keywords.get(keyword) == Some(&Value::Bool(true))
    }

    /// The whole number that a keyword has. For an exclusive bound, it is the next number within
    /// the bound.
    pub fn whole(&self, keyword: &str) -> Option<i64> {
        let value = self.keywords.get(keyword)?;
        let tenfold = value.as_f64().filter(|number| number.fract() == 0.0);
        #[allow(clippy::cast_possible_truncation)] // It is whole, and no bound is that large.
        let number = value.as_i64().or(tenfold.map(|number| number as i64))?;
        match keyword {
            "minimum" if self.is_true("exclusiveMinimum") => Some(number + 1),
            "maximum" if self.is_true("exclusiveMaximum") => Some(number - 1),
            _ => Some(number),
        }
    }

    /// The keywords that apply to a value of this type and that generated code does not check.
    pub fn unchecked(&self, ty: &Ty) -> Vec<(&str, &Value)> {
        let is_unchecked = |keyword: &str| match (keyword, ty) {
            ("multipleOf", Ty::I32 | Ty::I64 | Ty::F64) => true,
            ("minimum" | "maximum", Ty::I32 | Ty::I64 | Ty::F64) => self.whole(keyword).is_none(),
            ("exclusiveMinimum" | "exclusiveMaximum", Ty::F64) => self.is_true(keyword),
            ("minProperties" | "maxProperties", Ty::Def(_)) => true,
            _ => false,
        };
        let all = self
            .keywords
            .iter()
            .map(|(keyword, value)| (keyword.as_str(), value));
        all.filter(|(keyword, _)| is_unchecked(keyword)).collect()
    }

    /// Adds the limits that an object has among its members, and keeps the limits that are set
    /// already.
    pub fn take(&mut self, schema: &Value) {
        for keyword in Self::KEYWORDS {
            if let Some(value) = schema.get(keyword) {
                self.keywords
                    .entry(*keyword)
                    .or_insert_with(|| value.clone());
            }
        }
    }

    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        self.keywords.is_empty() && self.inner.as_ref().is_none_or(|inner| inner.is_empty())
    }
}
