//! The signer by ssh-agent against that of OpenSSH.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use upvest_auth_signing::{KeyAlgorithm, RequestSigner};
use upvest_signers::ssh_agent::{SshAgentSigner, SshKey};

use crate::support::{Calls, chain};

/// An agent with keys, ended when dropped.
struct Agent {
    directory: TempDir,
    id: String,
}

impl Agent {
    /// `None` where OpenSSH is absent.
    fn start() -> Option<Self> {
        let directory = tempfile::tempdir().expect("a directory");
        let socket = directory.path().join("agent");
        let started = Command::new("ssh-agent")
            .args(["-s", "-a"])
            .arg(&socket)
            .output();
        let Ok(started) = started else {
            eprintln!("NOT TESTED: ssh-agent is absent (openssh-client in Debian)");
            return None;
        };
        let text = String::from_utf8(started.stdout).expect("text");
        let (_, id) = text.split_once("SSH_AGENT_PID=").expect("its id");
        let (id, _) = id.split_once(';').expect("its id");
        let agent = Self {
            id: id.to_owned(),
            directory,
        };
        let kinds = [
            ("p521", "ecdsa", "521"),
            ("ed25519", "ed25519", "256"),
            ("p256", "ecdsa", "256"),
            ("twice", "ed25519", "256"),
        ];
        for (comment, kind, bits) in kinds {
            agent.add_key(comment, comment, kind, bits);
        }
        agent.add_key("second", "twice", "ed25519", "256");
        Some(agent)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn socket(&self) -> PathBuf {
        self.path("agent")
    }

    fn add_key(&self, file: &str, comment: &str, kind: &str, bits: &str) {
        let file = self.path(file);
        let mut generate = Command::new("ssh-keygen");
        generate.args(["-q", "-N", "", "-C", comment, "-t", kind, "-b", bits, "-f"]);
        run(generate.arg(&file));
        run(self.ssh_add().arg(&file));
    }

    fn ssh_add(&self) -> Command {
        let mut command = Command::new("ssh-add");
        command.env("SSH_AUTH_SOCK", self.socket());
        command
    }

    fn fingerprint(&self, file: &str) -> String {
        let output = run(Command::new("ssh-keygen")
            .args(["-l", "-f"])
            .arg(self.path(file)));
        let text = String::from_utf8(output.stdout).expect("text");
        text.split(' ').nth(1).expect("a fingerprint").to_owned()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(&self.id).status();
    }
}

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("runs");
    assert!(output.status.success(), "{output:?}");
    output
}

#[tokio::test]
async fn calls_pass_strict_verification() {
    let Some(agent) = Agent::start() else { return };
    for (name, algorithm) in [
        ("p521", KeyAlgorithm::EcdsaP521Sha512),
        ("ed25519", KeyAlgorithm::Ed25519),
    ] {
        for key in [
            SshKey::Comment(name.to_owned()),
            SshKey::Fingerprint(agent.fingerprint(name)),
        ] {
            let signer = SshAgentSigner::open(agent.socket(), key).await;
            let signer = signer.expect("opened");
            assert_eq!(signer.algorithm(), algorithm);
            let calls = Calls::new(signer);
            for _ in 0..250 {
                calls.call().await.expect("answered");
            }
            assert_eq!(calls.taken(), 250);
        }
    }
}

/// `cargo test -p upvest-signers --all-features ten_thousand -- --ignored`.
#[tokio::test]
#[ignore = "takes minutes"]
async fn ten_thousand_calls_without_one_that_is_refused() {
    let Some(agent) = Agent::start() else { return };
    for name in ["p521", "ed25519"] {
        let key = SshKey::Comment(name.to_owned());
        let signer = SshAgentSigner::open(agent.socket(), key).await;
        Calls::new(signer.expect("opened")).ten_thousand().await;
    }
}

#[tokio::test]
async fn what_cannot_be_opened() {
    let Some(agent) = Agent::start() else { return };
    for (socket, key, expected) in [
        (
            agent.socket(),
            "other",
            "the agent has no key `other`, but 5 others",
        ),
        (
            agent.socket(),
            "twice",
            "several keys `twice`: give a fingerprint",
        ),
        (
            agent.socket(),
            "p256",
            "neither a P-521 (ecdsa-sha2-nistp521) nor",
        ),
        (
            Path::new("/no/agent").into(),
            "p521",
            "no agent answers at /no/agent",
        ),
    ] {
        let key = SshKey::Comment(key.to_owned());
        let error = SshAgentSigner::open(socket, key).await.expect_err(expected);
        assert!(chain(&error).contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_key_that_is_gone_and_an_agent_that_is_gone() {
    let Some(agent) = Agent::start() else { return };
    let key = SshKey::Comment("p521".to_owned());
    let signer = SshAgentSigner::open(agent.socket(), key).await;
    let calls = Calls::new(signer.expect("opened"));
    run(agent.ssh_add().arg("-D"));
    let error = calls.failure().await;
    assert!(error.contains("the agent refuses to sign"), "{error}");
    std::fs::remove_file(agent.socket()).expect("removed");
    let error = calls.failure().await;
    assert!(error.contains("cannot be reached"), "{error}");
}
