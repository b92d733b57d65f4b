//! Checking values of all types.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Faults, Place, Rule};
use crate::Secret;

/// How many characters of a value are quoted.
const QUOTED: usize = 64;

/// A value that can be checked: everything that is sent.
pub trait Check {
    /// Notes where the value, which is at `place`, breaks `rules`, and where its parts break their own
    /// rules.
    fn check(&self, rules: &[Rule], place: &Place<'_>, faults: &mut Faults);
}

/// Gives structs and unions a [`Check`] that checks their parts.
///
/// ```text
/// limits! { super::Payment { amount "amount" [MaxLength(9)], note "note" [] } }
/// limits! { super::Holder: User Business }
/// ```
macro_rules! limits {
    ($name:ty { $($field:ident $wire:literal [$($rule:expr),*]),* $(,)? }) => {
        impl $crate::limits::Check for $name {
            #[allow(unused_variables)]
            #[inline]
            fn check(
                &self,
                _: &[$crate::limits::Rule],
                place: &$crate::limits::Place<'_>,
                faults: &mut $crate::limits::Faults,
            ) {
                $(self.$field.check(&[$($rule),*], &$crate::limits::Place::Field(place, $wire), faults);)*
            }
        }
    };
    ($name:ty: $($variant:ident)*) => {
        impl $crate::limits::Check for $name {
            #[inline]
            fn check(
                &self,
                rules: &[$crate::limits::Rule],
                place: &$crate::limits::Place<'_>,
                faults: &mut $crate::limits::Faults,
            ) {
                match self {
                    $(Self::$variant(value) => value.check(rules, place, faults),)*
                    Self::Unknown(_) => {}
                }
            }
        }
    };
}

/// Gives types that are written as text a [`Check`].
macro_rules! checked_as_text {
    ($($name:ty),*) => {
        $(impl $crate::limits::Check for $name {
            #[inline]
            fn check(
                &self,
                rules: &[$crate::limits::Rule],
                place: &$crate::limits::Place<'_>,
                faults: &mut $crate::limits::Faults,
            ) {
                if !rules.is_empty() {
                    $crate::limits::text(&self.to_string(), rules, place, faults);
                }
            }
        })*
    };
}

#[allow(unused_imports)] // Not every description sends objects.
pub(crate) use {checked_as_text, limits};

checked_as_text! { String, Decimal, NaiveDate, Uuid }

impl Check for DateTime<Utc> {
    fn check(&self, rules: &[Rule], place: &Place<'_>, faults: &mut Faults) {
        if !rules.is_empty() {
            let written = self.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            text(&written, rules, place, faults);
        }
    }
}

impl Check for Secret {
    fn check(&self, rules: &[Rule], place: &Place<'_>, faults: &mut Faults) {
        let hidden: Vec<Rule> = rules.iter().copied().chain([Rule::Personal]).collect();
        text(self.expose(), &hidden, place, faults);
    }
}

/// Checks a text.
pub(crate) fn text(text: &str, rules: &[Rule], place: &Place<'_>, faults: &mut Faults) {
    let quoted = || match rules.contains(&Rule::Personal) {
        true => String::new(),
        false => format!("is {}, which ", quoted(text)),
    };
    let length = || text.chars().count();
    for rule in rules {
        let fault = match rule {
            Rule::Pattern(pattern) if !pattern.fits(text) => {
                format!("{}does not fit the pattern {}", quoted(), pattern.text)
            }
            Rule::MinLength(least) if length() < *least => {
                format!("has {} characters: {least} are the least", length())
            }
            Rule::MaxLength(most) if length() > *most => {
                format!("has {} characters: {most} are the most", length())
            }
            _ => continue,
        };
        faults.add(place, fault);
    }
}

/// A text in quotation marks, escaped, its end cut off if it is long.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Checks a number against whole bounds.
fn number<N: Copy + Display>(
    value: N,
    is_below: impl Fn(i64) -> bool,
    is_above: impl Fn(i64) -> bool,
    (rules, place): (&[Rule], &Place<'_>),
    faults: &mut Faults,
) {
    for rule in rules {
        let fault = match rule {
            Rule::Minimum(least) if is_below(*least) => format!("{least} is the least"),
            Rule::Maximum(most) if is_above(*most) => format!("{most} is the most"),
            _ => continue,
        };
        faults.add(place, format!("is {value}: {fault}"));
    }
}

macro_rules! checked_as_number {
    ($($name:ident as $wide:ident),*) => {
        $(impl Check for $name {
            fn check(&self, rules: &[Rule], place: &Place<'_>, faults: &mut Faults) {
                let value = $wide::from(*self);
                #[allow(clippy::cast_precision_loss)] // The bounds of the description are small.
                let bound = |bound: i64| bound as $wide;
                let is_below = |least| value < bound(least);
                let is_above = |most| value > bound(most);
                number(value, is_below, is_above, (rules, place), faults);
            }
        })*
    };
}

checked_as_number! { i32 as i64, i64 as i64, f64 as f64 }

impl Check for bool {
    fn check(&self, _: &[Rule], _: &Place<'_>, _: &mut Faults) {}
}

impl Check for serde_json::Value {
    fn check(&self, _: &[Rule], _: &Place<'_>, _: &mut Faults) {}
}

impl<T: Check> Check for Option<T> {
    fn check(&self, rules: &[Rule], place: &Place<'_>, faults: &mut Faults) {
        if let Some(value) = self {
            value.check(rules, place, faults);
        }
    }
}

impl<T: Check> Check for Box<T> {
    fn check(&self, rules: &[Rule], place: &Place<'_>, faults: &mut Faults) {
        (**self).check(rules, place, faults);
    }
}

impl<T: Check + PartialEq> Check for Vec<T> {
    fn check(&self, rules: &[Rule], place: &Place<'_>, faults: &mut Faults) {
        size(self.len(), rules, place, faults);
        let is_unique = rules.contains(&Rule::UniqueItems);
        for (index, item) in self.iter().enumerate() {
            let place = Place::Item(place, index);
            if is_unique && self[..index].contains(item) {
                faults.add(&place, "is there already".to_owned());
            }
            item.check(each(rules), &place, faults);
        }
    }
}

impl<T: Check> Check for BTreeMap<String, T> {
    fn check(&self, rules: &[Rule], place: &Place<'_>, faults: &mut Faults) {
        size(self.len(), rules, place, faults);
        for (key, value) in self {
            value.check(each(rules), &Place::Field(place, key), faults);
        }
    }
}

/// Checks how many entries there are.
fn size(count: usize, rules: &[Rule], place: &Place<'_>, faults: &mut Faults) {
    for rule in rules {
        let fault = match rule {
            Rule::MinItems(least) if count < *least => format!("{least} are the least"),
            Rule::MaxItems(most) if count > *most => format!("{most} are the most"),
            _ => continue,
        };
        faults.add(place, format!("has {count} entries: {fault}"));
    }
}

/// The rules of the entries.
fn each(rules: &[Rule]) -> &[Rule] {
    let each = rules.iter().find_map(|rule| match rule {
        Rule::Each(rules) => Some(*rules),
        _ => None,
    });
    each.unwrap_or_default()
}
