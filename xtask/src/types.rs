//! The types of a description: every object, enum and union gets one name, wherever it stands.
//!
//! Upvest writes all schemas inline, the same one many times over. Here each of them is taken out
//! of its place, equal ones are made one, and each is named from where it stands. typify would do
//! this too, by `title`, and without looking whether two schemas of one title are the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use crate::cursor::Cursor;
use crate::error::{Error, Pointer, Result};
use crate::names;
use crate::passes::{self, Schema};

const REFERENCE: &str = "#/components/schemas/";

/// A type, ready to be generated.
#[derive(Clone, Debug)]
pub struct Type {
    /// The name of the Rust type.
    pub name: String,
    /// Struct, enum or union.
    pub kind: Kind,
    /// The schema as typify is to see it; what it contains is referred to by name.
    pub schema: Value,
    /// What the description says of it.
    pub docs: Option<String>,
    /// What is known of each property beyond its type, by its name on the wire.
    pub fields: BTreeMap<String, Field>,
    /// The names of the types it is made of.
    pub parts: BTreeSet<String>,
    /// Where the document has it first.
    pub pointer: Pointer,
}

/// What kind of Rust item a type becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An object with properties.
    Struct,
    /// Strings, of which more may come.
    OpenEnum,
    /// The one string that tells a variant of a union from the others.
    Tag,
    /// One of several schemas.
    Union,
}

/// What the type of a property does not tell.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// What the description says of it.
    pub docs: Option<String>,
    /// The pattern as published.
    pub pattern: Option<String>,
    /// Whether the property is always there.
    pub required: bool,
}

/// How a schema is to be called if it turns out to be a type.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name by itself.
    pub base: String,
    /// What it belongs to, put in front where the name alone would be ambiguous.
    pub parent: String,
    /// Whether the schema is a variant of a union.
    in_union: bool,
}

impl Name {
    /// A name that stands by itself.
    pub fn of(base: impl Into<String>) -> Self {
        Self {
            base: base.into(),
            parent: String::new(),
            in_union: false,
        }
    }

    /// What the named thing belongs to.
    #[must_use]
    pub fn in_parent(mut self, parent: impl Into<String>) -> Self {
        self.parent = parent.into();
        self
    }

    fn property(&self, property: &str) -> Self {
        let (base, is_generic) = names::property_name(property);
        Self {
            base: if is_generic {
                format!("{}{base}", self.base)
            } else {
                base
            },
            parent: self.base.clone(),
            in_union: false,
        }
    }

    fn item(&self) -> Self {
        Self {
            base: names::singular(&self.base),
            ..self.clone()
        }
    }

    fn variant(&self, index: usize) -> Self {
        Self {
            base: format!("{}Variant{}", self.base, index + 1),
            parent: self.base.clone(),
            in_union: true,
        }
    }

    fn with_parent(&self) -> String {
        format!("{}{}", self.parent, self.base)
    }
}

/// All types met so far. Add schemas with [`Types::add`], then name them with [`Types::finish`].
#[derive(Debug, Default)]
pub struct Types {
    nodes: Vec<Node>,
    by_structure: HashMap<String, usize>,
    open: Vec<Pointer>,
}

#[derive(Debug)]
struct Node {
    kind: Kind,
    schema: Value,
    docs: Option<String>,
    fields: BTreeMap<String, Field>,
    name: Name,
    explicit: Option<String>,
    pointer: Pointer,
}

