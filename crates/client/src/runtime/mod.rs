//! What the generated operations rest on, from arguments to request and from response to value.

mod argument;
mod attempt;
mod base_url;
mod body;
#[allow(dead_code)] // Which kinds of arguments there are is up to the description.
mod call;
mod call_options;
mod client;
mod connection;
mod decode;
mod error;
#[allow(dead_code)] // Which kinds of answers there are is up to the description.
mod exchange;
mod file;
mod hint;
mod metrics;
mod operation;
mod operation_call;
#[macro_use]
mod operations;
mod options;
#[allow(dead_code)] // Not every description has lists.
mod pages;
mod problem;
mod received;
mod response;
mod retry;
mod retry_policy;
mod service;
mod trace;
#[cfg(feature = "transport")]
mod transport;

pub use argument::{Argument, OptionalArgument};
#[cfg(feature = "auth")]
pub(crate) use attempt::Progress;
pub use body::Body;
pub(crate) use call::{Call, Operation, Sending};
pub use call_options::CallOptions;
pub use client::{Client, ClientBuilder};
pub use error::Error;
pub use file::{File, FileCall, FileProgress};
pub use hint::Hint;
pub use operation::OperationInfo;
pub use operation_call::OperationCall;
#[allow(unused_imports)] // Not every description has lists.
pub(crate) use operations::{operation, page, paged};
pub use pages::{Listing, Page};
#[allow(unused_imports)] // Not every description has lists.
pub(crate) use pages::{items, pages};
pub use response::Response;
pub use retry_policy::RetryPolicy;
pub use service::{Service, ServiceLayer};
#[cfg(feature = "transport")]
pub use transport::{Transport, TransportBuilder};

/// Any error, as tower's middleware passes it on.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
