//! What generated structs have besides their fields: how they are made, setters, a `Debug` that
//! does not show personal data, and examples for tests. How they are written and read is in
//! [`fields`](crate::fields).

/// Writes a struct as a JSON object, reads it from one, and gives it one consuming setter per field, named
/// as the field.
///
/// Each field says first whether it has to be there, and how it is written if its type does not say so:
/// see [`fields`](crate::fields). A field whose name in JSON is another one has that in front. Fields stand
/// in groups of at most eight. `Rest` keeps what else there is, by its name.
///
/// ```text
/// object! {
///     Payment {
///         Required id: Uuid, Required<decimal::Exact> amount: Decimal,
///         "type" Optional type_: String,
///     }
///     Rest others: BTreeMap<String, Value>
/// }
/// ```
macro_rules! object {
    ($name:ident $({ $(
        $($wire:literal)? $kind:ident $(<$adapter:ty>)? $field:ident: $ty:ty
    ),* $(,)? })+ $(Rest $(<$rest_adapter:ty>)? $rest:ident: $rest_ty:ty)?) => {
        impl $name {
            $($($crate::object::setter! { $kind $field: $ty })*)+
            $($crate::object::setter! { Required $rest: $rest_ty })?
        }

        $crate::fields::members! {
            $name $({ $($($wire)? $kind $(<$adapter>)? $field),* })+ $(Rest $(<$rest_adapter>)? $rest)?
        }
    };
}

/// One setter, unless there is only one value.
macro_rules! setter {
    (Constant $field:ident: $ty:ty) => {};
    (Required $field:ident: $ty:ty) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](Self#structfield.", stringify!($field), ").")]
        #[must_use]
        pub fn $field(mut self, $field: impl Into<$ty>) -> Self {
            self.$field = $field.into();
            self
        }
    };
    (Nullable $field:ident: $ty:ty) => { $crate::object::setter! { Optional $field: $ty } };
    (RequiredNullable $field:ident: $ty:ty) => { $crate::object::setter! { Optional $field: $ty } };
    (Optional $field:ident: $ty:ty) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](Self#structfield.", stringify!($field), "), or takes it away.")]
        #[must_use]
        pub fn $field<SetterKind>(mut self, $field: impl $crate::Optional<$ty, SetterKind>) -> Self {
            self.$field = $field.into_option();
            self
        }
    };
    (OptionalNullable $field:ident: $ty:ty) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](Self#structfield.", stringify!($field), "); `None` makes it null.")]
        #[must_use]
        pub fn $field<SetterKind>(mut self, $field: impl $crate::Optional<$ty, SetterKind>) -> Self {
            self.$field = Some($field.into_option());
            self
        }
    };
}

/// Gives a struct `new`, which takes the required values.
macro_rules! constructor {
    ($name:ident($($field:ident: $ty:ty),* $(,)?) $($rest:ident)*) => {
        impl $name {
            /// Makes a value from its required fields. The methods that are named after the other fields set
            /// those.
            #[inline]
            #[must_use]
            pub fn new($($field: impl Into<$ty>),*) -> Self {
                Self { $($field: $field.into(),)* $($rest: Default::default(),)* }
            }
        }
    };
}

/// Gives a struct a builder, which can make one once all required fields are set.
macro_rules! builder {
    ($name:ident by $builder:ident { $($set:ident $field:ident: $ty:ty),* $(,)? } $($rest:ident)*) => {
        #[doc = concat!("Builds a [`", stringify!($name), "`] once all required fields are set.")]
        #[derive(Clone)]
        #[must_use]
        pub struct $builder<$($set = $crate::Unset),*> {
            $($field: $set,)*
        }

        impl $name {
            /// Begins to build a value: set the required fields, in any order, and call `build`. Methods
            /// of the value set the others.
            #[inline]
            pub fn builder() -> $builder {
                $builder { $($field: $crate::Unset::new(),)* }
            }
        }

        impl $builder<$($ty),*> {
            /// Returns the value.
            #[inline]
            #[must_use]
            pub fn build(self) -> $name {
                $name { $($field: self.$field,)* $($rest: Default::default(),)* }
            }
        }

        $crate::object::builder_setters! { $builder [] $([$set $field: $ty])* }
    };
}

