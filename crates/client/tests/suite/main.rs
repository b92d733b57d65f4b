//! The client as its users meet it, over a transport that plays a script.

mod errors;
mod recorder;
mod requests;
mod retries;
mod support;
mod traces;
