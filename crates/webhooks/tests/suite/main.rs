//! Webhooks, from the bytes on the wire to the events handed out.

mod crashing;
mod deliveries;
mod end_to_end;
mod events;
mod fetching;
mod ordering;
mod receiving;
mod support;
mod wire;
