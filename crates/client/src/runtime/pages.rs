//! Lists that come in pages.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use serde::de::DeserializeOwned;

use upvest_models::Given;

use super::call::Call;
use super::{Error, Response};

/// A page of a list: some of its items, and what the API says about the whole list.
pub trait Page {
    /// The type of the items.
    type Item;

    /// The items of this page.
    fn items(&self) -> &[Self::Item];

    /// The items of this page, by value.
    fn into_items(self) -> Vec<Self::Item>;

    /// How many items of the list come before this page, if the page says so.
    fn offset(&self) -> Option<i64> {
        None
    }

    /// How many items the page may have, if it says so.
    fn limit(&self) -> Option<i64> {
        None
    }

    /// How many items the whole list has, if the page says so.
    fn total_count(&self) -> Option<i64> {
        None
    }
}

/// A list that is fetched page by page as it is read: its items, or its pages.
///
/// It holds its client and can be stored, returned, and sent to another thread. Read it with
/// [`next`](Self::next) or as a [`Stream`]. It ends after an error.
///
/// ```no_run
/// # async fn example(client: upvest_client::Client) -> Result<(), upvest_client::Error> {
/// let mut webhooks = client.list_webhooks().limit(100).stream();
/// while let Some(webhook) = webhooks.next().await {
///     println!("{}", webhook?.title);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is fetched before it is read"]
pub struct Listing<T>(BoxStream<'static, Result<T, Error>>);

impl<T> Listing<T> {
    /// The next item or page, fetched if needed; `None` at the end of the list.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        self.0.next().await
    }
}

impl<T> Stream for Listing<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl<T> fmt::Debug for Listing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").finish_non_exhaustive()
    }
}

/// The items of all pages.
pub(crate) fn items<P>(call: Call) -> Listing<P::Item>
where
    P: Page<Item: PartialEq + Clone + Send> + DeserializeOwned + Send + 'static,
{
    let items = pages::<P>(call)
        .map_ok(|page| stream::iter(page.into_inner().into_items()).map(Ok))
        .try_flatten();
    Listing(items.boxed())
}

/// Pages from the offset of a call on, each fetched when it is asked for.
///
/// The last one is the one that is empty, has fewer items than it may have, or reaches the total
/// count.
pub(crate) fn pages<P>(call: Call) -> Listing<Response<P>>
where
    P: Page<Item: PartialEq + Clone + Send> + DeserializeOwned + Send + 'static,
{
    let first = Next {
        offset: call.number("offset").unwrap_or(0),
        before: None,
        call,
    };
    Listing(stream::try_unfold(Some(first), turn).boxed())
}

/// What is fetched next.
struct Next<I> {
    call: Call,
    offset: i64,
    /// The first and the last item of the page before.
    before: Option<(I, I)>,
}

