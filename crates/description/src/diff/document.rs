//! Two documents, place by place. Differences in parts that generate no code are reported by their
//! kind, and all other differences as not understood.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::change::{BOTH, Changes, READ, SENT};
use super::rest::{Names, Rest, bare, is_alike, keys};
use super::rules::ChangeKind;
use super::types::Types;
use super::{operations, webhooks};
use crate::error::{Pointer, Result};
use crate::ir::{self, Api, DefId, Operation};
use crate::read::cursor::Cursor;
use crate::read::operations::METHODS;
use crate::version::Version;

/// Finds the changes that the other comparisons have not reported.
pub(super) fn compare<'v>(
    old: &'v Version,
    new: &'v Version,
    types: &Types<'v>,
    operations: &operations::Pairs<'v>,
    webhooks: &webhooks::Pairs<'v>,
    told: &Changes,
) -> Result<Changes> {
    let mut rest = Rest {
        old: Cursor::of(&old.document.root),
        new: Cursor::of(&new.document.root),
        old_names: names(&old.api, |index| types.name(DefId(index))),
        new_names: names(&new.api, |index| new.api.defs[index].name.as_str()),
        enums: enums(&new.api).collect(),
        told: HashMap::new(),
        met: HashSet::new(),
        changes: Changes::default(),
    };
    for change in &told.0 {
        let kinds = rest.told.entry(change.place.clone()).or_default();
        kinds.push(change.kind);
    }
    rest.document()?;
    for (old, new) in operations {
        rest.operation(old, new)?;
    }
    for (old, new) in webhooks {
        rest.webhook(&old.pointer, &new.pointer, &new.name)?;
    }
    rest.components()?;
    Ok(rest.changes)
}

fn enums(api: &Api) -> impl Iterator<Item = &str> {
    let enums = api
        .defs
        .iter()
        .filter(|def| matches!(def.kind, ir::TypeKind::Enum(_)));
    enums.map(|def| def.name.as_str())
}

impl<'v> Rest<'v> {
    fn document(&mut self) -> Result<()> {
        let (old, new) = (self.old.clone(), self.new.clone());
        const OTHERWISE: &[&str] = &[
            "components",
            "info",
            "openapi",
            "paths",
            "security",
            "servers",
            "tags",
            "x-webhooks",
        ];
        const INFO: &[&str] = &["contact", "license", "termsOfService", "title", "version"];
        self.others(&old, &new, OTHERWISE, "document");
        for (member, known) in [("info", INFO), ("paths", &[])] {
            if let (Some(was), Some(is)) = (old.get(member), new.get(member)) {
                let all = keys(&was, &is).into_iter();
                let paths = all.filter(|key| key.starts_with('/'));
                let otherwise: Vec<&str> = known.iter().copied().chain(paths).collect();
                self.others(&was, &is, &otherwise, member);
            }
        }
        for key in ["title", "version"] {
            let value = |side: &Cursor<'v>| bare(&side.value()["info"][key]);
            let pointer = Pointer::root().join("info").join(key);
            let mut at = self.changes.at(BOTH, key, &pointer);
            at.differ(ChangeKind::VersionChanged, value(&old), value(&new));
        }
        self.servers();
        self.security_schemes()
    }

    /// The parts that nothing refers to: the rest is compared where it is used, and only once.
    fn components(&mut self) -> Result<()> {
        let (old, new) = (&self.old, &self.new);
        let (Some(was), Some(is)) = (old.get("components"), new.get("components")) else {
            return Ok(());
        };
        const REACHED: &[&str] = &[
            "examples",
            "headers",
            "parameters",
            "requestBodies",
            "responses",
            "schemas",
            "securitySchemes",
        ];
        self.others(&was, &is, REACHED, "components");
        for (name, schema) in was.entries_of("schemas")? {
            if let Some(same) = is.get("schemas").and_then(|schemas| schemas.get(name)) {
                self.schema(&[schema], &[same], name)?;
            }
        }
        Ok(())
    }

    fn servers(&mut self) {
        let items = |side: &Cursor<'v>| side.items_of("servers").unwrap_or_default();
        let (before, after) = (items(&self.old), items(&self.new));
        for old in &before {
            let mut same = after
                .iter()
                .filter(|new| new.value()["url"] == old.value()["url"]);
            if let Some(new) = same.next() {
                self.others(old, new, &[], "servers");
            }
        }
        let urls = |servers: &[Cursor<'v>]| -> BTreeSet<String> {
            let urls = servers.iter().map(|server| bare(&server.value()["url"]));
            urls.collect()
        };
        let pointer = Pointer::root().join("servers");
        let mut at = self.changes.at(SENT, "servers", &pointer);
        let kinds = [ChangeKind::ServerAdded, ChangeKind::ServerRemoved];
        at.members(kinds, urls(&before), urls(&after));
    }

