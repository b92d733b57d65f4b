//! Enums to which values may be added: what is not known is kept, not refused.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Visitor};

/// Declares an enum of strings to which the API may add values.
///
/// ```text
/// open_enum! {
///     /// A currency.
///     pub enum Currency {
///         /// `EUR`
///         Eur = "EUR",
///     }
/// }
/// ```
///
/// Besides the variants named there is `Unknown(String)`, which holds any other value and writes
/// it back unchanged.
macro_rules! open_enum {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $value:literal),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        ///
        /// The API may add values: a value that this version does not know is read as `Unknown`, and
        /// written back unchanged. Make values from text with `From`, which finds the right variant.
        /// Values are compared, ordered and hashed by their text, so that a value that becomes known
        /// keeps its place.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_attribute])* $variant,)*
            /// A value that this version does not know, as it was written.
            Unknown(String),
        }

        impl $name {
            /// The values that this version knows.
            pub const KNOWN: &'static [&'static str] = &[$($value),*];

            /// The value as it is written.
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Unknown(value) => value,
                }
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(value: &str) -> Self {
                match value {
                    $($value => Self::$variant,)*
                    unknown => Self::Unknown(unknown.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(value: String) -> Self {
                match value.as_str() {
                    $($value => Self::$variant,)*
                    _ => Self::Unknown(value),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            #[inline]
            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Ok(value.into())
            }
        }

        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            #[inline]
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::open_enum::TextVisitor::new())
            }
        }

        $crate::limits::checked_as_text! { $name }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "anyOf": [{ "type": "string", "enum": Self::KNOWN }, { "type": "string" }]
                })
            }
        }
    };
}

pub(crate) use open_enum;

/// Reads a string as a type that is made from text.
pub(crate) struct TextVisitor<T>(PhantomData<T>);

impl<T> TextVisitor<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: From<String> + for<'a> From<&'a str>> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<T, E> {
        Ok(value.into())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<T, E> {
        Ok(value.into())
    }
}

#[cfg(test)]
#[allow(unreachable_pub)]
mod tests {
    use std::collections::HashSet;

    open_enum! {
        /// For the tests.
        pub enum Colour {
            /// `RED`
            Red = "RED",
            /// `DARK-BLUE`
            DarkBlue = "DARK-BLUE",
        }
    }

    #[test]
    fn known_values_have_a_variant() {
        let read: Colour = serde_json::from_str(r#""DARK-BLUE""#).unwrap();
        assert_eq!(read, Colour::DarkBlue);
        assert_eq!(Colour::from("RED".to_owned()), Colour::Red);
        assert_eq!("RED".parse(), Ok(Colour::Red));
        assert_eq!(Colour::DarkBlue.to_string(), "DARK-BLUE");
        assert_eq!(Colour::KNOWN, ["RED", "DARK-BLUE"]);
    }

    #[test]
    fn unknown_values_are_kept_to_the_letter() {
        for value in ["GREEN", "", "red", " RED", "ж"] {
            let json = serde_json::to_string(value).unwrap();
            let read: Colour = serde_json::from_str(&json).unwrap();
            assert_eq!(read, Colour::Unknown(value.to_owned()));
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
        }
    }

    #[test]
    fn values_are_compared_as_they_are_written_known_or_not() {
        let mut values = ["RED", "DARK-BLUE", "GREEN", "AMBER"].map(Colour::from);
        values.sort();
        assert_eq!(
            values.each_ref().map(Colour::as_str),
            ["AMBER", "DARK-BLUE", "GREEN", "RED"]
        );
        let red = Colour::Unknown("RED".to_owned());
        assert_eq!(red, Colour::Red);
        assert!(HashSet::from([red]).contains(&Colour::Red));
    }

    #[test]
    fn what_is_not_a_string_is_refused() {
        for json in ["1", "null", "{}", "[\"RED\"]"] {
            assert!(serde_json::from_str::<Colour>(json).is_err(), "{json}");
        }
    }
}
