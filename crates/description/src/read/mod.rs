//! Reading: from files to one document that is OpenAPI 3.0, with its overlays laid over it.

pub mod convert;
pub mod cursor;
pub mod document;
pub mod operations;
pub mod overlay;
pub mod replacements;
pub mod walk;
pub mod yaml;
