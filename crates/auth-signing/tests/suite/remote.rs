//! Remote signers: what they answer, and what holds when they fail.

mod forms;
mod limits;
mod rotation;
mod signers;
