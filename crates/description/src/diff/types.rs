//! Types: what comes, goes and changes, and who notices.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Changes, Kind, fields};
use crate::ir::{self, Api, Def, DefId, Success, Ty, Usage};

/// The types of two versions, matched with each other.
pub(super) struct Types<'v> {
    pub(super) old: &'v Api,
    pub(super) new: &'v Api,
    /// What each old type has become.
    became: HashMap<DefId, DefId>,
}

/// The two versions of one type.
pub(super) struct Pair<'v> {
    pub(super) old: &'v Def,
    pub(super) new: &'v Def,
    /// Who reads or sends it, now or before.
    pub(super) usage: Usage,
}

impl Pair<'_> {
    fn tell(&self, changes: &mut Changes, kind: Kind, detail: impl Into<String>) {
        let pointer = self.new.pointer();
        changes.tell(kind, self.usage, &self.new.name, detail, pointer);
    }
}

impl<'v> Types<'v> {
    /// Matches the types of one name, and those that have a place in common where the name is another.
    pub(super) fn of(old: &'v Api, new: &'v Api) -> Self {
        let by_name: HashMap<&str, DefId> =
            new.ids().map(|(id, def)| (def.name.as_str(), id)).collect();
        let mut by_place: HashMap<&str, DefId> = HashMap::new();
        for (id, def) in new.ids() {
            for place in &def.places {
                by_place.entry(place.as_str()).or_insert(id);
            }
        }
        let names: HashSet<&str> = old.defs.iter().map(|def| def.name.as_str()).collect();
        let mut became = HashMap::new();
        let mut met = HashSet::new();
        for (id, def) in old.ids() {
            let at_place = || {
                let places = def.places.iter();
                let mut found = places.filter_map(|place| by_place.get(place.as_str()));
                found.find(|id| !names.contains(new.def(**id).name.as_str()))
            };
            let same = by_name.get(def.name.as_str()).or_else(at_place);
            if let Some(same) = same.filter(|same| met.insert(**same)) {
                became.insert(id, *same);
            }
        }
        Self { old, new, became }
    }

    /// The name that an old type has now.
    pub(super) fn name(&self, old: DefId) -> &'v str {
        let new = self.became.get(&old).map(|new| self.new.def(*new));
        &new.unwrap_or_else(|| self.old.def(old)).name
    }

    /// The old type as text, by its new names.
    pub(super) fn before(&self, old: &Ty) -> String {
        shape(old, &|id| self.name(id))
    }

    /// The new type as text.
    pub(super) fn after(&self, new: &Ty) -> String {
        shape(new, &|id| &self.new.def(id).name)
    }

    /// What became of a type, unless it is the same.
    pub(super) fn difference(&self, old: &Ty, new: &Ty) -> Option<String> {
        let (before, after) = (self.before(old), self.after(new));
        (before != after).then(|| format!("{before} → {after}"))
    }

    /// What became of an answer, unless it is the same.
    pub(super) fn answer(&self, old: &Success, new: &Success) -> Option<String> {
        let text = |success: &Success, ty: &dyn Fn(&Ty) -> String| match success {
            Success::Json(body) => ty(body),
            Success::Empty => "nothing".to_owned(),
            Success::File(_) => "a file".to_owned(),
        };
        let before = text(old, &|ty| self.before(ty));
        let after = text(new, &|ty| self.after(ty));
        (before != after).then(|| format!("{before} → {after}"))
    }

    /// Tells of all types.
    pub(super) fn compare(&self, changes: &mut Changes) {
        for (id, def) in self.old.ids() {
            let Some(new) = self.became.get(&id) else {
                changes.tell(Kind::TypeRemoved, def.usage, &def.name, "", def.pointer());
                continue;
            };
            let new = self.new.def(*new);
            let usage = Usage {
                read: def.usage.read || new.usage.read,
                sent: def.usage.sent || new.usage.sent,
            };
            let pair = Pair {
                old: def,
                new,
                usage,
            };
            self.pair(&pair, changes);
        }
        let known: HashSet<&DefId> = self.became.values().collect();
        for (_, def) in self.new.ids().filter(|(id, _)| !known.contains(id)) {
            changes.tell(Kind::TypeAdded, def.usage, &def.name, "", def.pointer());
        }
    }

    fn pair(&self, pair: &Pair<'v>, changes: &mut Changes) {
        let Pair { old, new, .. } = pair;
        if old.name != new.name {
            let detail = format!("{} → {}", old.name, new.name);
            pair.tell(changes, Kind::TypeRenamed, detail);
        }
        if text(old.docs.as_deref()) != text(new.docs.as_deref()) {
            pair.tell(changes, Kind::TypeDescribed, "");
        }
        if matches!(new.kind, ir::Kind::Struct(_) | ir::Kind::Union(_)) {
            let uses = [
                (old.usage.sent, new.usage.sent, "sent"),
                (old.usage.read, new.usage.read, "read"),
            ];
            for (was, is, what) in uses {
                let kinds = [Kind::UseAdded, Kind::UseRemoved];
                if let Some(kind) = Kind::for_presence(was, is, kinds) {
                    pair.tell(changes, kind, what);
                }
            }
        }
        match (&old.kind, &new.kind) {
            (ir::Kind::Struct(before), ir::Kind::Struct(after)) => {
                fields::compare(self, pair, before, after, changes);
            }
            (ir::Kind::Enum(before), ir::Kind::Enum(after)) => values(pair, before, after, changes),
            (ir::Kind::Union(before), ir::Kind::Union(after)) => {
                let was: BTreeSet<&str> = before.variants.iter().map(|id| self.name(*id)).collect();
                let is = after.variants.iter().map(|id| &self.new.def(*id).name);
                let is: BTreeSet<&str> = is.map(String::as_str).collect();
                let kinds = [Kind::VariantAdded, Kind::VariantRemoved];
                members(pair, kinds, &was, &is, changes);
            }
            (ir::Kind::Id(before), ir::Kind::Id(after)) if before == after => {}
            (before, after) => {
                let detail = format!("{} → {}", word(before), word(after));
                pair.tell(changes, Kind::TypeRebuilt, detail);
            }
        }
    }
}

