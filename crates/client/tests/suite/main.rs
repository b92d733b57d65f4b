//! The client as its users meet it, over a transport that plays a script.

mod connections;
mod errors;
mod metrics;
mod requests;
mod retries;
mod support;
mod testing;
