//! The types of a document: every object, enum and union is taken out of its place, and equal ones
//! are made one.
//!
//! Upvest writes most schemas inline, the same one many times over. An inline schema is the same type
//! wherever its structure is the same. A schema under `components` has a name of its own there, and
//! is a type of its own.

use std::collections::HashMap;

use serde_json::Value;

use super::ids;
use super::leaf;
use super::merge::{self, Unwrapped};
use super::naming::Name;
use super::unions::{self, Union as Variants};
use super::{lock::Lock, names};
use crate::error::{Pointer, Result};
use crate::ir::{DefId, Field, Kind, LeftOut, Limits, Presence, Struct, Ty, Union, Variant};
use crate::read::cursor::Cursor;

/// Says `in order` at a union whose variants nothing tells apart: the first that fits is meant.
const VARIANTS: &str = "x-rust-variants";

/// What the field of a property is to be called.
const FIELD: &str = "x-rust-field";

/// Names of the variants for the values of an enum.
const VALUES: &str = "x-rust-values";

/// A type that has no name yet.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) docs: Option<String>,
    pub(super) name: Name,
    /// What the overlay, or the rule of ids, calls it.
    pub(super) explicit: Option<String>,
    /// What `components` calls it.
    pub(super) component: Option<String>,
    /// The format of an enum.
    pub(super) format: Option<String>,
    pub(super) places: Vec<Pointer>,
}

/// What stands in the place of a schema.
pub(super) struct Added<'d> {
    pub(super) ty: Ty,
    pub(super) limits: Limits,
    pub(super) unwrapped: Unwrapped<'d>,
}

impl Added<'_> {
    /// The type within a list or map.
    fn element(self) -> Ty {
        match self.unwrapped.nullable {
            true => Ty::Nullable(Box::new(self.ty)),
            false => self.ty,
        }
    }
}

/// What stands in the place of a schema: its type, and the limits of its elements.
type Lowered = (Ty, Option<Box<Limits>>);

/// All types met so far.
#[derive(Debug, Default)]
pub(super) struct Types {
    pub(super) nodes: Vec<Node>,
    /// What each node became a part of.
    canon: Vec<usize>,
    by_structure: HashMap<String, usize>,
    by_place: HashMap<(Pointer, Option<String>), Lowered>,
    open: Vec<Pointer>,
    pub(super) left_out: Vec<LeftOut>,
}

