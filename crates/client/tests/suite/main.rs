//! The client as its users meet it, over a transport that plays a script.

mod errors;
mod requests;
mod retries;
mod support;
