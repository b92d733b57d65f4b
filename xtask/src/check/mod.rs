//! Comparing: what is in the tree with what would be written, and one version of the API with another.

pub mod diff;
