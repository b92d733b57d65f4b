//! Reading a description: from a file to a document that is OpenAPI 3.0.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{Error, Pointer, Result};
use crate::read::convert::{self, Version};
use crate::read::cursor::Cursor;
use crate::read::yaml;

/// A description, read from one file and [converted](convert) to OpenAPI 3.0.
#[derive(Clone, Debug)]
pub struct Document {
    /// The name of the file in errors and reports.
    pub file: PathBuf,
    /// The content. YAML timestamps stay strings.
    pub root: Value,
    /// The SHA-256 of the file with its line ends as LF, in hexadecimal.
    ///
    /// It identifies the published document, so overlays do not change it: their effect shows in
    /// the generated code itself.
    pub digest: String,
}

impl Document {
    /// Reads a file. Errors call it `name`.
    ///
    /// # Errors
    /// When the file cannot be read, or for the reasons of [`Document::parse`].
    pub fn load(path: &Path, name: &Path) -> Result<Self> {
        Self::parse(&yaml::load(path, name, "the API description")?, name)
    }

    /// Reads a text. Errors call it `name`.
    ///
    /// # Errors
    /// When the text is neither YAML nor JSON, is not OpenAPI 3.0 or 3.1, or says something that
    /// OpenAPI 3.0 cannot express.
    pub fn parse(text: &str, name: &Path) -> Result<Self> {
        let text = text.replace("\r\n", "\n");
        let mut root = yaml::parse(&text, name)?;
        version(&root)
            .and_then(|version| convert::convert(&mut root, version))
            .map_err(|error| error.in_file(name))?;
        Ok(Self {
            file: name.to_owned(),
            root,
            digest: hex(&Sha256::digest(text.as_bytes())),
        })
    }

    /// The same document, by another name of its file.
    #[must_use]
    pub fn called(mut self, name: &Path) -> Self {
        name.clone_into(&mut self.file);
        self
    }

    /// Checks that every element is one that OpenAPI 3.0 allows in its place. Overlays are applied
    /// before this check, so that they can correct such an element.
    ///
    /// # Errors
    /// When an element is not allowed in its place.
    pub fn check_structure(&self) -> Result<()> {
        let root = Cursor::of(&self.root);
        fault::<openapiv3::OpenAPI>(&root).map_or(Ok(()), |found| {
            let (pointer, error) = narrow(&root).unwrap_or(found);
            let error = Error::new(
                "this element does not follow OpenAPI 3.0",
                "compare it with the OpenAPI 3.0.3 specification; the fault is at or below this place",
            )
            .at(&pointer)
            .in_file(&self.file)
            .with_source(error.into_inner().to_string());
            Err(error)
        })
    }
}

/// The version that a document is written in.
fn version(root: &Value) -> Result<Version> {
    let not_openapi = |found: &str| {
        Error::new(
            format!("this is not an OpenAPI document: {found}"),
            "name a document that begins with `openapi: 3.0.x` or `openapi: 3.1.x`",
        )
    };
    if root.get("swagger").is_some() {
        return Err(not_openapi("it is Swagger 2.0"));
    }
    let Some(version) = root.get("openapi") else {
        return Err(not_openapi("it has no `openapi` field"));
    };
    match version.as_str() {
        Some(version) if version.starts_with("3.0.") => Ok(Version::V3_0),
        Some(version) if version.starts_with("3.1.") => Ok(Version::V3_1),
        _ => Err(Error::new(
            format!("OpenAPI {version} is not supported"),
            "convert the document to OpenAPI 3.0.3 or 3.1",
        )
        .at(&Pointer::root().join("openapi"))),
    }
}

type Structure = serde_path_to_error::Error<serde_json::Error>;

/// Looks for a fault below the place where the parser of the whole document stopped, which does
/// not see into paths, responses and schemas: they are parsed one by one.
fn narrow(root: &Cursor<'_>) -> Option<(Pointer, Structure)> {
    fn below<'d>(place: Option<Cursor<'d>>) -> Vec<Cursor<'d>> {
        place.map_or(Vec::new(), |place| place.children())
    }
    let responses = |owner: &Cursor<'_>| {
        let all = below(owner.get("responses"));
        all.iter().find_map(fault::<openapiv3::Response>)
    };
    let items = below(root.get("paths")).into_iter();
    let operations = items.flat_map(|item| item.children());
    let in_operations = operations
        .filter(|operation| operation.get("responses").is_some())
        .find_map(|one| responses(&one).or_else(|| fault::<openapiv3::Operation>(&one)));
    in_operations.or_else(|| {
        let components = root.get("components")?;
        let schemas = below(components.get("schemas"));
        responses(&components).or_else(|| schemas.iter().find_map(fault::<openapiv3::Schema>))
    })
}

/// What is wrong with a part of the document, unless it is a reference.
fn fault<T: serde::de::DeserializeOwned>(part: &Cursor<'_>) -> Option<(Pointer, Structure)> {
    if part.get("$ref").is_some() {
        return None;
    }
    let parsed: Result<T, _> = serde_path_to_error::deserialize(part.value());
    let error = parsed.err()?;
    Some((part.pointer().follow(error.path()), error))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
