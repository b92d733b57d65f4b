//! The databases: what is the same in both is written once, over this narrow interface.

mod dialect;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod value;

pub use dialect::Backend;
pub(crate) use dialect::query;
pub(crate) use value::{Answer, Row, Value};
