use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::runtime::Handle;

/// Runs a token request to its end, whether or not anybody waits for it. [`TokioExecutor`] serves
/// in production; tests, and programs on a runtime other than tokio, provide their own.
///
/// A closure `Fn(BoxFuture<'static, ()>)` is an executor too, and so is a shared executor in an
/// [`Arc`]. An executor may drop a task. A token request then goes on for as long as a caller waits
/// for it, and a token is replaced when it has expired instead of earlier.
pub trait Executor: Send + Sync {
    /// Runs this task in the background. It must not block.
    fn execute(&self, task: BoxFuture<'static, ()>);
}

impl<F> Executor for F
where
    F: Fn(BoxFuture<'static, ()>) + Send + Sync,
{
    fn execute(&self, task: BoxFuture<'static, ()>) {
        self(task);
    }
}

impl<E: Executor + ?Sized> Executor for Arc<E> {
    fn execute(&self, task: BoxFuture<'static, ()>) {
        (**self).execute(task);
    }
}

impl fmt::Debug for dyn Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Executor")
    }
}

/// Spawns tasks on the runtime of [tokio](https://docs.rs/tokio) that the caller runs on. Outside
/// of such a runtime, it drops tasks.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioExecutor;

impl Executor for TokioExecutor {
    fn execute(&self, task: BoxFuture<'static, ()>) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(task);
        }
    }
}
