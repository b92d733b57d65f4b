//! What the sandbox remembers: resources with their states, cash, orders and positions.

mod agenda;
mod cash;
mod flows;
mod fundings;
mod kind;
mod kinds;
mod life;
mod orders;
mod positions;
mod products;
mod rebalancing;
mod savings;
mod seeds;
mod trade;
mod transactions;
mod valuations;
mod world;

pub(crate) use agenda::Pace;
pub(crate) use cash::{Balance, DEMO_ACCOUNT_GROUP, main_balance};
pub(crate) use kind::{Kind, Role};
pub(crate) use kinds::role;
pub(crate) use world::World;
