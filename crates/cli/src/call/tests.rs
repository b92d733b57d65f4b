//! Every operation, with the arguments of the description's examples.

use upvest::{Client, OperationInfo};
use upvest_sandbox::{Sandbox, parameter_violations};

use super::arguments::{Options, command};
use super::request::Given;
use crate::description::Operation;
use clap::FromArgMatches as _;

fn client(sandbox: &Sandbox) -> Client {
    upvest::builder()
        .base_url(sandbox.base_url())
        .credentials(sandbox.client_id(), sandbox.client_secret())
        .signing_key(sandbox.signing_key().clone(), sandbox.key_id())
        .build()
        .expect("a client")
}

/// The arguments that an operation cannot do without: what there is in the sandbox, or something that the
/// description has nothing against.
fn required(sandbox: &Sandbox, info: &OperationInfo, operation: &Operation) -> Vec<String> {
    let given = operation.given();
    let given = given.filter(|one| one.required && one.name != "idempotency-key");
    given
        .map(|one| {
            let own = sandbox.demo_id(one.name);
            let values = own.into_iter().chain(one.schema.values()).chain([
                sandbox.account_group_id().to_string(),
                "reports".to_owned(),
                "2024-01-31".to_owned(),
                "2024-01-31T12:00:00Z".to_owned(),
            ]);
            let mut fitting =
                values.filter(|value| parameter_violations(info.id, one.name, &[value]).is_empty());
            format!("{}={}", one.name, fitting.next().expect(one.name))
        })
        .collect()
}

fn given(info: &OperationInfo, operation: &Operation, arguments: &[String]) -> Given {
    let matches = command(info, operation).try_get_matches_from(arguments);
    let matches = matches.unwrap_or_else(|error| panic!("{}: {error}", info.id));
    let options = Options::from_arg_matches(&matches).expect(info.id);
    Given::read(operation, &matches, &options).expect(info.id)
}

#[tokio::test]
async fn every_operation_can_be_called() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let client = client(&sandbox);
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("body.json");
    let mut refused = Vec::new();
    for info in upvest::OPERATIONS {
        let operation = Operation::find(info.id).expect(info.id);
        let mut arguments = required(&sandbox, info, &operation);
        let body = operation.body.as_ref();
        if let Some(example) = body.and_then(|body| body.examples.first()) {
            std::fs::write(&path, example.to_string()).expect("it can be written");
            arguments.extend(["-f".to_owned(), path.to_string_lossy().into_owned()]);
            if example["url"].is_string() {
                // The sandbox delivers to this machine alone.
                arguments.push("url=http://127.0.0.1:9/hook".to_owned());
            }
        }
        let given = given(info, &operation, &arguments);
        given.check(info, &operation).expect(info.id);
        let answer = given.call(&client, info).send().await;
        // Things that do not exist, or not in that state, are not a fault of the request. The credentials in
        // the example of a request for a token are nobody's.
        let is_fine = answer.as_ref().err().is_none_or(|error| {
            let status = error.status().map_or(0, |status| status.as_u16());
            matches!(status, 404 | 409 | 422) || info.id == "issue_token" && status == 401
        });
        if !is_fine {
            refused.push(format!("{}: {answer:?}", info.id));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    let counted = sandbox.counters().requests_by_operation;
    let missed: Vec<&&str> = counted
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(id, _)| id)
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn every_operation_has_a_help() {
    for info in upvest::OPERATIONS {
        let operation = Operation::find(info.id).expect(info.id);
        let mut command = command(info, &operation);
        command.clone().debug_assert();
        let help = command.render_long_help().to_string();
        let about = format!("{} {} ({})", info.method, info.path, info.tag);
        assert!(help.contains(&about), "{}: {help}", info.id);
        for parameter in operation.given() {
            let option = format!("--{} <", parameter.name.replace('_', "-"));
            assert!(help.contains(&option), "{}: {option}", info.id);
        }
        for field in operation.body.iter().flat_map(|body| body.schema.fields()) {
            let option = format!("--{} <", field.name.replace('_', "-"));
            assert!(help.contains(&option), "{}: {option}", info.id);
        }
    }
}

#[test]
fn fields_have_the_types_of_the_description() {
    let (info, operation) = crate::description::operation("create_webhook").expect("it exists");
    let arguments = [
        "title=a",
        "url=http://localhost/",
        "type=USER",
        "config.delay=5s",
        "config.max_package_size=7",
    ];
    let given = given(info, &operation, &arguments.map(str::to_owned));
    let body = given.body().expect("a body");
    assert_eq!(body["config"]["max_package_size"], 7);
    assert_eq!(body["type"], serde_json::json!(["USER"]));
}
