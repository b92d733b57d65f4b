//! Reading a description: from a file to a document that is known to be OpenAPI 3.0.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{Error, Pointer, Result};

/// A description as published, read from one file.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file, as it is to be named to people.
    pub file: PathBuf,
    /// The content. YAML timestamps stay strings.
    pub root: Value,
    /// SHA-256 of the file with its line ends as LF, in hexadecimal.
    pub digest: String,
}

impl Document {
    /// Reads a file.
    ///
    /// # Errors
    /// When the file cannot be read, or for the reasons of [`Document::parse`].
    pub fn load(path: &Path, name: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::new(
                "the API description cannot be read",
                "name an OpenAPI 3.0 document, in YAML or JSON",
            )
            .in_file(name)
            .with_source(error)
        })?;
        Self::parse(&text, name)
    }

    /// Reads a text; `name` is what errors call it.
    ///
    /// # Errors
    /// When the text is neither YAML nor JSON, not OpenAPI, of another version than 3.0, or has
    /// an element that OpenAPI 3.0 does not allow in its place.
    pub fn parse(text: &str, name: &Path) -> Result<Self> {
        let text = text.replace("\r\n", "\n");
        let root: Value =
            serde_saphyr::from_str_with_options(&text, yaml_options()).map_err(|error| {
                Error::new(
                    "this is not YAML",
                    "mend the syntax at the line that is named",
                )
                .in_file(name)
                .with_source(error)
            })?;
        let document = Self {
            file: name.to_owned(),
            root,
            digest: hex(&Sha256::digest(text.as_bytes())),
        };
        document
            .check_version()
            .and_then(|()| document.check_structure())
            .map_err(|error| error.in_file(name))?;
        Ok(document)
    }

    fn check_version(&self) -> Result<()> {
        let not_openapi = |found: &str| {
            Error::new(
                format!("this is not an OpenAPI document: {found}"),
                "name a document that begins with `openapi: 3.0.x`",
            )
        };
        if self.root.get("swagger").is_some() {
            return Err(not_openapi("it is Swagger 2.0"));
        }
        let Some(version) = self.root.get("openapi") else {
            return Err(not_openapi("it has no `openapi` field"));
        };
        match version.as_str() {
            Some(version) if version.starts_with("3.0.") => Ok(()),
            _ => Err(Error::new(
                format!("OpenAPI {version} is not supported"),
                "convert the document to OpenAPI 3.0.3",
            )
            .at(&Pointer::root().join("openapi"))),
        }
    }

    fn check_structure(&self) -> Result<()> {
        fault::<openapiv3::OpenAPI>(&Pointer::root(), &self.root).map_or(Ok(()), |found| {
            let (pointer, error) = narrow(&self.root).unwrap_or(found);
            let error = Error::new(
                "this element does not follow OpenAPI 3.0",
                "compare it with the OpenAPI 3.0.3 specification; the fault is at or below this place",
            )
            .at(&pointer)
            .with_source(error.into_inner().to_string());
            Err(error)
        })
    }
}

/// Published descriptions are large (the 1.9.0 document has more than a megabyte), and trusted.
/// `no` is a country, not a boolean.
fn yaml_options() -> serde_saphyr::Options {
    serde_saphyr::options! { budget: None, strict_booleans: true }
}

type Structure = serde_path_to_error::Error<serde_json::Error>;

/// Looks for a fault below the place where the parser of the whole document stopped, which does
/// not see into paths, responses and schemas: they are parsed one by one.
fn narrow(root: &Value) -> Option<(Pointer, Structure)> {
    let entries = |value: &Value, at: &Pointer| -> Vec<(Pointer, Value)> {
        let members = value.as_object().into_iter().flatten();
        members
            .map(|(key, value)| (at.join(key), value.clone()))
            .collect()
    };
    let at = |names: &[&str]| names.iter().fold(Pointer::root(), |at, name| at.join(name));
    let below = |pointer: Pointer| {
        entries(
            root.pointer(pointer.as_str()).unwrap_or(&Value::Null),
            &pointer,
        )
    };

    let operations = below(at(&["paths"]))
        .into_iter()
        .flat_map(|(path, item)| entries(&item, &path))
        .filter(|(_, operation)| operation.get("responses").is_some());
    for (pointer, operation) in operations {
        let responses = pointer.join("responses");
        for (pointer, response) in entries(&operation["responses"], &responses) {
            if let Some(fault) = fault::<openapiv3::Response>(&pointer, &response) {
                return Some(fault);
            }
        }
        if let Some(fault) = fault::<openapiv3::Operation>(&pointer, &operation) {
            return Some(fault);
        }
    }
    for (pointer, response) in below(at(&["components", "responses"])) {
        if let Some(fault) = fault::<openapiv3::Response>(&pointer, &response) {
            return Some(fault);
        }
    }
    below(at(&["components", "schemas"]))
        .iter()
        .find_map(|(pointer, schema)| fault::<openapiv3::Schema>(pointer, schema))
}

/// What is wrong with a part of the document, unless it is a reference.
fn fault<T: serde::de::DeserializeOwned>(
    pointer: &Pointer,
    part: &Value,
) -> Option<(Pointer, Structure)> {
    if part.get("$ref").is_some() {
        return None;
    }
    let parsed: Result<T, _> = serde_path_to_error::deserialize(part);
    let error = parsed.err()?;
    let place = error
        .path()
        .iter()
        .fold(pointer.clone(), |place, segment| place.join(segment));
    Some((place, error))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
