//! Names of types: from the overlay, from the lock, or from their place in the document.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::lock::Lock;
use super::types::{Node, Types};
use crate::ir::{Field, Struct, TypeKind, Variant};
use crate::names;

/// The field that keeps the members beyond the properties.
const REST: &str = "additional_properties";

/// Names that a setter of a struct cannot have, since other functions have them.
const SETTERS: &[&str] = &[
    "borrow",
    "build",
    "builder",
    "clone",
    "cmp",
    "default",
    "deserialize",
    "eq",
    "example",
    "fmt",
    "from",
    "hash",
    "into",
    "ne",
    "new",
    "partial_cmp",
    "serialize",
    "to_owned",
    "try_from",
    "try_into",
];

/// The name of every type that is left, in order.
pub(super) fn names(types: &Types, lock: &Lock) -> Vec<String> {
    let nodes: Vec<&Node> = types.left().collect();
    let pinned = pinned(&nodes, lock);
    let fixed: HashSet<&str> = pinned.iter().flatten().map(String::as_str).collect();
    let mut counts: Vec<usize> = nodes.iter().map(|node| node.name.least).collect();
    loop {
        let names: Vec<String> = nodes
            .iter()
            .zip(&counts)
            .zip(&pinned)
            .map(|((node, count), pinned)| match pinned {
                Some(name) => name.clone(),
                None => node.name.with_words(*count).unwrap_or_default(),
            })
            .collect();
        let mut users: HashMap<&str, usize> = HashMap::new();
        for name in &names {
            *users.entry(name).or_default() += 1;
        }
        let mut changed = false;
        for (index, name) in names.iter().enumerate() {
            let is_taken = users[name.as_str()] > 1 || fixed.contains(name.as_str());
            let is_free = pinned[index].is_none();
            if is_free && is_taken && nodes[index].name.with_words(counts[index] + 1).is_some() {
                counts[index] += 1;
                changed = true;
            }
        }
        if !changed {
            return names;
        }
    }
}

/// The names that are taken: those of the overlay, and those of the lock. Where a
/// type of the lock has become several, the one at its first place keeps the name.
fn pinned(nodes: &[&Node], lock: &Lock) -> Vec<Option<String>> {
    let mut holders: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        if node.explicit.is_some() {
            continue;
        }
        for place in &node.places {
            if let Some((name, rank)) = lock.type_and_rank_at(place) {
                let holder = holders.entry(name).or_insert((rank, index));
                *holder = (*holder).min((rank, index));
            }
        }
    }
    let explicit: HashSet<&str> = nodes
        .iter()
        .filter_map(|node| node.explicit.as_deref())
        .collect();
    let mut pinned: Vec<Option<String>> = nodes.iter().map(|node| node.explicit.clone()).collect();
    for (name, (_, index)) in holders {
        if !explicit.contains(name) && pinned[index].is_none() {
            pinned[index] = Some(name.to_owned());
        }
    }
    pinned
}

/// The fields of a struct get their names.
pub(super) fn fields(of: &str, structure: &mut Struct, lock: &Lock) {
    let wanted: Vec<(String, String)> = structure
        .fields
        .iter()
        .map(|field| (field.wire.clone(), field_name(of, field, lock)))
        .collect();
    let mut wanted: Vec<(&str, String)> = wanted
        .iter()
        .map(|(wire, name)| (wire.as_str(), name.clone()))
        .collect();
    if structure.rest.is_some() {
        wanted.push(("", REST.to_owned()));
    }
    let mut names = names::distinct(&wanted).into_iter();
    for field in &mut structure.fields {
        field.name = names.next().unwrap_or_default();
    }
    if let (Some((rest, _)), Some(name)) = (&mut structure.rest, names.next()) {
        *rest = name;
    }
}

fn field_name(of: &str, field: &Field, lock: &Lock) -> String {
    if !field.name.is_empty() {
        return field.name.clone();
    }
    let locked = lock.member(of, &field.wire).map(str::to_owned);
    locked.unwrap_or_else(|| names::avoid(names::field_name(&field.wire), SETTERS))
}

/// The variants of an enum get their names. A variant for which there is no name gets none.
pub(super) fn variants(of: &str, variants: &mut [Variant], lock: &Lock) {
    for variant in variants.iter_mut().filter(|one| one.name.is_empty()) {
        let locked = lock.member(of, &variant.wire).map(str::to_owned);
        variant.name = locked
            .or_else(|| names::variant_name(&variant.wire))
            .unwrap_or_default();
    }
}

/// All members of a type.
pub(super) fn members(of: &str, kind: &mut TypeKind, lock: &Lock) {
    match kind {
        TypeKind::Struct(structure) => fields(of, structure, lock),
        TypeKind::Enum(values) => variants(of, values, lock),
        TypeKind::Union(_) | TypeKind::Id(_) => {}
    }
}
