//! Examples: those of bodies, and one for every type that is read.

use serde_json::{Map, Value, json};

use crate::error::{Pointer, Result};
use crate::ir::{Api, Def, DefId, Example, Field, Id, Ty, TypeKind};
use crate::read::cursor::Cursor;
use crate::read::document::Document;
use crate::read::operations::beside;

/// Collects the examples beside the bodies, and a value of every type: from these, from the examples of
/// schemas, or put together from the schemas.
///
/// # Errors
/// When a type has no value, since it has to contain itself.
pub(super) fn collect(api: &mut Api, document: &Document, bodies: &[(Pointer, Ty)]) -> Result<()> {
    let root = Cursor::of(&document.root);
    for (place, ty) in bodies {
        let media = root.find(place);
        for place in media
            .iter()
            .flat_map(|media| beside(media).unwrap_or_default())
        {
            api.examples.push(Example {
                pointer: place.pointer().clone(),
                ty: ty.clone(),
                value: place.value().clone(),
            });
        }
    }
    let mut known: Vec<Option<Value>> = vec![None; api.defs.len()];
    for example in &api.examples {
        note(api, &example.ty, &example.value, &mut known);
    }
    for (index, known) in known.iter_mut().enumerate() {
        if known.is_none() {
            let def = &api.defs[index];
            let own = def.places.iter().filter_map(|place| root.find(place));
            let own = own.filter_map(|place| place.get("example")).next();
            let own = own.map(|place| place.value().clone());
            *known = own.filter(|value| fits(api, &Ty::Def(DefId(index)), value));
        }
    }
    for index in 0..api.defs.len() {
        let maker = Maker {
            api,
            root: &root,
            known: &known,
        };
        let Some(made) = maker.made(DefId(index), &[]) else {
            let place = api.defs[index].pointer();
            let place = root.find(place).unwrap_or(root);
            return Err(place.unsupported("a schema that always contains itself"));
        };
        api.defs[index].example = Some(made);
    }
    Ok(())
}

/// Remembers the first value of each type.
fn note(api: &Api, ty: &Ty, value: &Value, known: &mut [Option<Value>]) {
    match (ty, value) {
        (Ty::List(inner), Value::Array(items)) => {
            items.iter().for_each(|item| note(api, inner, item, known));
        }
        (Ty::Map(inner), Value::Object(members)) => {
            members
                .values()
                .for_each(|one| note(api, inner, one, known));
        }
        (Ty::Nullable(inner) | Ty::OrEmpty(inner), value) => note(api, inner, value, known),
        (Ty::Def(id), value) => {
            if known[id.0].is_none() && fits(api, ty, value) {
                known[id.0] = Some(value.clone());
            }
            match &api.def(*id).kind {
                TypeKind::Struct(structure) => {
                    for field in &structure.fields {
                        if let Some(value) = value.get(&field.wire) {
                            note(api, &field.ty, value, known);
                        }
                    }
                }
                TypeKind::Union(union) => {
                    let variants = union.variants.iter().map(|id| Ty::Def(*id));
                    let mut fitting = variants.filter(|variant| fits(api, variant, value));
                    if let (Some(only), None) = (fitting.next(), fitting.next()) {
                        note(api, &only, value, known);
                    }
                }
                TypeKind::Enum(_) | TypeKind::Id(_) => {}
            }
        }
        _ => {}
    }
}

/// Whether a value can be read as this type.
fn fits(api: &Api, ty: &Ty, value: &Value) -> bool {
    match (ty, value) {
        (Ty::Json(_), _) | (Ty::Nullable(_), Value::Null) => true,
        (Ty::OrEmpty(_), Value::String(text)) if text.is_empty() => true,
        (Ty::Nullable(inner) | Ty::OrEmpty(inner), value) => fits(api, inner, value),
        (Ty::List(inner), Value::Array(items)) => items.iter().all(|one| fits(api, inner, one)),
        (Ty::Map(inner), Value::Object(all)) => all.values().all(|one| fits(api, inner, one)),
        (Ty::Bool, Value::Bool(_)) => true,
        (Ty::I32, Value::Number(number)) => number
            .as_i64()
            .is_some_and(|one| i32::try_from(one).is_ok()),
        (Ty::I64, Value::Number(number)) => number.as_i64().is_some(),
        (Ty::F64, Value::Number(_)) => true,
        (Ty::DecimalNumber, Value::Number(number)) => number.to_string().len() < 15,
        (Ty::Def(id), value) => fits_def(api, api.def(*id), value),
        (_, Value::String(text)) => is_text_of(ty, text),
        _ => false,
    }
}

