//! The front door, over real sockets to the sandbox, and over transports that play a script.

mod building;
mod calls;
mod example;
mod storms;
#[path = "../../../client/tests/suite/recorder.rs"]
mod recorder;
mod retries;
mod traces;
