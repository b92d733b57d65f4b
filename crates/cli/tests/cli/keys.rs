//! `upvest keys`.

use crate::support::{Home, is_private, stderr, stdout};

const P256: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIBOSSHJDMOMWsaHlBD5jxVNSF5sFcSKJRs5kAn9t58vZoAoGCCqGSM49
AwEHoUQDQgAEsomething
-----END EC PRIVATE KEY-----
";

#[test]
fn a_key_is_made_checked_and_converted() {
    for algorithm in ["p521", "ed25519"] {
        let home = Home::new();
        let with = |arguments: &[&str]| {
            let mut command = home.upvest(arguments);
            command
                .env("UPVEST_PRIVATE_KEY_PASSPHRASE", "correct horse")
                .assert()
        };
        let public =
            stdout(&with(&["keys", "generate", "key.pem", "--algorithm", algorithm]).success());
        assert!(public.starts_with("-----BEGIN PUBLIC KEY-----"), "{public}");
        assert!(is_private(&home.path("key.pem")));
        let text = std::fs::read_to_string(home.path("key.pem")).expect("a file");
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));

        with(&["keys", "check", "key.pem"]).success();
        assert_eq!(
            stdout(&with(&["keys", "public", "key.pem"]).success()),
            public
        );
        let jwk = stdout(&with(&["keys", "public", "key.pem", "--jwk", "--key-id", "k"]).success());
        assert!(
            jwk.contains("\"kid\":\"k\"") && !jwk.contains("\"d\""),
            "{jwk}"
        );
        let shown = stdout(&with(&["keys", "show", "key.pem"]).success());
        assert!(
            shown.starts_with("private key, ") && shown.contains("SHA256:"),
            "{shown}"
        );

        with(&[
            "keys",
            "convert",
            "key.pem",
            "--to",
            "plain.pem",
            "--no-passphrase",
        ])
        .success();
        assert!(is_private(&home.path("plain.pem")));
        home.run(&["keys", "check", "plain.pem"]).success();
        assert_eq!(
            stdout(&home.run(&["keys", "public", "plain.pem"]).success()),
            public
        );
    }
}

#[test]
fn nothing_is_overwritten() {
    let home = Home::new();
    home.write("key.pem", "mine");
    for arguments in [&["--no-passphrase"][..], &["--passphrase-file", "key.pem"]] {
        let assert = home.run(&[&["keys", "generate", "key.pem"][..], arguments].concat());
        assert_ne!(assert.get_output().status.code(), Some(0));
    }
    assert_eq!(
        std::fs::read_to_string(home.path("key.pem")).expect("a file"),
        "mine"
    );
}

#[test]
fn why_a_key_would_be_refused_is_shown() {
    let home = Home::new();
    home.run(&["keys", "generate", "good.pem", "--no-passphrase"])
        .success();
    let public = stdout(&home.run(&["keys", "public", "good.pem"]).success());
    home.write("public.pem", &public);
    home.write("empty.pem", "");
    home.write("text.pem", "hello");
    home.write("p256.pem", P256);
    for (file, expected) in [
        ("public.pem", "found a public key"),
        ("empty.pem", "the key is empty"),
        ("text.pem", "is not PEM"),
    ] {
        let refused = stdout(&home.run(&["keys", "check", file]).code(1));
        assert!(refused.contains(expected), "{file}: {refused}");
    }
    home.run(&["keys", "check", "p256.pem"]).code(1);
    home.run(&["keys", "check", "missing.pem"]).code(3);
}

#[test]
fn a_passphrase_is_never_an_argument() {
    let home = Home::new();
    home.write("passphrase", "correct horse\n");
    let generate = [
        "keys",
        "generate",
        "key.pem",
        "--passphrase-file",
        "passphrase",
    ];
    home.run(&generate).success();
    let asked = home.run(&["keys", "public", "key.pem"]).code(2);
    assert!(
        stderr(&asked).contains("without a terminal"),
        "{}",
        stderr(&asked)
    );
    home.run(&[
        "keys",
        "public",
        "key.pem",
        "--passphrase-file",
        "passphrase",
    ])
    .success();
    let mut wrong = home.upvest(&["keys", "check", "key.pem"]);
    let refused = wrong
        .env("UPVEST_PRIVATE_KEY_PASSPHRASE", "wrong")
        .assert()
        .code(1);
    assert!(stdout(&refused).contains("the passphrase is wrong"));
}