/// The setters of a builder, each of which can be called once.
macro_rules! builder_setters {
    ($builder:ident [$($done:tt)*]) => {};
    (
        $builder:ident [$([$before:ident $earlier:ident])*]
        [$set:ident $field:ident: $ty:ty] $([$after:ident $later:ident: $other:ty])*
    ) => {
        impl<$($before,)* $($after,)*> $builder<$($before,)* $crate::Unset, $($after,)*> {
            #[doc = concat!("Sets `", stringify!($field), "`.")]
            pub fn $field(self, $field: impl Into<$ty>) -> $builder<$($before,)* $ty, $($after,)*> {
                $builder {
                    $($earlier: self.$earlier,)*
                    $field: $field.into(),
                    $($later: self.$later,)*
                }
            }
        }

        $crate::object::builder_setters! {
            $builder [$([$before $earlier])* [$set $field]] $([$after $later: $other])*
        }
    };
}

/// Gives a struct a `Debug` that does not show its personal data.
macro_rules! debug {
    ($name:ident { $($kind:ident $field:ident),* $(,)? }) => {
        impl std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut shown = f.debug_struct(stringify!($name));
                $(shown.field(stringify!($field), $crate::object::debug!(@ $kind self.$field));)*
                shown.finish()
            }
        }
    };
    (@ shown $value:expr) => { &$value };
    (@ hidden $value:expr) => { &format_args!("(personal)") };
}

/// Gives a type a value for tests, as the description of the API has it.
macro_rules! example {
    ($name:ident $json:literal) => {
        #[cfg(feature = "testing")]
        impl $name {
            /// A value for tests: that of the API's description, or one with all that is required.
            #[must_use]
            pub fn example() -> Self {
                serde_json::from_str($json).expect("the example is one of its type")
            }
        }
    };
}

#[allow(unused_imports)] // What there is to make depends on the description.
pub(crate) use {builder, builder_setters, constructor, debug, example, object, setter};

/// Stands in a builder for what is not set yet.
#[derive(Clone, Copy, Debug)]
pub struct Unset(());

impl Unset {
    #[allow(dead_code)] // Not every description has objects of more than four required fields.
    pub(crate) fn new() -> Self {
        Self(())
    }
}

#[cfg(test)]
#[allow(unreachable_pub)]
mod tests {
    /// For the tests.
    #[derive(Clone, PartialEq)]
    pub struct Person {
        name: String,
        age: i64,
        email: Option<String>,
        nickname: Option<Option<String>>,
    }

    object! { Person {
        Required name: String, Required age: i64, Optional email: String, OptionalNullable nickname: String,
    } }
    constructor! { Person(name: String, age: i64) email nickname }
    builder! { Person by PersonBuilder { Set1 name: String, Set2 age: i64 } email nickname }
    debug! { Person { hidden name, shown age, shown email, shown nickname } }

    #[test]
    fn values_are_made_of_what_is_required_and_then_set() {
        let one = Person::new("Ada", 36);
        assert_eq!(one.email, None);
        let two = Person::builder().age(36).name("Ada").build();
        assert!(one == two);
        let one = one.email("ada@example.com").nickname(None).age(37);
        assert_eq!(one.email.as_deref(), Some("ada@example.com"));
        let one = one.name("Lin");
        assert_eq!((one.nickname.clone(), one.age), (Some(None), 37));
        assert_eq!(one.email(None).email, None);
    }

    #[test]
    fn personal_data_is_not_shown() {
        let shown = format!("{:?}", Person::new("Ada", 36));
        assert_eq!(
            shown,
            "Person { name: (personal), age: 36, email: None, nickname: None }"
        );
    }
}
