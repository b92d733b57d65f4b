//! The generator, from the command line down to what it writes.

mod checking;
mod constructs;
mod convert;
mod crates;
mod hostile;
mod lock;
mod overlay;
mod patterns;
mod random;
mod refusals;
mod schemas;
mod snapshots;
mod standalone;
mod support;
mod surfaces;
mod tolerance;
mod workflows;
