//! Unofficial Rust SDK for the Upvest Investment API.

#![forbid(unsafe_code)]
