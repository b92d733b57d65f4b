use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

/// Waits for a time to pass. [`TokioTimer`] serves in production; tests, and programs on a runtime
/// other than tokio, provide their own.
///
/// A closure `Fn(Duration) -> impl Future<Output = ()>` is a timer too, and so is a shared timer
/// in an [`Arc`].
pub trait Timer: Send + Sync {
    /// Returns a future that is ready after this time.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

impl<F, Sleep> Timer for F
where
    F: Fn(Duration) -> Sleep + Send + Sync,
    Sleep: Future<Output = ()> + Send + 'static,
{
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self(duration).boxed()
    }
}

impl<T: Timer + ?Sized> Timer for Arc<T> {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        (**self).sleep(duration)
    }
}

impl fmt::Debug for dyn Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Timer")
    }
}

/// The timer of [tokio](https://docs.rs/tokio), whose runtime must have time enabled.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioTimer;

impl Timer for TokioTimer {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // `sleep` itself already asks for the runtime, so it waits for the first poll.
        async move { tokio::time::sleep(duration).await }.boxed()
    }
}
