#![doc = include_str!("../../../README.md")]
#![forbid(unsafe_code)]

mod client;
mod env;
mod environment;
mod scopes;

pub use client::{Client, ClientBuilder};
pub use environment::Environment;
pub use upvest_auth_signing::{
    AccessToken, Clock, KeyAlgorithm, KeyError, Scopes, SigningKey, TokenSource,
};
pub use upvest_client::{
    BoxError, Bytes, Error, OPERATIONS, OperationInfo, Page, Response, RetryPolicy, Service,
    ServiceLayer, builder, operations,
};
pub use upvest_models as models;