async fn turn<P>(
    next: Option<Next<P::Item>>,
) -> Result<Option<(Response<P>, Option<Next<P::Item>>)>, Error>
where
    P: Page<Item: PartialEq + Clone> + DeserializeOwned,
{
    let Some(Next {
        mut call,
        offset,
        before,
    }) = next
    else {
        return Ok(None);
    };
    if before.is_some() {
        call.query::<i64, Given>("offset", offset);
    }
    let page = call.clone().json_answer::<P>().await?;
    let ends = match page.items() {
        [] => None,
        [one] => Some((one.clone(), one.clone())),
        [first, .., last] => Some((first.clone(), last.clone())),
    };
    let elsewhere = before.is_some() && page.offset().is_some_and(|there| there != offset);
    if elsewhere || (ends.is_some() && ends == before) {
        let (_, operation, _) = call.parts();
        return Err(Error::list_stands_still(offset).of(operation));
    }
    let count = i64::try_from(page.items().len()).unwrap_or(i64::MAX);
    let end = offset.saturating_add(count);
    let limit = call.number("limit").or(page.limit());
    let is_short = limit.is_some_and(|limit| count < limit);
    let is_all = page.total_count().is_some_and(|total| end >= total);
    let more = (count > 0 && !is_short && !is_all).then_some(Next {
        call,
        offset: end,
        before: ends,
    });
    Ok(Some((page, more)))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use bytes::Bytes;
    use serde::Deserialize;
    use serde_json::json;
    use tower::util::BoxCloneSyncService;

    use super::super::{Body, BoxError, Client, OperationInfo};
    use super::*;

    #[derive(Deserialize)]
    struct Numbers {
        items: Vec<i64>,
        offset: Option<i64>,
        limit: Option<i64>,
        total_count: Option<i64>,
    }

    impl Page for Numbers {
        type Item = i64;

        fn items(&self) -> &[i64] {
            &self.items
        }

        fn into_items(self) -> Vec<i64> {
            self.items
        }

        fn offset(&self) -> Option<i64> {
            self.offset
        }

        fn limit(&self) -> Option<i64> {
            self.limit
        }

        fn total_count(&self) -> Option<i64> {
            self.total_count
        }
    }

    static OPERATION: OperationInfo = OperationInfo {
        id: "list_numbers",
        method: http::Method::GET,
        path: "/numbers",
        tag: "Numbers",
        scopes: &[],
        takes_idempotency_key: false,
        deprecated: false,
        limits: &[],
    };

    /// A call of a list whose pages `answer` makes of offset and limit, and the offsets that are
    /// asked for.
    fn list(
        asked: Option<i64>,
        answer: impl Fn(i64, i64) -> serde_json::Value + Clone + Send + Sync + 'static,
    ) -> (Call, Arc<Mutex<Vec<i64>>>) {
        let offsets = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&offsets);
        let transport = tower::service_fn(move |request: http::Request<Bytes>| {
            let query = request.uri().query().unwrap_or_default();
            let query: std::collections::HashMap<&str, i64> =
                serde_urlencoded::from_str(query).unwrap();
            let offset = query.get("offset").copied().unwrap_or(0);
            seen.lock().unwrap().push(offset);
            let page = answer(offset, query.get("limit").copied().unwrap_or(3)).to_string();
            std::future::ready(Ok::<_, BoxError>(http::Response::new(Body::from(page))))
        });
        let client = Client::builder("https://api.example")
            .transport(BoxCloneSyncService::new(transport))
            .build()
            .unwrap();
        let mut call = Call::new(&client, &OPERATION);
        call.query::<i64, upvest_models::Maybe>("limit", asked);
        (call, offsets)
    }

    #[tokio::test]
    async fn every_item_comes_once_and_no_page_more_than_needed() {
        for (length, asked, says, expected) in [
            // The total count says that the list ends.
            (6, None, (true, true), vec![0, 3]),
            (7, None, (false, true), vec![0, 3, 6]),
            (0, None, (true, true), vec![0]),
            // A short page says that the list ends.
            (7, None, (true, false), vec![0, 3, 6]),
            (5, Some(2), (false, false), vec![0, 2, 4]),
            // An empty page says that the list ends.
            (6, None, (true, false), vec![0, 3, 6]),
            (6, None, (false, false), vec![0, 3, 6]),
            (0, Some(2), (false, false), vec![0]),
        ] {
            let (call, offsets) = list(asked, move |offset, limit| {
                json!({
                    "items": (offset..length.min(offset + limit)).collect::<Vec<_>>(),
                    "offset": says.0.then_some(offset),
                    "limit": says.0.then_some(limit),
                    "total_count": says.1.then_some(length),
                })
            });
            let items: Vec<i64> = items::<Numbers>(call).try_collect().await.unwrap();
            assert_eq!(
                *offsets.lock().unwrap(),
                expected,
                "{length} {asked:?} {says:?}"
            );
            assert_eq!(items, (0..length).collect::<Vec<_>>());
        }
    }

    #[tokio::test]
    async fn a_list_that_takes_no_notice_of_the_offset_ends_with_an_error() {
        for says in [None, Some(0)] {
            let (call, offsets) = list(
                None,
                move |_, _| json!({"items": [1, 2, 3], "offset": says}),
            );
            // One that never ends is noticed as well.
            let read: Vec<_> = items::<Numbers>(call).take(9).collect().await;
            assert_eq!(*offsets.lock().unwrap(), [0, 3]);
            assert_eq!(read.len(), 4, "three items and one error");
            let error = read[3].as_ref().unwrap_err();
            assert_eq!(
                error.to_string(),
                "list_numbers: the page at offset 3 was requested, but another page was returned: the list cannot be read to its end"
            );
        }
    }

    #[tokio::test]
    async fn after_an_error_there_is_nothing_more() {
        let (call, _) = list(None, |_, _| json!("no page"));
        let mut items = items::<Numbers>(call);
        assert!(items.next().await.unwrap().is_err());
        assert!(items.next().await.is_none());
    }

    #[test]
    fn a_page_says_nothing_about_the_list_unless_set_otherwise() {
        struct Silent(Vec<i64>);
        impl Page for Silent {
            type Item = i64;
            fn items(&self) -> &[i64] {
                &self.0
            }
            fn into_items(self) -> Vec<i64> {
                self.0
            }
        }
        let page = Silent(vec![1]);
        assert_eq!(
            (page.offset(), page.limit(), page.total_count()),
            (None, None, None)
        );
    }

    #[test]
    fn nothing_of_a_list_is_shown() {
        let (call, _) = list(None, |_, _| json!("no page"));
        assert_eq!(format!("{:?}", items::<Numbers>(call)), "Listing { .. }");
    }
}
