//! A directory, a sandbox, and the program in both.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command as Process, Stdio};

use assert_cmd::Command;
use assert_cmd::assert::Assert;

/// The account group that a sandbox has from the start.
pub(crate) const ACCOUNT_GROUP: &str = "d0fc0305-97b7-4e3b-bddf-66d3c434898c";

const PROGRAM: &str = env!("CARGO_BIN_EXE_upvest");

/// A directory with nothing in it, the home of a user who has set nothing.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        self.write_bytes(name, content.as_bytes())
    }

    pub(crate) fn write_bytes(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("it can be written");
        path
    }

    /// The program, with these arguments.
    pub(crate) fn upvest(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments);
        command.env_clear();
        command.env("UPVEST_CONFIG", self.path("config.toml"));
        command.current_dir(self.0.path());
        command
    }

    /// What it does with these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Assert {
        self.upvest(arguments).assert()
    }
}

/// A sandbox, which the program itself is. Killed at the end of a test, come what may.
pub(crate) struct Sandbox {
    process: Child,
    pub(crate) admin: String,
    /// The variables that it printed.
    pub(crate) variables: serde_json::Value,
    pub(crate) home: Home,
}

impl Sandbox {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(more: &[&str]) -> Self {
        let home = Home::new();
        let free = ["sandbox", "--port", "0", "--admin", "127.0.0.1:0", "--json"];
        let mut process = Process::new(PROGRAM)
            .args(free)
            .args(more)
            .current_dir(home.path("."))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it prints text");
        let variables = serde_json::from_str(&line).expect("JSON");
        let mut told = String::new();
        let stderr = process.stderr.take().expect("it is piped");
        BufReader::new(stderr)
            .read_line(&mut told)
            .expect("it tells");
        let admin = told
            .trim()
            .rsplit("http://")
            .next()
            .unwrap_or_default()
            .to_owned();
        Self {
            process,
            admin,
            variables,
            home,
        }
    }

    /// The program, which finds this sandbox as the profile `local`.
    pub(crate) fn upvest(&self, arguments: &[&str]) -> Command {
        let mut command = self.home.upvest(arguments);
        command.env("UPVEST_SANDBOX_ADMIN", &self.admin);
        command.env("UPVEST_PROFILE", "local");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Assert {
        self.upvest(arguments).assert()
    }

    pub(crate) fn variable(&self, name: &str) -> &str {
        self.variables[name].as_str().expect("a variable")
    }
}

/// A command that runs until it is ended, which is at the end of a test, come what may.
struct Running(Child);

impl Running {
    fn start(sandbox: &Sandbox, arguments: &[&str]) -> (Self, BufReader<ChildStdout>) {
        let mut process = Process::new(PROGRAM)
            .args(arguments)
            .env("UPVEST_CONFIG", sandbox.home.path("config.toml"))
            .env("UPVEST_SANDBOX_ADMIN", &sandbox.admin)
            .current_dir(sandbox.home.path("."))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let stdout = process.stdout.take().expect("it is piped");
        (Self(process), BufReader::new(stdout))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn line(from: &mut impl BufRead) -> String {
    let mut line = String::new();
    from.read_line(&mut line).expect("it prints text");
    line.trim_end().to_owned()
}

/// A receiver of webhooks, which stores events in `events.db`.
pub(crate) struct Listener {
    _running: Running,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
    pub(crate) url: String,
}

impl Listener {
    /// One that has subscribed to a sandbox.
    pub(crate) fn start(sandbox: &Sandbox, more: &[&str]) -> Self {
        let mut listener = Self::receive(sandbox, &[&["--subscribe"], more].concat());
        let told = listener.note();
        assert!(told.starts_with("Subscribed as "), "{told}");
        listener
    }

    /// One that has not.
    pub(crate) fn receive(sandbox: &Sandbox, more: &[&str]) -> Self {
        let listen = "webhooks listen --port 0 --database events.db --profile local";
        let listen: Vec<&str> = listen.split(' ').collect();
        let (mut running, mut stdout) = Running::start(sandbox, &[&listen[..], more].concat());
        let url = line(&mut stdout);
        let stderr = running.0.stderr.take().expect("it is piped");
        Self {
            _running: running,
            stdout,
            stderr: BufReader::new(stderr),
            url,
        }
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        line(&mut self.stdout)
    }

    /// The next line that it prints besides these.
    pub(crate) fn note(&mut self) -> String {
        line(&mut self.stderr)
    }
}

/// A proxy in front of a sandbox.
pub(crate) struct Proxy {
    running: Running,
    pub(crate) address: String,
}

impl Proxy {
    pub(crate) fn start(sandbox: &Sandbox) -> Self {
        Self::start_with(sandbox, &[])
    }

    pub(crate) fn start_with(sandbox: &Sandbox, more: &[&str]) -> Self {
        let arguments = ["proxy", "--port", "0", "--profile", "local"];
        let arguments = [&arguments[..], more].concat();
        let (running, mut stdout) = Running::start(sandbox, &arguments);
        let address = line(&mut stdout).trim_start_matches("http://").to_owned();
        Self { running, address }
    }

    /// How much memory it holds.
    #[cfg(target_os = "linux")]
    pub(crate) fn resident_kilobytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.running.0.id());
        let status = std::fs::read_to_string(path).expect("it runs");
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.expect("a number")
    }

    /// Ends it, and returns what it printed meanwhile.
    pub(crate) fn told(mut self) -> String {
        let _ = self.running.0.kill();
        let mut told = String::new();
        let mut stderr = self.running.0.stderr.take().expect("it is piped");
        stderr.read_to_string(&mut told).expect("text");
        told
    }

    /// Sends a request, and returns the head and the body of its answer.
    pub(crate) fn send(&self, request: &str) -> (String, String) {
        send(&self.address, request)
    }
}

/// Sends a request that closes the connection, and returns the head and the body of its answer.
pub(crate) fn send(address: &str, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    (head.to_owned(), body.to_owned())
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("text")
}

pub(crate) fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).expect("text")
}

pub(crate) fn json(assert: &Assert) -> serde_json::Value {
    serde_json::from_str(&stdout(assert)).expect("JSON")
}

/// Whether a file can be read by its owner alone.
#[cfg(unix)]
pub(crate) fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::metadata(path).expect("it is there");
    metadata.permissions().mode() & 0o777 == 0o600
}

/// Elsewhere there are no modes.
#[cfg(not(unix))]
pub(crate) fn is_private(path: &Path) -> bool {
    path.exists()
}
