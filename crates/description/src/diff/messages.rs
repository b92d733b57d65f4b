//! The parts of parameters, bodies and responses that generate no code, as they are published.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::arguments::place;
use super::change::{READ, SENT};
use super::rest::{Rest, bare, is_alike, is_same, is_silent, keys};
use super::rules::ChangeKind;
use crate::error::Result;
use crate::ir::{Arg, Operation};
use crate::read::cursor::Cursor;

/// By location and name.
type Parameters<'v> = BTreeMap<(&'v str, String), Cursor<'v>>;

impl<'v> Rest<'v> {
    pub(super) fn parameters(
        &mut self,
        old: &Operation,
        new: &Operation,
        [was, is]: [&Cursor<'v>; 2],
    ) -> Result<()> {
        let method = new.method.to_ascii_lowercase();
        let (was, is) = (
            parameters(was, &old.method.to_ascii_lowercase())?,
            parameters(is, &method)?,
        );
        let places: BTreeSet<_> = was.keys().chain(is.keys()).collect();
        for key in places {
            let (before, after) = (was.get(key), is.get(key));
            let Some(shown) = after.or(before) else {
                continue;
            };
            let name = bare(&shown.value()["name"]);
            let arg = |operation: &'_ Operation| find(operation, key).map(|arg| arg.made);
            let (had, has) = (arg(old), arg(new));
            let is_argument = had.is_some() || has.is_some();
            match (before, after) {
                (Some(before), Some(after)) => {
                    let is_made = had == Some(true) && has == Some(true);
                    let place = place(&new.id, &name);
                    if !is_argument
                        || is_made && before.is_true("required") != after.is_true("required")
                    {
                        self.of_middleware(before, after, &place);
                    }
                    self.parameter(before, after, &place)?;
                }
                (was, _) if !is_argument => {
                    let detail = if was.is_some() { "removed" } else { "added" };
                    let mut at = self
                        .changes
                        .at(SENT, place(&new.id, &name), shown.pointer());
                    at.tell(ChangeKind::HeaderOfMiddleware, detail);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A header that the client sets.
    fn of_middleware(&mut self, old: &Cursor<'v>, new: &Cursor<'v>, place: &str) {
        if !is_alike(Some(old.value()), Some(new.value()), Some("name")) {
            let (kind, pointer) = (ChangeKind::HeaderOfMiddleware, new.pointer());
            self.changes.tell(kind, SENT, place, "changed", pointer);
            self.told.entry(place.to_owned()).or_default().push(kind);
        }
    }

    fn parameter(&mut self, old: &Cursor<'v>, new: &Cursor<'v>, place: &str) -> Result<()> {
        let name = |side: &Cursor<'v>| bare(&side.value()["name"]);
        let mut at = self.changes.at(SENT, place, new.pointer());
        at.differ(ChangeKind::HeaderSpelled, name(old), name(new));
        if style(old) != style(new) {
            self.differ(&[place], "style", None, None, new.pointer());
        }
        const OTHERWISE: &[&str] = &["explode", "in", "name", "schema", "style"];
        self.others(old, new, OTHERWISE, place);
        let schemas = |side: &Cursor<'v>| side.get("schema").into_iter().collect::<Vec<_>>();
        self.schema(&schemas(old), &schemas(new), place)
    }

    pub(super) fn body(&mut self, old: &Cursor<'v>, new: &Cursor<'v>, of: &str) -> Result<()> {
        let (Some(old), Some(new)) = (old.get("requestBody"), new.get("requestBody")) else {
            return Ok(());
        };
        let (old, new) = (old.resolved()?, new.resolved()?);
        self.others(&old, &new, &["content", "required"], of);
        self.content(&old, &new, of, "body")
    }

    /// Media types and what is in them. `what` is the member by which a kind of change explains all of it.
    fn content(&mut self, old: &Cursor<'v>, new: &Cursor<'v>, of: &str, what: &str) -> Result<()> {
        let (Some(old), Some(new)) = (old.get("content"), new.get("content")) else {
            if old.get("content").is_some() != new.get("content").is_some() {
                self.differ(&[of], what, None, None, new.pointer());
            }
            return Ok(());
        };
        if self.is_told(&[of], what) {
            return Ok(());
        }
        let schemas = |side: &Cursor<'v>| side.get("schema").into_iter().collect::<Vec<_>>();
        let only = |side: &Cursor<'v>| match side.entries().as_deref() {
            Ok([(_, media)]) => Some(media.clone()),
            _ => None,
        };
        if !keys(&old, &old).eq(&keys(&new, &new)) {
            let (was, is) = (names(&old), names(&new));
            let member = format!("{what} content");
            self.differ(&[of], &member, Some(&was), Some(&is), new.pointer());
        }
        let all = keys(&old, &new).into_iter();
        let mut pairs: Vec<_> = all
            .filter_map(|name| Some((old.get(name)?, new.get(name)?)))
            .collect();
        if pairs.is_empty() {
            pairs.extend(only(&old).zip(only(&new)));
        }
        for (was, is) in pairs {
            self.others(&was, &is, &["schema"], of);
            self.schema(&schemas(&was), &schemas(&is), of)?;
        }
        Ok(())
    }

    pub(super) fn responses(&mut self, old: &Cursor<'v>, new: &Cursor<'v>, of: &str) -> Result<()> {
        let (Some(old), Some(new)) = (old.get("responses"), new.get("responses")) else {
            if old.get("responses").is_some() != new.get("responses").is_some() {
                self.differ(&[of], "responses", None, None, new.pointer());
            }
            return Ok(());
        };
        for status in keys(&old, &new) {
            let is_success = status.starts_with('2');
            let [added, removed] = match is_success {
                true => [ChangeKind::SuccessAdded, ChangeKind::SuccessRemoved],
                false => [ChangeKind::StatusAdded, ChangeKind::StatusRemoved],
            };
            let (kind, at) = match (old.get(status), new.get(status)) {
                (Some(was), Some(is)) => {
                    let (was, is) = (was.resolved()?, is.resolved()?);
                    self.others(&was, &is, &["content", "headers"], of);
                    self.headers(&was, &is, &format!("{of} {status}"))?;
                    let what = if is_success { "answer" } else { "error" };
                    self.content(&was, &is, of, what)?;
                    continue;
                }
                (None, Some(is)) => (added, is),
                (Some(was), None) => (removed, was),
                (None, None) => continue,
            };
            self.changes.tell(kind, READ, of, status, at.pointer());
        }
        Ok(())
    }

    /// The headers of a response, which are the same in any case.
    fn headers(&mut self, old: &Cursor<'v>, new: &Cursor<'v>, of: &str) -> Result<()> {
        let headers = |side: &Cursor<'v>| -> Result<BTreeMap<String, Cursor<'v>>> {
            let entries = side.entries_of("headers")?.into_iter();
            let resolved =
                entries.map(|(name, one)| Ok((name.to_ascii_lowercase(), one.resolved()?)));
            resolved.collect()
        };
        let (was, is) = (headers(old)?, headers(new)?);
        let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        for name in names {
            match (was.get(name), is.get(name)) {
                (Some(was), Some(is)) => self.header(was, is, of, name),
                (was, is) => {
                    let kind = if was.is_some() {
                        ChangeKind::HeaderRemoved
                    } else {
                        ChangeKind::HeaderAdded
                    };
                    let pointer = is.or(was).map_or(new.pointer(), Cursor::pointer);
                    self.changes.tell(kind, READ, of, name, pointer);
                }
            }
        }
        Ok(())
    }

    fn header(&mut self, old: &Cursor<'v>, new: &Cursor<'v>, of: &str, name: &str) {
        let mut at = self.changes.at(READ, of, new.pointer());
        match (old.is_true("required"), new.is_true("required")) {
            (false, true) => at.tell(ChangeKind::HeaderRequired, name),
            (true, false) => at.tell(ChangeKind::HeaderOptional, name),
            _ => {}
        }
        for member in keys(old, new) {
            let (was, is) = (old.value().get(member), new.value().get(member));
            if member != "required" && !is_silent(member) && !is_same(was, is) {
                at.tell(ChangeKind::HeaderChanged, format!("{name}: {member}"));
            }
        }
    }
}

/// The names of media types.
fn names(content: &Cursor<'_>) -> Value {
    keys(content, content).into_iter().collect()
}

/// All parameters of an operation as published, those of the middleware included.
fn parameters<'v>(item: &Cursor<'v>, method: &str) -> Result<Parameters<'v>> {
    let mut found = Parameters::new();
    for owner in std::iter::once(item.clone()).chain(item.get(method)) {
        for parameter in owner.items_of("parameters")? {
            let parameter = parameter.resolved()?;
            let location = parameter.require("in")?.str()?;
            let name = parameter.require("name")?.str()?;
            let name = match location {
                "header" => name.to_ascii_lowercase(),
                _ => name.to_owned(),
            };
            found.insert((location, name), parameter);
        }
    }
    Ok(found)
}

fn find<'o>(operation: &'o Operation, (location, name): &(&str, String)) -> Option<&'o Arg> {
    operation
        .args
        .iter()
        .find(|arg| arg.location.word() == *location && arg.location.is_same_name(&arg.wire, name))
}

/// How a parameter is written: what is not said has a default.
fn style(parameter: &Cursor<'_>) -> (String, bool) {
    let value = parameter.value();
    let by_default = match value["in"].as_str() {
        Some("query" | "cookie") => "form",
        _ => "simple",
    };
    let style = value["style"].as_str().unwrap_or(by_default).to_owned();
    let explode = value["explode"].as_bool().unwrap_or(style == "form");
    (style, explode)
}
