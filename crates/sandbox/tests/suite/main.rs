//! The sandbox over real connections, mostly with requests that it must refuse.

mod counters;
mod deliveries;
mod delivery_faults;
mod description;
mod faults;
mod headers;
mod lifecycle;
mod operations;
mod receiver;
mod signatures;
mod support;
mod tokens;
mod webhooks;
