//! The program: what it prints, and what it leaves behind.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use bytes::Bytes;
use http::Request;
use upvest_auth_signing::{Signer, SigningKey};
use upvest_models::AccessToken;

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

    /// What it says when it is asked to end, having nothing left to print.
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

/// What the server at an address answers to a request, as far as it does.
fn answer(base_url: &str, request: &Request<Bytes>) -> String {
    let address = base_url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).expect("it listens");
    let (method, path) = (request.method(), request.uri().path());
    let mut message =
        format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in request.headers() {
        message.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    message.push_str("\r\n");
    stream.write_all(message.as_bytes()).unwrap();
    stream.write_all(request.body()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it is closed");
    answer
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
    TcpStream::connect(address).expect("it listens");
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

#[test]
fn tokens_are_valid_for_as_long_as_the_option_says() {
    let path = new_path("lifetime.pem");
    let path = path.to_str().unwrap();
    let arguments = ["--port", "0", "--json", "--token-lifetime", "7"];
    let mut program = Program::start(&[&arguments[..], &["--key-file", path]].concat());
    let value: serde_json::Value = serde_json::from_str(&program.line()).expect("it is JSON");
    let text = |name: &str| value[name].as_str().expect("it is text").to_owned();
    let client_id = text("UPVEST_CLIENT_ID");
    let form = format!(
        "client_id={client_id}&client_secret={}&grant_type=client_credentials&scope=users:read",
        text("UPVEST_CLIENT_SECRET")
    );
    let mut request = Request::post(format!("{}/auth/token", text("UPVEST_BASE_URL")))
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("upvest-client-id", client_id)
        .body(Bytes::from(form))
        .unwrap();
    let key = SigningKey::from_pem_file(path, None).expect("the key can be read");
    let signer = Signer::new(key, text("UPVEST_KEY_ID"));
    signer.sign(&mut request).expect("it can be signed");

    let answer = answer(&text("UPVEST_BASE_URL"), &request);
    let (_, body) = answer.split_once("\r\n\r\n").expect("there is an answer");
    let token: AccessToken = serde_json::from_str(body).expect("it is a token");
    assert_eq!(token.expires_in, 7);
}

#[test]
fn things_go_wrong_as_the_option_says() {
    let mut program = Program::start(&[
        "--port=0",
        "--json",
        "--fail=503:2@/auth/token",
        "--fail=429:1",
        "--fail=closed",
        "--fail=truncated@/nowhere",
        "--fail=504:always",
    ]);
    let value: serde_json::Value = serde_json::from_str(&program.line()).expect("it is JSON");
    let base_url = value["UPVEST_BASE_URL"].as_str().expect("it is text");
    let status = |path: &str| {
        let request = Request::get(path).body(Bytes::new()).unwrap();
        let answer = answer(base_url, &request);
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    let statuses = [
        "/users",
        "/auth/token",
        "/users",
        "/auth/token",
        "/nowhere",
        "/auth/token",
        "/nowhere",
    ]
    .map(status);
    assert_eq!(statuses, ["429", "503", "", "503", "404", "504", "504"]);
}

#[test]
fn a_fault_is_written_right() {
    for (written, reason) in [
        (
            "200",
            r#""200" is neither a status from 400 to 599 nor reset, closed or truncated"#,
        ),
        ("broken", r#""broken" is neither a status"#),
        ("", r#""" is neither a status"#),
        (
            "503:often",
            r#""often" is neither a number of times nor always"#,
        ),
        ("503@auth", r#"the path "auth" does not begin with a slash"#),
    ] {
        let program = Command::new(env!("CARGO_BIN_EXE_upvest-sandbox"))
            .args(["--fail", written])
            .output()
            .expect("it starts");
        let messages = String::from_utf8(program.stderr).expect("it is text");
        let words = messages.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(reason), "{messages}");
        assert!(words.contains("--fail <WHAT[:TIMES][@PATH]>"), "{messages}");
        assert_eq!(program.status.code(), Some(2));
    }
}

/// A request to the admin interface, and the JSON that it answers.
fn admin(address: &str, method: &str, path: &str, body: &str) -> serde_json::Value {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let message = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(message.as_bytes()).expect("it takes it");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (_, body) = answer.split_once("\r\n\r\n").expect("there is a body");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

/// A program with an admin interface, what it printed, and the address of the interface.
fn start_with_admin() -> (Program, serde_json::Value, String) {
    let arguments = [
        "--port",
        "0",
        "--admin",
        "127.0.0.1:0",
        "--json",
        "--url",
        "http://sandbox:1",
    ];
    let mut program = Program::start(&arguments);
    let printed: serde_json::Value = serde_json::from_str(&program.line()).unwrap();
    let mut stderr = BufReader::new(program.process.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("Admin interface on http://");
    let address = address.unwrap().to_owned();
    program.process.stderr = Some(stderr.into_inner());
    (program, printed, address)
}

#[test]
fn the_admin_interface_does_what_tests_do() {
    let (_program, printed, address) = start_with_admin();
    let address = address.as_str();
    assert_eq!(printed["UPVEST_BASE_URL"], "http://sandbox:1");

    let environment = admin(address, "GET", "/environment", "");
    assert_eq!(environment["UPVEST_CLIENT_ID"], printed["UPVEST_CLIENT_ID"]);
    assert!(SigningKey::from_pem(environment["private_key"].as_str().unwrap(), None).is_ok());
    let client = admin(
        address,
        "POST",
        "/clients",
        r#"{"scopes":"positions:read"}"#,
    );
    assert_ne!(client["client_id"], printed["UPVEST_CLIENT_ID"]);

    for (method, path, body) in [
        (
            "PUT",
            "/prices",
            r#"{"isin":"US0378331005","price":"120.50"}"#,
        ),
        ("POST", "/events", r#"{"example":"ORDER.FILLED"}"#),
        ("POST", "/events", "[]"),
        ("POST", "/time", r#"{"seconds":172800}"#),
        ("POST", "/faults", r#"{"fault":"503:3@/auth/token"}"#),
        ("DELETE", "/faults", ""),
        (
            "PUT",
            "/answers",
            r#"{"operation":"place_order","status":409}"#,
        ),
        ("DELETE", "/answers", ""),
        ("DELETE", "/counters", ""),
    ] {
        let answer = admin(address, method, path, body);
        assert_eq!(answer.get("error"), None, "{path} {body}: {answer}");
    }
    assert_eq!(admin(address, "GET", "/counters", "")["requests"], 0);
}

#[test]
fn the_admin_interface_says_what_is_wrong() {
    let (_program, _, address) = start_with_admin();
    for (method, path, body, error) in [
        (
            "PUT",
            "/prices",
            r#"{"isin":"US0378331005","price":"0"}"#,
            "price is \"0\"",
        ),
        (
            "POST",
            "/events",
            r#"{"example":"MOON.FULL"}"#,
            "the API has no event",
        ),
        ("POST", "/time", "{}", "seconds is missing"),
        (
            "PUT",
            "/counters",
            "",
            "the admin interface has no PUT /counters",
        ),
        (
            "POST",
            "/faults",
            r#"{"fault":"777"}"#,
            "\"777\" is neither",
        ),
        (
            "PUT",
            "/answers",
            r#"{"operation":"place_bet","status":409}"#,
            "the API has no operation",
        ),
        ("PUT", "/balances", "{", "the body is malformed"),
    ] {
        let answer = admin(&address, method, path, body);
        let found = answer["error"].as_str().unwrap_or_default();
        assert!(found.starts_with(error), "{path} {body}: {answer}");
    }
}
