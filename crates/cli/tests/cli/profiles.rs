//! `upvest init`, `profiles`, `use` and `whoami`.

use crate::support::{Home, Sandbox, is_private, json, stderr, stdout};

/// A sandbox, and a profile `mine` that is made of its variables.
fn with_profile() -> Sandbox {
    let sandbox = Sandbox::start();
    let init = [
        "init",
        "mine",
        "--base-url",
        sandbox.variable("UPVEST_BASE_URL"),
        "--client-id",
        sandbox.variable("UPVEST_CLIENT_ID"),
        "--client-secret-file",
        "-",
        "--key-id",
        sandbox.variable("UPVEST_KEY_ID"),
        "--private-key-file",
        sandbox.variable("UPVEST_PRIVATE_KEY_FILE"),
    ];
    let secret = format!("{}\n", sandbox.variable("UPVEST_CLIENT_SECRET"));
    sandbox
        .home
        .upvest(&init)
        .write_stdin(secret)
        .assert()
        .success();
    sandbox
}

#[test]
fn a_profile_is_all_that_a_call_needs() {
    let sandbox = with_profile();
    let home = &sandbox.home;
    home.run(&["call", "list_webhooks"]).success();
    let text = std::fs::read_to_string(home.path("config.toml")).expect("a file");
    assert!(
        !text.contains(sandbox.variable("UPVEST_CLIENT_SECRET")),
        "{text}"
    );
    assert!(is_private(&home.path("config.toml")) && is_private(&home.path("mine.secret")));

    let who = json(&home.run(&["whoami", "--json"]).success());
    assert_eq!(who["client_id"], sandbox.variable("UPVEST_CLIENT_ID"));
    assert_eq!(who["profile"], "mine");
    assert!(
        who["scopes"]
            .as_array()
            .is_some_and(|scopes| scopes.len() > 40)
    );
    assert!(
        who["clock_skew_seconds"]
            .as_i64()
            .is_some_and(|skew| skew.abs() < 60)
    );
}

#[test]
fn profiles_are_listed_and_chosen() {
    let sandbox = with_profile();
    let home = &sandbox.home;
    let other = [
        "init",
        "live",
        "--client-id",
        "id",
        "--client-secret-file",
        "-",
        "--key-id",
        "key",
        "--signer",
        "ssh-agent:me",
    ];
    home.upvest(&other).write_stdin("secret").assert().success();
    let listed = stdout(&home.run(&["profiles"]).success());
    assert!(listed.contains("* mine"), "{listed}");
    assert!(
        listed.contains("  live          live  client id  key key"),
        "{listed}"
    );
    home.run(&["use", "live"]).success();
    assert!(stdout(&home.run(&["profiles"]).success()).contains("* live"));
    home.run(&["use", "nobody"]).code(3);
    home.run(&["call", "list_webhooks", "--profile", "mine"])
        .success();
    let unknown = home
        .run(&["call", "list_webhooks", "--profile", "nobody"])
        .code(3);
    assert!(
        stderr(&unknown).contains("upvest init nobody"),
        "{}",
        stderr(&unknown)
    );
}

#[test]
fn a_profile_goes_with_the_secret_that_was_kept_for_it() {
    let sandbox = with_profile();
    let home = &sandbox.home;
    let key = sandbox.variable("UPVEST_PRIVATE_KEY_FILE");
    home.run(&["profiles", "remove", "nobody"]).code(3);
    home.run(&["profiles", "remove", "mine"]).success();
    assert!(!home.path("mine.secret").exists());
    assert!(std::path::Path::new(key).exists(), "the key is the user's");
    let text = std::fs::read_to_string(home.path("config.toml")).expect("a file");
    assert_eq!(text, "", "it is not in use either");
    home.run(&["call", "list_webhooks"]).code(3);
}

