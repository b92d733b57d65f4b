//! The command line of one operation, made from its description.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Arg, ArgAction, Args, Command};
use upvest::OperationInfo;

use crate::description::{Operation, Place, Schema};
use crate::globals::Globals;

/// The id of the argument with `NAME=VALUE` pairs.
pub(super) const PAIRS: &str = "pairs";

/// The parameter that makes a call safe to repeat. It is made up if it is not given.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// How a call is made, and how its answer is printed.
#[derive(Args, Clone, Debug)]
pub(super) struct Options {
    /// The body, in JSON, from a file; `-` is standard input. Fields given as arguments take precedence
    #[arg(
        short = 'f',
        long = "body",
        value_name = "PATH",
        help_heading = "Request"
    )]
    pub(super) body: Option<PathBuf>,

    /// Print the request as it would be sent, and send nothing
    #[arg(long, help_heading = "Request", conflicts_with = "curl")]
    pub(super) dry_run: bool,

    /// Print a command for curl that sends the same through `upvest proxy`, and send nothing
    #[arg(long, help_heading = "Request")]
    pub(super) curl: bool,

    /// Fetch all pages
    #[arg(long, help_heading = "Request")]
    pub(super) all: bool,

    /// Print JSON in one line
    #[arg(long, help_heading = "Answer", group = "form")]
    pub(super) json: bool,

    /// Print the answer byte for byte, access tokens included
    #[arg(long, help_heading = "Answer", group = "form", conflicts_with = "all")]
    pub(super) raw: bool,

    /// Print a table, of these columns: `id,status,user.id`
    #[arg(long, value_name = "COLUMNS", num_args = 0..=1, require_equals = true, value_delimiter = ',', default_missing_value = "", help_heading = "Answer", group = "form")]
    pub(super) table: Option<Vec<String>>,

    /// Print comma-separated values (RFC 4180), of these columns
    #[arg(long, value_name = "COLUMNS", num_args = 0..=1, require_equals = true, value_delimiter = ',', default_missing_value = "", help_heading = "Answer", group = "form")]
    pub(super) csv: Option<Vec<String>>,

    /// Print the result of a jq filter, strings without quotes
    #[arg(long, value_name = "FILTER", help_heading = "Answer", group = "form")]
    pub(super) jq: Option<String>,

    /// Write the answer to a new file, or into a directory under the name that the API has for it, with a
    /// number if that is taken; `-` is standard output. A report is fetched as the file that it is, and
    /// continued if it broke off
    #[arg(short = 'o', long, value_name = "PATH", help_heading = "Answer")]
    pub(super) output: Option<PathBuf>,
}

/// A call, as written on its command line.
pub(super) struct Call {
    pub(super) info: &'static OperationInfo,
    pub(super) operation: Operation,
    pub(super) options: Options,
    pub(super) globals: Globals,
}

/// The words of a command line, with columns in the word of their option: `--table id,status` is `--table=id,status`, while in
/// `--table id=1` an argument follows.
pub(super) fn with_columns(words: &[OsString]) -> Vec<OsString> {
    let mut joined: Vec<OsString> = Vec::new();
    for word in words {
        let text = word.to_string_lossy();
        match joined.last_mut() {
            Some(last)
                if (last == "--table" || last == "--csv")
                    && !text.starts_with('-')
                    && !text.contains('=') =>
            {
                last.push("=");
                last.push(word);
            }
            _ => joined.push(word.clone()),
        }
    }
    joined
}

