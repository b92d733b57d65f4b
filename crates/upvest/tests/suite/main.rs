//! The front door, over real sockets to the sandbox, and over transports that play a script.

mod building;
mod calls;
mod example;
#[path = "../../../client/tests/suite/recorder.rs"]
mod recorder;
mod retries;
mod storms;
mod traces;
