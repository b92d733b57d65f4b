//! The program from end to end, against its own sandbox.

mod calls;
mod commands;
mod corpus;
mod downloads;
mod explain;
mod forwarding;
mod inbox;
mod input;
#[cfg(all(feature = "keyring", target_os = "linux"))]
mod keyring;
mod keys;
mod profiles;
mod program;
mod proxy;
mod receiver;
mod sandbox;
#[cfg(unix)]
#[expect(dead_code, reason = "the tests of the inbox crash it, too")]
#[path = "../../../inbox/tests/suite/server.rs"]
mod server;
mod session;
mod spec;
mod support;
mod tmux;
mod trigger;
mod view;
mod webhooks;
