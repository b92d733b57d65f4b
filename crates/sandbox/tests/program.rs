//! The program: what it prints, and what it leaves behind.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use upvest_auth_signing::SigningKey;

const ACCOUNT_GROUP: &str = "d0fc0305-97b7-4e3b-bddf-66d3c434898c";

/// The program while it runs. Killed at the end of a test, come what may.
struct Program {
    process: Child,
    stdout: BufReader<ChildStdout>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_upvest-sandbox"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let stdout = BufReader::new(process.stdout.take().expect("it is piped"));
        Self { process, stdout }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("it prints text");
        line.trim_end().to_owned()
    }

    /// What it says when it ends by itself, having printed nothing.
    fn failure(mut self) -> String {
        assert_eq!(self.line(), "");
        let status = self.process.wait().expect("it ends");
        assert_eq!(status.code(), Some(1));
        self.messages()
    }

    /// What it says when it is told to end, having nothing left to print.
    #[cfg(unix)]
    fn terminate(mut self, signal: &str) -> String {
        let process = self.process.id().to_string();
        let kill = Command::new("kill").args([signal, &process]).status();
        assert!(kill.expect("there is a kill").success());
        assert_eq!(self.line(), "");
        assert!(self.process.wait().expect("it ends").success());
        self.messages()
    }

    fn messages(&mut self) -> String {
        let mut stderr = self.process.stderr.take().expect("it is piped");
        let mut text = String::new();
        stderr.read_to_string(&mut text).expect("it is text");
        text
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A path in the directory for temporary files of the tests, where nothing is yet.
fn new_path(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&path);
    path
}

/// The value in a line such as `export NAME='value'`.
fn exported(line: &str, name: &str) -> String {
    line.strip_prefix(&format!("export {name}='"))
        .and_then(|rest| rest.strip_suffix('\''))
        .unwrap_or_else(|| panic!("{line} does not export {name}"))
        .to_owned()
}

#[test]
fn it_prints_what_a_shell_can_read() {
    let path = new_path("it's a shell.pem");
    let path = path.to_str().unwrap();
    let mut program = Program::start(&["--port", "0", "--key-file", path]);

    let base_url = exported(&program.line(), "UPVEST_BASE_URL");
    assert!(base_url.starts_with("http://127.0.0.1:"), "{base_url}");
    assert_eq!(exported(&program.line(), "UPVEST_CLIENT_ID").len(), 36);
    assert!(!exported(&program.line(), "UPVEST_CLIENT_SECRET").is_empty());
    assert_eq!(exported(&program.line(), "UPVEST_KEY_ID").len(), 36);
    let key_file = exported(&program.line(), "UPVEST_PRIVATE_KEY_FILE");
    assert_eq!(key_file, path.replace('\'', r"'\''"));
    assert_eq!(
        program.line(),
        format!("# Demo account group: {ACCOUNT_GROUP}")
    );

    SigningKey::from_pem_file(path, None).expect("the key can be read");
    let address = base_url.strip_prefix("http://").unwrap();
    std::net::TcpStream::connect(address).expect("it listens");
}

#[test]
fn it_prints_json() {
    let path = new_path("json.pem");
    let path = path.to_str().unwrap();
    let mut program = Program::start(&["--port", "0", "--key-file", path, "--json"]);
    let value: serde_json::Value = serde_json::from_str(&program.line()).expect("it is JSON");
    let members: Vec<&String> = value.as_object().expect("it is an object").keys().collect();
    assert_eq!(
        members,
        [
            "UPVEST_BASE_URL",
            "UPVEST_CLIENT_ID",
            "UPVEST_CLIENT_SECRET",
            "UPVEST_KEY_ID",
            "UPVEST_PRIVATE_KEY_FILE",
            "account_group_id"
        ]
    );
    assert_eq!(value["UPVEST_PRIVATE_KEY_FILE"], path);
    assert_eq!(value["account_group_id"], ACCOUNT_GROUP);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_key_and_it_goes_away() {
    use std::os::unix::fs::PermissionsExt;

    for signal in ["-INT", "-TERM"] {
        let mut program = Program::start(&["--port", "0", "--json"]);
        let value: serde_json::Value = serde_json::from_str(&program.line()).expect("it is JSON");
        let path = value["UPVEST_PRIVATE_KEY_FILE"].as_str().expect("a path");
        let mode = std::fs::metadata(path).expect("it exists").permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);

        let base_url = value["UPVEST_BASE_URL"].as_str().expect("a URL");
        let messages = program.terminate(signal);
        assert_eq!(
            messages,
            format!("Listening on {base_url}, Ctrl-C to stop\n")
        );
        assert!(!Path::new(path).exists());
    }
}

#[test]
fn it_does_not_overwrite_a_file() {
    let path = new_path("precious.pem");
    std::fs::write(&path, "precious").unwrap();
    let path = path.to_str().unwrap();
    let failure = Program::start(&["--port", "0", "--key-file", path]).failure();
    let expected = format!("error: cannot write the key file `{path}`: ");
    assert!(failure.starts_with(&expected), "{failure}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "precious");
}

#[test]
fn it_says_when_the_port_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let failure = Program::start(&["--port", &port]).failure();
    let expected = format!("error: cannot listen on 127.0.0.1:{port}: ");
    assert!(failure.starts_with(&expected), "{failure}");
}
