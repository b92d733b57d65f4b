#![doc = include_str!("../../../README.md")]
#![forbid(unsafe_code)]

pub use upvest_auth_signing::{
    AccessToken, Clock, KeyAlgorithm, KeyError, Scopes, SigningKey, TokenSource,
};
pub use upvest_client::auth::{Builder, Environment, builder, from_env};
#[cfg(feature = "testing")]
pub use upvest_client::testing;
pub use upvest_client::{
    Argument, Body, BoxError, Bytes, CallOptions, Client, Error, File, Listing, OPERATIONS,
    OperationInfo, OptionalArgument, Page, Response, RetryPolicy, Service, ServiceLayer, Transport,
    TransportBuilder, calls, operations,
};
pub use upvest_models as models;
