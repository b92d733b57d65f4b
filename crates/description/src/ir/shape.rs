//! What distinguishes the variants of a union: their required fields, the values that a field can
//! have in one variant only, and their known fields.

use super::{Api, Def, DefId, Struct, TypeKind, Union};

/// The fields and values that a variant is recognised by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape<'a> {
    /// The fields that are always there.
    pub required: Vec<&'a str>,
    /// All fields that it can have.
    pub known: Vec<&'a str>,
    /// The values that a field has in this variant, and in no other.
    pub tags: Vec<(&'a str, Vec<&'a str>)>,
}

impl Shape<'_> {
    /// Whether there is a value that fits both shapes equally well.
    ///
    /// Such a value has the required fields of both, and only fields that both know. It belongs to
    /// the shape that requires more, or to the one that allows less, if there is one.
    pub fn is_like(&self, other: &Self) -> bool {
        let within = |some: &[&str], all: &[&str]| some.iter().all(|one| all.contains(one));
        let fit_both = within(&self.required, &other.known)
            && within(&other.required, &self.known)
            && !self
                .tags
                .iter()
                .any(|(field, _)| other.known.contains(field));
        let comparable =
            |some: &[&str], others: &[&str]| within(some, others) || within(others, some);
        let same = |some: &[&str], others: &[&str]| within(some, others) && within(others, some);
        fit_both
            && if same(&self.required, &other.required) {
                same(&self.known, &other.known) || !comparable(&self.known, &other.known)
            } else {
                !comparable(&self.required, &other.required)
            }
    }
}

/// The shapes of the variants that are objects, in their order.
pub fn shapes<'a>(api: &'a Api, union: &Union) -> Vec<Shape<'a>> {
    let variants: Vec<(&Def, &Struct)> = union
        .objects(api)
        .into_iter()
        .filter_map(|id| fields(api, id))
        .collect();
    variants
        .iter()
        .map(|(def, structure)| shape(api, def, structure, &variants))
        .collect()
}

fn fields(api: &Api, id: DefId) -> Option<(&Def, &Struct)> {
    let def = api.def(id);
    match &def.kind {
        TypeKind::Struct(structure) => Some((def, structure)),
        _ => None,
    }
}

fn shape<'a>(
    api: &'a Api,
    def: &Def,
    structure: &'a Struct,
    all: &[(&'a Def, &'a Struct)],
) -> Shape<'a> {
    let mut shape = Shape {
        required: Vec::new(),
        known: Vec::new(),
        tags: Vec::new(),
    };
    for field in &structure.fields {
        shape.known.push(&field.wire);
        let is_required = field.presence.is_required();
        if is_required {
            shape.required.push(&field.wire);
        }
        let mine = values(api, structure, &field.wire);
        // Another variant may lack the field. If it has the field, it must have other values.
        let mut bearers = all
            .iter()
            .filter(|(other, fields)| other.name != def.name && fields.field(&field.wire).is_some())
            .peekable();
        let is_mine = bearers.peek().is_some()
            && bearers.all(|(_, other)| {
                let theirs = values(api, other, &field.wire);
                !theirs.is_empty() && theirs.iter().all(|value| !mine.contains(value))
            });
        if !mine.is_empty() && is_required && is_mine {
            shape.tags.push((&field.wire, mine));
        }
    }
    shape
}

/// The values that a field can have, if they are listed.
fn values<'a>(api: &'a Api, structure: &Struct, wire: &str) -> Vec<&'a str> {
    let listed = structure.field(wire).and_then(|field| field.ty.def());
    match listed.map(|id| &api.def(id).kind) {
        Some(TypeKind::Enum(values)) => values.iter().map(|value| value.wire.as_str()).collect(),
        _ => Vec::new(),
    }
}