/// Keywords that say something to people, or nothing to a type.
const SILENT: &[&str] = &[
    "deprecated",
    "description",
    "example",
    "examples",
    "externalDocs",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// Keywords that make a type.
const MEANINGFUL: &[&str] = &[
    "additionalProperties",
    "enum",
    "format",
    "items",
    "nullable",
    "oneOf",
    "properties",
    "required",
    "type",
];

impl Types {
    /// Takes a schema in, with everything it contains, and returns what is to stand in its place:
    /// a primitive, or a reference to a type.
    ///
    /// # Errors
    /// When the schema uses a construct that the generator does not know.
    pub fn add(&mut self, place: &Cursor<'_>, name: &Name) -> Result<Value> {
        let is_reference = place.get("$ref").is_some();
        let place = place.resolved()?;
        let mut name = name.clone();
        if is_reference && let Some(component) = place.pointer().as_str().rsplit('/').next() {
            name.base = names::type_name(component);
        }
        if self.open.contains(place.pointer()) {
            return Err(place.unsupported("a schema that contains itself"));
        }
        self.open.push(place.pointer().clone());
        let added = self.add_resolved(&place, name);
        self.open.pop();
        added
    }

    fn add_resolved(&mut self, place: &Cursor<'_>, mut name: Name) -> Result<Value> {
        let published = place.object()?;
        let mut schema = published.clone();
        passes::run(&mut schema, place)?;
        let explicit = place.str_of("x-rust-name")?.map(str::to_owned);
        if let Some(explicit) = &explicit {
            name.base.clone_from(explicit);
        }
        schema
            .retain(|keyword, _| !SILENT.contains(&keyword.as_str()) && !keyword.starts_with("x-"));
        if let Some(unknown) = schema
            .keys()
            .find(|keyword| !MEANINGFUL.contains(&keyword.as_str()))
        {
            return Err(place.unsupported(&format!("`{unknown}` in a schema")));
        }
        let nullable = schema.shift_remove("nullable") == Some(Value::Bool(true));

        let (kind, schema, fields) = if schema.contains_key("oneOf") {
            let variants = self.variants(place, &name)?;
            (Kind::Union, json!({ "oneOf": variants }), BTreeMap::new())
        } else if schema.contains_key("enum") {
            let kind = if name.in_union {
                Kind::Tag
            } else {
                Kind::OpenEnum
            };
            (kind, enumeration(place, &schema)?, BTreeMap::new())
        } else if schema.contains_key("properties") {
            let (schema, fields) = self.structure(place, &schema, &name)?;
            (Kind::Struct, schema, fields)
        } else {
            return Ok(optional(self.plain(place, schema, &name)?, nullable));
        };

        let node = Node {
            kind,
            schema,
            docs: place.str_of("description")?.map(str::to_owned),
            fields,
            name,
            explicit,
            pointer: place.pointer().clone(),
        };
        let index = self.insert(node)?;
        Ok(optional(json!({ "$ref": placeholder(index) }), nullable))
    }

    fn variants(&mut self, place: &Cursor<'_>, name: &Name) -> Result<Vec<Value>> {
        let keyword = if place.get("anyOf").is_some() {
            "anyOf"
        } else {
            "oneOf"
        };
        let mut variants = Vec::new();
        for (index, variant) in place.items_of(keyword)?.iter().enumerate() {
            let required = variant.resolved()?.items_of("required")?.len();
            variants.push((required, self.add(variant, &name.variant(index))?));
        }
        // An untagged enum takes the first variant that fits: the most demanding one goes first.
        variants.sort_by_key(|(required, _)| std::cmp::Reverse(*required));
        Ok(variants.into_iter().map(|(_, variant)| variant).collect())
    }

    fn structure(
        &mut self,
        place: &Cursor<'_>,
        schema: &Schema,
        name: &Name,
    ) -> Result<(Value, BTreeMap<String, Field>)> {
        if schema.get("type").is_some_and(|kind| kind != "object") {
            return Err(place.unsupported("`properties` of something that is no object"));
        }
        let required: Vec<&str> = place
            .items_of("required")?
            .iter()
            .map(Cursor::str)
            .collect::<Result<_>>()?;
        let mut properties = Map::new();
        let mut fields = BTreeMap::new();
        for (property, cursor) in place.entries_of("properties")? {
            let is_tag = name.in_union && is_single_value(&cursor.resolved()?);
            let name = Name {
                in_union: is_tag,
                ..name.property(property)
            };
            properties.insert(property.to_owned(), self.add(&cursor, &name)?);
            let cursor = cursor.resolved()?;
            let field = Field {
                docs: cursor.str_of("description")?.map(str::to_owned),
                pattern: cursor.str_of("pattern")?.map(str::to_owned),
                required: required.contains(&property),
            };
            fields.insert(property.to_owned(), field);
        }
        if let Some(absent) = required
            .iter()
            .find(|name| !properties.contains_key(**name))
        {
            return Err(place.error(
                format!("`{absent}` is required, but is no property"),
                "add it to `properties`, or take it out of `required`",
            ));
        }
        let mut structure = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            structure["required"] = json!(required);
        }
        if let Some(rest) = place.get("additionalProperties")
            && rest.value() != &Value::Bool(false)
        {
            structure["additionalProperties"] = if rest.value().is_boolean() {
                json!({})
            } else {
                self.add(&rest, &name.property("values"))?
            };
        }
        Ok((structure, fields))
    }

    fn plain(&mut self, place: &Cursor<'_>, mut schema: Schema, name: &Name) -> Result<Value> {
        match schema.get("type").and_then(Value::as_str) {
            Some("array") => {
                let items = self.add(&place.require("items")?, &name.item())?;
                schema.insert("items".to_owned(), items);
            }
            Some("object") => {
                if let Some(values) = place.get("additionalProperties")
                    && values.value().is_object()
                {
                    let values = self.add(&values, &name.item())?;
                    schema.insert("additionalProperties".to_owned(), values);
                }
            }
            Some("string" | "integer" | "number" | "boolean") | None => {}
            Some(other) => return Err(place.unsupported(&format!("the type `{other}`"))),
        }
        Ok(Value::Object(schema))
    }

    fn insert(&mut self, node: Node) -> Result<usize> {
        let structure = format!("{:?} {}", node.kind, canonical(&node.schema));
        let Some(&index) = self.by_structure.get(&structure) else {
            self.nodes.push(node);
            self.by_structure.insert(structure, self.nodes.len() - 1);
            return Ok(self.nodes.len() - 1);
        };
        let known = &mut self.nodes[index];
        match (&known.explicit, &node.explicit) {
            (Some(one), Some(other)) if one != other => {
                return Err(Error::new(
                    format!(
                        "this schema is called `{other}`, but {} is the same and is called `{one}`",
                        known.pointer
                    ),
                    "give equal schemas one name",
                )
                .at(&node.pointer));
            }
            (None, Some(_)) => known.explicit = node.explicit,
            _ => {}
        }
        Ok(index)
    }

    /// Gives every type its name.
    ///
    /// # Errors
    /// When two different schemas would get one name, or a name that the generated code needs.
    pub fn finish(self) -> Result<NamedTypes> {
        let names = self.names()?;
        let types = self
            .nodes
            .into_iter()
            .zip(&names)
            .map(|(node, name)| {
                let mut schema = node.schema;
                let mut parts = BTreeSet::new();
                name_references(&mut schema, &names, &mut parts);
                Type {
                    name: name.clone(),
                    kind: node.kind,
                    schema,
                    docs: node.docs,
                    fields: node.fields,
                    parts,
                    pointer: node.pointer,
                }
            })
            .collect();
        Ok(NamedTypes { types, names })
    }

    fn names(&self) -> Result<Vec<String>> {
        let mut users: HashMap<&str, usize> = HashMap::new();
        for node in &self.nodes {
            *users.entry(node.short_name()).or_default() += 1;
        }
        let mut taken: HashMap<String, &Pointer> = HashMap::new();
        let mut names = Vec::new();
        for node in &self.nodes {
            let name = if node.explicit.is_none() && users[node.short_name()] > 1 {
                node.name.with_parent()
            } else {
                node.short_name().to_owned()
            };
            if RESERVED.contains(&name.as_str()) {
                return Err(Error::new(
                    format!("this schema would be called `{name}`, a name that the generated code needs itself"),
                    "name it with `x-rust-name` (xtask/src/corrections.rs)",
                )
                .at(&node.pointer));
            }
            if let Some(other) = taken.insert(name.clone(), &node.pointer) {
                return Err(Error::new(
                    format!(
                        "this schema would be called `{name}`, as another one already is: {other}"
                    ),
                    "name one of them with `x-rust-name` (xtask/src/corrections.rs)",
                )
                .at(&node.pointer));
            }
            names.push(name);
        }
        Ok(names)
    }
}

