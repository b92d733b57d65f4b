//! `cargo xtask ci`: everything that a change has to pass, in one place for people and for servers.

mod groups;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use self::groups::{CiCommand, GROUPS, Group, XTASK};
use super::{process, root};
use upvest_description::error::{Error, Result};

/// Runs the checks.
#[derive(Args, Debug)]
pub struct Ci {
    /// The groups to run [default: all that need no other toolchain, no release, and no network but
    /// the package registry]
    groups: Vec<String>,

    /// Show the groups and their commands, and run nothing
    #[arg(long)]
    list: bool,
}

impl Ci {
    /// Runs them, in their order, until one fails.
    ///
    /// # Errors
    /// When a check fails, a tool of a group that is named is missing, there is no such group, or the
    /// checks left changes in the tree.
    pub fn run(&self) -> Result<ExitCode> {
        if self.list {
            GROUPS.iter().for_each(show);
            return Ok(ExitCode::SUCCESS);
        }
        let root = root(None)?;
        // The path is read before the tests build this program again, since its file is replaced
        // then.
        let this = std::env::current_exe().map_err(|error| {
            Error::new("this program has no path", "run it by `cargo xtask`").with_source(error)
        })?;
        let groups = self.groups()?;
        let before = tree_state(&root)?;
        let started = Instant::now();
        let mut missing = Vec::new();
        for group in &groups {
            for command in group.commands {
                missing.extend(self.execute(&root, command, &this, started)?);
            }
        }
        let after = tree_state(&root)?;
        if after != before {
            return Err(Error::new(
                format!("the checks left changes in the tree:\n{after}"),
                "commit what should be there, and see which check writes the rest",
            ));
        }
        for tool in missing {
            println!("not checked: {tool}");
        }
        let left_out = GROUPS
            .iter()
            .filter(|one| !groups.iter().any(|run| run.name == one.name));
        let left_out: Vec<_> = left_out.map(|one| one.name).collect();
        if !left_out.is_empty() {
            println!("not run: {}", left_out.join(", "));
        }
        println!("All is well ({} s).", started.elapsed().as_secs());
        Ok(ExitCode::SUCCESS)
    }

    /// The groups that are named, or those by default.
    fn groups(&self) -> Result<Vec<&'static Group>> {
        if self.groups.is_empty() {
            return Ok(GROUPS.iter().filter(|group| group.is_default).collect());
        }
        let named = self.groups.iter().map(|name| {
            let group = GROUPS.iter().find(|group| group.name == name);
            group.ok_or_else(|| {
                let known: Vec<_> = GROUPS.iter().map(|group| group.name).collect();
                Error::new(
                    format!("there is no group `{name}`"),
                    format!("name one of {}", known.join(", ")),
                )
            })
        });
        named.collect()
    }

    /// Runs one, or tells what it lacks. A group that is named lacks nothing.
    fn execute(
        &self,
        root: &Path,
        command: &CiCommand,
        this: &Path,
        started: Instant,
    ) -> Result<Option<String>> {
        let line = process::shown(command.program, command.arguments);
        if let Some(tool) = &command.tool
            && !process::is_installed(tool.program, tool.arguments)
        {
            if self.groups.is_empty() {
                return Ok(Some(format!("{line} ({})", tool.install)));
            }
            return Err(Error::new(
                format!(
                    "`{}` is not installed",
                    process::shown(tool.program, tool.arguments)
                ),
                format!("run `{}`", tool.install),
            ));
        }
        println!("\n== {line} ({} s)", started.elapsed().as_secs());
        let variables = [("INSTA_UPDATE", "no"), ("RUSTDOCFLAGS", "-D warnings")];
        let program = if command.program == XTASK {
            &*this.to_string_lossy()
        } else {
            command.program
        };
        process::run_with(root, program, command.arguments, &variables)?;
        Ok(None)
    }
}

fn show(group: &Group) {
    let default = if group.is_default {
        ""
    } else {
        " (only when it is named)"
    };
    println!("{}{default}", group.name);
    for command in group.commands {
        println!("  {}", process::shown(command.program, command.arguments));
    }
}

/// What git says of the tree: empty, unless something is changed or new.
fn tree_state(root: &Path) -> Result<String> {
    process::output(root, "git", &["status", "--porcelain"])
}

#[cfg(test)]
mod tests {
    use super::{Ci, GROUPS};

    #[test]
    fn a_group_that_there_is_not_is_refused_with_those_that_there_are() {
        let ci = Ci {
            groups: vec!["lints".to_owned()],
            list: false,
        };
        let error = ci.groups().err().unwrap().to_string();
        assert!(
            error.contains("`lints`") && error.contains("lint, drift"),
            "{error}"
        );
    }

    #[test]
    fn the_workflow_runs_every_group() {
        let workflow = include_str!("../../../.github/workflows/ci.yml");
        for group in GROUPS {
            assert!(
                workflow.contains(&format!("cargo xtask ci {}", group.name)),
                "{} is not run by the workflow",
                group.name
            );
        }
    }
}
