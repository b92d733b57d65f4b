//! A terminal for a test, in tmux.

use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a screen may take to show what has to show.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A terminal in which a command runs. It goes away at the end of a test, come what may.
pub(crate) struct Terminal {
    server: String,
}

impl Terminal {
    /// Runs a command of the shell, with these variables; nothing where tmux is not installed.
    pub(crate) fn run(command: &str, variables: &[(&str, &str)]) -> Option<Self> {
        static TERMINALS: AtomicU32 = AtomicU32::new(0);
        if Command::new("tmux").arg("-V").output().is_err() {
            eprintln!("tmux is not installed: this test has tried nothing");
            return None;
        }
        let number = TERMINALS.fetch_add(1, Ordering::SeqCst);
        let terminal = Self {
            server: format!("upvest-test-{}-{number}", std::process::id()),
        };
        let begin = "-u -f /dev/null new-session -d -x 100 -y 14";
        let mut arguments: Vec<String> = begin.split(' ').map(str::to_owned).collect();
        for (name, value) in variables {
            arguments.extend(["-e".to_owned(), format!("{name}={value}")]);
        }
        // How the command ended and what it left of the terminal shows as long as the test looks.
        let command = format!(
            "{command}; echo \"ended with $?\"; stty -a | grep -o -e '-*icanon'; exec sleep 600"
        );
        arguments.push(command);
        let output = terminal.tmux(&arguments);
        assert!(output.status.success(), "{output:?}");
        Some(terminal)
    }

    /// Types keys, by their names in tmux.
    pub(crate) fn press(&self, keys: &[&str]) {
        let mut arguments = vec!["send-keys".to_owned()];
        arguments.extend(keys.iter().map(|key| (*key).to_owned()));
        self.tmux(&arguments);
    }

    /// What shows.
    pub(crate) fn screen(&self) -> String {
        self.capture(&["capture-pane", "-p"])
    }

    /// What shows, with the codes of its colours.
    pub(crate) fn colours(&self) -> String {
        self.capture(&["capture-pane", "-p", "-e"])
    }

    /// What shows once a text does.
    pub(crate) fn until(&self, text: &str) -> String {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let screen = self.screen();
            if screen.contains(text) {
                return screen;
            }
            assert!(
                Instant::now() < deadline,
                "{text:?} does not show: {screen}"
            );
        }
    }

    fn capture(&self, arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
        String::from_utf8_lossy(&self.tmux(&arguments).stdout).into_owned()
    }

    fn tmux(&self, arguments: &[String]) -> Output {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.server]).args(arguments);
        command.env_remove("NO_COLOR").env_remove("TMUX");
        command.output().expect("tmux runs")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server".to_owned()]);
    }
}
