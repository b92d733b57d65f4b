//! The names of the environment variables that [`Client::from_env`](crate::Client::from_env) reads,
//! for programs that also read these settings from other sources, and pass them to
//! [`from_variables`](super::from_variables).

/// The server of Upvest: `sandbox` or `live`.
pub const ENVIRONMENT: &str = "UPVEST_ENVIRONMENT";
/// Another address of the API, instead of [`ENVIRONMENT`]: an `https` URL, or an `http` URL of this
/// machine.
pub const BASE_URL: &str = "UPVEST_BASE_URL";
/// The client id, a UUID.
pub const CLIENT_ID: &str = "UPVEST_CLIENT_ID";
/// The client secret.
pub const CLIENT_SECRET: &str = "UPVEST_CLIENT_SECRET";
/// The id that Upvest gave to the public key, a UUID.
pub const KEY_ID: &str = "UPVEST_KEY_ID";
/// The path of the private key, in PEM.
pub const PRIVATE_KEY_FILE: &str = "UPVEST_PRIVATE_KEY_FILE";
/// The private key itself, in PEM.
pub const PRIVATE_KEY: &str = "UPVEST_PRIVATE_KEY";
/// The private key: a PEM text, encoded in base64.
pub const PRIVATE_KEY_BASE64: &str = "UPVEST_PRIVATE_KEY_BASE64";
/// The passphrase of the private key, if it is encrypted.
pub const PRIVATE_KEY_PASSPHRASE: &str = "UPVEST_PRIVATE_KEY_PASSPHRASE";
/// The scopes that the client was granted, separated by spaces or commas.
pub const SCOPES: &str = "UPVEST_SCOPES";
/// The remote signer, in the format of `upvest_signers::open`, such as `ssh-agent:COMMENT`.
pub const SIGNER: &str = "UPVEST_SIGNER";

/// The names that Upvest's own package uses for the same variables.
const OTHER_NAMES: [(&str, &str); 9] = [
    (BASE_URL, "UPVEST_API_BASE_URL"),
    (CLIENT_ID, "UPVEST_API_CLIENT_ID"),
    (CLIENT_SECRET, "UPVEST_API_CLIENT_SECRET"),
    (KEY_ID, "UPVEST_API_KEY_ID"),
    (
        PRIVATE_KEY_FILE,
        "UPVEST_API_HTTP_SIGN_PRIVATE_KEY_FILENAME",
    ),
    (PRIVATE_KEY, "UPVEST_API_HTTP_SIGN_PRIVATE_KEY"),
    (
        PRIVATE_KEY_BASE64,
        "UPVEST_API_HTTP_SIGN_PRIVATE_KEY_BASE64",
    ),
    (SCOPES, "UPVEST_API_SCOPES"),
    (
        PRIVATE_KEY_PASSPHRASE,
        "UPVEST_API_HTTP_SIGN_PRIVATE_KEY_PASSPHRASE",
    ),
];

/// Alternative variables for one setting: where the API is, and which key signs.
const ALTERNATIVES: [&[&str]; 2] = [
    &[ENVIRONMENT, BASE_URL],
    &[PRIVATE_KEY_FILE, PRIVATE_KEY, PRIVATE_KEY_BASE64, SIGNER],
];

/// The name that Upvest's own package has for this variable, if it reads such a variable.
pub fn other_name(name: &str) -> Option<&'static str> {
    let mut names = OTHER_NAMES.iter();
    names
        .find(|(ours, _)| *ours == name)
        .map(|(_, other)| *other)
}

/// The variables that are alternatives to each other, including the one of this name, under our
/// names and under those of Upvest's own package: one of them is enough. A program with settings
/// from several places must take all of them from the same place.
///
/// ```
/// use upvest_client::auth::variables::{CLIENT_ID, alternatives};
///
/// let names: Vec<&str> = alternatives(CLIENT_ID).collect();
/// assert_eq!(names, ["UPVEST_CLIENT_ID", "UPVEST_API_CLIENT_ID"]);
/// ```
pub fn alternatives(name: &str) -> impl Iterator<Item = &str> {
    let group = ALTERNATIVES.iter().find(|group| group.contains(&name));
    let own = group.is_none().then_some(name);
    let names = group.into_iter().flat_map(|group| group.iter().copied());
    let names = own.into_iter().chain(names);
    names.flat_map(|name| std::iter::once(name).chain(other_name(name)))
}
