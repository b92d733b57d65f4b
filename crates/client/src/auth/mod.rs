//! Clients that fetch their own tokens and sign every request.

mod builder;
mod env;
mod environment;
mod scopes;

pub use builder::{Builder, builder};
pub use env::from_env;
pub use environment::Environment;
