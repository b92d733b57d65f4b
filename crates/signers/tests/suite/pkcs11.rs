//! The PKCS#11 signer against SoftHSM2.
//!
//! SoftHSM2 finds its tokens by an environment variable. So each test runs once more in a process of
//! its own, with a token that was made for it.

use std::path::Path;
use std::process::Command;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use futures_util::future::join_all;
use upvest_auth_signing::{KeyAlgorithm, RequestSigner, SigningKey};
use upvest_signers::Secret;
use upvest_signers::pkcs11::{Pkcs11Options, Pkcs11Signer};

use crate::support::{Calls, chain};

const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

/// The directory of the token, in the process that has one.
const DIRECTORY: &str = "UPVEST_TEST_HSM";

const LABELS: [(&str, KeyAlgorithm); 2] = [
    ("p521", KeyAlgorithm::EcdsaP521Sha512),
    ("ed25519", KeyAlgorithm::Ed25519),
];

fn module() -> Option<&'static str> {
    MODULES.into_iter().find(|path| Path::new(path).exists())
}

/// Runs a test of this file in a process that has a token; or that test, in this process.
fn with_token(name: &str, test: impl AsyncFnOnce(&Path)) {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        return runtime.block_on(test(Path::new(&directory)));
    }
    if module().is_none() {
        eprintln!("NOT TESTED: SoftHSM2 is absent (softhsm2 in Debian)");
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    make_token(directory.path());
    let status = Command::new(std::env::current_exe().expect("a program"))
        .args(["--exact", &format!("pkcs11::{name}")])
        .args(["--nocapture", "--include-ignored"])
        .env(DIRECTORY, directory.path())
        .env("SOFTHSM2_CONF", directory.path().join("softhsm2.conf"))
        .status()
        .expect("runs");
    assert!(status.success());
}

fn make_token(directory: &Path) {
    let tokens = directory.join("tokens");
    std::fs::create_dir(&tokens).expect("a directory");
    let configuration = directory.join("softhsm2.conf");
    let text = format!("directories.tokendir = {}\n", tokens.display());
    std::fs::write(&configuration, text).expect("written");
    let softhsm = |arguments: &[&str]| {
        let output = Command::new("softhsm2-util")
            .args(arguments)
            .args(["--pin", "471147"])
            .env("SOFTHSM2_CONF", &configuration)
            .output()
            .expect("softhsm2-util runs");
        assert!(output.status.success(), "{output:?}");
    };
    softhsm(&[
        "--init-token",
        "--free",
        "--label",
        "upvest",
        "--so-pin",
        "5678",
    ]);
    for (number, (label, algorithm)) in LABELS.into_iter().enumerate() {
        let key = SigningKey::generate(algorithm).expect("a key");
        let file = directory.join(label);
        std::fs::write(&file, key.to_pkcs8_pem().as_bytes()).expect("written");
        let public = key.verifying_key().to_pem();
        std::fs::write(file.with_extension("pub"), public).expect("written");
        let file = file.to_str().expect("text");
        let id = format!("a{number}");
        softhsm(&[
            "--import", file, "--token", "upvest", "--label", label, "--id", &id,
        ]);
    }
}

/// Logs out all sessions of this process.
fn log_out() {
    let module = Pkcs11::new(module().expect("SoftHSM2")).expect("loaded");
    // All sessions of a process share one login.
    let _ = module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
    let slots = module.get_slots_with_token().expect("slots");
    let slot = slots
        .into_iter()
        .find(|slot| module.get_token_info(*slot).expect("info").label() == "upvest");
    let session = module
        .open_ro_session(slot.expect("the token"))
        .expect("a session");
    session.logout().expect("logged in before");
}

fn options() -> Pkcs11Options {
    Pkcs11Signer::module(module().expect("SoftHSM2"))
        .token_label("upvest")
        .pin(Secret::text("471147"))
}

