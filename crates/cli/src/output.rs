//! What is printed: results to standard output, all else to standard error.

use std::io::{self, IsTerminal, Write};

/// Prints a result.
///
/// # Errors
///
/// When nobody reads it any more, or it cannot be written.
pub(crate) fn print(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Prints a line of a result.
///
/// # Errors
///
/// As [`print()`].
pub(crate) fn line(text: &str) -> io::Result<()> {
    print(format!("{text}\n").as_bytes())
}

/// Prints a line beside the result. It does not matter whether anybody reads it.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Colours, if the output is a terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    is_coloured: bool,
}

impl Style {
    /// For standard output.
    pub(crate) fn of_stdout() -> Self {
        Self::of(io::stdout().is_terminal())
    }

    /// For standard error.
    pub(crate) fn of_stderr() -> Self {
        Self::of(io::stderr().is_terminal())
    }

    /// The variables are those of <https://no-color.org>, and what terminals without colours say of
    /// themselves.
    fn of(is_terminal: bool) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self {
            is_coloured: is_terminal && !no_color && !is_dumb,
        }
    }

    /// With colours in any case.
    #[cfg(test)]
    pub(crate) fn coloured() -> Self {
        Self { is_coloured: true }
    }

    /// Without colours.
    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self { is_coloured: false }
    }

    /// Whether there are colours.
    pub(crate) fn is_coloured(self) -> bool {
        self.is_coloured
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.wrapped("31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.wrapped("32", text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.wrapped("1", text)
    }

    fn wrapped(self, code: &str, text: &str) -> String {
        match self.is_coloured {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }
}

/// A line of progress, which the next one replaces; empty when it is done. It is shown only on a
/// terminal.
pub(crate) fn progress(text: &str) {
    let mut stderr = io::stderr();
    if stderr.is_terminal() {
        // Erases what was on the line.
        let _ = write!(stderr, "\r\u{1b}[K{text}");
        let _ = stderr.flush();
    }
}
