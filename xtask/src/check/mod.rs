//! Checking: what is in the tree, and what typify makes of the same types.

pub mod opinion;
pub mod tree;
