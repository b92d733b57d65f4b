//! What a document says, as the generator needs it: operations, webhooks and types.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::error::{Pointer, Result};
use crate::events;
use crate::names;
use crate::read::cursor::Cursor;
use crate::read::document::Document;
use crate::types::{Name, NamedTypes, Type, Types};

/// The module of what several tags share.
pub const COMMON: &str = "common";

/// The name of the one error schema.
pub const PROBLEM: &str = "Problem";

/// Header parameters that the client's middleware sets on every request, in lower case. They are
/// no arguments of an operation.
const MIDDLEWARE_HEADERS: &[&str] = &[
    "accept",
    "authorization",
    "content-digest",
    "date",
    "signature",
    "signature-input",
    "upvest-api-version",
    "upvest-client-id",
    "upvest-signature-version",
];

/// The header parameter that names a call. It is optional to the caller, whom the client makes one
/// for.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The extension by which the overlay says what to call instead of a deprecated operation.
const REPLACEMENT: &str = "x-rust-replacement";

const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// A description, read and understood.
#[derive(Debug)]
pub struct Description {
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// The SHA-256 of the document.
    pub digest: String,
    /// The operations, in the order of the document.
    pub operations: Vec<Operation>,
    /// What the webhooks deliver, in the order of the document.
    pub webhooks: Vec<Webhook>,
    /// All types, by the module that they go to, in the order of the document.
    pub modules: BTreeMap<String, Vec<Type>>,
    /// The examples of bodies, in the order of the document.
    pub examples: Vec<Example>,
    /// What is left out on purpose.
    pub left_out: Vec<LeftOut>,
}

/// Something that the document has and the generated code has not.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// Where it stands.
    pub pointer: Pointer,
    /// Why it is left out.
    pub reason: String,
}

/// A published example of a body.
#[derive(Clone, Debug)]
pub struct Example {
    /// Where it stands.
    pub pointer: Pointer,
    /// The type of the body.
    pub schema: Value,
    /// The example itself.
    pub value: Value,
}

/// One call of the API.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `operationId`.
    pub id: String,
    /// The HTTP method, in lower case.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The first tag.
    pub tag: String,
    /// What it does: summary and description.
    pub docs: String,
    /// The OAuth2 scopes named for it.
    pub scopes: Vec<String>,
    /// Whether its header parameters include an idempotency key.
    pub takes_idempotency_key: bool,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// The id of the operation to call in its place, where it is deprecated and the overlay names one.
    pub replacement: Option<String>,
    /// Its parameters, those of the middleware left out.
    pub parameters: Vec<Parameter>,
    /// What it is sent.
    pub body: Option<Body>,
    /// What it answers.
    pub success: Success,
    /// Whether it answers page by page: it takes `limit` and `offset`.
    pub is_paged: bool,
}

/// A parameter in path, query or header.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// Where it goes.
    pub location: Location,
    /// Whether a call is impossible without it.
    pub required: bool,
    /// What the description says of it.
    pub docs: Option<String>,
    /// Its type.
    pub schema: Value,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// Into the path.
    Path,
    /// Into the query.
    Query,
    /// Into a header.
    Header,
}

/// The body of a request.
#[derive(Clone, Debug)]
pub struct Body {
    /// JSON or a form.
    pub encoding: Encoding,
    /// Its type.
    pub schema: Value,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// What a successful response carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Success {
    /// JSON of this schema.
    Json(Value),
    /// Nothing.
    Empty,
    /// A file.
    Bytes,
}

/// A webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Its name, as published.
    pub name: String,
    /// `operationId`.
    pub id: String,
    /// The first tag.
    pub tag: String,
    /// The type of its event.
    pub schema: Value,
    /// The values of `type` that its events may have. None if what it delivers is not told apart
    /// by them.
    pub types: Vec<String>,
}