#[test]
fn calls_pass_strict_verification() {
    with_token("calls_pass_strict_verification", async |directory| {
        for (label, algorithm) in LABELS {
            let signer = options().key_label(label).open().await.expect("opened");
            assert_eq!(signer.algorithm(), algorithm);
            let public = std::fs::read_to_string(directory.join(label).with_extension("pub"));
            let found = signer.verifying_key().expect("known").to_pem();
            assert_eq!(found, public.expect("readable"));
            let calls = Calls::new(signer);
            for _ in 0..500 {
                calls.call().await.expect("answered");
            }
            assert_eq!(calls.taken(), 500);
        }
    });
}

/// `cargo test -p upvest-signers --all-features ten_thousand -- --ignored`.
#[test]
#[ignore = "takes minutes"]
fn ten_thousand_calls_without_one_that_is_refused() {
    let name = "ten_thousand_calls_without_one_that_is_refused";
    with_token(name, async |_| {
        for (label, _) in LABELS {
            let signer = options().key_label(label).open().await;
            Calls::new(signer.expect("opened")).ten_thousand().await;
        }
    });
}

#[test]
fn sixty_four_calls_at_once_through_one_pool() {
    with_token("sixty_four_calls_at_once_through_one_pool", async |_| {
        for sessions in [1, 8] {
            let signer = options().key_label("p521").sessions(sessions).open().await;
            let calls = Calls::new(signer.expect("opened"));
            let tasks = (0..64).map(|_| {
                let calls = calls.clone();
                tokio::spawn(async move { calls.call().await.expect("answered") })
            });
            for task in join_all(tasks).await {
                task.expect("no panic");
            }
            assert_eq!(calls.taken(), 64);
        }
    });
}

#[test]
fn a_login_that_is_gone_is_made_anew() {
    with_token("a_login_that_is_gone_is_made_anew", async |_| {
        let signer = options().key_label("p521").open().await.expect("opened");
        let calls = Calls::new(signer);
        calls.call().await.expect("answered");
        log_out();
        for _ in 0..3 {
            calls.call().await.expect("logged in again");
        }
        assert_eq!(calls.taken(), 4);
    });
}

#[test]
fn a_pin_that_is_wrong_is_tried_once() {
    with_token("a_pin_that_is_wrong_is_tried_once", async |directory| {
        let file = directory.join("pin");
        std::fs::write(&file, "471147\n").expect("written");
        let options = options().key_label("p521").pin(Secret::file(&file));
        let calls = Calls::new(options.open().await.expect("opened"));
        std::fs::write(&file, "999999").expect("written");
        log_out();
        let error = calls.failure().await;
        assert!(error.contains("the token refuses the PIN"), "{error}");
        for _ in 0..20 {
            let error = calls.failure().await;
            assert!(error.contains("refused this PIN before"), "{error}");
        }
        std::fs::write(&file, "471147").expect("written");
        calls.call().await.expect("logged in again");
    });
}

#[test]
fn what_cannot_be_opened() {
    with_token("what_cannot_be_opened", async |_| {
        let cases = [
            (options(), "there are 2 private keys"),
            (
                options().key_label("other"),
                "there is no private key `other`",
            ),
            (
                options().key_id([0xff]),
                "there is no private key with the id [ff]",
            ),
            (
                options().token_label("other"),
                "the module has no such token, but `upvest`",
            ),
            (options().slot(7), "the module has no such token"),
            (
                options().pin(Secret::env("NO_SUCH_PIN")),
                "cannot read the PIN of the token: the environment",
            ),
            (
                options().pin(Secret::text("999999")),
                "the token refuses the PIN",
            ),
            (
                Pkcs11Signer::module("/no/such.so"),
                "/no/such.so cannot be loaded",
            ),
        ];
        for (options, expected) in cases {
            let shown = format!("{options:?}");
            let error = options.open().await.expect_err(expected);
            let text = chain(&error);
            assert!(text.starts_with("cannot open the signer: "), "{text}");
            assert!(text.contains(expected), "{text}");
            let all = format!("{shown} {text} {error:?}");
            assert!(!all.contains("471147") && !all.contains("999999"), "{all}");
        }
    });
}
