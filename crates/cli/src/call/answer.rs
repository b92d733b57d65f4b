//! An answer in the form that was asked for.

use serde_json::Value;
use upvest::Bytes;

use super::arguments::Options;
use super::filter::Filter;
use super::{csv, table};
use crate::failure::{Failure, FailureKind};
use crate::output;

/// An answer as text.
///
/// # Errors
///
/// When it is not JSON, or the filter fails.
pub(super) fn text(
    body: &Bytes,
    options: &Options,
    filter: Option<&Filter>,
    is_quiet: bool,
) -> Result<Vec<u8>, Failure> {
    if options.raw || body.is_empty() {
        return Ok(body.to_vec());
    }
    let mut value: Value = serde_json::from_slice(body).map_err(|error| {
        let message = format!("the answer is not JSON: {error}");
        Failure::new(FailureKind::Unavailable, message).help("print it with `--raw`")
    })?;
    redact(&mut value);
    if !is_quiet {
        tell_unknown(&value, options);
    }
    formatted(&value, options, filter).map(String::into_bytes)
}

/// Reports columns that were asked for and that the answer does not have.
fn tell_unknown(value: &Value, options: &Options) {
    let columns = options.table.as_ref().or(options.csv.as_ref());
    let columns = named(columns.map_or(&[], Vec::as_slice));
    let unknown = table::unknown(value, &columns);
    if !unknown.is_empty() {
        let known = table::columns_of(&table::rows(value), &[]);
        output::note(&format!(
            "note: no row has {}; there are {}",
            unknown.join(", "),
            known.join(", ")
        ));
    }
}

/// How the name of a file with such a text ends.
pub(super) fn extension(options: &Options) -> &'static str {
    match options {
        Options { csv: Some(_), .. } => "csv",
        Options { table: Some(_), .. } | Options { jq: Some(_), .. } => "txt",
        _ => "json",
    }
}

fn formatted(value: &Value, options: &Options, filter: Option<&Filter>) -> Result<String, Failure> {
    if let Some(filter) = filter {
        return filter.run(value);
    }
    if let Some(columns) = &options.table {
        return Ok(table::write(value, &named(columns)));
    }
    if let Some(columns) = &options.csv {
        return Ok(csv::write(value, &named(columns)));
    }
    Ok(match options.json {
        true => format!("{value}\n"),
        false => format!("{value:#}\n"),
    })
}

fn named(columns: &[String]) -> Vec<String> {
    let named = columns.iter().filter(|column| !column.is_empty());
    named.cloned().collect()
}

/// Stands for a secret value in an answer that is shown.
const SECRET: &str = "access_token";

/// Removes access tokens from an answer.
fn redact(value: &mut Value) {
    if let Some(token) = value.get_mut(SECRET) {
        *token = "[redacted, see --raw]".into();
    }
}
