//! The type of the other version that each type corresponds to, and descriptions of both.

use std::collections::{HashMap, HashSet};

use super::change::{At, Changes};
use crate::ir::{Api, Def, DefId, Success, Ty, Usage};

/// The types of two versions, matched with each other.
pub(super) struct Types<'v> {
    pub(super) old: &'v Api,
    pub(super) new: &'v Api,
    /// What each old type has become.
    pub(super) became: HashMap<DefId, DefId>,
}

/// The two versions of one type.
pub(super) struct Pair<'v> {
    pub(super) old: &'v Def,
    pub(super) new: &'v Def,
    /// Who reads or sends it, now or before.
    pub(super) usage: Usage,
}

impl Pair<'_> {
    pub(super) fn at<'c>(&'c self, changes: &'c mut Changes) -> At<'c> {
        changes.at(self.usage, &self.new.name, self.new.pointer())
    }
}

impl<'v> Types<'v> {
    /// Matches types by name, and types with different names by a place that they share.
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

    /// How a type has changed, unless it is the same.
    pub(super) fn difference(&self, old: &Ty, new: &Ty) -> Option<String> {
        let (before, after) = (self.before(old), self.after(new));
        (before != after).then(|| format!("{before} → {after}"))
    }

    /// How an answer has changed, unless it is the same.
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
