//! The terminal, while the view is shown.

use std::io;

use ratatui::{DefaultTerminal, Frame};

/// The exit code of a program that panicked.
const PANICKED: i32 = 101;

/// The whole terminal. It is as it was before once this is dropped.
pub(super) struct Screen(DefaultTerminal);

impl Screen {
    /// Takes the terminal. If anything panics from now on, the terminal is given back and the program ends:
    /// anything drawn afterwards would appear in the scrollback of the shell.
    ///
    /// # Errors
    ///
    /// When standard output is not a terminal that can be drawn on.
    pub(super) fn enter() -> io::Result<Self> {
        let terminal = ratatui::try_init().inspect_err(|_| ratatui::restore())?;
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            told(panic);
            std::process::exit(PANICKED);
        }));
        Ok(Self(terminal))
    }

    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.0.draw(draw).map(drop)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::view::tmux::Terminal;

    /// Set where the test is to panic, which it does in a separate process.
    const PANIC: &str = "UPVEST_TEST_PANIC";

    #[test]
    fn a_panic_restores_the_terminal() {
        if std::env::var_os(PANIC).is_some() {
            let mut screen = Screen::enter().expect("a terminal");
            let drawn = screen.draw(|frame| frame.render_widget("drawn", frame.area()));
            drawn.expect("it draws");
            panic!("on purpose");
        }
        let program = std::env::current_exe().expect("a path");
        let test = "view::screen::tests::a_panic_restores_the_terminal";
        let command = format!("'{}' --exact {test} --nocapture", program.display());
        let Some(terminal) = Terminal::run(&command, &[(PANIC, "1")]) else {
            return;
        };
        let left = terminal.until("icanon");
        assert!(left.contains("on purpose"), "{left}");
        assert!(left.contains("ended with 101\nicanon"), "{left}");
        assert!(!left.contains("drawn"), "{left}");
    }
}