impl Types {
    /// Takes a schema in, with everything it contains.
    ///
    /// # Errors
    /// When the schema uses a construct that the generator does not know.
    pub(super) fn add<'d>(&mut self, place: &Cursor<'d>, name: &Name) -> Result<Added<'d>> {
        let unwrapped = merge::unwrap(place)?;
        let head = unwrapped.head.pointer().clone();
        let explicit = unwrapped.name.map(str::to_owned);
        let name = match (&explicit, component(&head)) {
            (Some(explicit), _) => Name::of(explicit.as_str()),
            (None, Some(component)) => Name::of(names::type_name(&component)),
            (None, None) => name.clone(),
        };
        let key = (head, explicit);
        let mut limits = unwrapped.limits.clone();
        let ty = if let Some((ty, inner)) = self.by_place.get(&key) {
            limits.inner.clone_from(inner);
            ty.clone()
        } else {
            if self.open.contains(&key.0) {
                return Err(place.unsupported("a schema that contains itself"));
            }
            self.open.push(key.0.clone());
            let added = self.add_unwrapped(&unwrapped, &name);
            self.open.pop();
            let (ty, inner) = added?;
            limits.inner.clone_from(&inner);
            if matches!(ty.innermost(), Ty::Def(_)) {
                self.by_place.insert(key, (ty.clone(), inner));
            }
            ty
        };
        let ty = self.explicit_id(ty, &unwrapped)?;
        Ok(Added {
            ty,
            limits,
            unwrapped,
        })
    }

    /// `x-rust-id` says which id it is.
    fn explicit_id(&mut self, ty: Ty, unwrapped: &Unwrapped<'_>) -> Result<Ty> {
        match (unwrapped.id, &ty) {
            (Some(Value::String(name)), Ty::Uuid | Ty::String) => {
                Ok(self.id(name, ids::form(&ty), unwrapped.head.pointer()))
            }
            (None | Some(Value::Bool(false)), _) => Ok(ty),
            (Some(other), _) => Err(unwrapped.head.error(
                format!("`x-rust-id: {other}` cannot be followed here"),
                "name the type of the id at a string, or say `false`",
            )),
        }
    }

    /// The type of an id by its name.
    pub(super) fn id(&mut self, name: &str, form: crate::ir::Id, place: &Pointer) -> Ty {
        self.insert(Node {
            kind: Kind::Id(form),
            docs: None,
            name: Name::of(name),
            explicit: Some(name.to_owned()),
            component: None,
            format: None,
            places: vec![place.clone()],
        })
    }

    fn add_unwrapped(
        &mut self,
        unwrapped: &Unwrapped<'_>,
        name: &Name,
    ) -> Result<(Ty, Option<Box<Limits>>)> {
        let Unwrapped { parts, head, .. } = unwrapped;
        for part in parts {
            leaf::check_keywords(part)?;
        }
        let place = &parts[0];
        let mut format = None;
        let kind = match unions::read(place)? {
            Some(Variants::Text) => return Ok((Ty::String, None)),
            Some(Variants::Lists(items)) => {
                let item =
                    self.list_item(&items, &name.item(), in_order(place)?, head.pointer())?;
                return Ok((item.list(), None));
            }
            Some(Variants::Objects(variants)) => Kind::Union(Union {
                variants: self.variants(&variants, name)?,
                in_order: in_order(place)?,
            }),
            None if parts.len() > 1 || place.get("properties").is_some() => {
                Kind::Struct(self.structure(parts, name)?)
            }
            None => match enumeration(place)? {
                Some(values) => {
                    format = place.str_of("format")?.map(str::to_owned);
                    Kind::Enum(values)
                }
                None => return self.plain(unwrapped, place, name),
            },
        };
        let name = match &kind {
            Kind::Union(union) if self.has_text(union) => name.id_or_object(),
            _ => name.clone(),
        };
        let node = Node {
            kind,
            docs: unwrapped.docs.map(str::to_owned),
            name,
            explicit: unwrapped.name.map(str::to_owned),
            component: component(head.pointer()),
            format,
            places: vec![head.pointer().clone()],
        };
        Ok((self.insert(node), None))
    }

    /// Whether one of the variants is text.
    fn has_text(&self, union: &Union) -> bool {
        let is_text = |id: &DefId| matches!(self.nodes[id.0].kind, Kind::Id(_) | Kind::Enum(_));
        union.variants.iter().any(is_text)
    }

    /// The element of a list whose elements are one of these.
    fn list_item(
        &mut self,
        items: &[Cursor<'_>],
        name: &Name,
        in_order: bool,
        place: &Pointer,
    ) -> Result<Ty> {
        if let [only] = items {
            return Ok(self.add(only, name)?.element());
        }
        let variants = self.variants(items, name)?;
        Ok(self.insert(Node {
            kind: Kind::Union(Union { variants, in_order }),
            docs: None,
            name: name.clone(),
            explicit: None,
            component: None,
            format: None,
            places: vec![place.join("items")],
        }))
    }

    fn variants(&mut self, places: &[Cursor<'_>], name: &Name) -> Result<Vec<DefId>> {
        let mut variants: Vec<((std::cmp::Reverse<usize>, usize), DefId)> = Vec::new();
        let inner: Vec<Unwrapped<'_>> = places.iter().map(merge::unwrap).collect::<Result<_>>()?;
        for (index, place) in places.iter().enumerate() {
            let variant_name = name.variant(tag(&inner[index], &inner)?, index);
            let added = self.add(place, &variant_name)?;
            let ty = match added.ty {
                Ty::Uuid if name.last().ends_with("Id") => {
                    self.id(name.last(), crate::ir::Id::Uuid, place.pointer())
                }
                other => other,
            };
            let Some(id) = ty.def() else {
                return Err(place.unsupported("a variant whose properties are not described"));
            };
            if variants.iter().any(|(_, known)| *known == id) {
                continue;
            }
            let rank = match &self.nodes[id.0].kind {
                Kind::Struct(structure) => {
                    let fields = structure.fields.iter();
                    let required = fields.filter(|one| one.presence.is_required());
                    (std::cmp::Reverse(required.count()), structure.fields.len())
                }
                Kind::Id(_) | Kind::Enum(_) => (std::cmp::Reverse(usize::MAX), 0),
                Kind::Union(_) => return Err(place.unsupported("a variant that is no object")),
            };
            variants.push((rank, id));
        }
        // Where two variants do equally well, the more demanding one is chosen, and of those that
        // demand the same, the one that allows less: it goes first.
        variants.sort_by_key(|(rank, _)| *rank);
        Ok(variants.into_iter().map(|(_, variant)| variant).collect())
    }

    /// An object, of all parts that describe its properties.
    fn structure(&mut self, parts: &[Cursor<'_>], name: &Name) -> Result<Struct> {
        let mut structure = Struct::default();
        let mut required: Vec<Cursor<'_>> = Vec::new();
        let is_envelope = parts.iter().any(|part| {
            part.get("properties")
                .is_some_and(|all| all.get("meta").is_some())
        });
        for part in parts {
            if part
                .value()
                .get("type")
                .is_some_and(|kind| kind != "object")
            {
                return Err(part.unsupported("`properties` of something that is no object"));
            }
            if unions::demands_only(part)? {
                self.left_out.push(LeftOut {
                    pointer: part.pointer().clone(),
                    reason: "which properties have to be there together".to_owned(),
                });
            }
            required.extend(part.items_of("required")?);
            for (wire, place) in part.entries_of("properties")? {
                // The elements of a list in an envelope are called as the list is.
                let name = match is_envelope && wire == "data" {
                    true => name.clone(),
                    false => name.property(wire),
                };
                let field = self.field(wire, &place, &name)?;
                match structure.fields.iter_mut().find(|known| known.wire == wire) {
                    None => structure.fields.push(field),
                    Some(known) if known.ty == field.ty => {}
                    Some(known) => {
                        return Err(place.error(
                            format!(
                                "`{wire}` is described as something else at {}",
                                known.pointer
                            ),
                            "describe each property of an `allOf` once",
                        ));
                    }
                }
            }
            self.rest(part, name, &mut structure)?;
        }
        require(&mut structure, &required)?;
        Ok(structure)
    }

    /// What is said of the only place of a type is said of the type.
    pub(super) fn describe(&mut self, ty: &Ty, docs: Option<&str>) {
        if let Ty::Def(id) = ty.innermost() {
            let node = &mut self.nodes[id.0];
            if !matches!(node.kind, Kind::Id(_)) && node.docs.is_none() {
                node.docs = docs.map(str::to_owned);
            }
        }
    }

    /// A property, which is optional for now.
    fn field(&mut self, wire: &str, place: &Cursor<'_>, name: &Name) -> Result<Field> {
        let added = self.add(place, name)?;
        let ty = ids::of_property(self, wire, added.ty, &added.unwrapped);
        let one = &added.unwrapped;
        self.describe(&ty, one.docs);
        Ok(Field {
            has_default: false,
            wire: wire.to_owned(),
            name: place.str_of(FIELD)?.unwrap_or_default().to_owned(),
            ty,
            presence: Presence::of(false, one.nullable),
            docs: one.docs.map(str::to_owned),
            limits: added.limits,
            read_only: one.read_only,
            write_only: one.write_only,
            deprecated: one.deprecated,
            personal: one.personal,
            pointer: place.pointer().clone(),
        })
    }

    /// What an object may have beside its properties: nothing that is kept unless it says so.
    fn rest(&mut self, part: &Cursor<'_>, name: &Name, structure: &mut Struct) -> Result<()> {
        let Some(rest) = part.get("additionalProperties") else {
            return Ok(());
        };
        let ty = match rest.value() {
            Value::Bool(false) => return Ok(()),
            Value::Bool(true) => Ty::Json("further properties, of which nothing is said"),
            Value::Object(schema) if schema.is_empty() => {
                Ty::Json("further properties, of which nothing is said")
            }
            _ => self.add(&rest, &name.property("values"))?.element(),
        };
        match &structure.rest {
            Some((_, known)) if *known != ty => {
                Err(rest.unsupported("a second kind of further properties"))
            }
            _ => {
                structure.rest = Some((String::new(), ty));
                Ok(())
            }
        }
    }

    fn plain(
        &mut self,
        unwrapped: &Unwrapped<'_>,
        place: &Cursor<'_>,
        name: &Name,
    ) -> Result<(Ty, Option<Box<Limits>>)> {
        let limits = &unwrapped.limits;
        match place.str_of("type")? {
            Some("array") => {
                let items = self.add(&place.require("items")?, &name.item())?;
                let limits = Some(Box::new(items.limits.clone()));
                Ok((items.element().list(), limits))
            }
            Some("object") | None if place.get("additionalProperties").is_some() => {
                let values = place.require("additionalProperties")?;
                let is_open = values
                    .value()
                    .as_object()
                    .is_none_or(|schema| schema.is_empty());
                if is_open {
                    let nothing = Ty::Json("further properties, of which nothing is said");
                    return Ok((Ty::Map(Box::new(nothing)), None));
                }
                let values = self.add(&values, &name.item())?;
                let limits = Some(Box::new(values.limits.clone()));
                Ok((Ty::Map(Box::new(values.element())), limits))
            }
            Some("object") => Ok((Ty::Json("an object without `properties`"), None)),
            Some("string") => Ok((leaf::text(limits, unwrapped.may_be_empty), None)),
            Some("integer") => Ok((leaf::integer(limits), None)),
            Some("number") => Ok((Ty::F64, None)),
            Some("boolean") => Ok((Ty::Bool, None)),
            None => Ok((Ty::Json("a schema without `type`"), None)),
            Some(other) => Err(place.unsupported(&format!("the type `{other}`"))),
        }
    }

    fn insert(&mut self, node: Node) -> Ty {
        let id = match self.equal(&node) {
            Some(index) => {
                self.absorb(index, node);
                index
            }
            None => {
                let index = self.nodes.len();
                self.note(&node, index);
                self.nodes.push(node);
                self.canon.push(index);
                index
            }
        };
        Ty::Def(DefId(id))
    }

    /// An earlier node that is the same type. One that has no name of its own yet is anybody's.
    fn equal(&self, node: &Node) -> Option<usize> {
        let structure = self.key(node);
        let Some(name) = own_name(node) else {
            return self.by_structure.get(&structure).copied();
        };
        let same = self
            .by_structure
            .get(&format!("{name} {structure}"))
            .copied();
        same.or_else(|| {
            let first = *self.by_structure.get(&structure)?;
            own_name(&self.nodes[first]).is_none().then_some(first)
        })
    }

    fn note(&mut self, node: &Node, index: usize) {
        let structure = self.key(node);
        if let Some(name) = own_name(node) {
            self.by_structure
                .insert(format!("{name} {structure}"), index);
        }
        self.by_structure.entry(structure).or_insert(index);
    }

    /// The structure as text, whatever the order of what has none.
    fn key(&self, node: &Node) -> String {
        let ty = |ty: &Ty| ty.map(&|id| Ty::Def(DefId(self.root(id.0))));
        match &node.kind {
            Kind::Struct(structure) => {
                let mut fields: Vec<String> = structure
                    .fields
                    .iter()
                    .map(|one| {
                        let marks = (one.presence, one.read_only, one.write_only, one.personal);
                        format!("{:?} {:?} {marks:?}", one.wire, ty(&one.ty))
                    })
                    .collect();
                fields.sort_unstable();
                let rest = structure.rest.as_ref().map(|(_, rest)| ty(rest));
                format!("struct {fields:?} {rest:?}")
            }
            Kind::Enum(values) => {
                let mut values: Vec<&str> = values.iter().map(|one| one.wire.as_str()).collect();
                values.sort_unstable();
                format!("enum {values:?}")
            }
            Kind::Union(union) => {
                let variants = union.variants.iter().map(|one| self.root(one.0));
                format!("union {:?}", variants.collect::<Vec<_>>())
            }
            Kind::Id(form) => format!("id {form:?}"),
        }
    }

    fn root(&self, index: usize) -> usize {
        let mut index = index;
        while self.canon.get(index).is_some_and(|canon| *canon != index) {
            index = self.canon[index];
        }
        index
    }

    fn absorb(&mut self, index: usize, node: Node) {
        if own_name(&self.nodes[index]).is_none()
            && let Some(name) = own_name(&node)
        {
            let structure = format!("{name} {}", self.key(&node));
            self.by_structure.insert(structure, index);
            self.nodes[index].name = node.name;
            self.nodes[index].component = node.component;
        }
        let known = &mut self.nodes[index];
        known.explicit = known.explicit.take().or(node.explicit);
        known.docs = known.docs.take().or(node.docs);
        for place in node.places {
            if !known.places.contains(&place) {
                known.places.push(place);
            }
        }
        match (&mut known.kind, node.kind) {
            (Kind::Enum(values), Kind::Enum(more)) => {
                for value in more {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
            }
            (Kind::Union(known), Kind::Union(other)) => known.in_order |= other.in_order,
            _ => {}
        }
    }

    /// Makes one type of enums that mean the same, and then of all that differed in them alone.
    pub(super) fn unite(&mut self, lock: &Lock) {
        let mut known: HashMap<String, usize> = HashMap::new();
        for index in 0..self.nodes.len() {
            for meaning in meanings(&self.nodes[index], lock) {
                match known.get(&meaning).map(|one| self.root(*one)) {
                    Some(first) if first != self.root(index) => self.join(index, first),
                    Some(_) => {}
                    None => drop(known.insert(meaning, index)),
                }
            }
        }
        loop {
            let before = self.canon.clone();
            self.by_structure.clear();
            for index in 0..self.nodes.len() {
                if self.root(index) != index {
                    continue;
                }
                let node = self.nodes[index].clone();
                match self.equal(&node) {
                    Some(first) if first != index => self.join(index, first),
                    _ => self.note(&node, index),
                }
            }
            if self.canon == before {
                return;
            }
        }
    }

    /// Makes a node a part of another one.
    pub(super) fn join(&mut self, index: usize, into: usize) {
        let index = self.root(index);
        let node = self.nodes[index].clone();
        self.absorb(into, node);
        self.canon[index] = into;
    }

    /// The nodes that are left, and what each of all ids has become.
    pub(super) fn into_nodes(self) -> (Vec<Node>, Vec<DefId>) {
        let mut renumbered = vec![DefId(0); self.nodes.len()];
        let mut left = 0;
        for (index, slot) in renumbered.iter_mut().enumerate() {
            if self.canon[index] == index {
                *slot = DefId(left);
                left += 1;
            }
        }
        for index in 0..self.nodes.len() {
            renumbered[index] = renumbered[self.root(index)];
        }
        let canon = self.canon;
        let kept = self.nodes.into_iter().enumerate();
        let nodes = kept
            .filter(|(index, _)| canon[*index] == *index)
            .map(|(_, mut node)| {
                node.kind = super::modules::renumbered(&node.kind, &renumbered);
                node
            });
        (nodes.collect(), renumbered)
    }

    /// Whether a value is written as one piece of text.
    pub(super) fn is_text(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Def(id) => matches!(self.nodes[id.0].kind, Kind::Enum(_) | Kind::Id(_)),
            Ty::Json(_) | Ty::List(_) | Ty::Map(_) | Ty::Nullable(_) => false,
            _ => true,
        }
    }

    /// The nodes that are left, in order.
    pub(super) fn left(&self) -> impl Iterator<Item = &Node> {
        let kept = self.nodes.iter().enumerate();
        kept.filter(|(index, _)| self.canon[*index] == *index)
            .map(|(_, node)| node)
    }

    /// The node that an id has become.
    pub(super) fn node_mut(&mut self, id: DefId) -> &mut Node {
        let root = self.root(id.0);
        &mut self.nodes[root]
    }

    /// The id that an id has become.
    pub(super) fn canonical(&self, id: DefId) -> DefId {
        DefId(self.root(id.0))
    }
}

/// The name that sets a node apart from others of the same structure.
fn own_name(node: &Node) -> Option<&str> {
    node.explicit.as_deref().or(node.component.as_deref())
}

/// What makes two enums one type: the overlay calls them the same; they are the same property in the
/// same format; or the lock has them under one name.
fn meanings(node: &Node, lock: &Lock) -> Vec<String> {
    if !matches!(node.kind, Kind::Enum(_)) {
        return Vec::new();
    }
    let mut meanings = Vec::new();
    if let Some(name) = &node.explicit {
        meanings.push(format!("explicit {name}"));
    }
    if let Some(format) = &node.format {
        meanings.push(format!("{} {format}", node.name.last()));
    }
    for place in &node.places {
        meanings.extend(lock.type_at(place).map(|name| format!("lock {name}")));
    }
    meanings
}

/// The name that a schema has under `components`.
fn component(pointer: &Pointer) -> Option<String> {
    let (parent, name) = pointer.split_last()?;
    (parent.as_str() == "/components/schemas").then_some(name)
}

/// Marks the properties that are always there.
fn require(structure: &mut Struct, required: &[Cursor<'_>]) -> Result<()> {
    for place in required {
        let wire = place.str()?;
        let Some(field) = structure.fields.iter_mut().find(|field| field.wire == wire) else {
            return Err(place.error(
                format!("`{wire}` is required, but is no property"),
                "add it to `properties`, or take it out of `required`",
            ));
        };
        field.presence = Presence::of(true, field.presence.is_nullable());
    }
    Ok(())
}

/// The values of an enum of strings; nothing if it is something else.
fn enumeration(place: &Cursor<'_>) -> Result<Option<Vec<Variant>>> {
    let is_text = place
        .value()
        .get("type")
        .is_none_or(|kind| kind == "string");
    let values = place.items_of("enum")?;
    if values.is_empty() || !is_text {
        return Ok(None);
    }
    let mut variants: Vec<Variant> = Vec::new();
    for value in values.iter().filter(|value| !value.value().is_null()) {
        let wire = value.str()?.to_owned();
        if variants.iter().any(|known| known.wire == wire) {
            return Err(value.error(
                format!("the value `{wire}` is listed twice"),
                "list each value of an `enum` once",
            ));
        }
        let names = place.get(VALUES);
        let name = names.map_or(Ok(None), |names| names.str_of(&wire))?;
        let name = name.unwrap_or_default().to_owned();
        variants.push(Variant {
            wire,
            name,
            is_default: false,
        });
    }
    Ok(Some(variants))
}

/// Whether a union says that its variants are in order.
fn in_order(place: &Cursor<'_>) -> Result<bool> {
    match place.str_of(VARIANTS)? {
        None => Ok(false),
        Some("in order") => Ok(true),
        Some(other) => Err(place.require(VARIANTS)?.error(
            format!("`{other}` says nothing about variants"),
            "say `in order`, or nothing",
        )),
    }
}

/// The value of the property that tells this variant from all the others, if there is one that can
/// have but one value here.
fn tag<'d>(variant: &Unwrapped<'d>, all: &[Unwrapped<'d>]) -> Result<Option<&'d str>> {
    for part in &variant.parts {
        for (property, _) in part.entries_of("properties")? {
            let values = enum_values(variant, property)?;
            let [value] = values.as_slice() else {
                continue;
            };
            let mut bearers = 0;
            for other in all {
                bearers += usize::from(enum_values(other, property)?.contains(value));
            }
            if bearers == 1 {
                return Ok(Some(value));
            }
        }
    }
    Ok(None)
}

/// The values of a property of an object, if they are listed.
fn enum_values<'d>(object: &Unwrapped<'d>, property: &str) -> Result<Vec<&'d str>> {
    let mut values = Vec::new();
    for part in &object.parts {
        let properties = part.get("properties");
        if let Some(property) = properties.and_then(|properties| properties.get(property)) {
            values.extend(merge::unwrap(&property)?.head.items_of("enum")?);
        }
    }
    Ok(values
        .iter()
        .filter_map(|value| value.value().as_str())
        .collect())
}
