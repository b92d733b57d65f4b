//! What a new version of the description changes: for whom, how badly, and which version step the
//! next release needs.
//!
//! Both documents are lowered first, as for generation, and then their models are compared:
//! operations, types and limits, by their Rust names. Parts that generate no code are compared in
//! the documents (`document`). Every other difference, except in examples, titles, words and order,
//! is reported as not understood and counts as breaking.
//!
//! A change has a **class**: what it does to programs that were built with the old version and meet
//! the new API. It also requires a **step** of each crate, by Rust's rules for semantic versioning
//! of the generated code. Class and step may differ: a path that moves breaks every running
//! program, but nobody has to change code. A minor or major step of the models is also one of the
//! client, which re-exports them, as `upvest` and `upvest-webhooks` do.
//!
//! Steps are those of a version from 1.0 on. While a crate is at 0.x, `major` raises the minor
//! number, and `minor` and `patch` raise the patch number.

mod arguments;
mod change;
mod class;
mod comparison;
mod document;
mod fields;
mod limits;
mod messages;
mod operations;
mod pairs;
mod report;
mod rest;
mod rules;
mod rust;
mod schemas;
mod types;
mod webhooks;

pub use change::Change;
pub use class::{Audience, Class, VersionStep};
pub use comparison::Diff;
pub use report::{Format, aligned, code, visible};
pub use rules::{ChangeKind, RULES, Rule};
pub use rust::{Crate, RustChange};
