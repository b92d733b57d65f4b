//! `cargo xtask msrv`: the oldest Rust that each crate can promise, from what its dependencies require.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::{packages, root};
use upvest_description::error::Result;

/// Computes for each published crate the newest `rust-version` among its dependencies, and compares it with
/// the one that the crate promises.
#[derive(Args, Debug)]
pub struct Msrv {}

/// A version of Rust: its numbers.
type Rust = Vec<u64>;

impl Msrv {
    /// Prints a table. The exit code is 1 if a dependency requires more than a crate promises.
    ///
    /// # Errors
    /// When cargo cannot read the workspace.
    pub fn run(&self) -> Result<ExitCode> {
        let root = root(None)?;
        // Not offline: crates of other systems count, which no build here has downloaded.
        let metadata = packages::metadata(&root, &["--all-features"])?;
        let graph = Graph::of(&metadata);
        let mut is_kept = true;
        for (name, version) in packages::published(&root)? {
            let Some(id) = graph.id(&name, &version) else {
                continue;
            };
            let promised = graph.rust(id);
            let asked = graph.reachable(id).into_iter().filter(|one| *one != id);
            let newest = asked.max_by_key(|one| (graph.rust(one), *one));
            let (by, asked) =
                newest.map_or(("", Rust::new()), |one| (graph.name(one), graph.rust(one)));
            let verdict = if asked > promised { "  TOO NEW" } else { "" };
            is_kept &= asked <= promised;
            println!(
                "{name:<20} promises {:<8} {by} asks for {}{verdict}",
                text(&promised),
                text(&asked)
            );
        }
        if !is_kept {
            eprintln!(
                "error: a dependency asks for a newer Rust than is promised\n  help: raise `rust-version`, or take an older dependency"
            );
        }
        Ok(ExitCode::from(u8::from(!is_kept)))
    }
}

/// Who depends on whom, in programs that are built: without dependencies of tests.
struct Graph<'a> {
    packages: BTreeMap<&'a str, &'a Value>,
    edges: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Graph<'a> {
    fn of(metadata: &'a Value) -> Self {
        let list = |value: &'a Value| value.as_array().into_iter().flatten();
        let id = |value: &'a Value, name: &str| value[name].as_str().unwrap_or_default();
        let is_built = |dependency: &&Value| {
            let mut kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
            kinds.any(|kind| kind["kind"] != "dev")
        };
        Self {
            packages: list(&metadata["packages"])
                .map(|one| (id(one, "id"), one))
                .collect(),
            edges: list(&metadata["resolve"]["nodes"])
                .map(|node| {
                    let built = list(&node["deps"]).filter(is_built);
                    (id(node, "id"), built.map(|one| id(one, "pkg")).collect())
                })
                .collect(),
        }
    }

    fn id(&self, name: &str, version: &str) -> Option<&'a str> {
        let mut all = self.packages.iter();
        let found = all.find(|(_, one)| one["name"] == name && one["version"] == version);
        found.map(|(id, _)| *id)
    }

    fn name(&self, id: &str) -> &'a str {
        self.packages
            .get(id)
            .and_then(|one| one["name"].as_str())
            .unwrap_or_default()
    }

    fn rust(&self, id: &str) -> Rust {
        let text = self
            .packages
            .get(id)
            .and_then(|one| one["rust_version"].as_str());
        let mut numbers: Rust = text
            .unwrap_or_default()
            .split('.')
            .filter_map(|part| part.parse().ok())
            .collect();
        // 1.89.0 is 1.89.
        while numbers.len() > 2 && numbers.last() == Some(&0) {
            numbers.pop();
        }
        numbers
    }

    fn reachable(&self, id: &'a str) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(self.edges.get(id).into_iter().flatten().copied());
            }
        }
        found
    }
}

fn text(version: &[u64]) -> String {
    let parts: Vec<_> = version.iter().map(u64::to_string).collect();
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Graph;

    #[test]
    fn dependencies_of_tests_do_not_count_and_those_of_builds_do() {
        let package = |id: &str, rust: &str| json!({ "id": id, "name": id, "version": "1.0.0", "rust_version": rust });
        let metadata = json!({
            "packages": [package("a", "1.80"), package("b", "1.85.0"), package("c", "1.99")],
            "resolve": { "nodes": [{ "id": "a", "deps": [
                { "pkg": "b", "dep_kinds": [{ "kind": "build" }] },
                { "pkg": "c", "dep_kinds": [{ "kind": "dev" }] },
            ]}]},
        });
        let graph = Graph::of(&metadata);
        let a = graph.id("a", "1.0.0").unwrap();
        assert_eq!(
            graph.reachable(a).into_iter().collect::<Vec<_>>(),
            ["a", "b"]
        );
        assert_eq!(graph.rust("b"), [1, 85]);
        assert!(graph.rust("c") > graph.rust("b") && graph.rust("b") > graph.rust("a"));
    }
}
