use std::fmt;

use tower::BoxError;

/// Why the inbox, or what is built on it, could not do something. Its source tells more.
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

    /// Whether the same may succeed later without anybody changing anything: the connection broke
    /// or could not be had, or the database was busy, restarting or out of room, or met a deadlock.
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

/// An error with all its sources in one line, escaped and cut, for a log line or a column.
pub(crate) fn line(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    escaped(&text)
}

/// A text without control characters, of 1,000 characters at most.
pub(crate) fn escaped(text: &str) -> String {
    let escape = |character: char| {
        let (escaped, plain) = match character.is_control() {
            true => (Some(character.escape_default()), None),
            false => (None, Some(character)),
        };
        escaped.into_iter().flatten().chain(plain)
    };
    text.chars().flat_map(escape).take(1000).collect()
}
