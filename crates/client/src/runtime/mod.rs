//! What the generated builders rest on, from arguments to request and from response to value.

use std::fmt::Display;

mod attempt;
mod base_url;
#[allow(dead_code)] // Which kinds of arguments and answers there are is up to the description.
mod call;
mod client;
mod connection;
mod error;
mod hint;
mod operation;
mod options;
#[allow(dead_code)] // Not every description has lists.
mod pages;
mod problem;
mod response;
mod retry;
mod retry_after;
mod trace;
mod transport;

pub use client::{Client, ClientBuilder};
pub use error::Error;
pub use hint::Hint;
pub use operation::OperationInfo;
pub(crate) use options::Options;
pub use pages::Page;
#[allow(unused_imports)] // Not every description has lists.
pub(crate) use pages::{items, number, offset, pages};
pub use response::Response;
pub use retry::RetryPolicy;
pub use transport::{Service, ServiceLayer};

/// Any error, as tower's middleware passes it on.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// An argument of a call, or why the value given does not convert.
pub(crate) fn argument<V, T>(name: &str, value: V) -> Result<T, String>
where
    V: TryInto<T>,
    V::Error: Display,
{
    value
        .try_into()
        .map_err(|error| format!("`{name}` is no `{}`: {error}", std::any::type_name::<T>()))
}

/// As [`argument`], for one that may be left out.
#[allow(dead_code)] // Not every description has optional ones.
pub(crate) fn optional_argument<V, T>(name: &str, value: V) -> Result<Option<T>, String>
where
    V: TryInto<T>,
    V::Error: Display,
{
    argument(name, value).map(Some)
}