impl Node {
    fn short_name(&self) -> &str {
        self.explicit.as_deref().unwrap_or(&self.name.base)
    }
}

/// Names that generated files import.
const RESERVED: &[&str] = &[
    "Box",
    "DateTime",
    "Decimal",
    "Deserialize",
    "NaiveDate",
    "Option",
    "Secret",
    "Serialize",
    "String",
    "Utc",
    "Uuid",
    "Value",
    "Vec",
];

/// All types with their names.
#[derive(Debug)]
pub struct NamedTypes {
    /// The types, in the order in which the document introduces them.
    pub types: Vec<Type>,
    names: Vec<String>,
}

impl NamedTypes {
    /// Puts names into what [`Types::add`] returned, and tells which.
    pub fn name(&self, schema: &mut Value) -> BTreeSet<String> {
        let mut parts = BTreeSet::new();
        name_references(schema, &self.names, &mut parts);
        parts
    }
}

/// The name of the type that a schema refers to, if it is a reference.
pub fn referred(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(REFERENCE)
}

/// Gives the types that a schema refers to their new names, where they have any.
pub fn rename(schema: &mut Value, names: &BTreeMap<String, String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(name) = reference
                    .strip_prefix(REFERENCE)
                    .and_then(|old| names.get(old))
            {
                *reference = format!("{REFERENCE}{name}");
            }
            members.values_mut().for_each(|value| rename(value, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| rename(value, names)),
        _ => {}
    }
}

