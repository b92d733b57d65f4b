//! Access tokens by client credentials (RFC 6749 section 4.4) or from a source of one's own,
//! fetched when needed and cached.

mod access;
mod backoff;
mod cache;
mod cached;
mod credentials;
mod error;
mod jitter;
mod layer;
mod request;
mod timer;
mod unauthorized;

pub use access::{AccessToken, TokenSource};
pub use credentials::ClientCredentials;
pub use error::TokenError;
pub use jitter::{Jitter, RandomJitter};
pub use layer::{TokenLayer, TokenService};
pub use timer::{Timer, TokioTimer};
