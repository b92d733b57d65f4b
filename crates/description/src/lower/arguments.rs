//! The parameters of operations, in path, query and headers.

use super::ids;
use super::name::Name;
use super::operations::{NAME, Reader};
use crate::error::Result;
use crate::ir::{Arg, Location, Ty};
use crate::names;
use crate::read::cursor::Cursor;

/// Header parameters that the client's middleware sets on every request, in lower case. They are not
/// arguments of an operation.
const MIDDLEWARE_HEADERS: &[&str] = &[
    "accept",
    "authorization",
    "content-digest",
    "content-length",
    "content-type",
    "date",
    "host",
    "signature",
    "signature-input",
    "upvest-api-version",
    "upvest-client-id",
    "upvest-signature-version",
];

/// The header parameter that identifies a call. It is optional for the caller, since the client makes
/// one.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A parameter as it is described.
struct Parameter<'d> {
    name: &'d str,
    location: Location,
    place: Cursor<'d>,
}

impl Parameter<'_> {
    fn is_same(&self, other: &Self) -> bool {
        self.location == other.location && self.location.is_same_name(self.name, other.name)
    }
}

/// The parameters of a path and those of an operation, which take precedence.
fn parameters<'d>(item: &Cursor<'d>, operation: &Cursor<'d>) -> Result<Vec<Parameter<'d>>> {
    let mut found: Vec<Parameter<'d>> = Vec::new();
    for source in [item, operation] {
        let mut own: Vec<Parameter<'d>> = Vec::new();
        for place in source.items_of("parameters")? {
            let place = place.resolved()?;
            let one = Parameter {
                name: place.require("name")?.str()?,
                location: location(&place)?,
                place,
            };
            if own.iter().any(|other| other.is_same(&one)) {
                return Err(one.place.error(
                    format!("the parameter `{}` is described twice", one.name),
                    "describe each parameter once, and headers in one spelling",
                ));
            }
            own.push(one);
        }
        for one in own {
            match found.iter_mut().find(|other| other.is_same(&one)) {
                Some(overridden) => *overridden = one,
                None => found.push(one),
            }
        }
    }
    Ok(found)
}

impl<'d> Reader<'d> {
    /// The parameters of the path and of the operation, whose own take precedence: those of the path
    /// as it has them, then those of the query, then headers.
    pub(super) fn args(
        &mut self,
        id: &str,
        path: &str,
        item: &Cursor<'d>,
        operation: &Cursor<'d>,
    ) -> Result<Vec<Arg>> {
        let mut args = Vec::new();
        for Parameter {
            name,
            location,
            place,
        } in parameters(item, operation)?
        {
            let is_ours = MIDDLEWARE_HEADERS
                .iter()
                .any(|one| name.eq_ignore_ascii_case(one));
            if location != Location::Header || !is_ours {
                args.push(self.arg(id, path, name.to_owned(), location, &place)?);
            }
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
        // An argument without a value is left out. A decimal number is sent as text.
        let ty = match ty {
            Ty::OrEmpty(inner) => *inner,
            other => other,
        };
        let ty = match ty {
            Ty::Decimal | Ty::DecimalNumber => Ty::String,
            Ty::List(element) if element.needs_adapter() => Ty::String.list(),
            other => other,
        };
        let element = match &ty {
            Ty::List(element) => element,
            other => other,
        };
        if !self.types.is_text(element) {
            return Err(
                schema.unsupported("a parameter that is not text, a number, or a list of these")
            );
        }
        let docs = place.str_of("description")?.or(unwrapped.docs);
        self.types.describe(&ty, docs);
        let made = location == Location::Header && wire.eq_ignore_ascii_case(IDEMPOTENCY_KEY);
        Ok(Arg {
            name: place.str_of(NAME)?.unwrap_or_default().to_owned(),
            required: (place.is_true("required") || location == Location::Path) && !made,
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
}

fn location(parameter: &Cursor<'_>) -> Result<Location> {
    let place = parameter.require("in")?;
    let (location, style) = match place.str()? {
        "path" => (Location::Path, "simple"),
        "query" => (Location::Query, "form"),
        "header" => (Location::Header, "simple"),
        other => return Err(place.unsupported(&format!("a parameter in `{other}`"))),
    };
    let name = parameter.require("name")?;
    if location == Location::Header && !is_token(name.str()?) {
        return Err(name.error(
            format!("{:?} is not the name of a header", name.str()?),
            "name it with letters, digits and hyphens",
        ));
    }
    match parameter.str_of("style")? {
        Some(other) if other != style => {
            Err(parameter.unsupported(&format!("the parameter style `{other}`")))
        }
        _ => Ok(location),
    }
}

/// The characters allowed in a path besides letters, digits and the braces of parameters (RFC 3986, section 3.3).
const IN_PATHS: &str = "-._~!$&'()*+,;=:@%/{}";

/// The names in a path. Each has to be a parameter, and every path parameter in the path, once.
fn template<'p>(path: &'p str, item: &Cursor<'_>, args: &[Arg]) -> Result<Vec<&'p str>> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || IN_PATHS.contains(c);
    if !path.starts_with('/') || !path.chars().all(is_plain) {
        return Err(item.error(
            format!("{path:?} is not a path"),
            "begin it with `/`, and percent-encode what a URI cannot have",
        ));
    }
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

/// Whether a text can be the name of a header (RFC 9110, section 5.6.2).
fn is_token(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(is_plain)
}