fn values(pair: &Pair<'_>, old: &[ir::Variant], new: &[ir::Variant], changes: &mut Changes) {
    let wires = |values: &'_ [ir::Variant]| -> BTreeSet<String> {
        values.iter().map(|value| value.wire.clone()).collect()
    };
    let (was, is) = (wires(old), wires(new));
    let kinds = [Kind::ValueAdded, Kind::ValueRemoved];
    members(pair, kinds, &was, &is, changes);
    for value in new {
        let same = old.iter().find(|other| other.wire == value.wire);
        if let Some(same) = same.filter(|same| same.name != value.name) {
            let detail = format!("{} → {}", same.name, value.name);
            pair.tell(changes, Kind::ValueRenamed, detail);
        }
    }
}

/// The values of an enum, or the variants of a union.
fn members<T: AsRef<str> + Ord>(
    pair: &Pair<'_>,
    [added, removed]: [Kind; 2],
    old: &BTreeSet<T>,
    new: &BTreeSet<T>,
    changes: &mut Changes,
) {
    for member in new.difference(old) {
        pair.tell(changes, added, member.as_ref());
    }
    for member in old.difference(new) {
        pair.tell(changes, removed, member.as_ref());
    }
}

fn word(kind: &ir::Kind) -> &'static str {
    match kind {
        ir::Kind::Struct(_) => "an object",
        ir::Kind::Enum(_) => "an enum",
        ir::Kind::Union(_) => "a union",
        ir::Kind::Id(ir::Id::Uuid) => "an id that is a UUID",
        ir::Kind::Id(ir::Id::Text) => "an id that is text",
    }
}

/// A text of the description without what only its layout has.
pub(super) fn text(text: Option<&str>) -> &str {
    text.unwrap_or_default().trim()
}

/// A type in a few words.
fn shape<'n>(ty: &Ty, name: &dyn Fn(DefId) -> &'n str) -> String {
    let inner = |ty: &Ty| shape(ty, name);
    let word = match ty {
        Ty::String => "string",
        Ty::Bool => "boolean",
        Ty::I32 => "integer (int32)",
        Ty::I64 => "integer",
        Ty::F64 => "number",
        Ty::DecimalNumber => "number (decimal)",
        Ty::Decimal => "string (decimal)",
        Ty::Date => "string (date)",
        Ty::DateTime => "string (date-time)",
        Ty::Uuid => "string (uuid)",
        Ty::Secret => "string (password)",
        Ty::Json(_) => "anything",
        Ty::List(item) => return format!("array of {}", inner(item)),
        Ty::Map(value) => return format!("map of {}", inner(value)),
        Ty::Nullable(value) => return format!("{} or null", inner(value)),
        Ty::OrEmpty(value) => return format!("{} or empty", inner(value)),
        Ty::Boxed(value) => return inner(value),
        Ty::Def(id) => name(*id),
    };
    word.to_owned()
}
