//! Operations: what they are called with. What they answer is read by [`responses`](super::responses).

use std::collections::BTreeMap;

use super::naming::Name;
use super::schemas::Types;
use super::{METHODS, ids, names};
use crate::error::{Pointer, Result};
use crate::ir::{Api, Arg, Body, Encoding, LeftOut, Location, Operation, Success, Ty};
use crate::read::cursor::Cursor;

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
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The extension by which the overlay says what to call instead of a deprecated operation.
pub const REPLACEMENT: &str = "x-rust-replacement";

/// The extension by which the overlay names an operation, a parameter or a type.
const NAME: &str = "x-rust-name";

/// Members of operations and parameters that have no counterpart in the client.
const WITHOUT_EFFECT: &[&str] = &["callbacks", "servers", "allowReserved", "allowEmptyValue"];

/// What is read of a document, in its order.
pub(super) struct Reader<'d> {
    root: Cursor<'d>,
    pub(super) types: Types,
    pub(super) api: Api,
    /// The type of each body, by the place of its media type.
    pub(super) bodies: Vec<(Pointer, Ty)>,
    pub(super) problem: Option<(Ty, Pointer)>,
    ids: BTreeMap<String, Pointer>,
}

impl<'d> Reader<'d> {
    pub(super) fn new(root: &Cursor<'d>) -> Self {
        Self {
            root: root.clone(),
            types: Types::default(),
            api: Api::default(),
            bodies: Vec::new(),
            problem: None,
            ids: BTreeMap::new(),
        }
    }

    pub(super) fn operation(
        &mut self,
        path: &str,
        method: &str,
        item: &Cursor<'d>,
        place: &Cursor<'d>,
    ) -> Result<()> {
        let id = self.id(place)?;
        let tag = tag(place)?;
        for source in [item, place] {
            self.left_out(source);
        }
        let args = self.args(&id, path, item, place)?;
        let body = match place.get("requestBody") {
            Some(body) => self.body(&id, &body.resolved()?)?,
            None => None,
        };
        let (schemes, scopes) = security(&self.root, place)?;
        let operation = Operation {
            name: place.str_of(NAME)?.unwrap_or_default().to_owned(),
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            module: String::new(),
            tag,
            docs: docs(place)?,
            schemes,
            scopes,
            takes_idempotency_key: args.iter().any(|arg| arg.made),
            deprecated: place.is_true("deprecated"),
            replacement: replacement(&self.root, place)?,
            args,
            body,
            success: self.responses(&id, place)?,
            paging: None,
            pointer: place.pointer().clone(),
            id,
        };
        self.api.operations.push(operation);
        Ok(())
    }

    /// Tells what has no counterpart in the client.
    fn left_out(&mut self, place: &Cursor<'_>) {
        for member in WITHOUT_EFFECT.iter().filter_map(|one| place.get(one)) {
            let is_off = member.value() == &serde_json::Value::Bool(false);
            if !is_off
                && !self
                    .api
                    .left_out
                    .iter()
                    .any(|one| one.pointer == *member.pointer())
            {
                self.api.left_out.push(LeftOut {
                    pointer: member.pointer().clone(),
                    reason: "the client has nothing like it".to_owned(),
                });
            }
        }
    }

    pub(super) fn id(&mut self, operation: &Cursor<'_>) -> Result<String> {
        let id = operation.require("operationId")?;
        let text = id.str()?.to_owned();
        match self.ids.insert(text.clone(), id.pointer().clone()) {
            None => Ok(text),
            Some(other) => Err(id.error(
                format!("the operation id `{text}` is taken by {other}"),
                "give each operation an id of its own",
            )),
        }
    }

