//! What the sandbox remembers: resources with their states, cash, orders and positions.

mod cash;
mod kind;
mod kinds;
mod orders;
mod positions;
mod seeds;
mod steps;
mod transactions;
mod world;

pub(crate) use cash::{Balance, DEMO_ACCOUNT_GROUP, main_balance};
pub(crate) use kind::{Kind, Role};
pub(crate) use kinds::role;
pub(crate) use steps::Pace;
pub(crate) use world::World;
