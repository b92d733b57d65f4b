//! Access tokens, by client credentials (RFC 6749 section 4.4) or from a source that the caller
//! provides. They are fetched when they are needed, and cached.

mod access;
mod backoff;
mod budget;
mod cache;
mod cached;
mod credentials;
mod error;
mod executor;
mod fetch;
mod jitter;
mod layer;
mod request;
mod slot;
mod timer;
mod tokens;

pub use access::{AccessToken, TokenSource};
pub use budget::{ExtraRequest, RequestBudget};
pub use credentials::ClientCredentials;
pub use error::TokenError;
pub use executor::{Executor, TokioExecutor};
pub use jitter::{Jitter, RandomJitter};
pub use layer::{TokenLayer, TokenService};
pub use timer::{Timer, TokioTimer};
