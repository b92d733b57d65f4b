//! The limits of values that are sent, as generated code checks them.

use std::collections::{BTreeMap, BTreeSet};

use super::text::{import, literal};
use upvest_description::ir::pattern::{self, Branches, Piece};
use upvest_description::ir::{Api, Def, DefId, Field, Limits, Operation, Struct, Ty, TypeKind};

/// The module of all limits of the models.
pub(super) const MODULE: &str = "sent_limits";

/// The file with the limits of all types that are sent, if there are such types.
pub(super) fn module(api: &Api) -> Option<String> {
    let limited = limited(api);
    let mut writer = Writer::new(api, "");
    let sent = api.defs.iter().filter(|def| def.usage.sent);
    let items: String = sent
        .map(|def| match &def.kind {
            TypeKind::Struct(structure) => writer.of_struct(def, structure, &limited),
            TypeKind::Union(_) => of_union(api, def),
            TypeKind::Enum(_) | TypeKind::Id(_) => String::new(),
        })
        .collect();
    if items.is_empty() {
        return None;
    }
    let patterns = writer.constants();
    let mut used = vec!["limits"];
    used.extend(items.contains("Rule::").then_some("Rule"));
    used.extend(["Pattern", "Piece"].iter().filter(|_| !patterns.is_empty()));
    let used: Vec<String> = used.into_iter().map(str::to_owned).collect();
    let uses = import("crate::limits", &used);
    Some(format!("{uses}\n{patterns}{}\n", items.trim_end()))
}

fn of_union(api: &Api, def: &Def) -> String {
    let variants = def.kind.parts();
    let names: Vec<&str> = variants
        .iter()
        .map(|id| api.def(*id).name.as_str())
        .collect();
    format!("limits! {{ super::{}: {} }}\n\n", def.name, names.join(" "))
}

/// The types that have limits, or parts that have some.
fn limited(api: &Api) -> BTreeSet<DefId> {
    let mut writer = Writer::new(api, "");
    let own = api.ids().filter(|(_, def)| match &def.kind {
        TypeKind::Struct(structure) => {
            sent(structure).any(|field| !writer.of_field(field).is_empty())
        }
        _ => false,
    });
    let mut limited: BTreeSet<DefId> = own.map(|(id, _)| id).collect();
    loop {
        let has_parts = |def: &Def| def.kind.parts().iter().any(|part| limited.contains(part));
        let next = api
            .ids()
            .filter(|(id, def)| !limited.contains(id) && has_parts(def));
        let next: Vec<DefId> = next.map(|(id, _)| id).collect();
        if next.is_empty() {
            return limited;
        }
        limited.extend(next);
    }
}

fn sent(structure: &Struct) -> impl Iterator<Item = &Field> {
    structure.fields.iter().filter(|field| !field.read_only)
}

/// The limits of the arguments of an operation, as a list by their names on the wire.
pub(super) fn arguments(api: &Api, operation: &Operation) -> String {
    let mut writer = Writer::new(api, "models::limits::");
    let limited = operation.args.iter().filter_map(|arg| {
        let rules = writer.of_value(&arg.ty, &arg.limits);
        let name = literal(&arg.wire);
        (!rules.is_empty()).then(|| format!("({name}, &[{}])", rules.join(", ")))
    });
    limited.collect::<Vec<_>>().join(", ")
}

/// Writes rules.
struct Writer<'a> {
    api: &'a Api,
    /// Where rules and patterns are found.
    path: &'static str,
    /// The patterns so far, with their numbers.
    patterns: BTreeMap<String, usize>,
}

impl<'a> Writer<'a> {
    fn new(api: &'a Api, path: &'static str) -> Self {
        let patterns = BTreeMap::new();
        Self {
            api,
            path,
            patterns,
        }
    }

    fn of_struct(&mut self, def: &Def, structure: &Struct, limited: &BTreeSet<DefId>) -> String {
        let mut lines = Vec::new();
        for field in sent(structure) {
            let rules = self.of_field(field).join(", ");
            let part = field.ty.innermost().def();
            if !rules.is_empty() || part.is_some_and(|id| limited.contains(&id)) {
                lines.push(format!(
                    "    {} {} [{rules}],\n",
                    field.name,
                    literal(&field.wire)
                ));
            }
        }
        match lines.is_empty() {
            true => format!("limits! {{ super::{} {{}} }}\n\n", def.name),
            false => format!(
                "limits! {{ super::{} {{\n{}}} }}\n\n",
                def.name,
                lines.concat()
            ),
        }
    }

