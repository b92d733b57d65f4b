//! The types of a description: every object, enum and union gets one name, wherever it stands.
//!
//! Upvest writes all schemas inline, the same one many times over. Here each of them is taken out
//! of its place, equal ones are made one, and each is named from where it stands. typify would do
//! this too, by `title`, and without looking whether two schemas of one title are the same.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use crate::error::{Error, Pointer, Result};
use crate::names;
use crate::passes::unions::{self, Union};
use crate::passes::wrappers::{self, Unwrapped};
use crate::passes::{self, Schema, decimals};
use crate::read::cursor::Cursor;

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
    /// Whether somebody has decided that of two variants that fit a value, the first one is meant.
    pub in_order: bool,
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
    /// One of several structs.
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
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether an example has an empty string in place of a decimal number.
    pub may_be_empty: bool,
}

/// How a schema is to be called if it turns out to be a type: by its own word, with as many words
/// of what it belongs to in front as it takes to be unambiguous.
#[derive(Clone, Debug)]
pub struct Name {
    /// Outermost first.
    words: Vec<String>,
    /// How many words there have to be at least.
    least: usize,
}

impl Name {
    /// A name that stands by itself.
    pub fn of(word: impl Into<String>) -> Self {
        Self {
            words: vec![word.into()],
            least: 1,
        }
    }

    /// What the named thing belongs to.
    #[must_use]
    pub fn in_parent(mut self, parent: impl Into<String>) -> Self {
        self.words.insert(0, parent.into());
        self
    }

    fn property(&self, property: &str) -> Self {
        let (word, is_generic) = names::property_name(property);
        let mut words = self.words.clone();
        words.push(word);
        Self {
            words,
            least: if is_generic { self.least + 1 } else { 1 },
        }
    }

    fn item(&self) -> Self {
        self.with_last(names::singular)
    }

    /// A variant by the one value that tells it from the others, or by its number.
    fn variant(&self, tag: Option<&str>, index: usize) -> Self {
        self.with_last(|last| match tag.and_then(names::variant_name) {
            Some(tag) => format!("{tag}{last}"),
            None => format!("{last}{}{}", names::VARIANT, index + 1),
        })
    }

    fn with_last(&self, change: impl FnOnce(&str) -> String) -> Self {
        let mut name = self.clone();
        if let Some(last) = name.words.last_mut() {
            *last = change(last);
        }
        name
    }

