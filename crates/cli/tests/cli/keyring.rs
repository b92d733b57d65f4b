//! Secrets in a real keyring: the Secret Service of GNOME, on a separate message bus.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Sandbox, stderr};

/// How long the service may take to begin.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A bus on which anybody may speak to anybody, and which starts no service by itself.
const BUS: &str = r#"<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=DIRECTORY</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow receive_sender="*" eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

/// A process that is ended at the end of a test, come what may.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A message bus, with a home for the keyring.
struct Bus {
    home: tempfile::TempDir,
    address: String,
    _process: Process,
}

impl Bus {
    /// Nothing where the programs are not installed.
    fn start() -> Option<Self> {
        for program in ["dbus-daemon", "gnome-keyring-daemon", "secret-tool"] {
            let runs = Command::new(program).arg("--version").output();
            if runs.is_err() {
                eprintln!("{program} is not installed: this test has tried nothing");
                return None;
            }
        }
        let home = tempfile::tempdir().expect("a directory");
        let configuration = home.path().join("bus.conf");
        let text = BUS.replace("DIRECTORY", &home.path().to_string_lossy());
        std::fs::write(&configuration, text).expect("it can be written");
        let mut process = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", configuration.display()))
            .args(["--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut address = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        let process = Process(process);
        BufReader::new(stdout)
            .read_line(&mut address)
            .expect("it prints its address");
        Some(Self {
            home,
            address: address.trim().to_owned(),
            _process: process,
        })
    }

    /// The service, whose keyring this password unlocks; it stays locked if it has another one.
    fn keyring(&self, password: &str) -> Process {
        let mut process = self
            .command("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut stdin = process.stdin.take().expect("it is piped");
        stdin.write_all(password.as_bytes()).expect("it reads");
        drop(stdin);
        let process = Process(process);
        let deadline = Instant::now() + TIMEOUT;
        while !self.found("nothing").stderr.is_empty() {
            assert!(Instant::now() < deadline, "the keyring does not begin");
        }
        process
    }

    /// What the service has for a name, as its own program finds it.
    fn found(&self, name: &str) -> Output {
        let lookup = ["lookup", "service", "upvest", "username", name];
        let mut command = self.command("secret-tool");
        command.args(lookup).output().expect("it runs")
    }

    fn secret(&self, name: &str) -> String {
        String::from_utf8(self.found(name).stdout).expect("text")
    }

    fn command(&self, program: &str) -> Command {
        let home: &Path = self.home.path();
        let mut command = Command::new(program);
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", home)
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_RUNTIME_DIR", home)
            .env_remove("DISPLAY");
        command
    }

    /// What `upvest` does with these arguments and this bus, as the user of a sandbox's home.
    fn run(
        &self,
        sandbox: &Sandbox,
        arguments: &[&str],
        stdin: &str,
    ) -> assert_cmd::assert::Assert {
        let mut command = sandbox.home.upvest(arguments);
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command.write_stdin(stdin).assert()
    }

    /// Makes the profile `mine` of a sandbox, with its secret in the keyring.
    fn init(&self, sandbox: &Sandbox, more: &[&str]) -> assert_cmd::assert::Assert {
        let secret = sandbox.variable("UPVEST_CLIENT_SECRET");
        let mut init = vec!["init", "mine", "--client-secret-file", "-"];
        for (option, variable) in [
            ("--base-url", "UPVEST_BASE_URL"),
            ("--client-id", "UPVEST_CLIENT_ID"),
            ("--key-id", "UPVEST_KEY_ID"),
            ("--private-key-file", "UPVEST_PRIVATE_KEY_FILE"),
        ] {
            init.extend([option, sandbox.variable(variable)]);
        }
        self.run(sandbox, &[&init[..], more].concat(), secret)
    }
}

/// No file has it, calls are signed with it, and it goes with its profile.
#[test]
fn the_secret_service_keeps_the_client_secret() {
    let Some(bus) = Bus::start() else { return };
    let _keyring = bus.keyring("of the user");
    let sandbox = Sandbox::start();
    let secret = sandbox.variable("UPVEST_CLIENT_SECRET");
    bus.init(&sandbox, &["--keyring"]).success();
    assert_eq!(bus.secret("mine.secret"), secret);
    let file = sandbox.home.path("mine.secret");
    let profiles = std::fs::read_to_string(sandbox.home.path("config.toml")).expect("a file");
    assert!(!profiles.contains(secret) && !file.exists(), "{profiles}");
    for arguments in [&["whoami"][..], &["call", "list_webhooks"]] {
        bus.run(&sandbox, arguments, "").success();
    }

    bus.init(&sandbox, &[]).success();
    assert_eq!(bus.secret("mine.secret"), "", "a file has it now");
    bus.run(&sandbox, &["whoami"], "").success();
    bus.run(&sandbox, &["init", "mine", "--keyring"], "")
        .success();
    assert_eq!(bus.secret("mine.secret"), secret);
    assert!(!file.exists());

    bus.run(&sandbox, &["profiles", "remove", "mine"], "")
        .success();
    assert_eq!(bus.secret("mine.secret"), "", "it goes with the profile");
}

/// The passphrase of a key, too.
#[test]
fn the_secret_service_keeps_the_passphrase() {
    let Some(bus) = Bus::start() else { return };
    let _keyring = bus.keyring("of the user");
    let sandbox = Sandbox::start();
    let home = &sandbox.home;
    home.write("passphrase", "open sesame\n");
    let key = sandbox.variable("UPVEST_PRIVATE_KEY_FILE");
    let convert = [
        "keys",
        "convert",
        key,
        "--to",
        "key.pem",
        "--passphrase-file",
        "passphrase",
    ];
    home.run(&convert).success();
    let with_key = ["--keyring", "--passphrase-file", "passphrase"];
    bus.init(&sandbox, &with_key).success();
    let other_key = ["init", "mine", "--private-key-file", "key.pem"];
    bus.run(&sandbox, &other_key, "").success();
    std::fs::remove_file(home.path("passphrase")).expect("it is there");
    assert_eq!(bus.secret("mine.passphrase"), "open sesame");
    bus.run(&sandbox, &["call", "list_webhooks"], "").success();
    bus.run(&sandbox, &["profiles", "remove", "mine"], "")
        .success();
    assert_eq!(bus.secret("mine.passphrase"), "");
}

/// No secret is shown, and nothing is written or removed.
#[test]
fn a_secret_service_that_is_absent_or_locked_is_reported() {
    let Some(bus) = Bus::start() else { return };
    let sandbox = Sandbox::start();
    let secret = sandbox.variable("UPVEST_CLIENT_SECRET");
    let told = |assert: assert_cmd::assert::Assert, words: &str| {
        let told = stderr(&assert.code(3));
        assert!(
            told.contains(words) && told.contains("\n  help: "),
            "{told}"
        );
        assert!(!told.contains(secret), "{told}");
    };
    told(bus.init(&sandbox, &["--keyring"]), "cannot be used: ");
    assert!(!sandbox.home.path("config.toml").exists());
    let unlocked = bus.keyring("of the user");
    bus.init(&sandbox, &["--keyring"]).success();
    drop(unlocked);

    let locked = bus.keyring("of somebody else");
    told(bus.run(&sandbox, &["whoami"], ""), "is locked: ");
    told(bus.init(&sandbox, &["--keyring"]), "is locked: ");
    let remove = ["profiles", "remove", "mine"];
    told(bus.run(&sandbox, &remove, ""), "is locked: ");
    drop(locked);

    let _unlocked = bus.keyring("of the user");
    assert_eq!(bus.secret("mine.secret"), secret, "it is still there");
    bus.run(&sandbox, &remove, "").success();
}
