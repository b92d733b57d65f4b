//! The types of a document: every object, enum and union is collected, and equal ones are made one
//! type.
//!
//! Upvest writes most schemas inline, the same one many times over. An inline schema is the same type
//! wherever its structure is the same. A schema under `components` has a name of its own there, and
//! is a separate type.

use serde_json::Value;

use super::ids;
use super::leaf;
use super::merge::{self, EMPTY, Unwrapped};
use super::name::Name;
use super::types::{Added, Lowered, Node, Types};
use super::unions::{self, Union as Variants};
use super::variants::in_order;
use crate::error::{Pointer, Result};
use crate::ir::{Field, LeftOut, Presence, Struct, Ty, TypeKind, Union, Variant};
use crate::names;
use crate::read::cursor::Cursor;

/// What the field of a property is to be called.
const FIELD: &str = "x-rust-field";

/// Names of the variants for the values of an enum.
const VALUES: &str = "x-rust-values";

impl Types {
    /// Reads a schema, with everything it contains.
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
        } else if let Some(ty) = self.again(&key, place) {
            ty
        } else {
            self.open(key.clone());
            let lowered = self.add_unwrapped(&unwrapped, &name);
            let (ty, inner) = self.close(lowered)?;
            limits.inner.clone_from(&inner);
            if matches!(ty.innermost(), Ty::Def(_)) {
                self.by_place.insert(key, (ty.clone(), inner));
            }
            ty
        };
        let ty = self.explicit_id(ty, &unwrapped)?;
        let is_text = self.is_text(&ty);
        let ty = leaf::or_empty(ty, is_text, &unwrapped)?;
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
            kind: TypeKind::Id(form),
            name: Name::of(name),
            explicit: Some(name.to_owned()),
            ..Node::nothing(place)
        })
    }

    fn add_unwrapped(&mut self, unwrapped: &Unwrapped<'_>, name: &Name) -> Result<Lowered> {
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
            Some(Variants::Objects(variants)) => TypeKind::Union(Union {
                variants: self.variants(&variants, name)?,
                in_order: in_order(place)?,
            }),
            None if parts.len() > 1 || place.get("properties").is_some() => {
                TypeKind::Struct(self.structure(parts, name)?)
            }
            None => match enumeration(place)? {
                Some(values) => {
                    format = place.str_of("format")?.map(str::to_owned);
                    TypeKind::Enum(values)
                }
                None => {
                    if let Some(values) = place.get("enum").filter(|_| !is_text(place)) {
                        self.left_out.push(LeftOut {
                            pointer: values.pointer().clone(),
                            reason: "an `enum` of values that are not strings".to_owned(),
                        });
                    }
                    return self.plain(unwrapped, place, name);
                }
            },
        };
        let name = match &kind {
            TypeKind::Union(union) if self.has_text(union) => name.id_or_object(),
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
                return Err(part.unsupported("`properties` of something that is not an object"));
            }
            if unions::demands_only(part)? {
                self.left_out.push(LeftOut {
                    pointer: part.pointer().clone(),
                    reason: "which properties have to be there together".to_owned(),
                });
            }
            required.extend(part.items_of("required")?);
            for (wire, place) in part.entries_of("properties")? {
                // The elements of a list in an envelope are named after the list.
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

    /// A description of the only place of a type also describes the type.
    pub(super) fn describe(&mut self, ty: &Ty, docs: Option<&str>) {
        if let Ty::Def(id) = ty.innermost() {
            let node = &mut self.nodes[id.0];
            if !matches!(node.kind, TypeKind::Id(_)) && node.docs.is_none() {
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
            clears: one.clears,
            pointer: place.pointer().clone(),
        })
    }

    /// The further members of an object. They are kept only if the schema says what they are.
    fn rest(&mut self, part: &Cursor<'_>, name: &Name, structure: &mut Struct) -> Result<()> {
        let Some(rest) = part.get("additionalProperties") else {
            return Ok(());
        };
        let ty = match rest.value() {
            Value::Bool(false) => return Ok(()),
            Value::Bool(true) => Ty::Json("further properties whose type is not described"),
            Value::Object(schema) if schema.is_empty() => {
                Ty::Json("further properties whose type is not described")
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
    ) -> Result<Lowered> {
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
                    let nothing = Ty::Json("further properties whose type is not described");
                    return Ok((Ty::Map(Box::new(nothing)), None));
                }
                let values = self.add(&values, &name.item())?;
                let limits = Some(Box::new(values.limits.clone()));
                Ok((Ty::Map(Box::new(values.element())), limits))
            }
            Some("object") => Ok((Ty::Json("an object without `properties`"), None)),
            Some("string") => Ok((leaf::text(limits), None)),
            Some("integer") => Ok((leaf::integer(limits), None)),
            Some("number") => Ok((leaf::number(limits), None)),
            Some("boolean") => Ok((Ty::Bool, None)),
            None => Ok((Ty::Json("a schema without `type`"), None)),
            Some(other) => Err(place.unsupported(&format!("the type `{other}`"))),
        }
    }
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
                format!("`{wire}` is required, but is not a property"),
                "add it to `properties`, or take it out of `required`",
            ));
        };
        field.presence = Presence::of(true, field.presence.is_nullable());
    }
    Ok(())
}

fn is_text(place: &Cursor<'_>) -> bool {
    let kind = place.value().get("type");
    kind.is_none_or(|kind| kind == "string")
}

/// The values of an enum of strings; nothing if it is something else.
fn enumeration(place: &Cursor<'_>) -> Result<Option<Vec<Variant>>> {
    let values = place.items_of("enum")?;
    if values.is_empty() || !is_text(place) {
        return Ok(None);
    }
    let mut variants: Vec<Variant> = Vec::new();
    let is_none = |value: &Value| value.is_null() || place.get(EMPTY).is_some() && value == "";
    for value in values.iter().filter(|value| !is_none(value.value())) {
        let wire = value.str()?.to_owned();
        if variants.iter().any(|known| known.wire == wire) {
            return Err(value.error(
                format!("the value `{wire}` is listed twice"),
                "list each value of an `enum` once",
            ));
        }
        let names = place.get(VALUES);
        let name = names.map_or(Ok(None), |names| names.str_of(&wire))?;
        variants.push(Variant {
            name: name.unwrap_or_default().to_owned(),
            wire,
            is_default: false,
        });
    }
    Ok(Some(variants))
}
