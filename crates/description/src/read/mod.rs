//! Reading: from files to one OpenAPI 3.0 document with its overlays applied.

pub mod convert;
pub mod cursor;
pub mod document;
pub mod operations;
pub mod overlay;
pub mod replacements;
pub mod walk;
pub mod yaml;
