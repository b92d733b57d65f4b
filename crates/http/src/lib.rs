#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod excerpt;
mod retry_after;

pub use excerpt::Excerpt;
pub use retry_after::retry_after;
