//! An error as text: one line for people, and what a debugger shows. Neither has the body in it.

use std::fmt;

use bytes::Bytes;
use upvest_http::Excerpt;

use super::{Error, ErrorKind};

/// How many characters are shown of an untrusted text.
const LONGEST: usize = 300;

/// An untrusted text, fit for one line.
fn excerpt(text: &str) -> Excerpt<'_> {
    Excerpt::new(text).limit(LONGEST)
}

impl Error {
    /// What it came from, outermost first. Of an exchange that was interrupted, only the innermost
    /// cause says why.
    fn fmt_causes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            cause = error.source();
            if cause.is_none() || self.0.kind != ErrorKind::Transport {
                write!(f, ": {}", excerpt(&error.to_string()))?;
            }
        }
        Ok(())
    }

    /// What happened, for people.
    fn reason(&self) -> String {
        let inner = &*self.0;
        match inner.kind {
            ErrorKind::Authentication => "no access token".to_owned(),
            ErrorKind::Transport if self.is_tls() => "no secure connection".to_owned(),
            ErrorKind::Transport if self.is_connect() => "no connection".to_owned(),
            ErrorKind::Transport => "the exchange was interrupted".to_owned(),
            ErrorKind::Middleware => "the request was not sent".to_owned(),
            ErrorKind::Response => inner
                .received
                .as_ref()
                .map(|received| received.status.to_string())
                .unwrap_or_default(),
            _ => inner.message.clone(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{}: ", operation.id)?;
        }
        write!(f, "{}", self.reason())?;
        if self.0.kind == ErrorKind::Response
            && let Some(problem) = &self.0.problem
        {
            let kind = problem.type_.rsplit('/').next().unwrap_or(&problem.type_);
            write!(f, ": {}", excerpt(kind))?;
            if let Some(text) = problem.detail.as_ref().or(problem.title.as_ref()) {
                write!(f, ", {}", excerpt(text))?;
            }
        }
        self.fmt_causes(f)?;
        if let Some(hint) = self.hint() {
            write!(f, "; {}", excerpt(hint))?;
        }
        let is_told = matches!(self.0.kind, ErrorKind::Response | ErrorKind::Authentication);
        if !is_told && let Some(status) = self.status() {
            write!(f, " (status {status})")?;
        }
        if self.0.attempts > 1 {
            write!(f, " ({} attempts)", self.0.attempts)?;
        }
        if let Some(wait) = self.retry_after() {
            write!(f, " (retry after {} s)", wait.as_secs())?;
        }
        if let Some(id) = self.request_id() {
            write!(f, " (request id {})", excerpt(id))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("operation", &self.0.operation.map(|operation| operation.id))
            .field("message", &self.to_string())
            .field("attempts", &self.0.attempts)
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .field("problem", &self.0.problem)
            .field("body_bytes", &self.body().map(Bytes::len))
            .field("source", &self.0.source)
            .finish()
    }
}
