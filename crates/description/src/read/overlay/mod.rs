//! Names and corrections that are applied to a document: OpenAPI Overlay 1.1.
//!
//! `spec/upvest.yaml` stays as published. Anything else that the generator must know about one
//! particular place is an action of `spec/overlay.yaml`, with its reason; the
//! [lowering](mod@crate::lower) knows what any description may need. The format is that of [the
//! specification](https://spec.openapis.org/overlay/v1.1.html), so that other tools read the file
//! too.
//!
//! By the specification, an action that matches nothing has succeeded. Here it is reported, as is
//! one that changes nothing. On the vendored document both are errors, so that an action is removed
//! when its reason is gone.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json_path::JsonPath;

use crate::error::{Error, Pointer, Result};
use crate::read::document::Document;
use crate::read::yaml;

mod merge;

use merge::{Mismatch, kind, update_target};

/// An overlay, read from one file.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// The name of the file in errors and reports.
    pub file: PathBuf,
    /// The actions, in the order in which they are applied.
    pub actions: Vec<Action>,
}

/// One change of a document, in every place that its target selects.
#[derive(Clone, Debug)]
pub struct Action {
    /// The places to change.
    pub target: JsonPath,
    /// The reason.
    pub description: Option<String>,
    /// The change.
    pub change: Change,
}

/// What an action does to a place.
#[derive(Clone, Debug)]
pub enum Change {
    /// Merges a value into an object, appends it to an array, or puts it in place of a primitive.
    Update(Value),
    /// Does the same with a value of the document itself.
    Copy(JsonPath),
    /// Removes the place from its object or array.
    Remove,
}

/// An overlay as it is written. `info` and `extends` are for people: they are checked for their
/// form alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "overlay")]
    _overlay: String,
    #[serde(rename = "info")]
    _info: Info,
    #[serde(rename = "extends")]
    _extends: Option<String>,
    actions: Vec<WrittenAction>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Info {
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "version")]
    _version: String,
    #[serde(rename = "description")]
    _description: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAction {
    target: String,
    description: Option<String>,
    #[serde(default, deserialize_with = "even_null")]
    update: Option<Value>,
    copy: Option<String>,
    #[serde(default)]
    remove: bool,
}

/// `update: null` is an update; a missing `update` is not.
fn even_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Overlay {
    /// Reads a file; `name` is what errors call it.
    ///
    /// # Errors
    /// When the file cannot be read, or for the reasons of [`Overlay::parse`].
    pub fn load(path: &Path, name: &Path) -> Result<Self> {
        Self::parse(&yaml::load(path, name, "the overlay")?, name)
    }

    /// Reads a text; `name` is what errors call it.
    ///
    /// # Errors
    /// When the text is neither YAML nor JSON, or is not an overlay of version 1.1.
    pub fn parse(text: &str, name: &Path) -> Result<Self> {
        let mut root = yaml::parse(text, name)?;
        let actions = read(&mut root).map_err(|error| error.in_file(name))?;
        Ok(Self {
            file: name.to_owned(),
            actions,
        })
    }

    /// Applies the actions to a document, and returns warnings about actions that did nothing.
    ///
    /// # Errors
    /// When an action cannot be applied. Do not use the document then.
    pub fn apply(&self, document: &mut Document) -> Result<Vec<Error>> {
        let mut idle = Vec::new();
        for (index, action) in self.actions.iter().enumerate() {
            let applied = AppliedAction {
                action,
                number: index + 1,
                file: &self.file,
                document: &document.file,
            };
            if let Some(outcome) = applied.apply(&mut document.root)? {
                idle.push(outcome);
            }
        }
        Ok(idle)
    }
}

fn read(root: &mut Value) -> Result<Vec<Action>> {
    let version = root.get("overlay").and_then(Value::as_str).unwrap_or("");
    if !version.starts_with("1.1.") {
        let found = root.get("overlay").map_or_else(
            || "this is not an overlay: it has no `overlay` field".to_owned(),
            |version| format!("the overlay version {version} is not supported"),
        );
        return Err(Error::new(
            found,
            "begin the document with `overlay: 1.1.0`, whose rules are followed here",
        ));
    }
    drop_extensions(root);
    let written: Written = serde_path_to_error::deserialize(&*root).map_err(|error| {
        Error::new(
            "this does not follow the Overlay Specification",
            "compare it with https://spec.openapis.org/overlay/v1.1.html",
        )
        .at(&Pointer::root().follow(error.path()))
        .with_source(error.into_inner())
    })?;
    let place = Pointer::root().join("actions");
    if written.actions.is_empty() {
        return Err(Error::new("there is no action", "add one, or leave out the file").at(&place));
    }
    let actions = written.actions.into_iter().enumerate();
    actions
        .map(|(index, action)| action.checked(&place.join(index)))
        .collect()
}

/// Members that begin with `x-` are extensions, wherever the specification has an object.
fn drop_extensions(root: &mut Value) {
    let is_ours = |key: &String, _: &mut Value| !key.starts_with("x-");
    for place in ["", "/info"] {
        if let Some(Value::Object(object)) = root.pointer_mut(place) {
            object.retain(is_ours);
        }
    }
    let actions = root.get_mut("actions").and_then(Value::as_array_mut);
    for action in actions.into_iter().flatten() {
        if let Value::Object(action) = action {
            action.retain(is_ours);
        }
    }
}

