#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use upvest_auth_signing::{
    AccessToken, Clock, KeyAlgorithm, KeyError, RemoteSigner, RequestKey, RequestSigner, Scopes,
    SignerError, SigningKey, Switch, TokenSource,
};
pub use upvest_client::auth::{
    Builder, Environment, builder, from_env, from_env_with, from_variables, variables,
};
#[cfg(feature = "testing")]
pub use upvest_client::testing;
pub use upvest_client::{
    Argument, Body, BoxError, Bytes, CallOptions, Client, Error, File, FileCall, FileProgress,
    Listing, OPERATIONS, OperationCall, OperationInfo, OptionalArgument, Page, Response,
    RetryPolicy, Service, ServiceLayer, calls, operations,
};
#[cfg(feature = "transport")]
pub use upvest_client::{Transport, TransportBuilder};
pub use upvest_models as models;
