//! An in-process stand-in for the Upvest Investment API.

#![forbid(unsafe_code)]
