//! Generates the models and the client from the vendored API description.

#![forbid(unsafe_code)]