impl Description {
    /// Reads a document.
    ///
    /// # Errors
    /// At the first thing that is wrong or not understood.
    pub fn read(document: &Document) -> Result<Self> {
        Reader::default()
            .read(document)
            .map_err(|error| error.in_file(&document.file))
    }

    /// All types, by module.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        self.modules.values().flatten()
    }
}

#[derive(Default)]
struct Reader {
    types: Types,
    problem: Option<(Value, Pointer)>,
    ids: BTreeMap<String, Pointer>,
    bodies: BTreeMap<Pointer, Value>,
    left_out: Vec<LeftOut>,
}

impl Reader {
    fn read(mut self, document: &Document) -> Result<Description> {
        let root = Cursor::root(document);
        let mut operations = Vec::new();
        for (path, item) in root.require("paths")?.entries()? {
            let item = item.resolved()?;
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    operations.push(self.operation(&root, path, method, &item, &operation)?);
                }
            }
        }
        let mut webhooks = Vec::new();
        for (name, item) in root.entries_of("x-webhooks")? {
            webhooks.push(self.webhook(name, &item.resolved()?.require("post")?)?);
        }
        for (name, schema) in components(&root)? {
            self.types.add(&schema, &Name::of(names::type_name(name)))?;
        }

        let info = root.require("info")?;
        let mut named = self.types.finish()?;
        let examples = examples(document, &self.bodies, &named);
        for example in &examples {
            named.learn_from(&example.schema, &example.value);
        }
        let modules = into_modules(named, &mut operations, &mut webhooks);
        for webhook in &mut webhooks {
            match events::types(&modules, &webhook.schema) {
                Ok(types) => webhook.types = types,
                Err(reason) => self.left_out.push(LeftOut {
                    pointer: Pointer::root().join("x-webhooks").join(&webhook.name),
                    reason: format!("no variant of `{}`: {reason}", events::EVENT),
                }),
            }
        }
        Ok(Description {
            title: info.require("title")?.str()?.to_owned(),
            version: info.require("version")?.str()?.to_owned(),
            digest: document.digest.clone(),
            operations,
            webhooks,
            modules,
            examples,
            left_out: self.left_out,
        })
    }

    fn operation(
        &mut self,
        root: &Cursor<'_>,
        path: &str,
        method: &str,
        item: &Cursor<'_>,
        operation: &Cursor<'_>,
    ) -> Result<Operation> {
        let id = self.id(operation)?;
        let (parameters, takes_idempotency_key) = self.parameters(&id, path, item, operation)?;
        let body = operation
            .get("requestBody")
            .map(|body| self.body(&id, &body.resolved()?))
            .transpose()?;
        let is_paged = ["limit", "offset"].iter().all(|name| {
            let is_integer = |one: &Parameter| one.name == *name && one.schema["type"] == "integer";
            parameters
                .iter()
                .any(|one| one.location == Location::Query && is_integer(one))
        });
        Ok(Operation {
            is_paged,
            method: method.to_owned(),
            path: path.to_owned(),
            tag: tag(operation)?,
            docs: docs(operation)?,
            scopes: scopes(root, operation)?,
            takes_idempotency_key,
            deprecated: operation.is_true("deprecated"),
            replacement: replacement(root, operation)?,
            parameters,
            body,
            success: self.responses(&id, operation)?,
            id,
        })
    }

    fn id(&mut self, operation: &Cursor<'_>) -> Result<String> {
        let id = operation.require("operationId")?;
        let text = id.str()?.to_owned();
        if let Some(other) = self.ids.insert(text.clone(), id.pointer().clone()) {
            return Err(id.error(
                format!("the operation id `{text}` is taken by {other}"),
                "give each operation an id of its own",
            ));
        }
        Ok(text)
    }

    /// The parameters of the path and of the operation, whose own take precedence.
    fn parameters(
        &mut self,
        id: &str,
        path: &str,
        item: &Cursor<'_>,
        operation: &Cursor<'_>,
    ) -> Result<(Vec<Parameter>, bool)> {
        let mut found: Vec<(String, Location, Cursor<'_>)> = Vec::new();
        for source in [item, operation] {
            for parameter in source.items_of("parameters")? {
                let parameter = parameter.resolved()?;
                let name = parameter.require("name")?.str()?.to_owned();
                let location = location(&parameter)?;
                let is_same = |(other, place, _): &&mut (String, Location, Cursor<'_>)| {
                    *other == name && *place == location
                };
                match found.iter_mut().find(is_same) {
                    Some(overridden) => overridden.2 = parameter,
                    None => found.push((name, location, parameter)),
                }
            }
        }
        let mut takes_idempotency_key = false;
        let mut parameters = Vec::new();
        for (name, location, place) in found {
            let lower = name.to_ascii_lowercase();
            if location == Location::Header && MIDDLEWARE_HEADERS.contains(&lower.as_str()) {
                continue;
            }
            let type_name = Name::of(names::type_name(&name)).in_parent(names::type_name(id));
            let schema = place.require("schema")?;
            let docs = match place.str_of("description")? {
                Some(docs) => Some(docs),
                None => schema.resolved()?.str_of("description")?,
            };
            let is_made = location == Location::Header && lower == IDEMPOTENCY_KEY;
            takes_idempotency_key |= is_made;
            parameters.push(Parameter {
                required: place.is_true("required") && !is_made,
                docs: docs.map(str::to_owned),
                schema: self.types.add(&schema, &type_name)?,
                name,
                location,
            });
        }
        check_path(path, item, &parameters)?;
        Ok((parameters, takes_idempotency_key))
    }

    fn body(&mut self, id: &str, body: &Cursor<'_>) -> Result<Body> {
        let content = body.require("content")?;
        let [(media_type, media)] = &content.entries()?[..] else {
            return Err(content.unsupported("a request body of several media types"));
        };
        let encoding = match *media_type {
            "application/json" => Encoding::Json,
            "application/x-www-form-urlencoded" => Encoding::Form,
            other => return Err(media.unsupported(&format!("a request body of type `{other}`"))),
        };
        let name = Name::of(names::request_name(id));
        let schema = self.media(media, &name)?;
        Ok(Body { encoding, schema })
    }

    /// The schema of a media type, remembered for the examples beside it.
    fn media(&mut self, media: &Cursor<'_>, name: &Name) -> Result<Value> {
        if let Some(known) = self.bodies.get(media.pointer()) {
            return Ok(known.clone());
        }
        let schema = self.types.add(&media.require("schema")?, name)?;
        self.bodies.insert(media.pointer().clone(), schema.clone());
        Ok(schema)
    }

    fn responses(&mut self, id: &str, operation: &Cursor<'_>) -> Result<Success> {
        let mut success: Option<Success> = None;
        for (status, response) in operation.require("responses")?.entries()? {
            let place = response.resolved()?;
            match status.chars().next() {
                Some('2') => {
                    let found = self.success(id, &place)?;
                    if success.as_ref().is_some_and(|known| *known != found) {
                        return Err(place.unsupported("a second kind of success of one operation"));
                    }
                    success = Some(found);
                }
                Some('4' | '5') => self.failure(&place)?,
                _ => {
                    return Err(response.unsupported(&format!("a response for status `{status}`")));
                }
            }
        }
        success.ok_or_else(|| operation.error("no response says success", "add a 2xx response"))
    }

    fn success(&mut self, id: &str, response: &Cursor<'_>) -> Result<Success> {
        let content = response.entries_of("content")?;
        if let Some((_, file)) = content.iter().find(|(media_type, _)| is_file(media_type)) {
            for (media_type, media) in &content {
                if !is_file(media_type) {
                    self.left_out.push(LeftOut {
                        pointer: media.pointer().clone(),
                        reason: format!("`{media_type}` beside the file at {}", file.pointer()),
                    });
                }
            }
            return Ok(Success::Bytes);
        }
        match &content[..] {
            [] => Ok(Success::Empty),
            [("application/json", media)] => {
                let name = Name::of(names::response_name(id));
                Ok(Success::Json(self.media(media, &name)?))
            }
            [(other, media)] => Err(media.unsupported(&format!("a response of type `{other}`"))),
            _ => Err(response.unsupported("a response of several media types")),
        }
    }

    /// All errors have to be of the one schema that the client's error holds.
    fn failure(&mut self, response: &Cursor<'_>) -> Result<()> {
        for (media_type, media) in response.entries_of("content")? {
            if !matches!(media_type, "application/problem+json" | "application/json") {
                return Err(media.unsupported(&format!("an error of type `{media_type}`")));
            }
            let place = media.require("schema")?;
            let schema = self.media(&media, &Name::of(PROBLEM))?;
            match &self.problem {
                None => self.problem = Some((schema, place.pointer().clone())),
                Some((known, _)) if *known == schema => {}
                Some((_, first)) => {
                    return Err(place.error(
                        format!("this error differs from the one at {first}"),
                        "make all errors of the document one schema",
                    ));
                }
            }
        }
        Ok(())
    }

    fn webhook(&mut self, name: &str, post: &Cursor<'_>) -> Result<Webhook> {
        let media = post
            .require("requestBody")?
            .resolved()?
            .require("content")?
            .require("application/json")?;
        let type_name = Name::of(names::event_name(name));
        Ok(Webhook {
            name: name.to_owned(),
            id: self.id(post)?,
            tag: tag(post)?,
            schema: self.media(&media, &type_name)?,
            types: Vec::new(),
        })
    }
}

