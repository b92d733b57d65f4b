//! An answer in the form that was asked for.

use std::path::Path;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use upvest::{Bytes, File};

use super::arguments::Options;
use super::filter::Filter;
use super::{csv, redact, table};
use crate::failure::{Failure, Kind};
use crate::output;

/// Prints an answer, or writes it to a file.
pub(super) fn print(
    body: &Bytes,
    options: &Options,
    filter: Option<&Filter>,
) -> Result<(), Failure> {
    let text = match options.raw || body.is_empty() {
        true => body.to_vec(),
        false => text(body, options, filter)?.into_bytes(),
    };
    match &options.output {
        Some(path) => {
            std::fs::write(path, text).map_err(|error| Failure::file("write", path, error))
        }
        None => Ok(output::print(&text)?),
    }
}

fn text(body: &Bytes, options: &Options, filter: Option<&Filter>) -> Result<String, Failure> {
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

/// Writes a file while it arrives, to a path where nothing is yet, or to standard output if that is `-`.
/// Returns how many bytes it has.
///
/// # Errors
///
/// When something is there already, the file breaks off, or it cannot be written: what is there of it is
/// removed again.
pub(super) async fn write_file(
    mut file: File,
    path: &Path,
    is_quiet: bool,
) -> Result<u64, Failure> {
    if path.as_os_str() == "-" {
        let mut length = 0;
        while let Some(chunk) = file.chunk().await? {
            output::print(&chunk)?;
            length += chunk.len() as u64;
        }
        return Ok(length);
    }
    let failed = |error| Failure::file("write", path, error);
    let mut options = tokio::fs::OpenOptions::new();
    let target = options.write(true).create_new(true).open(path).await;
    let mut target = target.map_err(failed)?;
    let written = async {
        let mut length = 0;
        while let Some(chunk) = file.chunk().await? {
            target.write_all(&chunk).await.map_err(failed)?;
            length += chunk.len() as u64;
            if !is_quiet {
                output::progress(&format!("{length} bytes"));
            }
        }
        target.flush().await.map_err(failed)?;
        Ok(length)
    }
    .await;
    output::progress("");
    if written.is_err() {
        let _ = tokio::fs::remove_file(path).await;
    }
    written
}
