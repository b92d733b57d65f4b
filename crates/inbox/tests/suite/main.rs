//! The inbox on real databases: SQLite always, PostgreSQL and NATS where they are installed.

#[cfg(feature = "postgres")]
mod actor;
#[cfg(feature = "sqlite")]
mod as_written;
#[cfg(feature = "postgres")]
mod crashing;
mod database;
mod events;
mod leases;
#[cfg(feature = "otel")]
mod metrics;
mod mirroring;
mod operating;
#[cfg(feature = "postgres")]
mod outages;
#[cfg(feature = "postgres")]
mod partitions;
#[cfg(feature = "postgres")]
mod plans;
#[cfg(feature = "postgres")]
mod process;
mod receiving;
#[cfg(all(feature = "postgres", feature = "nats"))]
mod relaying;
mod scenarios;
#[cfg(feature = "postgres")]
mod server;
#[cfg(feature = "postgres")]
mod side_by_side;
mod signed;
mod storing;
#[cfg(feature = "postgres")]
mod two_processes;
mod working;