    /// The parameters of the path and of the operation, whose own take precedence: those of the path
    /// as it has them, then those of the query, then headers.
    fn args(
        &mut self,
        id: &str,
        path: &str,
        item: &Cursor<'d>,
        operation: &Cursor<'d>,
    ) -> Result<Vec<Arg>> {
        let mut found: Vec<(String, Location, Cursor<'d>)> = Vec::new();
        for source in [item, operation] {
            for parameter in source.items_of("parameters")? {
                let parameter = parameter.resolved()?;
                let name = parameter.require("name")?.str()?.to_owned();
                let location = location(&parameter)?;
                match found
                    .iter_mut()
                    .find(|(other, place, _)| *other == name && *place == location)
                {
                    Some(overridden) => overridden.2 = parameter,
                    None => found.push((name, location, parameter)),
                }
            }
        }
        let mut args = Vec::new();
        for (name, location, place) in found {
            let lower = name.to_ascii_lowercase();
            if location == Location::Header && MIDDLEWARE_HEADERS.contains(&lower.as_str()) {
                continue;
            }
            self.left_out(&place);
            args.push(self.arg(id, path, name, location, &place)?);
        }
        let template = template(path, item, &args)?;
        args.sort_by_key(|arg| {
            let in_path = template.iter().position(|one| *one == arg.wire);
            (
                arg.location,
                in_path.filter(|_| arg.location == Location::Path),
            )
        });
        Ok(args)
    }

    fn arg(
        &mut self,
        id: &str,
        path: &str,
        wire: String,
        location: Location,
        place: &Cursor<'_>,
    ) -> Result<Arg> {
        let type_name = Name::of(names::type_name(&wire)).in_parent(names::type_name(id));
        let schema = place.require("schema")?;
        let added = self.types.add(&schema, &type_name)?;
        let unwrapped = &added.unwrapped;
        let ty = ids::of_parameter(&mut self.types, &wire, location, path, added.ty, unwrapped);
        // What has no value is left out. A decimal number is text on the way out, whatever is between.
        let ty = match ty {
            Ty::OrEmpty(inner) => *inner,
            other => other,
        };
        let ty = match ty {
            Ty::Decimal => Ty::String,
            Ty::List(element) if element.needs_adapter() => Ty::String.list(),
            other => other,
        };
        let element = match &ty {
            Ty::List(element) => element,
            other => other,
        };
        if !self.types.is_text(element) {
            return Err(schema.unsupported("a parameter that is no text, number or list of them"));
        }
        let docs = place.str_of("description")?.or(unwrapped.docs);
        self.types.describe(&ty, docs);
        let made = location == Location::Header && wire.eq_ignore_ascii_case(IDEMPOTENCY_KEY);
        Ok(Arg {
            name: place.str_of(NAME)?.unwrap_or_default().to_owned(),
            required: place.is_true("required") && !made,
            joined: place
                .get("explode")
                .is_some_and(|one| one.value() == &serde_json::Value::Bool(false)),
            deprecated: place.is_true("deprecated") || unwrapped.deprecated,
            docs: docs.map(str::to_owned),
            limits: added.limits,
            pointer: place.pointer().clone(),
            made,
            wire,
            location,
            ty,
        })
    }

    fn body(&mut self, id: &str, body: &Cursor<'_>) -> Result<Option<Body>> {
        let content = body.require("content")?;
        let [(media_type, media)] = &content.entries()?[..] else {
            return Err(content.unsupported("a request body of several media types"));
        };
        let encoding = match *media_type {
            "application/json" => Encoding::Json,
            "application/x-www-form-urlencoded" => Encoding::Form,
            other => return Err(media.unsupported(&format!("a request body of type `{other}`"))),
        };
        let ty = self.media(media, &Name::of(names::request_name(id)))?;
        Ok(Some(Body {
            encoding,
            ty,
            required: body.is_true("required"),
            pointer: body.pointer().clone(),
        }))
    }

    /// The type of a media type, remembered for the examples beside it.
    pub(super) fn media(&mut self, media: &Cursor<'_>, name: &Name) -> Result<Ty> {
        let known = self
            .bodies
            .iter()
            .find(|(place, _)| place == media.pointer());
        if let Some((_, ty)) = known {
            return Ok(ty.clone());
        }
        let schema = media.require("schema")?;
        let added = self.types.add(&schema, name)?;
        if added.ty.needs_adapter() {
            let what = "a body that is a decimal number or may be empty, or a list or map of such";
            return Err(schema.unsupported(what));
        }
        let ty = match added.unwrapped.nullable {
            true => Ty::Nullable(Box::new(added.ty)),
            false => added.ty,
        };
        self.bodies.push((media.pointer().clone(), ty.clone()));
        Ok(ty)
    }
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

/// The names in a path. Each has to be a parameter, and every path parameter in the path, once.
fn template<'p>(path: &'p str, item: &Cursor<'_>, args: &[Arg]) -> Result<Vec<&'p str>> {
    let names: Vec<&str> = path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect();
    let declared = || args.iter().filter(|arg| arg.location == Location::Path);
    let undeclared = names
        .iter()
        .find(|name| !declared().any(|arg| arg.wire == **name));
    let absent = declared().map(|arg| arg.wire.as_str());
    let absent = absent.into_iter().find(|name| !names.contains(name));
    if let Some(name) = undeclared.copied().or(absent) {
        return Err(item.error(
            format!("`{name}` is not both in the path and among its parameters"),
            "declare each `{name}` of the path as a parameter `in: path`",
        ));
    }
    if path.matches('{').count() != declared().count() {
        return Err(item.unsupported("a path that names a parameter twice, or has other braces"));
    }
    Ok(names)
}

pub(super) fn tag(operation: &Cursor<'_>) -> Result<String> {
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

/// The id of the operation that [`REPLACEMENT`] names.
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

/// The schemes and scopes of the operation, or those of the whole document.
fn security(root: &Cursor<'_>, operation: &Cursor<'_>) -> Result<(Vec<String>, Vec<String>)> {
    let owner = if operation.get("security").is_some() {
        operation
    } else {
        root
    };
    let (mut schemes, mut scopes) = (Vec::new(), Vec::new());
    let alternatives = owner.items_of("security")?;
    if alternatives.len() > 1 {
        return Err(owner.unsupported("more than one way to authorise a call"));
    }
    for requirement in &alternatives {
        for (scheme, _) in requirement.entries()? {
            schemes.push(scheme.to_owned());
            for scope in requirement.items_of(scheme)? {
                scopes.push(scope.str()?.to_owned());
            }
        }
    }
    Ok((schemes, scopes))
}

/// Whether an answer is JSON of this type.
pub(super) fn answered(success: &Success) -> Option<&Ty> {
    match success {
        Success::Json(ty) => Some(ty),
        Success::Empty | Success::File => None,
    }
}
