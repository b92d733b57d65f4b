//! The limits that the description of the API sets for values that are sent, beyond their types:
//! patterns, lengths, ranges and sizes of lists.
//!
//! The client checks them before anything is sent, and reports all faults at once. [`check`] does the same
//! without a client. Answers of the API are not checked: the API may be newer than this version.
//!
//! ```
//! use upvest_models::{CreateWebhookRequest, limits};
//!
//! let request = CreateWebhookRequest::new("Orders & positions", "https://example.com/upvest");
//! let refused = limits::check(&request).unwrap_err();
//! assert_eq!(
//!     refused.to_string(),
//!     r#"`title` is "Orders & positions", which does not fit the pattern ^[a-zA-Z0-9 ()\[\]{}.-]{1,32}$"#
//! );
//! ```

use std::fmt;

mod check;
mod pattern;
#[cfg(test)]
mod tests;

pub use check::Check;
#[allow(unused_imports)] // Not every description sends objects.
pub(crate) use check::{checked_as_text, limits, text};
pub use pattern::{Pattern, Piece};

/// One limit of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// The text fits a pattern.
    Pattern(Pattern),
    /// The text has at least this many characters.
    MinLength(usize),
    /// The text has at most this many characters.
    MaxLength(usize),
    /// The number is not smaller.
    Minimum(i64),
    /// The number is not larger.
    Maximum(i64),
    /// The list or map has at least this many entries.
    MinItems(usize),
    /// The list or map has at most this many entries.
    MaxItems(usize),
    /// No entry of the list is there twice.
    UniqueItems,
    /// Each entry of the list or map follows these rules.
    Each(&'static [Rule]),
    /// The value is personal data, and is not shown.
    Personal,
}

/// Checks a value that is to be sent.
///
/// # Errors
/// When it breaks limits of the description: the error names all of them, and the field of each.
pub fn check(value: &impl Check) -> Result<(), OutOfLimits> {
    let mut faults = Faults::default();
    value.check(&[], &Place::Root(""), &mut faults);
    match faults.0.is_empty() {
        true => Ok(()),
        false => Err(OutOfLimits(faults.0)),
    }
}

/// The limits of the description that a value breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfLimits(Vec<Fault>);

impl OutOfLimits {
    /// All faults, in the order of the fields.
    pub fn faults(&self) -> &[Fault] {
        &self.0
    }
}

impl fmt::Display for OutOfLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { "; " };
            write!(f, "{gap}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for OutOfLimits {}

/// A value that breaks a limit. `Display` names the field and the limit, and quotes the value unless it
/// is secret or personal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// Where the value is: names of fields as they are sent, with points in between, and numbers of
    /// entries in brackets, such as `address.lines[1]`.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.reason)
    }
}

/// Faults as they are found.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, place: &Place<'_>, reason: String) {
        self.0.push(Fault {
            field: place.to_string(),
            reason,
        });
    }

    /// All that were found.
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }
}

/// Where a value is in what is sent.
#[derive(Clone, Copy, Debug)]
pub enum Place<'p> {
    /// The whole: an argument, or nothing for what has no name.
    Root(&'p str),
    /// A field of an object.
    Field(&'p Place<'p>, &'p str),
    /// An entry of a list, counted from 0.
    Item(&'p Place<'p>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::Field(Place::Root(""), name) => f.write_str(name),
            Self::Field(outer, name) => write!(f, "{outer}.{name}"),
            Self::Item(outer, index) => write!(f, "{outer}[{index}]"),
        }
    }
}
