//! What generates nothing: servers, security schemes, statuses, headers of responses; and, so that
//! nothing is ever silent, whatever else differs between two documents and is not told by then.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::schemas::{Names, names};
use super::types::{Types, text};
use super::{BOTH, Changes, Kind, SENT, operations, webhooks};
use crate::error::{Pointer, Result};
use crate::ir::{self, Api, DefId, Operation};
use crate::read::cursor::Cursor;
use crate::read::operations::METHODS;
use crate::read::walk;
use crate::version::Version;

/// The comparison of two documents beside that of what they mean.
pub(super) struct Rest<'v> {
    old: Cursor<'v>,
    new: Cursor<'v>,
    pub(super) old_names: Names<'v>,
    pub(super) new_names: Names<'v>,
    /// The names of the enums.
    pub(super) enums: HashSet<&'v str>,
    /// What is told of each place already.
    pub(super) told: HashMap<String, Vec<Kind>>,
    /// The schemas that have been compared: old and new.
    pub(super) met: HashSet<(Option<Pointer>, Option<Pointer>)>,
    pub(super) changes: Changes,
}

/// Whether a member is for people, or is what the overlay says: that shows in what is generated.
pub(super) fn is_silent(member: &str) -> bool {
    walk::is_words(member) || member.starts_with("x-rust-")
}

/// Whether a member says what is so without it.
pub(super) fn is_unset(member: &str, value: &Value) -> bool {
    *value == Value::Bool(false)
        && !matches!(member, "additionalProperties" | "default" | "explode")
}

/// Tells what is left to tell.
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
        .filter(|def| matches!(def.kind, ir::Kind::Enum(_)));
    enums.map(|def| def.name.as_str())
}

impl<'v> Rest<'v> {
    pub(super) fn is_told(&self, places: &[&str], member: &str) -> bool {
        let kinds = places
            .iter()
            .filter_map(|place| self.told.get(*place))
            .flatten();
        kinds.into_iter().any(|kind| kind.rule().explains(member))
    }

    /// Tells that a member differs, unless that is told. The first place is the one to name.
    pub(super) fn differ(
        &mut self,
        places: &[&str],
        member: &str,
        old: Option<&Value>,
        new: Option<&Value>,
        pointer: &Pointer,
    ) {
        if self.is_told(places, member) {
            return;
        }
        let detail = match (old, new) {
            (None, None) => member.to_owned(),
            _ => format!("{member} {} → {}", brief(old), brief(new)),
        };
        self.changes
            .tell(Kind::NotUnderstood, BOTH, places[0], detail, pointer);
    }