fn examples(
    document: &Document,
    bodies: &BTreeMap<Pointer, Value>,
    named: &NamedTypes,
) -> Vec<Example> {
    let found = crate::examples::examples(&document.root).into_iter();
    found
        .filter_map(|example| {
            let (_, schema) = bodies.iter().find(|(body, _)| {
                let below = example.pointer.strip_prefix(body.as_str());
                below.is_some_and(|below| below == "/example" || below.starts_with("/examples/"))
            })?;
            let mut schema = schema.clone();
            named.name(&mut schema);
            Some(Example {
                pointer: Pointer::from_text(&example.pointer),
                schema,
                value: example.value.clone(),
            })
        })
        .collect()
}

/// Whether a body of this type is taken as it is.
fn is_file(media_type: &str) -> bool {
    matches!(media_type, "application/pdf" | "application/octet-stream")
}

fn components<'d>(root: &Cursor<'d>) -> Result<Vec<(&'d str, Cursor<'d>)>> {
    root.get("components").map_or(Ok(Vec::new()), |components| {
        components.entries_of("schemas")
    })
}

fn location(parameter: &Cursor<'_>) -> Result<Location> {
    let place = parameter.require("in")?;
    let (location, style) = match place.str()? {
        "path" => (Location::Path, "simple"),
        "query" => (Location::Query, "form"),
        "header" => (Location::Header, "simple"),
        other => return Err(place.unsupported(&format!("a parameter in `{other}`"))),
    };
    match parameter.str_of("style")? {
        Some(other) if other != style => {
            Err(parameter.unsupported(&format!("the parameter style `{other}`")))
        }
        _ => Ok(location),
    }
}

