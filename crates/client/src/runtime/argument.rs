//! The values that the arguments of a call accept.

use std::fmt::Display;

use upvest_models::{Given, Maybe};

/// A required argument: a value of the type that the operation takes, or one that converts to it,
/// such as text for an id. If it does not convert, `send` fails.
///
/// It is implemented for all types that convert ([`TryInto`]).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `{T}` and does not convert to one",
    note = "the argument of a call is a `{T}` or converts to it"
)]
pub trait Argument<T>: OptionalArgument<T, Given> {}

impl<V: OptionalArgument<T, Given>, T> Argument<T> for V {}

/// An optional argument: an [`Argument`], or an [`Option`] of the type that the
/// operation takes.
///
/// `Kind` is [`Given`] or [`Maybe`], and is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `{T}`, does not convert to one, and is not an `Option<{T}>`"
)]
pub trait OptionalArgument<T, Kind> {
    /// The value, if there is one.
    ///
    /// # Errors
    /// When the value does not convert, with the reason.
    fn into_argument(self) -> Result<Option<T>, String>;
}

impl<V, T> OptionalArgument<T, Given> for V
where
    V: TryInto<T>,
    V::Error: Display,
{
    fn into_argument(self) -> Result<Option<T>, String> {
        let wrong = |error| format!("is not a valid `{}`: {error}", short_name::<T>());
        self.try_into().map(Some).map_err(wrong)
    }
}

impl<T> OptionalArgument<T, Maybe> for Option<T> {
    fn into_argument(self) -> Result<Option<T>, String> {
        Ok(self)
    }
}

/// The name of a type, without the modules it is in.
fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let path = name.split('<').next().unwrap_or(name);
    &name[path.rfind(':').map_or(0, |colon| colon + 1)..]
}