/// The command line of an operation.
pub(super) fn command(info: &OperationInfo, operation: &Operation) -> Command {
    let command = Command::new(info.id)
        .no_binary_name(true)
        .bin_name(format!("upvest call {}", info.id));
    let command = Options::augment_args(Globals::augment_args(command));
    // The options that are added above have their own help, which is not about the operation.
    let mut command = command
        .about(operation.summary.clone())
        .long_about(about(info, operation))
        .after_long_help(example(info, operation));
    let mut taken: Vec<String> = command
        .get_arguments()
        .filter_map(|one| one.get_long().map(str::to_owned))
        .chain(["help".to_owned()])
        .collect();
    let mut add = |command: Command, name: &str, heading: &'static str, help: String| {
        let long = name.replace('_', "-");
        if taken.contains(&long) {
            return command;
        }
        taken.push(long.clone());
        command.arg(option(name, long, heading).help(help))
    };
    for parameter in operation.given() {
        let heading = match parameter.place {
            Place::Path => "Arguments in the path",
            Place::Query => "Arguments in the query",
            Place::Header => "Arguments in headers",
        };
        // Without one, the client makes one up.
        let required = parameter.required && parameter.name != IDEMPOTENCY_KEY;
        let help = about_value(&parameter.schema, required);
        command = add(command, parameter.name, heading, help);
    }
    for field in operation.body.iter().flat_map(|body| body.schema.fields()) {
        let help = about_value(&field.schema, field.required);
        command = add(command, &field.name, "Fields of the body", help);
    }
    command.arg(
        Arg::new(PAIRS)
            .value_name("NAME=VALUE")
            .action(ArgAction::Append)
            .value_parser(NonEmptyStringValueParser::new())
            .help("An argument or a field; NAME:=JSON for a value in JSON, a.b=VALUE for a field within a field"),
    )
}

fn option(name: &str, long: String, heading: &'static str) -> Arg {
    let arg = Arg::new(name.to_owned())
        .help_heading(heading)
        .value_name("VALUE")
        .action(ArgAction::Append)
        .allow_negative_numbers(true);
    match long == name {
        true => arg.long(long),
        false => arg.long(long).alias(name.to_owned()),
    }
}

fn about(info: &OperationInfo, operation: &Operation) -> String {
    let scopes = match info.scopes {
        [] => "It takes no access token.".to_owned(),
        [scope] => format!("It takes a token with the scope {scope}."),
        scopes => format!(
            "It takes a token with one of the scopes {}.",
            scopes.join(", ")
        ),
    };
    let deprecated = if info.deprecated {
        " It is deprecated."
    } else {
        ""
    };
    format!(
        "{}\n\n{} {} ({})\n{scopes}{deprecated}",
        operation.summary, info.method, info.path, info.tag
    )
}

/// What a value is, in one line.
fn about_value(schema: &Schema, required: bool) -> String {
    let mut parts = Vec::new();
    if required {
        parts.push("required".to_owned());
    }
    let items = schema.items();
    let value = items.as_ref().unwrap_or(schema);
    let of = value.format().or_else(|| value.kind());
    let of = of.unwrap_or_else(|| "string".to_owned());
    parts.push(match items {
        Some(_) => format!("list of {of}, can be given many times"),
        None => of,
    });
    let values = value.values();
    if !values.is_empty() {
        parts.push(format!("one of {}", values.join(", ")));
    }
    if let Some(default) = schema.default() {
        parts.push(format!("{default} unless given"));
    }
    parts.join("; ")
}

fn example(info: &OperationInfo, operation: &Operation) -> String {
    let mut line = format!("upvest call {}", info.id);
    let required =
        |one: &&crate::description::Parameter| one.required && one.name != IDEMPOTENCY_KEY;
    for parameter in operation.given().filter(required) {
        let value = match parameter.schema.format().as_deref() {
            Some("uuid") => "d0fc0305-97b7-4e3b-bddf-66d3c434898c".to_owned(),
            _ => parameter
                .schema
                .values()
                .into_iter()
                .next()
                .unwrap_or_else(|| "VALUE".to_owned()),
        };
        line.push_str(&format!(" --{} {value}", parameter.name.replace('_', "-")));
    }
    let body = operation
        .body
        .as_ref()
        .and_then(|body| body.examples.first());
    match body.and_then(|body| serde_json::to_string_pretty(body).ok()) {
        Some(body) => format!("Example:\n  {line} -f - <<'END'\n{body}\nEND"),
        None => format!("Example:\n  {line}"),
    }
}