/// Every `{name}` of the path has to be a parameter, and every path parameter in the path.
fn check_path(path: &str, item: &Cursor<'_>, parameters: &[Parameter]) -> Result<()> {
    let in_template: BTreeSet<&str> = path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect();
    let declared: BTreeSet<&str> = parameters
        .iter()
        .filter(|parameter| parameter.location == Location::Path)
        .map(|parameter| parameter.name.as_str())
        .collect();
    match in_template.symmetric_difference(&declared).next() {
        None => Ok(()),
        Some(name) => Err(item.error(
            format!("`{name}` is not both in the path and among its parameters"),
            "declare each `{name}` of the path as a parameter `in: path`",
        )),
    }
}

fn tag(operation: &Cursor<'_>) -> Result<String> {
    let tags = operation.items_of("tags")?;
    let tag = tags.first().ok_or_else(|| {
        operation.error(
            "the operation has no tag",
            "add one: it names the file that it goes to",
        )
    })?;
    tag.str().map(str::to_owned)
}

fn docs(operation: &Cursor<'_>) -> Result<String> {
    let summary = operation.str_of("summary")?.unwrap_or_default().trim();
    let description = operation.str_of("description")?.unwrap_or_default().trim();
    if summary.is_empty() || summary == description {
        return Ok(description.to_owned());
    }
    let stop = if summary.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    Ok(format!("{summary}{stop}\n\n{description}")
        .trim_end()
        .to_owned())
}

