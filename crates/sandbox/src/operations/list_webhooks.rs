use std::cmp::Ordering;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::{StatusCode, Uri};
use serde::Deserialize;
use upvest_models::{ListMeta, SortOrder, Webhook, Webhooks, WebhooksSort};

use crate::api::Api;
use crate::refusal::Refusal;

const MAX_LIMIT: i64 = 1000;

/// What is asked for.
#[derive(Deserialize)]
#[serde(default)]
struct Query {
    offset: i64,
    limit: i64,
    sort: WebhooksSort,
    order: SortOrder,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            offset: 0,
            limit: 100,
            sort: WebhooksSort::CreatedAt,
            order: SortOrder::Asc,
        }
    }
}

/// `GET /webhooks`
pub(crate) async fn list_webhooks(
    State(api): State<Arc<Api>>,
    uri: Uri,
) -> Result<Json<Webhooks>, Refusal> {
    let query = read(uri.query().unwrap_or_default())
        .map_err(|detail| Refusal::new(StatusCode::BAD_REQUEST, detail))?;
    let mut all = api.webhooks.all();
    let total_count = count(&all);
    all.sort_by(|one, other| compare(&query.sort, one, other));
    if query.order == SortOrder::Desc {
        all.reverse();
    }
    let within = |number| usize::try_from(number).unwrap_or_default();
    let wanted = all.into_iter().skip(within(query.offset));
    let data: Vec<Webhook> = wanted.take(within(query.limit)).collect();
    let meta = ListMeta {
        offset: query.offset,
        limit: query.limit,
        count: count(&data),
        total_count,
        sort: Some(query.sort.to_string()),
        order: Some(query.order),
    };
    Ok(Json(Webhooks { meta, data }))
}

fn read(query: &str) -> Result<Query, String> {
    let query: Query = serde_urlencoded::from_str(query)
        .map_err(|error| format!("The query is malformed: {error}"))?;
    if query.offset < 0 {
        return Err(format!("offset is {}; expected 0 or more", query.offset));
    }
    if !(0..=MAX_LIMIT).contains(&query.limit) {
        return Err(format!(
            "limit is {}; expected 0 to {MAX_LIMIT}",
            query.limit
        ));
    }
    if let WebhooksSort::Unknown(sort) = &query.sort {
        return Err(format!("sort names {sort:?}, by which nothing is sorted"));
    }
    if let SortOrder::Unknown(order) = &query.order {
        return Err(format!("order is {order:?}; expected ASC or DESC"));
    }
    Ok(query)
}

fn compare(sort: &WebhooksSort, one: &Webhook, other: &Webhook) -> Ordering {
    match sort {
        WebhooksSort::UpdatedAt => one.updated_at.cmp(&other.updated_at),
        WebhooksSort::Title => one.title.cmp(&other.title),
        WebhooksSort::Url => one.url.cmp(&other.url),
        WebhooksSort::Enabled => one.enabled.cmp(&other.enabled),
        _ => one.created_at.cmp(&other.created_at),
    }
}

fn count(webhooks: &[Webhook]) -> i64 {
    webhooks.len().try_into().unwrap_or(i64::MAX)
}
