//! Operations. [`arguments`](super::arguments) reads their parameters, and
//! [`responses`](super::responses) their answers.

use std::collections::{BTreeMap, HashMap};

use super::name::Name;
use super::types::Types;
use crate::error::{Pointer, Result};
use crate::ir::{Api, Body, Encoding, Operation, Success, Ty};
use crate::names;
use crate::read::cursor::Cursor;
use crate::read::operations::{Found, REPLACEMENT, operations};

/// The extension by which the overlay names an operation, a parameter or a type.
pub(super) const NAME: &str = "x-rust-name";

/// What is read from a document, in its order.
pub(super) struct Reader<'d> {
    root: Cursor<'d>,
    pub(super) types: Types,
    pub(super) api: Api,
    /// The type of each body, by the place of its media type, in the order of the document.
    pub(super) bodies: Vec<(Pointer, Ty)>,
    /// Where each of them is among the bodies.
    places: HashMap<Pointer, usize>,
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
            places: HashMap::new(),
            problem: None,
            ids: BTreeMap::new(),
        }
    }

    pub(super) fn operation(&mut self, found: &Found<'d>) -> Result<()> {
        let Found {
            path,
            method,
            item,
            place,
        } = found;
        let id = self.id(place)?;
        let tag = tag(place)?;
        let args = self.args(&id, path, item, place)?;
        let body = match place.get("requestBody") {
            Some(body) if matches!(*method, "get" | "head" | "trace") => {
                let of = format!("a body of the method `{method}`");
                return Err(body.unsupported(&of));
            }
            Some(body) => self.body(&id, &body.resolved()?)?,
            None => None,
        };
        let (schemes, scopes) = security(&self.root, place)?;
        let (success, file) = self.responses(&id, place)?;
        let operation = Operation {
            name: place.str_of(NAME)?.unwrap_or_default().to_owned(),
            method: method.to_ascii_uppercase(),
            path: (*path).to_owned(),
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
            success,
            file,
            paging: None,
            pointer: place.pointer().clone(),
            id,
        };
        self.api.operations.push(operation);
        Ok(())
    }

    pub(super) fn id(&mut self, operation: &Cursor<'_>) -> Result<String> {
        let id = operation.require("operationId")?;
        let text = id.str()?.to_owned();
        match self.ids.insert(text.clone(), id.pointer().clone()) {
            None => Ok(text),
            Some(other) => Err(id.error(
                format!("the operation id `{text}` is taken by {other}"),
                "give each operation its own id",
            )),
        }
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
        if encoding == Encoding::Form && !self.types.is_flat(&ty) {
            return Err(media.unsupported("a form of anything but texts and numbers"));
        }
        Ok(Some(Body {
            encoding,
            ty,
            required: body.is_true("required"),
            pointer: body.pointer().clone(),
        }))
    }

    /// The type of a media type, remembered for the examples beside it.
    pub(super) fn media(&mut self, media: &Cursor<'_>, name: &Name) -> Result<Ty> {
        if let Some(index) = self.places.get(media.pointer()) {
            return Ok(self.bodies[*index].1.clone());
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
        let place = media.pointer().clone();
        self.places.insert(place.clone(), self.bodies.len());
        self.bodies.push((place, ty.clone()));
        Ok(ty)
    }
}

pub(super) fn tag(operation: &Cursor<'_>) -> Result<String> {
    let tags = operation.items_of("tags")?;
    let tag = tags.first().ok_or_else(|| {
        operation.error(
            "the operation has no tag",
            "add one: operations are sorted by their first tag",
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
    for other in operations(root)?.into_iter().map(|one| one.place) {
        if other.str_of("operationId")? == Some(id) && !other.is_true("deprecated") {
            return Ok(Some(id.to_owned()));
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
        Success::Empty | Success::File(_) => None,
    }
}
