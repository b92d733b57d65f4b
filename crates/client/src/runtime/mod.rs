//! What the generated operations rest on, from arguments to request and from response to value.

mod argument;
mod attempt;
mod base_url;
mod body;
#[allow(dead_code)] // Which kinds of arguments and answers there are is up to the description.
mod call;
mod client;
mod connection;
mod decode;
mod error;
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
mod response;
mod retry;
mod service;
mod trace;
#[cfg(feature = "transport")]
mod transport;

pub use argument::{Argument, OptionalArgument};
#[cfg(feature = "auth")]
pub(crate) use attempt::Progress;
pub use body::Body;
pub(crate) use call::{Call, Operation, Sending};
pub use client::{Client, ClientBuilder};
pub use error::Error;
pub use file::File;
pub use hint::Hint;
pub use operation::OperationInfo;
pub use operation_call::OperationCall;
#[allow(unused_imports)] // Not every description has lists.
pub(crate) use operations::{operation, page, paged};
pub use options::CallOptions;
pub use pages::{Listing, Page};
#[allow(unused_imports)] // Not every description has lists.
pub(crate) use pages::{items, pages};
pub use response::Response;
pub use retry::RetryPolicy;
pub use service::{Service, ServiceLayer};
#[cfg(feature = "transport")]
pub use transport::{Transport, TransportBuilder};

/// Any error, as tower's middleware passes it on.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
