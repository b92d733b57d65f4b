//! Answers of operations.
//!
//! If an operation can answer with JSON or with a file, the method of the client returns the JSON,
//! and `.file()` on the call asks for the file:
//!
//! ```yaml
//! content:
//!   application/json: {schema: {$ref: "#/components/schemas/Report"}}
//!   application/pdf: {schema: {type: string, format: binary}}
//! ```

use super::name::Name;
use super::operations::Reader;
use crate::error::Result;
use crate::ir::{PROBLEM, Success};
use crate::names;
use crate::read::cursor::Cursor;

impl Reader<'_> {
    /// What a success is, and the media type of the file that it may be instead.
    pub(super) fn responses(
        &mut self,
        id: &str,
        operation: &Cursor<'_>,
    ) -> Result<(Success, Option<String>)> {
        let mut success = None;
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
                _ if status == "default" => self.failure(&place)?,
                _ if status.starts_with("x-") => {}
                _ => {
                    return Err(response.unsupported(&format!("a response for status `{status}`")));
                }
            }
        }
        success.ok_or_else(|| {
            operation.error("there is no response for success", "add a 2xx response")
        })
    }

    fn success(&mut self, id: &str, response: &Cursor<'_>) -> Result<(Success, Option<String>)> {
        let (files, others): (Vec<_>, Vec<_>) = response
            .entries_of("content")?
            .into_iter()
            .partition(|(media_type, _)| is_file(media_type));
        let files: Vec<&str> = files
            .into_iter()
            .map(|(media_type, _)| media_type)
            .collect();
        let file = (!files.is_empty()).then(|| files.join(", "));
        match (&others[..], file) {
            ([], Some(file)) => Ok((Success::File(file), None)),
            ([], None) => Ok((Success::Empty, None)),
            ([("application/json", media)], file) => {
                let name = Name::of(names::response_name(id));
                Ok((Success::Json(self.media(media, &name)?), file))
            }
            ([(other, media)], _) => {
                Err(media.unsupported(&format!("a response of type `{other}`")))
            }
            _ => Err(response.unsupported("a response of several media types")),
        }
    }

    /// All errors must have the one schema that the client's error holds.
    fn failure(&mut self, response: &Cursor<'_>) -> Result<()> {
        for (media_type, media) in response.entries_of("content")? {
            if !matches!(media_type, "application/problem+json" | "application/json") {
                return Err(media.unsupported(&format!("an error of type `{media_type}`")));
            }
            let place = media.require("schema")?;
            let ty = self.media(&media, &Name::of(PROBLEM))?;
            match &self.problem {
                None => {
                    self.api.problem = Some(ty.clone());
                    self.problem = Some((ty, place.pointer().clone()));
                }
                Some((known, _)) if *known == ty => {}
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
}

/// Whether a body of this type is returned as it is.
fn is_file(media_type: &str) -> bool {
    matches!(media_type, "application/pdf" | "application/octet-stream")
}
