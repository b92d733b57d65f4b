//! The front door, over real sockets to the sandbox, and over transports that play a script.

mod building;
mod calls;
mod every_operation;
mod in_process;
mod retries;
mod signers;
mod storms;
#[path = "../support/mod.rs"]
mod support;
