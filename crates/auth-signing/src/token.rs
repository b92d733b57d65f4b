//! Access tokens by client credentials (RFC 6749 section 4.4), fetched when needed and cached.

mod cache;
mod credentials;
mod error;
mod layer;
mod request;

pub use credentials::ClientCredentials;
pub use error::TokenError;
pub use layer::{TokenLayer, TokenService};
