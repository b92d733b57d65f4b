//! All pages of a list.

use serde_json::Value;
use upvest::{Bytes, Client, OperationInfo};

use super::request::Given;
use crate::failure::{Failure, FailureKind};
use crate::output;

/// Fetches page after page, and joins them into one.
///
/// # Errors
///
/// When a page cannot be fetched, or what is answered is not a page.
pub(super) async fn all(
    client: &Client,
    info: &'static OperationInfo,
    given: Given,
    is_quiet: bool,
) -> Result<Bytes, Failure> {
    let mut offset = given.offset();
    let mut items = Vec::new();
    loop {
        let call = given.clone().at_offset(offset).call(client, info);
        let answer = call.send().await?;
        let mut page = read(&answer)?;
        let told = page["meta"]["offset"].as_u64();
        if told.is_some_and(|told| told != offset) {
            let message =
                format!("the page at offset {offset} was requested, but the API sent another");
            return Err(Failure::new(FailureKind::Unavailable, message));
        }
        let limit = page["meta"]["limit"].as_u64();
        let total = page["meta"]["total_count"].as_u64();
        let Value::Array(found) = page["data"].take() else {
            return Err(Failure::usage(format!("{} answers with no list", info.id)));
        };
        let count = found.len() as u64;
        offset += count;
        items.extend(found);
        if !is_quiet {
            output::progress(&shown(offset, total));
        }
        let is_last = count == 0
            || limit.is_some_and(|limit| count < limit)
            || total.is_some_and(|total| offset >= total);
        if is_last {
            output::progress("");
            return Ok(whole(page, items));
        }
    }
}

/// The last page, with the items of all.
fn whole(mut page: Value, items: Vec<Value>) -> Bytes {
    page["meta"] = serde_json::json!({ "count": items.len() });
    page["data"] = items.into();
    page.to_string().into()
}

fn read(body: &Bytes) -> Result<Value, Failure> {
    serde_json::from_slice(body).map_err(|error| {
        Failure::new(
            FailureKind::Unavailable,
            format!("the page is not JSON: {error}"),
        )
    })
}

fn shown(done: u64, total: Option<u64>) -> String {
    const WIDTH: u64 = 30;
    match total.filter(|total| *total > 0) {
        Some(total) => {
            let filled = (done.min(total) * WIDTH / total) as usize;
            format!("[{:<30}] {done} of {total}", "#".repeat(filled))
        }
        None => format!("{done} items"),
    }
}
