//! An axum.
fn main() {}