    /// The name with so many words, if there are so many. A word in front that ends as the one
    /// before it does not stutter.
    fn with_words(&self, count: usize) -> Option<String> {
        let start = self.words.len().checked_sub(count)?;
        let (last, before) = self.words[start..].split_last()?;
        let mut name = String::new();
        for word in before {
            if !name.ends_with(word.as_str()) {
                name.push_str(word);
            }
        }
        name.push_str(last);
        Some(name)
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
    in_order: bool,
    pointer: Pointer,
}

/// Says `in order` at a union whose variants nothing tells apart: the first that fits is meant.
pub const VARIANTS: &str = "x-rust-variants";

/// Keywords that hold lists of schemas.
const HOLDERS: &[&str] = &["allOf", "anyOf", "oneOf"];

/// Keywords that say something to people, or nothing to a type.
const SILENT: &[&str] = &[
    "deprecated",
    "description",
    "example",
    "examples",
    "externalDocs",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// Keywords that make a type.
const MEANINGFUL: &[&str] = &[
    "additionalProperties",
    "anyOf",
    "enum",
    "format",
    "items",
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
        let unwrapped = wrappers::unwrap(place)?;
        let mut name = name.clone();
        let component = place.resolved()?;
        if is_reference && let Some(component) = component.pointer().as_str().rsplit('/').next() {
            name = Name::of(names::type_name(component));
        }
        let pointer = unwrapped.place.pointer();
        if self.open.contains(pointer) {
            return Err(place.unsupported("a schema that contains itself"));
        }
        self.open.push(pointer.clone());
        let added = self.add_unwrapped(&unwrapped, name);
        self.open.pop();
        added
    }

    fn add_unwrapped(&mut self, unwrapped: &Unwrapped<'_>, mut name: Name) -> Result<Value> {
        let Unwrapped {
            place,
            nullable,
            docs,
            name: explicit,
        } = unwrapped;
        if let Some(explicit) = explicit {
            name = Name::of(*explicit);
        }
        let schema = keywords(place)?;
        let none = BTreeMap::new();
        let (kind, schema, fields) = match unions::read(place)? {
            Some(Union::Text) => return Ok(optional(json!({ "type": "string" }), *nullable)),
            Some(Union::Lists(items)) => {
                let items = self.list_item(&items, &name.item(), in_order(place)?)?;
                return Ok(optional(
                    json!({ "type": "array", "items": items }),
                    *nullable,
                ));
            }
            Some(Union::Objects(variants)) => {
                let variants = self.variants(&variants, &name)?;
                (Kind::Union, json!({ "oneOf": variants }), none)
            }
            None if schema.contains_key("enum") => {
                (Kind::OpenEnum, enumeration(place, &schema)?, none)
            }
            None if schema.contains_key("properties") => {
                let (schema, fields) = self.structure(place, &schema, &name)?;
                (Kind::Struct, schema, fields)
            }
            None => return Ok(optional(self.plain(place, schema, &name)?, *nullable)),
        };
        let node = Node {
            docs: docs.map(str::to_owned),
            explicit: explicit.map(str::to_owned),
            fields,
            in_order: in_order(place)?,
            ..Node::new(kind, schema, name, place)
        };
        let index = self.insert(node)?;
        Ok(optional(reference(index), *nullable))
    }

    /// The element of a list whose elements are one of these.
    fn list_item(&mut self, items: &[Cursor<'_>], name: &Name, in_order: bool) -> Result<Value> {
        let [first, _, ..] = items else {
            let only = items.first().expect("a list has elements");
            return self.add(only, name);
        };
        let variants = self.variants(items, name)?;
        let schema = json!({ "oneOf": variants });
        let node = Node {
            in_order,
            ..Node::new(Kind::Union, schema, name.clone(), first)
        };
        self.insert(node).map(reference)
    }

    fn variants(&mut self, places: &[Cursor<'_>], name: &Name) -> Result<Vec<Value>> {
        let mut variants: Vec<((Reverse<usize>, usize), Value)> = Vec::new();
        let unwrapped: Vec<Cursor<'_>> = places
            .iter()
            .map(|place| wrappers::unwrap(place).map(|unwrapped| unwrapped.place))
            .collect::<Result<_>>()?;
        for (index, (place, inner)) in places.iter().zip(&unwrapped).enumerate() {
            let required = inner.items_of("required")?.len();
            let known = inner.entries_of("properties")?.len();
            let variant = self.add(place, &name.variant(tag(inner, &unwrapped)?, index))?;
            if !variants.iter().any(|(_, known)| *known == variant) {
                variants.push(((Reverse(required), known), variant));
            }
        }
        // Where two variants do equally well, the more demanding one is chosen, and of those that
        // demand the same, the one that allows less: it goes first.
        variants.sort_by_key(|(rank, _)| *rank);
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
        let mut typed = Map::new();
        let mut fields = BTreeMap::new();
        // The elements of a list in an envelope (`meta` beside `data`) are called as the list is.
        let properties = place.require("properties")?;
        let is_envelope = properties.get("meta").is_some();
        for (property, cursor) in properties.entries()? {
            let name = if is_envelope && property == "data" {
                name.clone()
            } else {
                name.property(property)
            };
            typed.insert(property.to_owned(), self.add(&cursor, &name)?);
            let Unwrapped {
                place,
                nullable,
                docs,
                ..
            } = wrappers::unwrap(&cursor)?;
            let field = Field {
                docs: docs.map(str::to_owned),
                pattern: place.str_of("pattern")?.map(str::to_owned),
                required: required.contains(&property),
                nullable,
                may_be_empty: false,
            };
            fields.insert(property.to_owned(), field);
        }
        if let Some(absent) = required.iter().find(|name| !typed.contains_key(**name)) {
            return Err(place.error(
                format!("`{absent}` is required, but is no property"),
                "add it to `properties`, or take it out of `required`",
            ));
        }
        let mut structure = json!({ "type": "object", "properties": typed });
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
        known.in_order |= node.in_order;
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
                    in_order: node.in_order,
                    pointer: node.pointer,
                }
            })
            .collect();
        Ok(NamedTypes { types, names })
    }

    fn names(&self) -> Result<Vec<String>> {
        let names = self.unambiguous();
        let mut taken: HashMap<&str, &Pointer> = HashMap::new();
        for (node, name) in self.nodes.iter().zip(&names) {
            if RESERVED.contains(&name.as_str()) {
                return Err(Error::new(
                    format!("this schema would be called `{name}`, a name that the generated code needs itself"),
                    "name it with `x-rust-name` (spec/overlay.yaml)",
                )
                .at(&node.pointer));
            }
            if let Some(other) = taken.insert(name, &node.pointer) {
                return Err(Error::new(
                    format!(
                        "this schema would be called `{name}`, as another one already is: {other}"
                    ),
                    "name one of them with `x-rust-name` (spec/overlay.yaml)",
                )
                .at(&node.pointer));
            }
        }
        Ok(names)
    }

    /// Each name with as few words as set it apart, or with all it has.
    fn unambiguous(&self) -> Vec<String> {
        let mut counts: Vec<usize> = self.nodes.iter().map(|node| node.name.least).collect();
        loop {
            let names: Vec<String> = self
                .nodes
                .iter()
                .zip(&counts)
                .map(|(node, count)| node.called(*count).unwrap_or_default())
                .collect();
            let mut users: HashMap<&str, usize> = HashMap::new();
            for name in &names {
                *users.entry(name).or_default() += 1;
            }
            let mut changed = false;
            for ((node, count), name) in self.nodes.iter().zip(&mut counts).zip(&names) {
                if users[name.as_str()] > 1 && node.called(*count + 1).is_some() {
                    *count += 1;
                    changed = true;
                }
            }
            if !changed {
                return names;
            }
        }
    }
}

