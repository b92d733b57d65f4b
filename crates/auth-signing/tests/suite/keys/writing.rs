//! Keys that are generated and written.

use std::error::Error;
use std::io;
use std::path::Path;

use upvest_auth_signing::{KeyAlgorithm, KeyError, SigningKey};

use super::content;
use crate::support::{PASSPHRASE, ed25519, fixture, p521};

const ALGORITHMS: [KeyAlgorithm; 2] = [KeyAlgorithm::EcdsaP521Sha512, KeyAlgorithm::Ed25519];

#[test]
fn generated_keys_survive_pem() {
    for algorithm in ALGORITHMS {
        let key = SigningKey::generate(algorithm).expect("generates");
        assert_eq!(key.algorithm(), algorithm);
        let again = SigningKey::from_pem(&key.to_pkcs8_pem(), None).expect("reads");
        assert_eq!(again.verifying_key(), key.verifying_key());

        let encrypted = key.to_encrypted_pem("h\u{f6}rse").expect("encrypts");
        let again = SigningKey::from_pem(&encrypted, Some("h\u{f6}rse")).expect("reads");
        assert_eq!(again.verifying_key(), key.verifying_key());
    }
}

#[test]
fn pem_is_what_openssl_prints() {
    assert_eq!(*p521().to_pkcs8_pem(), fixture("p521-pkcs8.pem"));
    assert_eq!(*ed25519().to_pkcs8_pem(), fixture("ed25519-pkcs8.pem"));
    assert_eq!(p521().verifying_key().to_pem(), fixture("p521-public.pem"));
    assert_eq!(
        ed25519().verifying_key().to_pem(),
        fixture("ed25519-public.pem")
    );
}

#[test]
fn the_encryption_is_strong_and_never_the_same() {
    let first = content(&p521().to_encrypted_pem(PASSPHRASE).expect("encrypts"));
    let second = content(&p521().to_encrypted_pem(PASSPHRASE).expect("encrypts"));
    // PBES2 and PBKDF2, then a salt of 16 bytes, 600,000 iterations, HMAC-SHA-256, AES-256-CBC
    // and a vector of 16 bytes.
    let parts: [(usize, &[u8]); 5] = [
        (0, &[0x30, 0x82]),
        (6, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d"),
        (21, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c"),
        (
            52,
            b"\x02\x03\x09\x27\xc0\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x09\x05\x00",
        ),
        (73, b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a\x04\x10"),
    ];
    for (place, part) in parts {
        assert!(first[place..].starts_with(part), "{place}: {first:02x?}");
    }
    let (salt, vector, data) = (36..52, 86..102, 105..first.len());
    for part in [salt, vector, data] {
        assert_ne!(first[part.clone()], second[part]);
    }
}

#[test]
fn a_key_file_is_encrypted_and_for_its_owner_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("key.pem");
    ed25519()
        .write_encrypted_pem_file(&path, PASSPHRASE)
        .expect("writes");
    let again = SigningKey::from_pem_file(&path, Some(PASSPHRASE)).expect("reads");
    assert_eq!(again.verifying_key(), ed25519().verifying_key());
    let error = SigningKey::from_pem_file(&path, None).expect_err("encrypted");
    assert!(matches!(&error, KeyError::InFile { error, .. }
                if matches!(**error, KeyError::PassphraseMissing)));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path)
            .expect("exists")
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, 0o600);
    }
    assert_eq!(entries(directory.path()), ["key.pem"]);
}

#[test]
fn nothing_is_overwritten_and_nothing_is_left_behind() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("key.pem");
    std::fs::write(&path, "precious").expect("writes");
    let error = p521()
        .write_encrypted_pem_file(&path, PASSPHRASE)
        .expect_err("exists");
    assert!(matches!(&error, KeyError::FileExists { path: named } if *named == path));
    assert_eq!(
        error.to_string(),
        format!(
            "the file `{}` already exists, and was not changed; choose another name",
            path.display()
        )
    );
    assert_eq!(std::fs::read(&path).expect("reads"), b"precious");
    assert_eq!(entries(directory.path()), ["key.pem"]);

    #[cfg(unix)]
    {
        // A link to nowhere is a file too.
        let link = directory.path().join("link.pem");
        std::os::unix::fs::symlink(directory.path().join("nowhere"), &link).expect("links");
        let error = p521()
            .write_encrypted_pem_file(&link, PASSPHRASE)
            .expect_err("exists");
        assert!(matches!(error, KeyError::FileExists { .. }), "{error}");
        assert_eq!(entries(directory.path()), ["key.pem", "link.pem"]);
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_left_in_a_directory_that_is_read_only() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().expect("a directory");
    let permit = |mode| std::fs::set_permissions(&directory, PermissionsExt::from_mode(mode));
    permit(0o555).expect("sets the mode");
    let written = ed25519().write_encrypted_pem_file(directory.path().join("key.pem"), PASSPHRASE);
    permit(0o755).expect("sets the mode");
    match written {
        Err(error) => {
            assert!(matches!(error, KeyError::Unwritable { .. }), "{error}");
            assert_eq!(entries(directory.path()), [""; 0]);
        }
        // The mode does not bind a privileged user.
        Ok(()) => assert_eq!(entries(directory.path()), ["key.pem"]),
    }
}

#[test]
fn what_cannot_be_written() {
    let error = p521()
        .write_encrypted_pem_file("no/such/directory/key.pem", PASSPHRASE)
        .expect_err("no directory");
    assert!(matches!(error, KeyError::Unwritable { .. }));
    insta::assert_snapshot!(error, @"cannot write the key file `no/such/directory/key.pem`");

    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("x".repeat(1000));
    let error = ed25519()
        .write_encrypted_pem_file(&path, PASSPHRASE)
        .expect_err("no name");
    assert!(matches!(error, KeyError::Unwritable { .. }), "{error}");
    assert!(
        error
            .source()
            .is_some_and(|source| source.is::<io::Error>())
    );
    assert_eq!(entries(directory.path()), [""; 0]);

    // The working directory of a test is that of its crate.
    let error = p521()
        .write_encrypted_pem_file("Cargo.toml", PASSPHRASE)
        .expect_err("exists");
    assert!(matches!(error, KeyError::FileExists { .. }), "{error}");

    let path = directory.path().join("key.pem");
    let error = p521()
        .write_encrypted_pem_file(&path, "")
        .expect_err("no passphrase");
    assert!(matches!(error, KeyError::PassphraseEmpty));
    assert_eq!(entries(directory.path()), [""; 0]);
}

fn entries(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .expect("lists")
        .map(|entry| {
            entry
                .expect("lists")
                .file_name()
                .into_string()
                .expect("text")
        })
        .collect();
    names.sort();
    names
}
