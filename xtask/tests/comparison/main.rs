//! Comparing two versions of the description, and taking a new one.

mod silence;
#[path = "../suite/support.rs"]
mod support;
mod vocabulary;
