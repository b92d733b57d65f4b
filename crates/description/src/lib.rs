#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod diff;
pub mod error;
pub mod ir;
pub mod lower;
pub mod names;
pub mod read;
pub mod version;
