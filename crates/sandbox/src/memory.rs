//! What the sandbox remembers: resources with their states, cash, orders and positions.

mod cash;
mod due;
mod executions;
mod flows;
mod fundings;
mod lookup;
mod orders;
mod positions;
mod products;
mod rebalancing;
mod requests;
mod resource_type;
mod resource_types;
mod savings;
mod schedule;
mod seeds;
mod store;
mod trade;
mod transactions;
mod transitions;
mod valuations;

pub(crate) use cash::{Balance, DEMO_ACCOUNT_GROUP, main_balance};
pub(crate) use resource_type::{ResourceType, Role};
pub(crate) use resource_types::role;
pub(crate) use schedule::Durations;
pub(crate) use store::Store;