    fn security_schemes(&mut self) -> Result<()> {
        let schemes = |side: &Cursor<'v>| -> Result<BTreeMap<&'v str, Cursor<'v>>> {
            let components = side.get("components");
            let schemes =
                components.map_or(Ok(Vec::new()), |one| one.entries_of("securitySchemes"))?;
            Ok(schemes.into_iter().collect())
        };
        let (was, is) = (schemes(&self.old)?, schemes(&self.new)?);
        let names: BTreeSet<&str> = was.keys().chain(is.keys()).copied().collect();
        for name in names {
            let (kind, place) = match (was.get(name), is.get(name)) {
                (None, Some(new)) => (ChangeKind::SchemeAdded, new),
                (Some(old), None) => (ChangeKind::SchemeRemoved, old),
                (Some(old), Some(new)) => {
                    let is_alike = |but| is_alike(Some(old.value()), Some(new.value()), but);
                    match (is_alike(None), is_alike(Some("scopes"))) {
                        (true, _) => continue,
                        (false, true) => (ChangeKind::SchemeScopes, new),
                        (false, false) => (ChangeKind::SchemeChanged, new),
                    }
                }
                (None, None) => continue,
            };
            self.changes.at(SENT, name, place.pointer()).tell(kind, "");
        }
        Ok(())
    }

    fn operation(&mut self, old: &Operation, new: &Operation) -> Result<()> {
        let (Some(was), Some(is)) = (self.old.find(&old.pointer), self.new.find(&new.pointer))
        else {
            return Ok(());
        };
        if let Some([was, is]) = self.items(&old.pointer, &new.pointer) {
            let otherwise = [METHODS, &["parameters"]].concat();
            self.others(&was, &is, &otherwise, &new.id);
            self.parameters(old, new, [&was, &is])?;
        }
        const OTHERWISE: &[&str] = &[
            "deprecated",
            "operationId",
            "parameters",
            "requestBody",
            "responses",
            "security",
            "tags",
            "x-sunset",
        ];
        self.others(&was, &is, OTHERWISE, &new.id);
        self.further_tags(ChangeKind::OperationRetagged, &was, &is, &new.id);
        self.sunset(&was, &is, &new.id);
        self.body(&was, &is, &new.id)?;
        self.responses(&was, &is, &new.id)
    }

    /// The path items that both versions of an operation are in.
    fn items(&self, old: &Pointer, new: &Pointer) -> Option<[Cursor<'v>; 2]> {
        let (old, new) = (old.split_last()?.0, new.split_last()?.0);
        Some([self.old.find(&old)?, self.new.find(&new)?])
    }

    /// The first tag names a module, and is compared as such; the others group the operation for people.
    fn further_tags(&mut self, kind: ChangeKind, old: &Cursor<'v>, new: &Cursor<'v>, of: &str) {
        let tags = |side: &Cursor<'v>| -> BTreeSet<String> {
            let tags = side.value()["tags"].as_array().into_iter().flatten();
            tags.skip(1).map(bare).collect()
        };
        let (was, is) = (tags(old), tags(new));
        let pointer = new.pointer().join("tags");
        let mut at = self.changes.at(BOTH, of, &pointer);
        for tag in was.symmetric_difference(&is) {
            let word = if is.contains(tag) {
                "also under"
            } else {
                "no longer under"
            };
            at.tell(kind, format!("{word} {tag}"));
        }
    }

    fn sunset(&mut self, old: &Cursor<'v>, new: &Cursor<'v>, id: &str) {
        let date = |side: &Cursor<'v>| side.value().get("x-sunset").map(bare);
        let (was, is) = (date(old), date(new));
        let kind = match (&was, &is) {
            (Some(was), Some(is)) if is < was => ChangeKind::SunsetEarlier,
            (None, Some(_)) => ChangeKind::SunsetSet,
            _ => ChangeKind::SunsetLater,
        };
        let text = |date: Option<String>| date.unwrap_or_else(|| "none".to_owned());
        let pointer = new.pointer().join("x-sunset");
        let mut at = self.changes.at(SENT, id, &pointer);
        at.differ(kind, text(was), text(is));
    }

    fn webhook(&mut self, old: &Pointer, new: &Pointer, name: &str) -> Result<()> {
        if let Some([was, is]) = self.items(old, new) {
            self.others(&was, &is, METHODS, name);
        }
        let (Some(was), Some(is)) = (self.old.find(old), self.new.find(new)) else {
            return Ok(());
        };
        const OTHERWISE: &[&str] = &[
            "deprecated",
            "operationId",
            "requestBody",
            "responses",
            "tags",
        ];
        self.others(&was, &is, OTHERWISE, name);
        self.further_tags(ChangeKind::WebhookRetagged, &was, &is, name);
        let mut at = self.changes.at(READ, name, new);
        let kinds = [ChangeKind::WebhookDeprecated, ChangeKind::WebhookRestored];
        at.mark(was.is_true("deprecated"), is.is_true("deprecated"), kinds);
        let docs = |side: &Cursor<'v>| {
            let words = ["summary", "description"].map(|member| side.value()[member].as_str());
            words.map(|text| text.unwrap_or_default().trim()).join("\n")
        };
        let (before, after) = (docs(&was), docs(&is));
        at.words(ChangeKind::WebhookDescribed, Some(&before), Some(&after));
        self.body(&was, &is, name)?;
        self.responses(&was, &is, name)
    }
}

/// The names of the types of an API by their places.
fn names<'v>(api: &'v Api, name: impl Fn(usize) -> &'v str) -> Names<'v> {
    let mut names = Names::new();
    for (index, def) in api.defs.iter().enumerate() {
        for place in &def.places {
            names.entry(place.as_str()).or_insert_with(|| name(index));
        }
    }
    names
}
