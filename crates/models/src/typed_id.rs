//! Ids with separate types, so that the id of an account is not taken for the id of an order.

/// Declares the type of an id.
///
/// ```text
/// typed_id! {
///     /// The id of an account.
///     pub struct AccountId(Uuid);
/// }
/// ```
///
/// It is written and read as what it holds, a `Uuid` or a `String`, and made from that or from text.
macro_rules! typed_id {
    ($(#[$attribute:meta])* pub struct $name:ident(Uuid);) => {
        $(#[$attribute])*
        ///
        /// It is made from a [`Uuid`](crate::Uuid), or from text that is a UUID.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(transparent))]
        pub struct $name($crate::Uuid);

        impl From<$crate::Uuid> for $name {
            #[inline]
            fn from(id: $crate::Uuid) -> Self {
                Self(id)
            }
        }

        impl From<&$crate::Uuid> for $name {
            #[inline]
            fn from(id: &$crate::Uuid) -> Self {
                Self(*id)
            }
        }

        impl From<$name> for $crate::Uuid {
            #[inline]
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            #[inline]
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = uuid::Error;

            #[inline]
            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl TryFrom<String> for $name {
            type Error = uuid::Error;

            #[inline]
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        $crate::typed_id::shared! { $name }
    };
    ($(#[$attribute:meta])* pub struct $name:ident(String);) => {
        $(#[$attribute])*
        ///
        /// It is made from text.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(transparent))]
        pub struct $name(String);

        impl From<String> for $name {
            #[inline]
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<$name> for String {
            #[inline]
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            #[inline]
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(text.into())
            }
        }

        impl AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        $crate::typed_id::shared! { $name }
    };
}

/// What ids of either kind have.
macro_rules! shared {
    ($name:ident) => {
        impl From<&$name> for $name {
            #[inline]
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer).map(Self)
            }
        }

        $crate::limits::checked_as_text! { $name }
    };
}

pub(crate) use {shared, typed_id};

#[cfg(test)]
#[allow(unreachable_pub)]
mod tests {
    use crate::Uuid;

    typed_id! {
        /// For the tests.
        pub struct ThingId(Uuid);
    }

    typed_id! {
        /// For the tests.
        pub struct WordId(String);
    }

    #[test]
    fn an_id_is_made_of_a_uuid_or_its_text_and_written_as_it() {
        let text = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
        let uuid: Uuid = text.parse().unwrap();
        let id = ThingId::from(uuid);
        assert_eq!(ThingId::from(&uuid), id);
        assert_eq!(ThingId::from(&id), id);
        assert_eq!(ThingId::try_from(text), Ok(id));
        assert_eq!(ThingId::try_from(text.to_owned()), Ok(id));
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(Uuid::from(id), uuid);
        assert_eq!(id.to_string(), text);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("{text:?}"));
        assert_eq!(
            serde_json::from_str::<ThingId>(&format!("{text:?}")).unwrap(),
            id
        );
        assert!(ThingId::try_from("no id").is_err());
    }

    #[test]
    fn an_id_may_be_any_text() {
        let id = WordId::from("DE000A");
        assert_eq!(serde_json::to_string(&id).unwrap(), r#""DE000A""#);
        assert_eq!("DE000A".parse(), Ok(id.clone()));
        assert_eq!(id.as_ref(), "DE000A");
        assert_eq!(String::from(WordId::from(&id)), id.to_string());
    }
}
