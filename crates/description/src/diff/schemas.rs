//! Schemas, keyword by keyword: a difference that nothing else has reported is reported as not
//! understood.
//!
//! A schema is compared without its wrappers: `$ref`, `allOf` and a `oneOf` with one variant are
//! resolved first.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::BOTH;
use super::rest::{Names, Rest, is_silent, is_unset};
use super::rules::ChangeKind;
use crate::error::{Pointer, Result};
use crate::read::cursor::Cursor;

/// A schema without its wrappers.
#[derive(Default)]
struct Flat<'v> {
    keywords: BTreeMap<&'v str, Vec<&'v Value>>,
    properties: BTreeMap<&'v str, Vec<Cursor<'v>>>,
    required: BTreeSet<&'v str>,
    values: BTreeSet<String>,
    items: Vec<Cursor<'v>>,
    further: Vec<Cursor<'v>>,
    variants: Vec<Cursor<'v>>,
    places: Vec<Pointer>,
}

impl<'v> Flat<'v> {
    fn of(places: &[Cursor<'v>]) -> Result<Self> {
        let mut flat = Self::default();
        for place in places {
            flat.take(place)?;
        }
        Ok(flat)
    }

    fn take(&mut self, place: &Cursor<'v>) -> Result<()> {
        let place = place.resolved()?;
        if self.places.contains(place.pointer()) {
            return Ok(());
        }
        self.places.push(place.pointer().clone());
        for part in place.items_of("allOf")? {
            self.take(&part)?;
        }
        let mut variants = place.items_of("oneOf")?;
        variants.extend(place.items_of("anyOf")?);
        match variants.as_slice() {
            [only] => self.take(only)?,
            _ => self.variants.append(&mut variants),
        }
        for (wire, property) in place.entries_of("properties")? {
            self.properties.entry(wire).or_default().push(property);
        }
        for wire in place.items_of("required")? {
            self.required.insert(wire.str()?);
        }
        let values = place.items_of("enum")?;
        self.values
            .extend(values.iter().map(|value| value.value().to_string()));
        self.items.extend(place.get("items"));
        self.keywords(&place)
    }

    fn keywords(&mut self, place: &Cursor<'v>) -> Result<()> {
        const ELSEWHERE: &[&str] = &[
            "$ref",
            "allOf",
            "anyOf",
            "enum",
            "items",
            "oneOf",
            "properties",
            "required",
        ];
        for (keyword, member) in place.entries()? {
            let value = member.value();
            if keyword == "additionalProperties"
                && value.as_object().is_some_and(|one| !one.is_empty())
            {
                self.further.push(member);
            } else if !ELSEWHERE.contains(&keyword)
                && !is_silent(keyword)
                && !is_unset(keyword, value)
            {
                let values = self.keywords.entry(keyword).or_default();
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        }
        Ok(())
    }

    /// The name of the type that it is, if it is one.
    fn name(&self, names: &Names<'v>) -> Option<&'v str> {
        let mut found = self
            .places
            .iter()
            .filter_map(|place| names.get(place.as_str()));
        found.next().copied()
    }
}

impl<'v> Rest<'v> {
    /// Compares a schema, which is of the field, parameter or operation of that name.
    pub(super) fn schema(
        &mut self,
        old: &[Cursor<'v>],
        new: &[Cursor<'v>],
        of: &str,
    ) -> Result<()> {
        let key = |places: &[Cursor<'v>]| -> Result<Option<Pointer>> {
            let first = places.first().map(Cursor::resolved).transpose()?;
            Ok(first.map(|place| place.pointer().clone()))
        };
        if self.is_told(&[of], "*") || !self.met.insert((key(old)?, key(new)?)) {
            return Ok(());
        }
        let (before, after) = (Flat::of(old)?, Flat::of(new)?);
        let owner = after.name(&self.new_names).unwrap_or(of);
        let places = [owner, of];
        if self.is_told(&places, "*") {
            return Ok(());
        }
        let pointer = after.places.first().cloned().unwrap_or_default();
        self.keywords(&before, &after, &places, &pointer);
        self.properties(&before, &after, &places, &pointer)?;
        for (member, was, is) in [
            ("items", &before.items, &after.items),
            ("additionalProperties", &before.further, &after.further),
        ] {
            match (was.is_empty(), is.is_empty()) {
                (true, true) => {}
                (false, false) => self.schema(was, is, of)?,
                _ => self.differ(&places, member, None, None, &pointer),
            }
        }
        self.variants(before.variants, after.variants, &places, &pointer)
    }

    fn keywords(&mut self, old: &Flat<'v>, new: &Flat<'v>, places: &[&str], pointer: &Pointer) {
        let keywords: BTreeSet<&str> = old
            .keywords
            .keys()
            .chain(new.keywords.keys())
            .copied()
            .collect();
        for keyword in keywords {
            let (was, is) = (old.keywords.get(keyword), new.keywords.get(keyword));
            let is_same = match (was, is) {
                (Some(was), Some(is)) => {
                    was.len() == is.len() && was.iter().all(|value| is.contains(value))
                }
                _ => false,
            };
            if !is_same {
                let first = |values: Option<&Vec<&'v Value>>| values.map(|values| values[0]);
                self.differ(places, keyword, first(was), first(is), pointer);
            }
        }
        if old.values != new.values && !self.is_told(places, "enum") {
            self.values(&old.values, &new.values, places, pointer);
        }
    }

    /// Values that come and go at a place, while the enum that they are of stays as it is.
    fn values(
        &mut self,
        old: &BTreeSet<String>,
        new: &BTreeSet<String>,
        places: &[&str],
        pointer: &Pointer,
    ) {
        if old.is_empty() || new.is_empty() || !self.enums.contains(places[0]) {
            return self.differ(places, "enum", None, None, pointer);
        }
        let mut at = self.changes.at(BOTH, places[1], pointer);
        let bare = |values: &'_ BTreeSet<String>| -> Vec<String> {
            let values = values
                .iter()
                .map(|value| value.trim_matches('"').to_owned());
            values.collect()
        };
        let kinds = [ChangeKind::ValueAllowed, ChangeKind::ValueRefused];
        at.members(kinds, bare(old), bare(new));
    }

    fn properties(
        &mut self,
        old: &Flat<'v>,
        new: &Flat<'v>,
        places: &[&str],
        pointer: &Pointer,
    ) -> Result<()> {
        let wires: BTreeSet<&str> = old
            .properties
            .keys()
            .chain(new.properties.keys())
            .chain(old.required.symmetric_difference(&new.required))
            .copied()
            .collect();
        for wire in wires {
            let field = format!("{}.{wire}", places[0]);
            let places = [field.as_str(), places[0]];
            match (old.properties.get(wire), new.properties.get(wire)) {
                (Some(was), Some(is)) => self.schema(was, is, &field)?,
                (None, None) => {}
                (_, is) => {
                    let place = is.map_or(pointer, |is| is[0].pointer()).clone();
                    self.differ(&places[..1], "properties", None, None, &place);
                }
            }
            if old.required.contains(wire) != new.required.contains(wire) {
                self.differ(&places[..1], "required", None, None, pointer);
            }
        }
        Ok(())
    }

    /// The variants of two unions, matched by name, or else by their order.
    fn variants(
        &mut self,
        old: Vec<Cursor<'v>>,
        new: Vec<Cursor<'v>>,
        places: &[&str],
        pointer: &Pointer,
    ) -> Result<()> {
        let (mut unmatched, mut rest) = (Vec::new(), new);
        for variant in old {
            let name = Flat::of(std::slice::from_ref(&variant))?.name(&self.old_names);
            let mut same = None;
            for (index, other) in rest.iter().enumerate() {
                let other = Flat::of(std::slice::from_ref(other))?.name(&self.new_names);
                if name.is_some() && name == other {
                    same = Some(index);
                    break;
                }
            }
            match same.map(|index| rest.remove(index)) {
                Some(same) => self.schema(&[variant], &[same], places[1])?,
                None => unmatched.push(variant),
            }
        }
        if unmatched.len() != rest.len() {
            self.differ(places, "oneOf", None, None, pointer);
        } else if !self.is_told(places, "oneOf") {
            for (was, is) in unmatched.into_iter().zip(rest) {
                self.schema(&[was], &[is], places[1])?;
            }
        }
        Ok(())
    }
}