    /// Compares all members but some, which are compared otherwise.
    pub(super) fn others(&mut self, old: &Cursor<'v>, new: &Cursor<'v>, but: &[&str], place: &str) {
        for member in keys(old, new) {
            if but.contains(&member) || is_silent(member) {
                continue;
            }
            let value = |side: &Cursor<'v>| {
                let value = side.value().get(member);
                value.filter(|value| !is_unset(member, value))
            };
            let (was, is) = (value(old), value(new));
            if !is_same(was, is) {
                let at = if is.is_some() { new } else { old };
                let pointer = at.pointer().join(member);
                self.differ(&[place], member, was, is, &pointer);
            }
        }
    }

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
        self.others(&old, &new, OTHERWISE, "document");
        for (member, place) in [
            (
                "info",
                &["contact", "license", "termsOfService", "title", "version"][..],
            ),
            ("paths", &[]),
        ] {
            if let (Some(was), Some(is)) = (old.get(member), new.get(member)) {
                let paths = keys(&was, &is)
                    .into_iter()
                    .filter(|key| key.starts_with('/'));
                let otherwise: Vec<&str> = place.iter().copied().chain(paths).collect();
                self.others(&was, &is, &otherwise, member);
            }
        }
        let info = Pointer::root().join("info");
        for key in ["title", "version"] {
            let value = |side: &Cursor<'v>| side.value()["info"][key].clone();
            let (was, is) = (value(&old), value(&new));
            if was != is {
                let detail = format!("{} → {}", bare(&was), bare(&is));
                self.changes
                    .tell(Kind::VersionChanged, BOTH, key, detail, &info.join(key));
            }
        }
        self.servers();
        self.security_schemes()
    }

    /// What is reached from nowhere: the rest is compared where it is used, and only once.
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
        let root = (self.old.clone(), self.new.clone());
        let items = |side: &Cursor<'v>| side.items_of("servers").unwrap_or_default();
        let (before, after) = (items(&root.0), items(&root.1));
        for old in &before {
            let mut same = after
                .iter()
                .filter(|new| new.value()["url"] == old.value()["url"]);
            if let Some(new) = same.next() {
                self.others(old, new, &[], "servers");
            }
        }
        let urls = |side: &Cursor<'v>| -> BTreeSet<String> {
            let servers = side.value()["servers"].as_array().into_iter().flatten();
            servers.map(|server| bare(&server["url"])).collect()
        };
        let pointer = Pointer::root().join("servers");
        let (was, is) = (urls(&self.old), urls(&self.new));
        for url in is.difference(&was) {
            self.changes
                .tell(Kind::ServerAdded, SENT, "servers", url, &pointer);
        }
        for url in was.difference(&is) {
            self.changes
                .tell(Kind::ServerRemoved, SENT, "servers", url, &pointer);
        }
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
            let (kind, pointer) = match (was.get(name), is.get(name)) {
                (None, Some(new)) => (Kind::SchemeAdded, new.pointer()),
                (Some(old), None) => (Kind::SchemeRemoved, old.pointer()),
                (Some(old), Some(new)) => {
                    let scopes = Some("scopes");
                    if is_alike(Some(old.value()), Some(new.value()), None) {
                        continue;
                    }
                    match is_alike(Some(old.value()), Some(new.value()), scopes) {
                        true => (Kind::SchemeScopes, new.pointer()),
                        false => (Kind::SchemeChanged, new.pointer()),
                    }
                }
                (None, None) => continue,
            };
            self.changes.tell(kind, SENT, name, "", pointer);
        }
        Ok(())
    }

    fn operation(&mut self, old: &Operation, new: &Operation) -> Result<()> {
        let (Some(was), Some(is)) = (self.old.find(&old.pointer), self.new.find(&new.pointer))
        else {
            return Ok(());
        };
        let item = |side: &Cursor<'v>, at: &Pointer| side.find(&at.split_last()?.0);
        if let (Some(was), Some(is)) =
            (item(&self.old, &old.pointer), item(&self.new, &new.pointer))
        {
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
        self.further_tags(Kind::OperationRetagged, &was, &is, &new.id);
        self.sunset(&was, &is, &new.id);
        self.body(&was, &is, &new.id)?;
        self.responses(&was, &is, &new.id)
    }

    /// The first tag names a module, and is compared as such; the others group the operation for people.
    fn further_tags(&mut self, kind: Kind, old: &Cursor<'v>, new: &Cursor<'v>, of: &str) {
        let tags = |side: &Cursor<'v>| -> BTreeSet<String> {
            let tags = side.value()["tags"].as_array().into_iter().flatten();
            tags.skip(1).map(bare).collect()
        };
        let (was, is) = (tags(old), tags(new));
        for tag in was.symmetric_difference(&is) {
            let word = if is.contains(tag) {
                "also under"
            } else {
                "no longer under"
            };
            let detail = format!("{word} {tag}");
            self.changes
                .tell(kind, BOTH, of, detail, &new.pointer().join("tags"));
        }
    }

    fn sunset(&mut self, old: &Cursor<'v>, new: &Cursor<'v>, id: &str) {
        let date = |side: &Cursor<'v>| side.value().get("x-sunset").map(bare);
        let (was, is) = (date(old), date(new));
        let kind = match (&was, &is) {
            (Some(was), Some(is)) if is < was => Kind::SunsetEarlier,
            (None, Some(_)) => Kind::SunsetSet,
            (was, is) if was == is => return,
            _ => Kind::SunsetLater,
        };
        let text = |date: Option<String>| date.unwrap_or_else(|| "none".to_owned());
        let detail = format!("{} → {}", text(was), text(is));
        self.changes
            .tell(kind, SENT, id, detail, &new.pointer().join("x-sunset"));
    }

    fn webhook(&mut self, old: &Pointer, new: &Pointer, name: &str) -> Result<()> {
        let item = |side: &Cursor<'v>, at: &Pointer| side.find(&at.split_last()?.0);
        if let (Some(was), Some(is)) = (item(&self.old, old), item(&self.new, new)) {
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
        self.further_tags(Kind::WebhookRetagged, &was, &is, name);
        let kinds = [Kind::WebhookDeprecated, Kind::WebhookRestored];
        let (before, after) = (was.is_true("deprecated"), is.is_true("deprecated"));
        if let Some(kind) = Kind::for_presence(before, after, kinds) {
            self.changes.tell(kind, super::READ, name, "", new);
        }
        let docs = |side: &Cursor<'v>| {
            ["summary", "description"].map(|member| text(side.value()[member].as_str()).to_owned())
        };
        if docs(&was) != docs(&is) {
            self.changes
                .tell(Kind::WebhookDescribed, super::READ, name, "", new);
        }
        self.body(&was, &is, name)?;
        self.responses(&was, &is, name)
    }
}

/// The members of either.
pub(super) fn keys<'v>(old: &Cursor<'v>, new: &Cursor<'v>) -> BTreeSet<&'v str> {
    let members = [old, new]
        .into_iter()
        .filter_map(|side| side.value().as_object());
    members
        .flat_map(|object| object.keys().map(String::as_str))
        .collect()
}

/// Whether two values say the same, for people and order aside.
pub(super) fn is_same(old: Option<&Value>, new: Option<&Value>) -> bool {
    is_alike(old, new, None)
}

fn is_alike(old: Option<&Value>, new: Option<&Value>, but: Option<&str>) -> bool {
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let keys = old.keys().chain(new.keys());
            let mut keys = keys.filter(|key| !is_silent(key) && Some(key.as_str()) != but);
            keys.all(|key| is_alike(old.get(key), new.get(key), but))
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            let mut pairs = old.iter().zip(new);
            old.len() == new.len() && pairs.all(|(old, new)| is_alike(Some(old), Some(new), but))
        }
        (old, new) => old == new,
    }
}

/// Text without the quotes of JSON.
pub(super) fn bare(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// As much of a value as fits into a line.
fn brief(value: Option<&Value>) -> String {
    const MOST: usize = 60;
    let text = value.map_or_else(|| "none".to_owned(), Value::to_string);
    match text.chars().count() > MOST {
        true => text.chars().take(MOST).chain(['…']).collect(),
        false => text,
    }
}
