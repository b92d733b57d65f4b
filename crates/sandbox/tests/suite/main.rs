//! The sandbox over real connections, mostly with requests that it must refuse.

mod answers;
mod clients;
mod counters;
mod deliveries;
mod delivery_faults;
mod description;
mod faults;
mod headers;
mod journey;
mod lifecycle;
mod operations;
mod plans;
mod products;
mod receiver;
mod requests;
mod signatures;
mod support;
mod tokens;
mod transport;
mod webhooks;
mod whole_api;
