//! Checking: what is in the tree, what another version of the API changes, and what typify makes of
//! the same types.

pub mod diff;
pub mod opinion;
pub mod tree;
