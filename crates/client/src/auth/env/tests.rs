//! Which variables are read, and what is said of those that are missing or wrong.

use std::collections::HashMap;

use upvest_auth_signing::KeyAlgorithm;

use super::*;

fn error(variables: &[(&str, &str)]) -> String {
    read(variables).unwrap_err().to_string()
}

fn read(variables: &[(&str, &str)]) -> Result<Builder, Error> {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    from_variables(|name| variables.get(name).map(OsString::from), None)
}

const ALL_BUT_KEY: [(&str, &str); 4] = [
    (ENVIRONMENT, "Sandbox"),
    (CLIENT_ID, "id"),
    (CLIENT_SECRET, "hush"),
    (KEY_ID, "key id"),
];

fn with(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [&ALL_BUT_KEY[..], more].concat()
}

#[test]
fn all_that_is_missing_or_wrong_is_named() {
    let key = (PRIVATE_KEY_FILE, "no/such/key.pem");
    let errors = [
        error(&[]),
        error(&ALL_BUT_KEY),
        error(&with(&[(CLIENT_ID, ""), key])),
        error(&with(&[(ENVIRONMENT, "production"), key])),
        error(&with(&[(BASE_URL, "https://a.example"), key])),
        error(&with(&[key])),
    ];
    // The text for a missing file differs between operating systems.
    let not_there = std::fs::read("no/such/key.pem").unwrap_err().to_string();
    insta::assert_snapshot!(errors.join("\n").replace(&not_there, "(not there)"));
    assert!(!errors.join("").contains("hush"));
}

#[test]
fn the_names_of_upvests_own_package_are_read() {
    let variables = [
        ("UPVEST_API_BASE_URL", "https://sandbox.upvest.co"),
        ("UPVEST_API_CLIENT_ID", "id"),
        ("UPVEST_API_CLIENT_SECRET", "hush"),
        ("UPVEST_API_KEY_ID", "key id"),
    ];
    assert_eq!(error(&variables), "UPVEST_PRIVATE_KEY_FILE is not set");
    let both = [&variables[..], &[(CLIENT_ID, "id")]].concat();
    let expected = "UPVEST_CLIENT_ID and UPVEST_API_CLIENT_ID are both set: keep one";
    assert!(error(&both).starts_with(expected), "{}", error(&both));

    let variables: HashMap<&str, &str> = variables.into();
    let key = SigningKey::generate(KeyAlgorithm::Ed25519).unwrap();
    let lookup = |name: &str| variables.get(name).map(OsString::from);
    from_variables(lookup, Some(key.into()))
        .unwrap()
        .build()
        .unwrap();
}

#[test]
fn a_signer_is_not_overlooked() {
    let key = (PRIVATE_KEY_FILE, "no/such/key.pem");
    let error = error(&with(&[key, (SIGNER, "ssh-agent:upvest")]));
    assert!(
        error.starts_with("UPVEST_SIGNER is set: open it"),
        "{error}"
    );
}

#[test]
fn the_only_thing_wrong_is_the_source_of_the_error() {
    use std::error::Error as _;
    let error = read(&with(&[(PRIVATE_KEY_FILE, "no/such/key.pem")])).unwrap_err();
    assert!(
        error
            .source()
            .unwrap()
            .is::<upvest_auth_signing::KeyError>()
    );
}

#[test]
fn what_is_complete_makes_a_client() {
    let file = std::env::temp_dir().join(format!("upvest-env-test-{}.pem", std::process::id()));
    let key = SigningKey::generate(KeyAlgorithm::Ed25519).unwrap();
    std::fs::write(&file, key.to_pkcs8_pem().as_bytes()).unwrap();
    let path = file.to_str().unwrap();
    let mut variables = vec![(PRIVATE_KEY_FILE, path)];
    variables.extend(ALL_BUT_KEY);
    let client = read(&variables).unwrap().build().unwrap();
    std::fs::remove_file(&file).unwrap();
    let shown = format!("{client:?}");
    assert!(
        shown.contains("https://sandbox.upvest.co") && !shown.contains("hush"),
        "{shown}"
    );
}

#[test]
fn a_key_is_read_from_text_and_from_base64() {
    let key = SigningKey::generate(KeyAlgorithm::Ed25519).unwrap();
    let pem = key.to_pkcs8_pem();
    let mut base64 = STANDARD.encode(pem.as_bytes());
    base64.insert(40, '\n');
    for (name, value) in [
        (PRIVATE_KEY, pem.as_str()),
        ("UPVEST_API_HTTP_SIGN_PRIVATE_KEY", pem.as_str()),
        (PRIVATE_KEY_BASE64, &base64),
        ("UPVEST_API_HTTP_SIGN_PRIVATE_KEY_BASE64", &base64),
    ] {
        let variables = [&ALL_BUT_KEY[..], &[(name, value)]].concat();
        read(&variables).unwrap().build().unwrap();
    }
}

#[test]
fn keys_that_cannot_be_read_are_named_and_not_quoted() {
    let no_pem = STANDARD.encode("s3cret");
    for (variables, expected) in [
        (
            [(PRIVATE_KEY, "s3cret"), (SCOPES, "")],
            "UPVEST_PRIVATE_KEY: ",
        ),
        (
            [(PRIVATE_KEY_BASE64, "s3cret!"), (SCOPES, "")],
            "UPVEST_PRIVATE_KEY_BASE64: it is not base64",
        ),
        (
            [(PRIVATE_KEY_BASE64, &no_pem), (SCOPES, "")],
            "UPVEST_PRIVATE_KEY_BASE64: ",
        ),
        (
            [(PRIVATE_KEY, "s3cret"), (PRIVATE_KEY_FILE, "key.pem")],
            "more than one of UPVEST_PRIVATE_KEY_FILE, UPVEST_PRIVATE_KEY, UPVEST_PRIVATE_KEY_BASE64 is set",
        ),
    ] {
        let error = read(&[&ALL_BUT_KEY[..], &variables].concat()).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(
            !format!("{error} {error:?}").contains("s3cret"),
            "{error:?}"
        );
    }
}

#[test]
fn scopes_come_with_blanks_or_commas_in_between() {
    let granted = |value: &str| {
        let variables = HashMap::from([("UPVEST_API_SCOPES", value)]);
        let lookup = |name: &str| variables.get(name).map(OsString::from);
        let (taken, faults) = (Vec::new(), Vec::new());
        Settings {
            lookup,
            taken,
            faults,
        }
        .granted()
    };
    let both = Some(vec!["users:read".to_owned(), "orders:admin".to_owned()]);
    assert_eq!(granted("users:read orders:admin"), both);
    assert_eq!(granted(" users:read, orders:admin "), both);
    assert_eq!(granted(""), None);
}
