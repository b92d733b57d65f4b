//! A handle to a connection below HTTP.

use std::sync::{Arc, OnceLock};

/// How a connection is cut.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// As a server does that has finished with it (FIN).
    Closed,
    /// As a server does that crashed (RST): data in transit is lost.
    Reset,
}

/// A handle to a connection, for code that only sees its requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionHandle(Arc<OnceLock<Cut>>);

impl ConnectionHandle {
    /// Ends the connection instead of sending the next bytes.
    pub(crate) fn cut(&self, cut: Cut) {
        // The first cut counts.
        let _ = self.0.set(cut);
    }

    /// How it was cut, if it was.
    pub(crate) fn was_cut(&self) -> Option<Cut> {
        self.0.get().copied()
    }
}