impl WrittenAction {
    fn checked(self, place: &Pointer) -> Result<Action> {
        let change = match (self.update, self.copy, self.remove) {
            (Some(value), None, false) => Change::Update(value),
            (None, Some(source), false) => Change::Copy(query(&source, &place.join("copy"))?),
            (None, None, true) => Change::Remove,
            (None, None, false) => {
                return Err(Error::new(
                    "this action does nothing",
                    "add `update`, `copy` or `remove: true`",
                )
                .at(place));
            }
            _ => {
                return Err(Error::new(
                    "this action does several things at once",
                    "`update`, `copy` and `remove: true` exclude each other: make an action of each",
                )
                .at(place));
            }
        };
        Ok(Action {
            target: query(&self.target, &place.join("target"))?,
            description: self.description,
            change,
        })
    }
}

fn query(text: &str, place: &Pointer) -> Result<JsonPath> {
    JsonPath::parse(text).map_err(|error| {
        Error::new(
            format!("`{text}` is not a JSONPath"),
            "write a query of RFC 9535, such as `$.paths['/auth/token'].post`",
        )
        .at(place)
        .with_source(error)
    })
}

/// An action about to be done, with what errors say of it.
struct AppliedAction<'a> {
    action: &'a Action,
    number: usize,
    file: &'a Path,
    document: &'a Path,
}

impl AppliedAction<'_> {
    /// Returns the problem if nothing was done.
    fn apply(&self, root: &mut Value) -> Result<Option<Error>> {
        let targets = self.select(&self.action.target, root);
        if targets.is_empty() {
            let reason = format!("matches nothing in {}", self.document.display());
            return Ok(Some(self.idle(&reason)));
        }
        let update = match &self.action.change {
            Change::Remove => return self.remove(root, &targets).map(|()| None),
            Change::Update(value) => value.clone(),
            Change::Copy(source) => match &self.select(source, root)[..] {
                [source] => place(root, source).clone(),
                [] => {
                    let document = self.document.display();
                    let reason = format!("copies `{source}`, which matches nothing in {document}");
                    return Ok(Some(self.idle(&reason)));
                }
                several => {
                    return Err(self.error(
                        &format!("copies `{source}`, which is {} places", several.len()),
                        "select a single place to copy from",
                    ));
                }
            },
        };
        self.check_alike(root, &targets)?;
        let mut changed = false;
        for target in &targets {
            let value = place(root, target);
            let before = value.clone();
            update_target(value, &update, target).map_err(|mismatch| {
                let Mismatch { place, found, update } = mismatch;
                self.error(
                    &format!("puts {update} in the place of {found} at {place}"),
                    "only like goes into like: an object into an object, a primitive for a primitive, an array to the end of an array",
                )
            })?;
            changed |= *value != before;
        }
        let reason = format!("changes nothing in {}", self.document.display());
        Ok((!changed).then(|| self.idle(&reason)))
    }

    /// The places that a query selects, each once: what contains before what it contains, and the
    /// elements of an array by their index.
    fn select(&self, query: &JsonPath, root: &Value) -> Vec<Pointer> {
        let places = query.query_located(root).dedup();
        let pointers = places.locations().map(|place| {
            let pointer = place.to_json_pointer();
            Pointer::from_text(&pointer)
        });
        pointers.collect()
    }

    /// The specification demands it of everything but removing.
    fn check_alike(&self, root: &mut Value, targets: &[Pointer]) -> Result<()> {
        let mut kinds = targets
            .iter()
            .map(|target| (target, kind(place(root, target))));
        let Some((first, expected)) = kinds.next() else {
            return Ok(());
        };
        match kinds.find(|(_, kind)| *kind != expected) {
            None => Ok(()),
            Some((other, found)) => Err(self.error(
                &format!("selects {expected} at {first} and {found} at {other}"),
                "select either objects, arrays or primitives",
            )),
        }
    }

    /// Goes from back to front, so that no place moves before its turn.
    fn remove(&self, root: &mut Value, targets: &[Pointer]) -> Result<()> {
        for target in targets.iter().rev() {
            let Some((parent, key)) = target.split_last() else {
                return Err(self.error("removes the whole document", "select a part of it"));
            };
            match place(root, &parent) {
                Value::Object(object) => {
                    object.shift_remove(&key);
                }
                Value::Array(items) => {
                    let index: usize = key.parse().expect("an element is selected by its index");
                    items.remove(index);
                }
                _ => unreachable!("what is selected is in an object or an array"),
            }
        }
        Ok(())
    }

    fn idle(&self, reason: &str) -> Error {
        let mut help = "remove the action, or give it its new place".to_owned();
        if let Some(description) = &self.action.description {
            help.push_str(". The reason for it was: ");
            help.push_str(description.trim());
        }
        self.error(reason, &help)
    }

    fn error(&self, reason: &str, help: &str) -> Error {
        let Self { number, action, .. } = self;
        Error::new(
            format!("action {number}, target `{}`, {reason}", action.target),
            help,
        )
        .at(&Pointer::root().join("actions").join(number - 1))
        .in_file(self.file)
    }
}

fn place<'v>(root: &'v mut Value, pointer: &Pointer) -> &'v mut Value {
    root.pointer_mut(pointer.as_str())
        .expect("places are selected before anything moves")
}
