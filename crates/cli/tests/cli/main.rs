//! The program from end to end, against its own sandbox.

mod calls;
mod corpus;
mod explain;
mod inbox;
mod keys;
mod profiles;
mod program;
mod proxy;
mod sandbox;
mod session;
mod spec;
mod support;
mod webhooks;
