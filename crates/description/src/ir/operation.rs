//! Operations: their arguments, bodies and answers.

use super::{DefId, Limits, Ty};
use crate::error::Pointer;

/// An operation of the API.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `operationId`.
    pub id: String,
    /// The method of the client.
    pub name: String,
    /// The HTTP method, in upper case.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The first tag.
    pub tag: String,
    /// The module it goes to.
    pub module: String,
    /// What it does: summary and description.
    pub docs: String,
    /// The security schemes by which it is authorised.
    pub schemes: Vec<String>,
    /// The OAuth2 scopes named for it.
    pub scopes: Vec<String>,
    /// Whether its header parameters include an idempotency key.
    pub takes_idempotency_key: bool,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// The method to call instead, if the operation is deprecated and the overlay names one.
    pub replacement: Option<String>,
    /// Its parameters, those of the middleware left out.
    pub args: Vec<Arg>,
    /// Its body, if it has one.
    pub body: Option<Body>,
    /// What it answers.
    pub success: Success,
    /// The media type of the file that it answers instead of JSON, if a call asks for it.
    pub file: Option<String>,
    /// How its pages follow each other, if it answers a list page by page.
    pub paging: Option<Paging>,
    /// Where it is described.
    pub pointer: Pointer,
}

impl Operation {
    /// The type of its calls: `retrieve_cash_balance` has `RetrieveCashBalance`.
    pub fn call(&self) -> String {
        crate::names::type_name(&self.name)
    }

    /// The constant that describes it in Rust: `RETRIEVE_CASH_BALANCE`.
    pub fn constant(&self) -> String {
        crate::names::constant_name(&self.name)
    }
}

/// A parameter in path, query or header.
#[derive(Clone, Debug)]
pub struct Arg {
    /// The name on the wire.
    pub wire: String,
    /// The name in Rust.
    pub name: String,
    /// Where it goes.
    pub location: Location,
    /// Its type.
    pub ty: Ty,
    /// Whether a call is impossible without it.
    pub required: bool,
    /// Whether the elements of a list in the query are joined by commas, not sent one by one.
    pub joined: bool,
    /// Whether the client makes a value if the caller gives none: the idempotency key.
    pub made: bool,
    /// `deprecated`.
    pub deprecated: bool,
    /// What the document says of it.
    pub docs: Option<String>,
    /// What it demands of the value beyond its type.
    pub limits: Limits,
    /// Where it is described.
    pub pointer: Pointer,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// Into the path.
    Path,
    /// Into the query.
    Query,
    /// Into a header.
    Header,
}

impl Location {
    /// Its name in OpenAPI.
    pub fn word(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }

    /// Whether two names are the same here: names of headers are compared without regard to case.
    pub fn is_same_name(self, one: &str, other: &str) -> bool {
        match self {
            Self::Header => one.eq_ignore_ascii_case(other),
            Self::Path | Self::Query => one == other,
        }
    }
}

/// The body of a request.
#[derive(Clone, Debug)]
pub struct Body {
    /// JSON or a form.
    pub encoding: Encoding,
    /// Its type.
    pub ty: Ty,
    /// Whether the document requires it. The client always sends it.
    pub required: bool,
    /// Where it is described.
    pub pointer: Pointer,
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
    /// JSON of this type.
    Json(Ty),
    /// Nothing.
    Empty,
    /// A file of this media type.
    File(String),
}

/// How the pages of a list follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// The page: an object whose `data` are the items.
    pub page: DefId,
    /// One item.
    pub item: Ty,
    /// The properties of `meta` that give the position of the page, and their names in Rust.
    pub meta: Vec<(String, String)>,
}

impl Paging {
    /// The field of `meta` for one of its properties.
    pub fn told(&self, wire: &str) -> Option<&str> {
        let (_, name) = self.meta.iter().find(|(known, _)| known == wire)?;
        Some(name)
    }
}
