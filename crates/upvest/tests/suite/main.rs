//! The front door, over real sockets to the sandbox.

mod building;
mod calls;
mod example;
mod storms;