fn fits_def(api: &Api, def: &Def, value: &Value) -> bool {
    match (&def.kind, value) {
        (TypeKind::Struct(structure), Value::Object(members)) => {
            structure
                .fields
                .iter()
                .all(|field| match members.get(&field.wire) {
                    None => !field.presence.is_required(),
                    Some(Value::Null) => {
                        field.presence.is_nullable()
                            || matches!(field.ty, Ty::Json(_))
                            || !field.presence.is_required()
                    }
                    Some(value) => fits(api, &field.ty, value),
                })
        }
        (TypeKind::Union(union), value) => union
            .variants
            .iter()
            .any(|id| fits_def(api, api.def(*id), value)),
        (TypeKind::Id(Id::Uuid), Value::String(text)) => is_text_of(&Ty::Uuid, text),
        (TypeKind::Enum(_) | TypeKind::Id(Id::Text), Value::String(_)) => true,
        _ => false,
    }
}

/// Whether a text is a value of this type. In doubt, it is not.
fn is_text_of(ty: &Ty, text: &str) -> bool {
    let is_like = |pattern: &str| {
        text.len() == pattern.len()
            && text
                .chars()
                .zip(pattern.chars())
                .all(|(c, like)| match like {
                    'x' => c.is_ascii_hexdigit(),
                    '0' => c.is_ascii_digit(),
                    like => c == like,
                })
    };
    let is_in = |from: usize, low: u32, high: u32| {
        let number = text.get(from..from + 2).and_then(|two| two.parse().ok());
        number.is_some_and(|number: u32| (low..=high).contains(&number))
    };
    let is_day = || is_in(5, 1, 12) && is_in(8, 1, 28);
    match ty {
        Ty::String | Ty::Secret => true,
        Ty::Uuid => is_like("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"),
        Ty::Date => is_like("0000-00-00") && is_day(),
        Ty::DateTime => {
            let moment = text.trim_end_matches('Z');
            let whole = moment.split('.').next().unwrap_or_default();
            let is_whole = whole.len() == "0000-00-00T00:00:00".len() && whole.contains('T');
            text.ends_with('Z') && is_whole && is_day() && is_in(11, 0, 23) && is_in(14, 0, 59)
        }
        Ty::Decimal => {
            let unsigned = text.strip_prefix('-').unwrap_or(text);
            let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
            let is_digits =
                |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
            is_digits(whole) && is_digits(fraction) && unsigned.len() < 28
        }
        _ => false,
    }
}

/// Puts values together from required properties, with their examples.
struct Maker<'a> {
    api: &'a Api,
    root: &'a Cursor<'a>,
    known: &'a [Option<Value>],
}

impl Maker<'_> {
    /// A value of a type; nothing within those that are open, if it has to contain one of them.
    fn made(&self, id: DefId, open: &[DefId]) -> Option<Value> {
        if let Some(known) = &self.known[id.0] {
            return Some(known.clone());
        }
        if open.contains(&id) {
            return None;
        }
        let open = [open, &[id]].concat();
        match &self.api.def(id).kind {
            TypeKind::Struct(structure) => {
                let fields = structure.fields.iter();
                let required = fields.filter(|one| one.presence.is_required());
                let members =
                    required.map(|field| Some((field.wire.clone(), self.of_field(field, &open)?)));
                Some(Value::Object(members.collect::<Option<Map<_, _>>>()?))
            }
            TypeKind::Enum(values) => Some(values.first().map_or("", |value| &value.wire).into()),
            TypeKind::Union(union) if union.variants.is_empty() => Some(Value::Null),
            TypeKind::Union(union) => union.variants.iter().find_map(|one| self.made(*one, &open)),
            TypeKind::Id(Id::Uuid) => self.value_of(&Ty::Uuid, &open),
            TypeKind::Id(Id::Text) => self.value_of(&Ty::String, &open),
        }
    }

    fn of_field(&self, field: &Field, open: &[DefId]) -> Option<Value> {
        let place = self.root.find(&field.pointer);
        let place = place.and_then(|place| place.resolved().ok());
        let example = place.and_then(|place| place.get("example"));
        let example = example.map(|example| example.value().clone());
        example
            .filter(|value| fits(self.api, &field.ty, value))
            .or_else(|| self.value_of(&field.ty, open))
            .or_else(|| field.presence.is_nullable().then_some(Value::Null))
    }

    fn value_of(&self, ty: &Ty, open: &[DefId]) -> Option<Value> {
        Some(match ty {
            Ty::String | Ty::Secret => json!("text"),
            Ty::Bool => json!(true),
            Ty::I32 | Ty::I64 => json!(1),
            Ty::F64 | Ty::DecimalNumber => json!(1.5),
            Ty::Decimal => json!("1.00"),
            Ty::Date => json!("2026-01-02"),
            Ty::DateTime => json!("2026-01-02T03:04:05Z"),
            Ty::Uuid => json!("f47ac10b-58cc-4372-a567-0e02b2c3d479"),
            Ty::Json(_) => json!({}),
            Ty::Map(_) => json!({}),
            Ty::List(inner) => self.value_of(inner, open).into_iter().collect(),
            Ty::Nullable(inner) | Ty::OrEmpty(inner) | Ty::Boxed(inner) => {
                return self.value_of(inner, open);
            }
            Ty::Def(id) => return self.made(*id, open),
        })
    }
}
