//! Lists that come in pages.

use std::future::Future;

use futures_util::stream::{self, Stream, StreamExt, TryStreamExt};

use super::{Error, Response};

/// A page of a list: some of its items, and what the API says of the whole.
pub trait Page {
    /// What the list is of.
    type Item;

    /// How many items the page has.
    fn count(&self) -> usize;

    /// How many it may have.
    fn limit(&self) -> Option<i64>;

    /// How many the whole list has.
    fn total_count(&self) -> Option<i64>;

    /// The items.
    fn into_items(self) -> Vec<Self::Item>;
}

/// Pages from an offset on, each fetched when it is asked for.
///
/// The last one is the one that is empty, has fewer items than it may have, or reaches the total
/// count. After an error there is nothing more.
pub(crate) fn pages<'a, P, F, R>(
    start: i64,
    limit: Option<i64>,
    fetch: F,
) -> impl Stream<Item = Result<Response<P>, Error>> + Send + 'a
where
    P: Page + Send + 'a,
    F: Fn(i64) -> R + Send + 'a,
    R: Future<Output = Result<Response<P>, Error>> + Send + 'a,
{
    stream::unfold(Some(start), move |offset| {
        let fetched = offset.map(|offset| (offset, fetch(offset)));
        async move {
            let (offset, page) = fetched?;
            let page = match page.await {
                Ok(page) => page,
                Err(error) => return Some((Err(error), None)),
            };
            let count = i64::try_from(page.count()).unwrap_or(i64::MAX);
            let end = offset.saturating_add(count);
            let is_short = limit.or(page.limit()).is_some_and(|limit| count < limit);
            let is_all = page.total_count().is_some_and(|total| end >= total);
            let next = (count > 0 && !is_short && !is_all).then_some(end);
            Some((Ok(page), next))
        }
    })
}

/// The items of all pages.
pub(crate) fn items<'a, P: Page<Item: Send> + Send + 'a>(
    pages: impl Stream<Item = Result<Response<P>, Error>> + Send + 'a,
) -> impl Stream<Item = Result<P::Item, Error>> + Send + 'a {
    pages
        .map_ok(|page| stream::iter(page.into_inner().into_items()).map(Ok))
        .try_flatten()
}

/// An offset as an argument.
pub(crate) fn offset<T: TryFrom<i64>>(offset: i64) -> Result<Option<T>, String> {
    let too_far = |_| format!("`offset` cannot be {offset}");
    T::try_from(offset).map(Some).map_err(too_far)
}

/// The number in an argument, if there is one.
pub(crate) fn number<T: Copy + Into<i64>>(argument: &Result<Option<T>, String>) -> Option<i64> {
    let number = argument.as_ref().ok().copied().flatten();
    number.map(Into::into)
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::sync::Mutex;

    use super::super::attempt::Received;
    use super::*;

    struct Numbers {
        items: Vec<i64>,
        limit: Option<i64>,
        total_count: Option<i64>,
    }

    impl Page for Numbers {
        type Item = i64;

        fn count(&self) -> usize {
            self.items.len()
        }

        fn limit(&self) -> Option<i64> {
            self.limit
        }

        fn total_count(&self) -> Option<i64> {
            self.total_count
        }

        fn into_items(self) -> Vec<i64> {
            self.items
        }
    }

    /// A list of the numbers below `length`; the pages that were asked for; the items.
    async fn read(length: i64, asked: Option<i64>, says: (bool, bool)) -> (Vec<i64>, Vec<i64>) {
        const DEFAULT_LIMIT: i64 = 3;
        let offsets = Mutex::new(Vec::new());
        let pages = pages(0, asked, |offset| {
            offsets.lock().unwrap().push(offset);
            let limit = asked.unwrap_or(DEFAULT_LIMIT);
            let page = Numbers {
                items: (offset..length.min(offset + limit)).collect(),
                limit: says.0.then_some(limit),
                total_count: says.1.then_some(length),
            };
            let received = Received::of(&http::Response::default());
            ready(Ok(Response::new(page, received, 1)))
        });
        let items: Vec<i64> = items(pages).map(Result::unwrap).collect().await;
        (offsets.into_inner().unwrap(), items)
    }

    #[tokio::test]
    async fn every_item_comes_once_and_no_page_more_than_needed() {
        for (length, asked, says, offsets) in [
            // The total count tells.
            (6, None, (true, true), vec![0, 3]),
            (7, None, (false, true), vec![0, 3, 6]),
            (0, None, (true, true), vec![0]),
            // A short page tells.
            (7, None, (true, false), vec![0, 3, 6]),
            (5, Some(2), (false, false), vec![0, 2, 4]),
            // An empty page tells.
            (6, None, (true, false), vec![0, 3, 6]),
            (6, None, (false, false), vec![0, 3, 6]),
            (0, Some(2), (false, false), vec![0]),
        ] {
            let (asked_for, items) = read(length, asked, says).await;
            assert_eq!(asked_for, offsets, "{length} {asked:?} {says:?}");
            assert_eq!(items, (0..length).collect::<Vec<_>>());
        }
    }

    #[tokio::test]
    async fn after_an_error_there_is_nothing_more() {
        let pages = pages::<Numbers, _, _>(0, None, |_| {
            ready(Err(Error::configuration("on purpose".to_owned())))
        });
        assert_eq!(items(pages).collect::<Vec<_>>().await.len(), 1);
    }
}
