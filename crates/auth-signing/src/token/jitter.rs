use std::fmt;
use std::sync::Arc;

use crate::crypto::random;

/// The source of randomness that keeps many clients from sending the same request at the same time:
/// [`RandomJitter`] in production, anything fixed in tests.
///
/// A closure `Fn() -> f64` is a source too, and so is a shared source in an [`Arc`].
pub trait Jitter: Send + Sync {
    /// Returns a number from 0 to 1, evenly distributed. A number outside that range counts as the
    /// nearer end, and NaN counts as 0.
    fn jitter(&self) -> f64;
}

impl<F> Jitter for F
where
    F: Fn() -> f64 + Send + Sync,
{
    fn jitter(&self) -> f64 {
        self()
    }
}

impl<J: Jitter + ?Sized> Jitter for Arc<J> {
    fn jitter(&self) -> f64 {
        (**self).jitter()
    }
}

impl fmt::Debug for dyn Jitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jitter")
    }
}

/// The random numbers of the operating system, or 0.5 if it has none.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomJitter;

impl Jitter for RandomJitter {
    fn jitter(&self) -> f64 {
        let mut bytes = [0; 4];
        match random(&mut bytes) {
            Ok(()) => f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX),
            Err(_) => 0.5,
        }
    }
}

/// The number of a source, limited to the range from 0 to 1.
pub(super) fn share(jitter: &dyn Jitter) -> f64 {
    let share = jitter.jitter();
    if share.is_nan() {
        0.0
    } else {
        share.clamp(0.0, 1.0)
    }
}
