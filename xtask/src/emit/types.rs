//! Types of values as Rust writes them, and the traits that can be derived for them.

use std::collections::BTreeSet;

use upvest_description::ir::{Api, DefId, Field, Presence, Ty, TypeKind};

/// The crate in which a type is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum In {
    /// Among the models, which import it.
    Models,
    /// In the client.
    Client,
    /// In the JSON schema of the models, where decimals are what they are written as.
    Schema,
}

/// A type as Rust writes it.
pub(super) fn rust(api: &Api, ty: &Ty, place: In) -> String {
    let models = if place == In::Client { "models::" } else { "" };
    let decimal = match (place, ty) {
        (In::Schema, Ty::DecimalNumber) => "f64".to_owned(),
        (In::Schema, _) => "String".to_owned(),
        (In::Models | In::Client, _) => format!("{models}Decimal"),
    };
    let inner = |ty: &Ty| rust(api, ty, place);
    match ty {
        Ty::String => "String".to_owned(),
        Ty::Bool => "bool".to_owned(),
        Ty::I32 => "i32".to_owned(),
        Ty::I64 => "i64".to_owned(),
        Ty::F64 => "f64".to_owned(),
        Ty::Decimal | Ty::DecimalNumber => decimal,
        Ty::OrEmpty(_) if place == In::Schema => "String".to_owned(),
        Ty::Date => format!("{models}NaiveDate"),
        Ty::DateTime => format!("{models}DateTime<{models}Utc>"),
        Ty::Uuid => format!("{models}Uuid"),
        Ty::Secret => format!("{models}Secret"),
        Ty::Json(_) if place == In::Client => "serde_json::Value".to_owned(),
        Ty::Json(_) => "Value".to_owned(),
        Ty::List(item) => format!("Vec<{}>", inner(item)),
        Ty::Map(value) if place == In::Client => {
            format!("std::collections::BTreeMap<String, {}>", inner(value))
        }
        Ty::Map(value) => format!("BTreeMap<String, {}>", inner(value)),
        Ty::Nullable(value) | Ty::OrEmpty(value) => format!("Option<{}>", inner(value)),
        Ty::Boxed(value) => format!("Box<{}>", inner(value)),
        Ty::Def(id) => format!("{models}{}", api.def(*id).name),
    }
}

/// The type of a field, with what may be absent or null.
pub(super) fn of_field(api: &Api, field: &Field, place: In) -> String {
    let (ty, presence) = field.in_rust();
    let rust = match &field.ty {
        Ty::OrEmpty(_) if place == In::Schema => "String".to_owned(),
        _ => rust(api, ty, place),
    };
    match presence {
        Presence::Nullable if place == In::Schema && ty != &field.ty => rust,
        Presence::Required => rust,
        Presence::Nullable | Presence::Optional => format!("Option<{rust}>"),
        Presence::OptionalNullable if place == In::Schema => format!("Option<{rust}>"),
        Presence::OptionalNullable => format!("Option<Option<{rust}>>"),
    }
}

/// How decimals and empty strings in a type are written: the adapter of `crate::decimal`.
pub(super) fn adapter(ty: &Ty) -> String {
    match ty {
        Ty::List(item) => format!("Vec<{}>", adapter(item)),
        Ty::Map(value) => format!("BTreeMap<String, {}>", adapter(value)),
        Ty::Nullable(value) => format!("Option<{}>", adapter(value)),
        Ty::OrEmpty(value) if **value == Ty::Decimal => "decimal::OrEmpty".to_owned(),
        Ty::OrEmpty(_) => "decimal::OrEmpty<decimal::Plain>".to_owned(),
        Ty::DecimalNumber => "decimal::Number".to_owned(),
        Ty::Decimal => "decimal::Exact".to_owned(),
        _ => "decimal::Plain".to_owned(),
    }
}

/// What a file imports for its types.
#[derive(Default)]
pub(super) struct Imports {
    /// Paths of other crates and of this one.
    paths: BTreeSet<&'static str>,
    /// Types of other modules.
    pub(super) foreign: BTreeSet<String>,
}

impl Imports {
    pub(super) fn path(&mut self, path: &'static str) {
        self.paths.insert(path);
    }

    /// What a type takes, in a module that has some types itself.
    pub(super) fn ty(&mut self, api: &Api, ty: &Ty, module: &str) {
        match ty {
            Ty::Decimal | Ty::DecimalNumber => self.path("rust_decimal::Decimal"),
            Ty::Date => self.path("chrono::NaiveDate"),
            Ty::DateTime => {
                self.path("chrono::DateTime");
                self.path("chrono::Utc");
            }
            Ty::Uuid => self.path("uuid::Uuid"),
            Ty::Secret => self.path("crate::Secret"),
            Ty::Json(_) => self.path("serde_json::Value"),
            Ty::Map(inner) => {
                self.path("std::collections::BTreeMap");
                self.ty(api, inner, module);
            }
            Ty::List(inner) | Ty::Nullable(inner) | Ty::OrEmpty(inner) | Ty::Boxed(inner) => {
                self.ty(api, inner, module);
            }
            Ty::Def(id) => self.def(api, *id, module),
            Ty::String | Ty::Bool | Ty::I32 | Ty::I64 | Ty::F64 => {}
        }
    }

    /// What a type of the API takes.
    pub(super) fn def(&mut self, api: &Api, id: DefId, module: &str) {
        let def = api.def(id);
        if def.module != module {
            self.foreign.insert(def.name.clone());
        }
    }

    /// The `use` items, one for each crate or module.
    pub(super) fn write(&self) -> String {
        let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
        for path in &self.paths {
            let (from, name) = path.rsplit_once("::").unwrap_or(("crate", path));
            match groups.iter_mut().find(|(same, _)| *same == from) {
                Some((_, names)) => names.push(name.to_owned()),
                None => groups.push((from, vec![name.to_owned()])),
            }
        }
        if !self.foreign.is_empty() {
            groups.push(("super", self.foreign.iter().cloned().collect()));
        }
        let out: String = groups
            .iter()
            .map(|(from, names)| super::text::import(from, names))
            .collect();
        out
    }
}

/// Which traits a type can have besides the ones that all have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits {
    pub(super) eq: bool,
    pub(super) hash: bool,
}

/// What the parts of a type allow.
pub(super) fn traits(api: &Api, id: DefId) -> Traits {
    let mut traits = Traits {
        eq: true,
        hash: true,
    };
    let mut met = BTreeSet::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        if !met.insert(id) {
            continue;
        }
        let kind = &api.def(id).kind;
        if let TypeKind::Struct(structure) = kind {
            let rest = structure.rest.iter().map(|(_, ty)| ty);
            for ty in structure.fields.iter().map(|field| &field.ty).chain(rest) {
                match ty.innermost() {
                    Ty::F64 => {
                        traits.eq = false;
                        traits.hash = false;
                    }
                    Ty::Secret => traits.hash = false,
                    _ => {}
                }
            }
        }
        open.extend(kind.parts());
    }
    traits
}

/// The names of the traits that are derived.
pub(super) fn derived(traits: Traits) -> String {
    let eq = if traits.eq { ", Eq" } else { "" };
    let hash = if traits.hash { ", Hash" } else { "" };
    format!("PartialEq{eq}{hash}")
}
