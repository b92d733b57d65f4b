//! Checking: what is in the tree, what another version of the API changes in Rust, and how typify reads
//! the same types.

pub mod opinion;
pub mod rust;
pub mod tree;
