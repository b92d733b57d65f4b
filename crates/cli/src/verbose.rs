//! Spans and events on standard error, for `--verbose`.

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;

/// Prints spans and events of the crates of the SDK to standard error from now on.
pub(crate) fn begin() {
    let ours = Targets::new().with_target("upvest", LevelFilter::DEBUG);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_filter(ours);
    // A second one is not needed.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines));
}