    fn of_field(&mut self, field: &Field) -> Vec<String> {
        let mut rules = self.of_value(&field.ty, &field.limits);
        if field.personal && !rules.is_empty() {
            rules.push(format!("{}Rule::Personal", self.path));
        }
        rules
    }

    /// The rules of a value.
    fn of_value(&mut self, ty: &Ty, limits: &Limits) -> Vec<String> {
        let path = self.path;
        let mut out = Vec::new();
        let mut count = |keyword: &str, rule: &str| {
            let number = limits.whole(keyword);
            out.extend(number.map(|number| format!("{path}Rule::{rule}({number})")));
        };
        match ty {
            Ty::Nullable(inner) | Ty::OrEmpty(inner) => return self.of_value(inner, limits),
            Ty::I32 | Ty::I64 | Ty::F64 => {
                count("minimum", "Minimum");
                count("maximum", "Maximum");
            }
            Ty::List(inner) => {
                count("minItems", "MinItems");
                count("maxItems", "MaxItems");
                let is_unique = limits.is_true("uniqueItems");
                out.extend(is_unique.then(|| format!("{path}Rule::UniqueItems")));
                out.extend(self.of_entries(inner, limits));
            }
            Ty::Map(inner) => {
                count("minProperties", "MinItems");
                count("maxProperties", "MaxItems");
                out.extend(self.of_entries(inner, limits));
            }
            _ if is_text(self.api, ty) => {
                count("minLength", "MinLength");
                count("maxLength", "MaxLength");
                let pattern = limits.pattern().map(|text| self.pattern(text));
                out.extend(pattern.map(|pattern| format!("{path}Rule::Pattern({pattern})")));
            }
            _ => {}
        }
        out
    }

    fn of_entries(&mut self, ty: &Ty, limits: &Limits) -> Option<String> {
        let rules = self.of_value(ty, limits.inner.as_deref()?);
        (!rules.is_empty()).then(|| format!("{}Rule::Each(&[{}])", self.path, rules.join(", ")))
    }

    /// A pattern: the name of its constant among the models, and the pattern itself in the client.
    fn pattern(&mut self, text: &str) -> String {
        if !self.path.is_empty() {
            return self.written(text);
        }
        let next = self.patterns.len() + 1;
        let number = self.patterns.entry(text.to_owned()).or_insert(next);
        format!("PATTERN_{number}")
    }

    /// The constants of all patterns so far.
    fn constants(&self) -> String {
        let mut all: Vec<(&String, &usize)> = self.patterns.iter().collect();
        all.sort_by_key(|(_, number)| **number);
        let constants = all.into_iter().map(|(text, number)| {
            format!(
                "const PATTERN_{number}: Pattern = {};\n\n",
                self.written(text)
            )
        });
        constants.collect()
    }

    /// A pattern as a value of Rust. Those that cannot be parsed have been refused before.
    fn written(&self, text: &str) -> String {
        let (path, text, branches) = (self.path, literal(text), pattern::parse(text));
        let branches = self.sequences(&branches.unwrap_or_default());
        format!("{path}Pattern {{ text: {text}, branches: {branches} }}")
    }

    fn sequences(&self, branches: &Branches) -> String {
        let all = branches.iter().map(|branch| {
            let pieces: Vec<String> = branch.iter().map(|piece| self.piece(piece)).collect();
            format!("&[{}]", pieces.join(", "))
        });
        format!("&[{}]", all.collect::<Vec<_>>().join(", "))
    }

    fn piece(&self, piece: &Piece) -> String {
        let piece = match piece {
            Piece::Start => "Start".to_owned(),
            Piece::End => "End".to_owned(),
            Piece::Group(branches) => format!("Group({})", self.sequences(branches)),
            Piece::Maybe(branches) => format!("Maybe({})", self.sequences(branches)),
            Piece::Chars(ranges, least, most) => {
                let most = most.map_or("usize::MAX".to_owned(), |most| most.to_string());
                format!("Chars(&{ranges:?}, {least}, {most})")
            }
        };
        format!("{}Piece::{piece}", self.path)
    }
}

fn is_text(api: &Api, ty: &Ty) -> bool {
    match ty {
        Ty::Bool | Ty::Json(_) | Ty::Boxed(_) => false,
        Ty::Def(id) => matches!(api.def(*id).kind, TypeKind::Enum(_) | TypeKind::Id(_)),
        _ => true,
    }
}
