//! The sandbox over real connections, mostly with requests that it must refuse.

mod counters;
mod description;
mod faults;
mod headers;
mod lifecycle;
mod operations;
mod signatures;
mod support;
mod tokens;
