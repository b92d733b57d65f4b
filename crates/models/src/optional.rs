//! Values that may be left out.

/// What a setter of an optional field takes: a value, one that converts into it, or an [`Option`]
/// of the value.
///
/// ```
/// use upvest_models::Optional;
///
/// fn note<Kind>(note: impl Optional<String, Kind>) -> Option<String> {
///     note.into_option()
/// }
///
/// assert_eq!(note("rent").as_deref(), Some("rent"));
/// assert_eq!(note(Some("rent".to_owned())).as_deref(), Some("rent"));
/// assert_eq!(note(None), None);
/// ```
///
/// `Kind` is [`Given`] or [`Maybe`], and is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a `{T}`, nor converts into one, nor is an `Option<{T}>`"
)]
pub trait Optional<T, Kind = Given> {
    /// The value, if there is one.
    fn into_option(self) -> Option<T>;
}

/// Marks an [`Optional`] that is a value.
#[derive(Clone, Copy, Debug)]
pub enum Given {}

/// Marks an [`Optional`] that is an [`Option`].
#[derive(Clone, Copy, Debug)]
pub enum Maybe {}

impl<V: Into<T>, T> Optional<T, Given> for V {
    fn into_option(self) -> Option<T> {
        Some(self.into())
    }
}

impl<T> Optional<T, Maybe> for Option<T> {
    fn into_option(self) -> Option<T> {
        self
    }
}
