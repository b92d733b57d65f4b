//! What a new version of the description changes: for whom, how badly, and what it asks of the
//! next release.
//!
//! Both documents go the way of generation first, and what is compared is what the generator makes of
//! them: operations, types, limits, by their Rust names. What generates nothing is read from the
//! documents (`document`), and so is whatever else differs: examples, titles, words and order aside, it is
//! told as not understood, and taken for the worst.
//!
//! A change has a **class**: what it does to programs that were built with the old version and
//! meet the new API. It also asks a **step** of each crate: what Rust's rules for semantic
//! versioning make of the code that is generated now. The two differ where they should. A path that
//! moves breaks every running program, but asks nobody to change any code. What the models ask, the
//! client asks too, from a minor step on: it re-exports them, as `upvest` and `upvest-webhooks` do.
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
pub use class::{Audience, Class, Step};
pub use comparison::Diff;
pub use report::{Format, aligned, code, visible};
pub use rules::{Kind, RULES, Rule};
pub use rust::{Crate, RustChange};
