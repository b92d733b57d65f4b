use std::fmt;

use tower::BoxError;

/// Why the inbox, or what is built on it, failed. The source of the error says more.
///
/// ```
/// # fn look(error: upvest_inbox::Error) {
/// if error.is_transient() {
///     // The database is away or busy: the same will work later.
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Error {
    action: &'static str,
    source: BoxError,
}

impl Error {
    pub(crate) fn new(action: &'static str, source: impl Into<BoxError>) -> Self {
        Self {
            action,
            source: source.into(),
        }
    }

    /// Adapts [`Error::new`] to `map_err`.
    pub(crate) fn when<E: Into<BoxError>>(action: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::new(action, source)
    }

    /// Whether the database has rolled back a transaction because of a concurrent one.
    pub(crate) fn is_conflict(&self) -> bool {
        match self.source.downcast_ref::<sqlx::Error>() {
            Some(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
                // PostgreSQL: a serialisation failure, a deadlock.
                matches!(&*code, "40001" | "40P01")
            }),
            _ => false,
        }
    }

    /// Whether the same may succeed later without a change: the connection broke or could not be
    /// made, or the database was busy, restarting or out of space, or found a deadlock.
    pub fn is_transient(&self) -> bool {
        match self.source.downcast_ref::<sqlx::Error>() {
            Some(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut) => true,
            Some(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
                // PostgreSQL: connection, transaction rollback, resources, operator. SQLite: busy,
                // locked, full.
                let classes = ["08", "40", "53", "57"];
                let is_state = code.len() == 5 && classes.iter().any(|one| code.starts_with(one));
                is_state || matches!(&*code, "5" | "6" | "13" | "261" | "517")
            }),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}", self.action)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}