/// The operation that [`REPLACEMENT`] names.
fn replacement(root: &Cursor<'_>, operation: &Cursor<'_>) -> Result<Option<String>> {
    let Some(place) = operation.get(REPLACEMENT) else {
        return Ok(None);
    };
    if !operation.is_true("deprecated") {
        return Err(place.error(
            "the operation has a replacement, but it is not deprecated",
            format!("remove `{REPLACEMENT}`"),
        ));
    }
    let id = place.str()?;
    for (_, item) in root.require("paths")?.entries()? {
        let item = item.resolved()?;
        for other in METHODS.iter().filter_map(|method| item.get(method)) {
            if other.str_of("operationId")? == Some(id) && !other.is_true("deprecated") {
                return Ok(Some(id.to_owned()));
            }
        }
    }
    Err(place.error(
        format!("there is no operation `{id}` that is not deprecated itself"),
        "name the id of the operation to call instead",
    ))
}

/// The scopes of the operation, or those of the whole document.
fn scopes(root: &Cursor<'_>, operation: &Cursor<'_>) -> Result<Vec<String>> {
    let owner = if operation.get("security").is_some() {
        operation
    } else {
        root
    };
    let mut scopes = Vec::new();
    let alternatives = owner.items_of("security")?;
    if alternatives.len() > 1 {
        return Err(owner.unsupported("more than one way to authorise a call"));
    }
    for requirement in &alternatives {
        for (scheme, _) in requirement.entries()? {
            for scope in requirement.items_of(scheme)? {
                scopes.push(scope.str()?.to_owned());
            }
        }
    }
    Ok(scopes)
}

/// Puts names in place of placeholders, and each type into the module of the one tag that uses it.
fn into_modules(
    named: NamedTypes,
    operations: &mut [Operation],
    webhooks: &mut [Webhook],
) -> BTreeMap<String, Vec<Type>> {
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut used = |schema: &mut Value, tag: &str| {
        for name in named.name(schema) {
            users
                .entry(name)
                .or_default()
                .insert(names::module_name(tag));
        }
    };
    for operation in operations {
        for parameter in &mut operation.parameters {
            used(&mut parameter.schema, &operation.tag);
        }
        if let Some(body) = &mut operation.body {
            used(&mut body.schema, &operation.tag);
        }
        if let Success::Json(schema) = &mut operation.success {
            used(schema, &operation.tag);
        }
    }
    for webhook in webhooks {
        used(&mut webhook.schema, &webhook.tag);
    }
    // What a type is made of has at least the users of the type itself.
    loop {
        let before = users.clone();
        for kind in &named.types {
            let of_whole = users.get(&kind.name).cloned().unwrap_or_default();
            for part in &kind.parts {
                users
                    .entry(part.clone())
                    .or_default()
                    .extend(of_whole.clone());
            }
        }
        if users == before {
            break;
        }
    }

    let mut modules: BTreeMap<String, Vec<Type>> = BTreeMap::new();
    for kind in named.types {
        let module = match users.get(&kind.name) {
            Some(tags) if tags.len() == 1 => tags.first().cloned().unwrap_or_default(),
            _ => COMMON.to_owned(),
        };
        modules.entry(module).or_default().push(kind);
    }
    modules
}
