//! The inbox on real databases: SQLite always, PostgreSQL where it is installed.

mod database;
mod events;
#[cfg(feature = "postgres")]
mod server;
mod storing;
mod working;
