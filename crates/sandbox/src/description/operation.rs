use http::{Method, StatusCode};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::schema::Schema;

/// An operation of the API.
#[derive(Deserialize)]
pub(crate) struct Operation {
    pub(crate) id: String,
    #[serde(deserialize_with = "method")]
    pub(crate) method: Method,
    /// With its parameters in braces.
    pub(crate) path: String,
    /// The scopes of which a token needs one. `None` if no token is required.
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) answer: Success,
    /// Every status that the description gives.
    statuses: Vec<String>,
}

/// Something that is sent beside the body.
#[derive(Deserialize)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    #[serde(rename = "in")]
    pub(crate) place: Place,
    pub(crate) required: bool,
    pub(crate) schema: Schema,
}

impl Parameter {
    /// Whether this is its name. Case does not matter in names of headers.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

/// What is sent.
#[derive(Deserialize)]
pub(crate) struct Body {
    pub(crate) required: bool,
    pub(crate) media: String,
    pub(crate) schema: Schema,
    #[cfg(test)]
    pub(crate) examples: Vec<Value>,
}

/// The response of a success.
#[derive(Deserialize)]
pub(crate) struct Success {
    #[serde(deserialize_with = "status")]
    pub(crate) status: StatusCode,
    pub(crate) content: Vec<Content>,
}

/// One form of an answer.
#[derive(Deserialize)]
pub(crate) struct Content {
    pub(crate) media: String,
    pub(crate) schema: Schema,
    pub(crate) examples: Vec<Value>,
}

impl Operation {
    /// The JSON that it answers with, if it answers with JSON.
    pub(crate) fn json(&self) -> Option<&Content> {
        let mut contents = self.answer.content.iter();
        contents.find(|content| content.media == "application/json")
    }

    /// Whether it is the one that issues access tokens.
    pub(crate) fn issues_tokens(&self) -> bool {
        self.path == "/auth/token"
    }

    /// The parameter of this name.
    pub(crate) fn parameter(&self, place: Place, name: &str) -> Option<&Parameter> {
        let mut parameters = self.parameters.iter();
        parameters.find(|one| one.place == place && one.is(name))
    }

    /// The parameter that the path ends with: the id of what the operation is about.
    pub(crate) fn own_parameter(&self) -> Option<&str> {
        let last = self.path.rsplit('/').next()?;
        last.strip_prefix('{')?.strip_suffix('}')
    }

    /// The status for an impossible request: 409 or 422 if the operation is described with it, or
    /// else 400.
    pub(crate) fn impossible(&self) -> StatusCode {
        let statuses = [StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY];
        let is_described = |status: &StatusCode| {
            let mut described = self.statuses.iter();
            described.any(|one| one == status.as_str())
        };
        let described = statuses.into_iter().find(is_described);
        described.unwrap_or(StatusCode::BAD_REQUEST)
    }
}

fn method<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Method, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map_err(serde::de::Error::custom)
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StatusCode, D::Error> {
    let code = u16::deserialize(deserializer)?;
    StatusCode::from_u16(code).map_err(serde::de::Error::custom)
}
