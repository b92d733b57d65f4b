//! Writing what is generated beside the models and the client.

pub mod sandbox;
