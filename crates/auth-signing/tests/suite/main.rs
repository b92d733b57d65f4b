//! The crate seen from outside. Nothing here sleeps, asks the real time or goes to the network.

mod explaining;
mod inspecting;
mod keys;
mod layers;
mod limits;
#[cfg(feature = "otel")]
mod metrics;
mod properties;
mod remote;
mod rfc_9421;
mod secrets;
mod signing;
mod skew;
mod support;
mod tampering;
mod tokens;
mod verifying;
mod version_6;
