//! Comparing two versions of the description, and taking a new one.

mod changelog;
mod silence;
mod spec_diff;
mod spec_update;
// The other tests use what these do not.
#[allow(dead_code)]
#[path = "../suite/support.rs"]
mod support;
mod versions;
mod vocabulary;
