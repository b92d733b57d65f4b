//! An answer in the form that was asked for.

use serde_json::Value;
use upvest::Bytes;

use super::arguments::Options;
use super::filter::Filter;
use super::{csv, table};
use crate::failure::{Failure, Kind};

/// An answer as text.
///
/// # Errors
///
/// When it is not JSON, or the filter fails.
pub(super) fn text(
    body: &Bytes,
    options: &Options,
    filter: Option<&Filter>,
) -> Result<Vec<u8>, Failure> {
    match options.raw || body.is_empty() {
        true => Ok(body.to_vec()),
        false => formatted(body, options, filter).map(String::into_bytes),
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

fn formatted(body: &Bytes, options: &Options, filter: Option<&Filter>) -> Result<String, Failure> {
    let mut value: Value = serde_json::from_slice(body).map_err(|error| {
        let message = format!("the answer is no JSON: {error}");
        Failure::new(Kind::Unavailable, message).help("print it with `--raw`")
    })?;
    redact(&mut value);
    if let Some(filter) = filter {
        return filter.run(&value);
    }
    if let Some(columns) = &options.table {
        return Ok(table::write(&value, &named(columns)));
    }
    if let Some(columns) = &options.csv {
        return Ok(csv::write(&value, &named(columns)));
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

/// A value that nobody else is to read, in an answer that is to be shown.
const SECRET: &str = "access_token";

/// Takes access tokens out of an answer.
fn redact(value: &mut Value) {
    if let Some(token) = value.get_mut(SECRET) {
        *token = "[redacted, see --raw]".into();
    }
}