#[test]
fn the_environment_wins() {
    let sandbox = with_profile();
    let mut call = sandbox.home.upvest(&["call", "list_webhooks"]);
    let refused = call.env("UPVEST_CLIENT_SECRET", "another").assert().code(5);
    assert!(
        stderr(&refused).contains("no access token"),
        "{}",
        stderr(&refused)
    );
    let mut call = sandbox.home.upvest(&["call", "list_webhooks"]);
    call.env("UPVEST_ENVIRONMENT", "nowhere").assert().code(3);
}

#[test]
fn scopes_that_a_client_lacks_are_found_out() {
    let sandbox = Sandbox::start();
    let scopes = ["whoami", "--json"];
    let mut whoami = sandbox.upvest(&scopes);
    let who = json(
        &whoami
            .env("UPVEST_SCOPES", "orders:read, webhooks:read")
            .assert()
            .success(),
    );
    assert_eq!(
        who["scopes"],
        serde_json::json!(["orders:read", "webhooks:read"])
    );
    let mut whoami = sandbox.upvest(&scopes);
    let who = json(
        &whoami
            .env("UPVEST_SCOPES", "orders:read unheard:of")
            .assert()
            .success(),
    );
    assert_eq!(who["scopes"], serde_json::json!(["orders:read"]));
}

#[test]
fn a_file_that_is_wrong_is_reported_without_its_content() {
    let home = Home::new();
    home.write(
        "config.toml",
        "[profiles.a]\nclient_id = \"x\"\nclient_secret = \"hush\"\n",
    );
    let refused = home.run(&["profiles"]).code(3);
    let text = stderr(&refused);
    assert!(
        text.contains("line 3: ") && text.contains("keyring:NAME"),
        "{text}"
    );
    assert!(!text.contains("hush"), "{text}");
    let both = "client_secret_file = \"a\"\nclient_secret = \"keyring:a\"\n";
    home.write("config.toml", &format!("[profiles.a]\n{both}"));
    let refused = stderr(&home.run(&["whoami", "--profile", "a"]).code(3));
    assert!(refused.contains("keep one"), "{refused}");
    for name in ["../x", "a b", ""] {
        Home::new().run(&["init", name]).code(2);
    }
    let asked = Home::new().run(&["init"]).code(2);
    assert!(
        stderr(&asked).contains("--client-id is missing"),
        "{}",
        stderr(&asked)
    );
}

/// The token endpoint answers with 401 to either, and counts who asks.
#[test]
fn a_wrong_secret_is_tried_once() {
    let sandbox = Sandbox::start();
    let token_requests = || {
        let counters = json(&sandbox.run(&["sandbox", "counters"]).success());
        counters["requests_by_operation"]["issue_token"].as_u64()
    };
    let mut whoami = sandbox.upvest(&["whoami"]);
    let refused = whoami.env("UPVEST_CLIENT_SECRET", "another").assert();
    let told = stderr(&refused.code(5));
    assert!(told.contains("secret is wrong"), "{told}");
    assert!(told.contains("UPVEST_SCOPES"), "{told}");
    assert_eq!(token_requests(), Some(1));
    let mut whoami = sandbox.upvest(&["whoami"]);
    let lacking = whoami.env("UPVEST_SCOPES", "unheard:of").assert().code(5);
    assert!(
        stderr(&lacking).contains("unheard:of"),
        "{}",
        stderr(&lacking)
    );
    assert_eq!(token_requests(), Some(2));
}

/// No keyring is there: nothing is written that names a secret in it.
#[cfg(target_os = "linux")]
#[test]
fn a_keyring_that_is_not_there_is_reported() {
    let home = Home::new();
    let init = "init mine --base-url http://127.0.0.1:1 --client-id a --client-secret-file - --key-id b --signer ssh-agent:me --keyring";
    let init: Vec<&str> = init.split(' ').collect();
    let mut command = home.upvest(&init);
    let nowhere = "unix:path=/nonexistent";
    let command = command.env("DBUS_SESSION_BUS_ADDRESS", nowhere);
    let refused = stderr(&command.write_stdin("hush").assert().code(3));
    assert!(
        refused.contains("keyring") && !refused.contains("hush"),
        "{refused}"
    );
    assert!(!home.path("config.toml").exists() && !home.path("mine.secret").exists());
}
