//! Clients that fetch their own tokens and sign every request.

mod builder;
mod env;
mod environment;
mod scopes;
mod signing;
pub mod variables;

pub use builder::{Builder, builder};
pub use env::{from_env, from_env_with, from_variables};
pub use environment::Environment;
