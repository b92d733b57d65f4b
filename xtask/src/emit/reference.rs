//! The chapter of the book that lists every operation, with an example that the tests compile.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::files::SURFACE;
use super::types::{In, rust};
use upvest_description::ir::{Api, Arg, Operation, Success};

/// The file, from the root of the workspace.
pub const FILE: &str = "docs/reference.md";

/// The chapter: operations by tag, and in the order of the description within one.
pub(super) fn chapter(api: &Api) -> String {
    let mut tags: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in &api.operations {
        tags.entry(&operation.tag).or_default().push(operation);
    }
    let mut text = format!(
        "<!-- Written by `{}`. -->\n\n# Operations\n\nEvery operation of the {} {}, by tag. Required arguments are arguments of \
         the method, in the order of the table. Optional arguments are setters of the call.\n",
        SURFACE, api.title, api.version
    );
    for (tag, operations) in tags {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "\n## {tag}\n");
        for operation in operations {
            let _ = of_operation(&mut text, api, operation);
        }
    }
    text
}

fn of_operation(text: &mut String, api: &Api, operation: &Operation) -> fmt::Result {
    let summary = operation.docs.lines().next().unwrap_or_default();
    write!(text, "\n### `{}`\n\n{summary}\n\n", operation.name)?;
    writeln!(text, "- `{} {}`", operation.method, operation.path)?;
    if !operation.scopes.is_empty() {
        let scopes: Vec<String> = operation.scopes.iter().map(|one| code(one)).collect();
        writeln!(text, "- scopes: {}", scopes.join(", "))?;
    }
    writeln!(text, "- answer: {}", answer(api, operation))?;
    if operation.takes_idempotency_key {
        writeln!(
            text,
            "- carries an idempotency key, so it is sent again after a transient failure"
        )?;
    }
    if operation.deprecated {
        match &operation.replacement {
            Some(method) => writeln!(text, "- deprecated: call `{method}`")?,
            None => writeln!(text, "- deprecated")?,
        }
    }
    arguments(text, api, operation)?;
    example(text, api, operation)
}

fn answer(api: &Api, operation: &Operation) -> String {
    let answer = match &operation.success {
        Success::Json(ty) => code(&rust(api, ty, In::Models)),
        Success::File(_) => code("File"),
        Success::Empty => "nothing".to_owned(),
    };
    let instead = |media| format!("; with `.file()`, a `File` ({})", code(media));
    answer
        + &operation
            .file
            .as_ref()
            .map_or(String::new(), |media| instead(media))
}

fn arguments(text: &mut String, api: &Api, operation: &Operation) -> fmt::Result {
    if operation.args.is_empty() && operation.body.is_none() {
        return Ok(());
    }
    writeln!(
        text,
        "\n| argument | type | where | required |\n|---|---|---|---|"
    )?;
    let required = operation.args.iter().filter(|arg| arg.required);
    for arg in required {
        row(text, api, arg)?;
    }
    if let Some(body) = &operation.body {
        let ty = rust(api, &body.ty, In::Models);
        writeln!(text, "| `body` | `{ty}` | body | yes |")?;
    }
    let mut optional = operation.args.iter().filter(|arg| !arg.required);
    optional.try_for_each(|arg| row(text, api, arg))
}

fn row(text: &mut String, api: &Api, arg: &Arg) -> fmt::Result {
    let place = arg.location.word();
    let ty = rust(api, &arg.ty, In::Models);
    let required = if arg.required { "yes" } else { "no" };
    writeln!(text, "| `{}` | `{ty}` | {place} | {required} |", arg.name)
}

/// The call, in a function that takes what the call takes.
fn example(text: &mut String, api: &Api, operation: &Operation) -> fmt::Result {
    let required = operation.args.iter().filter(|arg| arg.required);
    let mut taken: Vec<(&str, String)> = required
        .map(|arg| (arg.name.as_str(), rust(api, &arg.ty, In::Client)))
        .collect();
    if let Some(body) = &operation.body {
        taken.push(("body", rust(api, &body.ty, In::Client)));
    }
    let names: Vec<&str> = taken.iter().map(|(name, _)| *name).collect();
    let call = format!("client.{}({})", operation.name, names.join(", "));
    text.push_str("\n```rust,no_run\n# use upvest::models;\n");
    if operation.deprecated {
        text.push_str("# #[allow(deprecated)]\n");
    }
    text.push_str("# async fn example(client: upvest::Client");
    for (name, ty) in &taken {
        write!(text, ", {name}: {ty}")?;
    }
    text.push_str(") -> Result<(), upvest::Error> {\n");
    match (&operation.paging, &operation.success) {
        (Some(_), _) => write!(
            text,
            "let mut items = {call}.stream();\nwhile let Some(item) = items.next().await {{\n    println!(\"{{:?}}\", item?);\n}}\n"
        )?,
        (None, Success::Empty) => writeln!(text, "{call}.await?;")?,
        (None, _) => writeln!(text, "let answer = {call}.await?;")?,
    }
    text.push_str("# Ok(())\n# }\n```\n");
    Ok(())
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
