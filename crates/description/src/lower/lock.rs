//! The lock of names, which keeps all names as they are.
//!
//! A lock holds the Rust name of every type with all places where it stands, of every field and
//! variant, operation and argument. It is written with the generated code and reviewed like it. An
//! update of the description renames nothing in it; only an overlay renames. For an enum with a
//! default value, it also holds that value.
//!
//! ```text
//! type Webhook
//!   at /paths/~1webhooks/get/...
//!   member type_ "type"
//! type BuyOnly
//!   at /paths/~1orders/post/...
//!   member Buy "BUY"
//!   default "BUY"
//! operation list_webhooks "list_webhooks"
//!   argument limit "query limit"
//! ```

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;

use crate::error::{Error, Pointer, Result};
use crate::ir::{Api, Arg, Location, TypeKind};

/// The names in the lock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    types: BTreeMap<String, Type>,
    operations: BTreeMap<String, Operation>,
    /// The type at each place, and how early its type has the place.
    places: HashMap<String, (String, usize)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Type {
    places: Vec<String>,
    /// Names by what is on the wire.
    members: BTreeMap<String, String>,
    /// What an enum is by default, as on the wire.
    default: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Operation {
    name: String,
    arguments: BTreeMap<String, String>,
}

impl Lock {
    /// The names of an API.
    pub fn of(api: &Api) -> Self {
        let mut lock = Self::default();
        for def in &api.defs {
            let members = match &def.kind {
                TypeKind::Struct(structure) => structure
                    .fields
                    .iter()
                    .map(|one| (one.wire.clone(), one.name.clone()))
                    .collect(),
                TypeKind::Enum(values) => values
                    .iter()
                    .map(|one| (one.wire.clone(), one.name.clone()))
                    .collect(),
                TypeKind::Union(_) => BTreeMap::new(),
                // An id is named by the rule.
                TypeKind::Id(_) => continue,
            };
            let places = def.places.iter().map(|place| place.as_str().to_owned());
            let locked = Type {
                places: places.collect(),
                members,
                default: default(&def.kind),
            };
            lock.types.insert(def.name.clone(), locked);
        }
        for operation in &api.operations {
            let arguments = operation.args.iter();
            let arguments = arguments.map(|arg| (argument_key(arg), arg.name.clone()));
            let locked = Operation {
                name: operation.name.clone(),
                arguments: arguments.collect(),
            };
            lock.operations.insert(operation.id.clone(), locked);
        }
        lock
    }

    /// Gives everything its name of this lock, even if the overlay has another name by now.
    pub fn restore(&self, api: &mut Api) {
        for def in &mut api.defs {
            if let Some(name) = self.type_at(def.pointer()) {
                def.name = name.to_owned();
            }
            let Some(locked) = self.types.get(&def.name) else {
                continue;
            };
            let set = |wire: &str, name: &mut String| {
                if let Some(known) = locked.members.get(wire) {
                    known.clone_into(name);
                }
            };
            match &mut def.kind {
                TypeKind::Struct(one) => one
                    .fields
                    .iter_mut()
                    .for_each(|it| set(&it.wire, &mut it.name)),
                TypeKind::Enum(values) => {
                    values.iter_mut().for_each(|it| set(&it.wire, &mut it.name))
                }
                TypeKind::Union(_) | TypeKind::Id(_) => {}
            }
        }
        for operation in &mut api.operations {
            if let Some(locked) = self.operations.get(&operation.id) {
                operation.name.clone_from(&locked.name);
                for arg in &mut operation.args {
                    if let Some(name) = locked.arguments.get(&argument_key(arg)) {
                        arg.name.clone_from(name);
                    }
                }
            }
        }
    }

    /// Reads a file. A file that does not exist counts as an empty lock.
    ///
    /// # Errors
    /// When the file cannot be read, or is not a lock.
    pub fn load(path: &Path) -> Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(|error| error.in_file(path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error::unreadable(path, error)),
        }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// When a line does not have the form of a line of a lock.
    pub fn parse(text: &str) -> Result<Self> {
        let mut lock = Self::default();
        let mut owner = String::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if lock.line(line, &mut owner).is_none() {
                return Err(Error::new(
                    format!(
                        "line {} does not belong in a lock of names: {line}",
                        index + 1
                    ),
                    "restore the file; or remove it, generate, and review all names",
                ));
            }
        }
        for (name, locked) in &lock.types {
            for (rank, place) in locked.places.iter().enumerate() {
                lock.places.insert(place.clone(), (name.clone(), rank));
            }
        }
        Ok(lock)
    }

    fn line(&mut self, line: &str, owner: &mut String) -> Option<()> {
        let (keyword, rest) = line.split_once(' ')?;
        let quoted = || -> Option<(String, String)> {
            let (name, wire) = rest.split_once(' ')?;
            Some((name.to_owned(), serde_json::from_str(wire).ok()?))
        };
        match keyword {
            "type" => {
                rest.clone_into(owner);
                self.types.entry(rest.to_owned()).or_default();
            }
            "at" => self.types.get_mut(owner)?.places.push(rest.to_owned()),
            "member" => {
                let (name, wire) = quoted()?;
                self.types.get_mut(owner)?.members.insert(wire, name);
            }
            "default" => {
                self.types.get_mut(owner)?.default = Some(serde_json::from_str(rest).ok()?);
            }
            "operation" => {
                let (name, id) = quoted()?;
                id.clone_into(owner);
                self.operations.entry(id).or_default().name = name;
            }
            "argument" => {
                let (name, key) = quoted()?;
                let operation = self.operations.get_mut(owner)?;
                operation.arguments.insert(key, name);
            }
            _ => return None,
        }
        Some(())
    }

    /// The type at a place, and how early the type has the place.
    pub(super) fn type_and_rank_at(&self, place: &Pointer) -> Option<(&str, usize)> {
        let (name, rank) = self.places.get(place.as_str())?;
        Some((name, *rank))
    }

    /// The type at a place.
    pub(super) fn type_at(&self, place: &Pointer) -> Option<&str> {
        self.type_and_rank_at(place).map(|(name, _)| name)
    }

    /// The name of a field or variant.
    pub(super) fn member(&self, of: &str, wire: &str) -> Option<&str> {
        Some(self.types.get(of)?.members.get(wire)?)
    }

    /// What an enum is by default, as on the wire.
    pub(super) fn default_of(&self, name: &str) -> Option<&str> {
        self.types.get(name)?.default.as_deref()
    }

    /// The name of an operation, by its id.
    pub(super) fn operation(&self, id: &str) -> Option<&str> {
        Some(&self.operations.get(id)?.name)
    }

    /// The name of an argument.
    pub(super) fn argument(&self, operation: &str, arg: &Arg) -> Option<&str> {
        let arguments = &self.operations.get(operation)?.arguments;
        arguments.get(&argument_key(arg)).map(String::as_str)
    }
}

fn default(kind: &TypeKind) -> Option<String> {
    let TypeKind::Enum(values) = kind else {
        return None;
    };
    let default = values.iter().find(|value| value.is_default)?;
    Some(default.wire.clone())
}

fn argument_key(arg: &Arg) -> String {
    let location = match arg.location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "header",
    };
    format!("{location} {}", arg.wire)
}

/// The lines of a lock. A line that begins with `#` in front of them is a comment.
impl fmt::Display for Lock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &String| serde_json::Value::from(text.as_str()).to_string();
        for (name, locked) in &self.types {
            writeln!(out, "type {name}")?;
            for place in &locked.places {
                writeln!(out, "  at {place}")?;
            }
            for (wire, name) in &locked.members {
                writeln!(out, "  member {name} {}", quoted(wire))?;
            }
            if let Some(wire) = &locked.default {
                writeln!(out, "  default {}", quoted(wire))?;
            }
        }
        for (id, locked) in &self.operations {
            writeln!(out, "operation {} {}", locked.name, quoted(id))?;
            for (key, name) in &locked.arguments {
                writeln!(out, "  argument {name} {}", quoted(key))?;
            }
        }
        Ok(())
    }
}