fn placeholder(index: usize) -> String {
    format!("{REFERENCE}{index}")
}

fn name_references(schema: &mut Value, names: &[String], parts: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get_mut("$ref")
                && let Some(name) = reference
                    .strip_prefix(REFERENCE)
                    .and_then(|index| index.parse::<usize>().ok())
                    .and_then(|index| names.get(index))
            {
                *reference = format!("{REFERENCE}{name}");
                parts.insert(name.clone());
            }
            for value in object.values_mut() {
                name_references(value, names, parts);
            }
        }
        Value::Array(items) => {
            for item in items {
                name_references(item, names, parts);
            }
        }
        _ => {}
    }
}

fn enumeration(place: &Cursor<'_>, schema: &Schema) -> Result<Value> {
    let values = place.require("enum")?;
    if schema.get("type").is_some_and(|kind| kind != "string") {
        return Err(values.unsupported("an `enum` of something else than strings"));
    }
    let values: Vec<&str> = place
        .items_of("enum")?
        .iter()
        .filter(|value| !value.value().is_null())
        .map(Cursor::str)
        .collect::<Result<_>>()?;
    Ok(json!({ "type": "string", "enum": values }))
}

fn is_single_value(place: &Cursor<'_>) -> bool {
    place
        .value()
        .get("enum")
        .and_then(Value::as_array)
        .is_some_and(|values| values.len() == 1)
}

/// `nullable` beside a reference is ignored by OpenAPI 3.0, so it goes around it.
fn optional(mut schema: Value, nullable: bool) -> Value {
    if !nullable {
        return schema;
    }
    if schema.get("$ref").is_some() {
        return json!({ "allOf": [schema], "nullable": true });
    }
    schema["nullable"] = Value::Bool(true);
    schema
}

/// A schema as text that does not depend on the order of anything whose order means nothing.
fn canonical(schema: &Value) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(object) => {
                let sorted_object: BTreeMap<&String, Value> = object
                    .iter()
                    .map(|(key, value)| match (key.as_str(), value) {
                        ("required" | "enum", Value::Array(items)) => {
                            let mut items = items.clone();
                            items.sort_by_key(ToString::to_string);
                            (key, Value::Array(items))
                        }
                        _ => (key, sorted(value)),
                    })
                    .collect();
                json!(sorted_object)
            }
            Value::Array(items) => items.iter().map(sorted).collect(),
            _ => value.clone(),
        }
    }
    sorted(schema).to_string()
}
