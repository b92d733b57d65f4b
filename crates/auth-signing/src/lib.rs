//! Access tokens and HTTP message signatures for the Upvest Investment API.

#![forbid(unsafe_code)]
