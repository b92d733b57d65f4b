//! Questions on a terminal.

use std::io::{self, IsTerminal as _, Write as _};

use zeroize::Zeroizing;

use crate::failure::Failure;

/// Asks a question that is answered with yes or no. Without a terminal the answer is no.
///
/// # Errors
///
/// When the answer cannot be read.
pub(crate) fn confirm(question: &str) -> io::Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    let mut stderr = io::stderr();
    stderr.write_all(question.as_bytes())?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Asks for a text that is not shown while it is typed.
///
/// # Errors
///
/// When there is no terminal.
pub(crate) fn secret(question: &str) -> Result<Zeroizing<String>, Failure> {
    let missing = || {
        Failure::usage(format!(
            "cannot ask for this without a terminal: {}",
            question.trim_end_matches([':', ' '])
        ))
    };
    if !io::stdin().is_terminal() {
        return Err(missing());
    }
    rpassword::prompt_password(question)
        .map(Zeroizing::new)
        .map_err(|_| missing())
}
