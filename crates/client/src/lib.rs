//! Every operation of the Upvest Investment API.

#![forbid(unsafe_code)]
