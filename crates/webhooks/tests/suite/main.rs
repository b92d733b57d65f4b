//! Webhooks, from the bytes on the wire to the events handed out.

mod crashing;
mod deliveries;
mod end_to_end;
mod events;
mod fetching;
mod finishing;
mod limits;
mod ordering;
mod postgres;
mod receiving;
mod remembering;
mod shown;
mod strangers;
mod support;
#[cfg(feature = "testing")]
mod testing;
mod wire;
