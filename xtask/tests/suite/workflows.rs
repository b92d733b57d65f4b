//! What holds for all workflows, so that what comes from outside cannot do more than it should.

use serde_json::Value;
use upvest_description::read::yaml;

use crate::support::{files, workspace};

fn workflows() -> Vec<(String, String, Value)> {
    let found = files(&workspace().join(".github/workflows")).into_iter();
    found
        .map(|(path, content)| {
            let text = String::from_utf8(content).unwrap();
            let parsed = yaml::parse(&text, &path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy();
            (name.into_owned(), text, parsed)
        })
        .collect()
}

#[test]
fn actions_are_pinned_by_digest_and_say_their_version() {
    for (name, text, _) in workflows() {
        // A workflow of this repository is of the same commit.
        let is_foreign = |line: &&str| line.contains("uses: ") && !line.contains("uses: ./");
        for line in text.lines().filter(is_foreign) {
            let (_, pin) = line
                .split_once('@')
                .unwrap_or_else(|| panic!("{name}: {line}"));
            let (digest, version) = pin
                .split_once(" # v")
                .unwrap_or_else(|| panic!("{name}: {line}"));
            assert!(
                digest.len() == 40 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{name}: {line}"
            );
            assert!(!version.is_empty(), "{name}: {line}");
        }
    }
}

#[test]
fn permissions_are_named_and_least() {
    for (name, _, workflow) in workflows() {
        let permissions = workflow["permissions"]
            .as_object()
            .unwrap_or_else(|| panic!("{name}: none"));
        let is_least = permissions
            .iter()
            .all(|(scope, access)| scope == "contents" && access == "read");
        assert!(is_least, "{name}: more is for single jobs");
    }
}

/// What a job runs in a shell. One that is another workflow has no steps.
fn scripts_of(job: &Value) -> impl Iterator<Item = &str> {
    let steps = job["steps"].as_array().into_iter().flatten();
    steps.filter_map(|step| step["run"].as_str())
}

#[test]
fn tools_are_installed_in_the_version_that_was_tried() {
    for (name, text, _) in workflows() {
        for line in text.lines() {
            let Some((_, tools)) = line.split_once("cargo install ") else {
                continue;
            };
            let mut tools = tools.split(' ').filter(|word| !word.starts_with("--"));
            assert!(tools.all(|tool| tool.contains('@')), "{name}: {line}");
            assert!(line.contains("--locked"), "{name}: {line}");
        }
    }
}

/// Build scripts and tools of others could ask for the identity.
#[test]
fn who_can_prove_an_identity_builds_nothing() {
    let mut found = 0;
    for (name, _, workflow) in workflows() {
        for (job, content) in workflow["jobs"].as_object().unwrap() {
            if content["permissions"]["id-token"] != "write" {
                continue;
            }
            found += 1;
            for script in scripts_of(content) {
                let builds = script.contains("cargo ") && !script.contains("--no-verify");
                assert!(!builds, "{name}, {job}: {script}");
            }
        }
    }
    assert!(found > 0);
}

#[test]
fn scripts_get_values_by_environment_only() {
    let mut scripts = 0;
    for (name, _, workflow) in workflows() {
        for (job, content) in workflow["jobs"].as_object().unwrap() {
            for script in scripts_of(content) {
                scripts += 1;
                // The names of the test matrix and the like are ours, but nobody should have to tell.
                assert!(!script.contains("${{"), "{name}, {job}: {script}");
            }
        }
    }
    assert!(scripts > 0);
}
