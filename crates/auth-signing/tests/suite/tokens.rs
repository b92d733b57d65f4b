//! The token layer over a scripted API, with a clock that stands still and a timer that does not
//! wait.

mod api;
mod bounds;
mod budgets;
mod errors;
mod lifetimes;
mod refusals;
mod requests;
mod retries;
mod sharing;
mod sources;
