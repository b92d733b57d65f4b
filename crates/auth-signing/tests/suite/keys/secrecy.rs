//! No part of a private key or of a passphrase is shown, whatever is done to the fixtures.

use std::collections::HashSet;
use std::error::Error;
use std::fmt::Debug;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::json;
use upvest_auth_signing::{KeyError, SigningKey, VerifyingKey};

use super::{bytes, content};
use crate::support::{PASSPHRASE, chain, fixture, fixture_path};

const WRONG: &str = "not-the-right-horse";
/// No word of an error is as long as this by accident.
const WINDOW: usize = 8;

fn fixtures() -> impl Iterator<Item = PathBuf> {
    let directory = std::fs::read_dir(fixture_path("")).expect("lists");
    directory.map(|entry| entry.expect("lists").path())
}

fn windows(text: &str) -> impl Iterator<Item = [u8; WINDOW]> {
    let windows = text.as_bytes().windows(WINDOW);
    windows.map(|window| window.try_into().expect("a window has its length"))
}

/// All runs of characters that must not be shown.
struct Secrets(HashSet<[u8; WINDOW]>);

impl Secrets {
    /// The passphrases, and the private keys of the fixtures as they might be printed.
    fn new() -> Self {
        let mut texts = vec![PASSPHRASE.to_owned(), WRONG.to_owned()];
        for path in fixtures() {
            let Ok(pem) = std::fs::read_to_string(path) else {
                continue;
            };
            if !pem.contains("PRIVATE KEY-----") || pem.contains("ENCRYPTED") {
                continue;
            }
            let key = content(&pem[pem.rfind("-----BEGIN").expect("it is PEM")..]);
            for start in 0..3 {
                texts.push(STANDARD_NO_PAD.encode(&key[start..]));
                texts.push(URL_SAFE_NO_PAD.encode(&key[start..]));
            }
            let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            texts.extend([hex.to_uppercase(), hex]);
            texts.push(format!("{key:?}").replace(' ', ""));
        }
        Self(texts.iter().flat_map(|text| windows(text)).collect())
    }

    #[track_caller]
    fn assert_absent(&self, text: &str) {
        let dense: String = text.split_whitespace().collect();
        for window in windows(text).chain(windows(&dense)) {
            assert!(!self.0.contains(&window), "a secret is in {text}");
        }
    }

    fn check<T: Debug>(&self, result: &Result<T, KeyError>) {
        self.assert_absent(&format!("{result:?} {result:#?}"));
        if let Err(error) = result {
            self.assert_absent(&chain(error));
            let mut source = error.source();
            while let Some(error) = source {
                self.assert_absent(&format!("{error:?} {error:#?}"));
                source = error.source();
            }
        }
    }

    fn read_text(&self, text: &str) {
        for passphrase in [None, Some(PASSPHRASE), Some(WRONG)] {
            self.check(&SigningKey::from_pem(text, passphrase));
        }
        self.check(&VerifyingKey::from_pem(text));
        self.check(&SigningKey::from_der(text.as_bytes(), None));
    }

    fn read_jwk(&self, text: &str) {
        self.check(&SigningKey::from_jwk(text));
        self.check(&VerifyingKey::from_jwk(text));
    }

    fn read_document(&self, document: &[u8]) {
        self.check(&SigningKey::from_der(document, Some(PASSPHRASE)));
        self.check(&VerifyingKey::from_der(document));
    }
}

#[test]
fn the_search_finds_what_is_there() {
    let secrets = Secrets::new();
    let found = |text: &str| std::panic::catch_unwind(|| secrets.assert_absent(text)).is_err();
    assert!(found(&fixture("p521-sec1.pem")));
    assert!(found(&fixture("ed25519-pkcs8.pem").replace('\n', "")));
    assert!(found(&format!("{:?}", bytes("p521-sec1.der"))));
    assert!(found(&format!("{:#?}", bytes("ed25519-pkcs8.der"))));
    assert!(found("the correct-horse"));
    assert!(!found("the horse is correct"));
}

#[test]
fn no_fixture_is_shown_however_it_is_damaged() {
    let secrets = Secrets::new();
    for path in fixtures() {
        let file = std::fs::read(&path).expect("reads");
        let Ok(text) = String::from_utf8(file.clone()) else {
            for place in 0..file.len() {
                secrets.read_document(&file[..place]);
                let mut changed = file.clone();
                changed[place] ^= 0x20;
                secrets.read_document(&changed);
            }
            continue;
        };
        secrets.check(&SigningKey::from_pem_file(&path, None));
        secrets.check(&VerifyingKey::from_pem_file(&path));
        secrets.read_text(&text);
        secrets.read_jwk(&text);
        secrets.read_text(&text.replace('\n', ""));
        secrets.read_text(&text.replace('\n', "\\n"));
        secrets.read_text(&text.replacen('\n', "", 1));
        secrets.read_text(&text.replace('\n', ":"));
        secrets.read_text(&text.replace("KEY-----\n", "KEY: "));
        secrets.read_text(&text.replace("PRIVATE", "PRECIOUS"));
        // Where keys are not encrypted: in other places it would take long, and show nothing.
        if text.contains("ENCRYPTED") {
            continue;
        }
        for place in (0..text.len()).step_by(7) {
            secrets.check(&SigningKey::from_pem(&text[..place], None));
            let mut changed = text.clone();
            changed.replace_range(place..place + 1, "/");
            secrets.check(&SigningKey::from_pem(&changed, None));
        }
    }
}

#[test]
fn no_jwk_is_shown_however_it_is_damaged() {
    let secrets = Secrets::new();
    for name in ["p521-sec1.pem", "ed25519-pkcs8.pem"] {
        let key = SigningKey::from_pem(&fixture(name), None).expect("fixture is a key");
        let d = match name {
            "p521-sec1.pem" => &content(&fixture(name))[8..74],
            _ => &content(&fixture(name))[16..],
        };
        let d = URL_SAFE_NO_PAD.encode(d);
        let mut jwk: serde_json::Value =
            serde_json::from_str(&key.verifying_key().to_jwk(Some("id"))).expect("JSON");
        jwk["d"] = d.clone().into();
        secrets.read_jwk(&jwk.to_string());
        secrets.read_text(&jwk.to_string());
        for member in ["kty", "crv", "x", "y"] {
            let mut changed = jwk.clone();
            changed[member] = d.clone().into();
            secrets.read_jwk(&changed.to_string());
            changed[member] = json!({"d": d});
            secrets.read_jwk(&changed.to_string());
        }
        let text = jwk.to_string();
        secrets.read_jwk(&text.replace('"', ""));
        for place in 0..text.len() {
            secrets.read_jwk(&text[..place]);
            for with in ["/", "\"", "\\", "\n", "{"] {
                let mut changed = text.clone();
                changed.replace_range(place..place + 1, with);
                secrets.read_jwk(&changed);
            }
        }
    }
}
