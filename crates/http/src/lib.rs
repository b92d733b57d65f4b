#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod excerpt;
mod one_line;
mod retry_after;

pub use excerpt::Excerpt;
pub use one_line::one_line;
pub use retry_after::retry_after;