impl Node {
    fn new(kind: Kind, schema: Value, name: Name, place: &Cursor<'_>) -> Self {
        Self {
            kind,
            schema,
            docs: None,
            fields: BTreeMap::new(),
            name,
            explicit: None,
            in_order: false,
            pointer: place.pointer().clone(),
        }
    }

    /// The name in so many words, if it has so many.
    fn called(&self, words: usize) -> Option<String> {
        match &self.explicit {
            Some(name) => (words == self.name.least).then(|| name.clone()),
            None => self.name.with_words(words),
        }
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
    "UnknownEvent",
    "Utc",
    "Uuid",
    "Value",
    "Vec",
    "WebhookEvent",
];

/// All types with their names.
#[derive(Debug)]
pub struct NamedTypes {
    /// The types, in the order in which the document introduces them.
    pub types: Vec<Type>,
    names: Vec<String>,
}

impl NamedTypes {
    /// Notes where an example has an empty string in place of a decimal number. The patterns of
    /// decimals all admit that; few fields use it.
    pub fn learn_from(&mut self, schema: &Value, example: &Value) {
        if let Some(items) = schema.get("items") {
            for element in example.as_array().into_iter().flatten() {
                self.learn_from(items, element);
            }
            return;
        }
        let inner = schema
            .get("allOf")
            .and_then(|members| members.get(0))
            .unwrap_or(schema);
        let Some(index) =
            referred(inner).and_then(|name| self.types.iter().position(|kind| kind.name == name))
        else {
            return;
        };
        let kind = self.types[index].schema.clone();
        for variant in kind["oneOf"].as_array().into_iter().flatten() {
            self.learn_from(variant, example);
        }
        for (name, property) in kind["properties"].as_object().into_iter().flatten() {
            match example.get(name) {
                Some(value) if property["format"] == decimals::FORMAT => {
                    if let Some(field) = self.types[index].fields.get_mut(name) {
                        field.may_be_empty |= value == "";
                    }
                }
                Some(value) => self.learn_from(property, value),
                None => {}
            }
        }
    }

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

/// Stands for a type until it has a name.
fn reference(index: usize) -> Value {
    json!({ "$ref": format!("{REFERENCE}{index}") })
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

/// Whether a union says that its variants are in order.
fn in_order(place: &Cursor<'_>) -> Result<bool> {
    match place.str_of(VARIANTS)? {
        None => Ok(false),
        Some("in order") => Ok(true),
        Some(other) => Err(place.require(VARIANTS)?.error(
            format!("`{other}` says nothing about variants"),
            "say `in order`, or nothing",
        )),
    }
}

/// The keywords of a schema that make a type, all passes done. Of those that hold further schemas
/// only the key is there: what is below is read at its own place.
fn keywords(place: &Cursor<'_>) -> Result<Schema> {
    let shallow = place.object()?.iter().map(|(keyword, value)| {
        let value = if value.is_object() {
            json!({})
        } else {
            value.clone()
        };
        (keyword.clone(), value)
    });
    let mut schema: Schema = shallow
        .filter(|(keyword, _)| !HOLDERS.contains(&keyword.as_str()))
        .collect();
    for holder in HOLDERS {
        if place.get(holder).is_some() {
            schema.insert((*holder).to_owned(), json!([]));
        }
    }
    passes::run(&mut schema, place)?;
    schema.retain(|keyword, _| !SILENT.contains(&keyword.as_str()) && !keyword.starts_with("x-"));
    match schema
        .keys()
        .find(|keyword| !MEANINGFUL.contains(&keyword.as_str()))
    {
        Some(unknown) => Err(place.unsupported(&format!("`{unknown}` in a schema"))),
        None => Ok(schema),
    }
}

/// The value of the property that tells this variant from all the others, if there is one that can
/// have but one value here.
fn tag<'d>(place: &Cursor<'d>, all: &[Cursor<'d>]) -> Result<Option<&'d str>> {
    for (property, _) in place.entries_of("properties")? {
        let values = enum_values(place, property)?;
        let [value] = values.as_slice() else {
            continue;
        };
        let mut bearers = 0;
        for other in all {
            bearers += usize::from(enum_values(other, property)?.contains(value));
        }
        if bearers == 1 {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The values of a property of an object, if they are listed.
fn enum_values<'d>(place: &Cursor<'d>, property: &str) -> Result<Vec<&'d str>> {
    let Some(property) = place
        .get("properties")
        .and_then(|properties| properties.get(property))
    else {
        return Ok(Vec::new());
    };
    let values = wrappers::unwrap(&property)?.place.items_of("enum")?;
    Ok(values
        .iter()
        .filter_map(|value| value.value().as_str())
        .collect())
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
