//! When a command that runs for long is to end.

/// Returns when the process is asked to end: by Ctrl-C, or on Unix also by SIGTERM.
#[cfg(unix)]
pub(crate) async fn requested() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}

/// Returns when the process is asked to end: by Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn requested() {
    let _ = tokio::signal::ctrl_c().await;
}
