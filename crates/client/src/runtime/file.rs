//! Files that the API answers with.

use std::fmt;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::Stream;
use http::HeaderMap;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http_body::Body as _;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, Sleep, sleep};

use super::attempt::Limits;
use super::{Body, Error};

/// A file, such as a report in PDF, while it arrives.
///
/// It is a [`Stream`] of its bytes; [`bytes`](Self::bytes) and [`download_to`](Self::download_to)
/// read it to its end. Its time is limited from part to part, not as a whole
/// ([`attempt_timeout`](crate::CallOptions::attempt_timeout)), and it is not fetched again if it
/// breaks off.
#[must_use = "the file is not there before it is read"]
pub struct File {
    content_type: Option<String>,
    file_name: Option<String>,
    body: Body,
    max_bytes: usize,
    /// How long a part may take to arrive, and until when the next one has time.
    patience: Duration,
    until: Pin<Box<Sleep>>,
}

impl File {
    pub(super) fn new(headers: &HeaderMap, body: Body, limits: &Limits) -> Self {
        let text = |name| headers.get(name)?.to_str().ok();
        Self {
            content_type: text(CONTENT_TYPE).map(str::to_owned),
            file_name: text(CONTENT_DISPOSITION).and_then(file_name),
            body,
            max_bytes: limits.response_bytes,
            patience: limits.attempt,
            until: Box::pin(sleep(limits.attempt)),
        }
    }

    /// What it is (`content-type`), such as `application/pdf`.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// What the API calls it (`content-disposition`): one name without directories, fit for a path.
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// The next part of the file; `None` at its end.
    ///
    /// # Errors
    /// When it breaks off, or the part takes too long.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context))
            .await
            .transpose()
    }

    /// All of it.
    ///
    /// # Errors
    /// When it breaks off, a part takes too long, or it is larger than
    /// [`max_response_bytes`](crate::ClientBuilder::max_response_bytes).
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let mut all = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if all.len().saturating_add(chunk.len()) > self.max_bytes {
                return Err(Error::too_large(self.max_bytes));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// Writes it to a path and returns how many bytes it has. It may have any size. What is at the path is
    /// replaced; what is there of it is removed again if the rest does not follow.
    ///
    /// # Errors
    /// When it breaks off, a part takes too long, or the file cannot be written.
    pub async fn download_to(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref();
        let written = self.write_to(path).await;
        if written.is_err() {
            // What failed is told; that a part of it is still there is the lesser trouble.
            let _ = tokio::fs::remove_file(path).await;
        }
        written
    }

    async fn write_to(&mut self, path: &Path) -> Result<u64, Error> {
        let failed = |error| Error::file(path, error);
        let mut file = tokio::fs::File::create(path).await.map_err(failed)?;
        let mut length = 0;
        while let Some(chunk) = self.chunk().await? {
            file.write_all(&chunk).await.map_err(failed)?;
            length += chunk.len() as u64;
        }
        file.flush().await.map_err(failed)?;
        Ok(length)
    }
}

impl Stream for File {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let file = &mut *self;
        loop {
            match Pin::new(&mut file.body).poll_frame(context) {
                Poll::Pending => {
                    ready!(file.until.as_mut().poll(context));
                    return Poll::Ready(Some(Err(Error::timeout(file.patience))));
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(Error::from_service(error))));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    if let Some(next) = Instant::now().checked_add(file.patience) {
                        file.until.as_mut().reset(next);
                    }
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
            }
        }
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("content_type", &self.content_type)
            .field("file_name", &self.file_name)
            .finish_non_exhaustive()
    }
}

/// The `filename` of a content disposition
/// ([RFC 6266](https://www.rfc-editor.org/rfc/rfc6266#section-4.3)), the encoded one first, without
/// directories: its sender does not choose where it is written.
fn file_name(disposition: &str) -> Option<String> {
    let parameter = |wanted: &str| {
        parameters(disposition)
            .find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then_some(value))
    };
    let encoded = parameter("filename*").and_then(|value| {
        let (_, text) = value
            .strip_prefix("UTF-8'")
            .or(value.strip_prefix("utf-8'"))?
            .split_once('\'')?;
        let text = percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .ok()?;
        Some(text.into_owned())
    });
    let name = encoded.or_else(|| parameter("filename"))?;
    let name = name.rsplit(['/', '\\']).next()?;
    let is_safe = !matches!(name, "" | "." | "..") && !name.contains(char::is_control);
    is_safe.then(|| name.to_owned())
}

/// Names and values of the parameters, quotes and escapes removed.
fn parameters(header: &str) -> impl Iterator<Item = (&str, String)> {
    let mut rest = header.find(';').map_or("", |end| &header[end + 1..]);
    std::iter::from_fn(move || {
        let (name, value) = rest.split_once('=')?;
        let (mut text, mut is_quoted, mut is_escaped) = (String::new(), false, false);
        let mut end = value.len();
        for (place, character) in value.char_indices() {
            match character {
                _ if is_escaped => {
                    text.push(character);
                    is_escaped = false;
                }
                '\\' if is_quoted => is_escaped = true,
                '"' => is_quoted = !is_quoted,
                ';' if !is_quoted => {
                    end = place + 1;
                    break;
                }
                _ => text.push(character),
            }
        }
        rest = &value[end..];
        Some((name.trim(), text.trim().to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(body: Body, max_bytes: usize) -> File {
        file_with(&HeaderMap::new(), body, max_bytes)
    }

    fn file_with(headers: &HeaderMap, body: Body, max_bytes: usize) -> File {
        let limits = Limits {
            retries: super::super::RetryPolicy::none(),
            deadline: None,
            attempt: Duration::from_secs(5),
            response_bytes: max_bytes,
            is_streamed: true,
        };
        File::new(headers, body, &limits)
    }

    /// Two bytes, and then what comes next.
    fn body(next: impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static) -> Body {
        use futures_util::StreamExt;
        let begins = futures_util::stream::iter([Ok(Bytes::from_static(b"ab"))]);
        let frames = begins
            .chain(next)
            .map(|data| data.map(http_body::Frame::data));
        Body::wrap(http_body_util::StreamBody::new(frames))
    }

    #[tokio::test]
    async fn a_file_tells_its_type_and_name_and_may_be_as_large_as_is_allowed() {
        let headers = [
            (CONTENT_TYPE, "application/pdf"),
            (CONTENT_DISPOSITION, "attachment; filename=\"report.pdf\""),
        ];
        let headers = headers.map(|(name, value)| (name, value.parse().unwrap()));
        let file = file_with(&HeaderMap::from_iter(headers), Body::from("abcd"), 4);
        assert_eq!(file.content_type(), Some("application/pdf"));
        assert_eq!(file.file_name(), Some("report.pdf"));
        let shown = format!("{file:?}");
        assert!(shown.contains("application/pdf") && shown.contains("report.pdf"));
        assert_eq!(file.bytes().await.unwrap(), "abcd");

        let unnamed = file_with(&HeaderMap::new(), Body::default(), 0);
        assert_eq!((unnamed.content_type(), unnamed.file_name()), (None, None));
    }

    #[tokio::test]
    async fn a_file_is_written_whole_or_not_at_all() {
        let path = std::env::temp_dir().join(format!("upvest-file-test-{}", std::process::id()));
        let more = futures_util::stream::iter([Ok(Bytes::from_static(b"cd"))]);
        // It may be larger than what is read into memory.
        assert_eq!(file(body(more), 3).download_to(&path).await.unwrap(), 4);
        assert_eq!(std::fs::read(&path).unwrap(), b"abcd");

        let broken = futures_util::stream::iter([Err(std::io::ErrorKind::ConnectionReset.into())]);
        let error = file(body(broken), 3).download_to(&path).await.unwrap_err();
        assert!(error.is_transient() && !path.exists());
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_stalls_or_is_too_large_ends_with_an_error() {
        let stalled = file(body(futures_util::stream::pending()), 9);
        assert!(stalled.bytes().await.unwrap_err().is_timeout());
        let more = futures_util::stream::iter([Ok(Bytes::from_static(b"cd"))]);
        assert!(
            file(body(more), 3)
                .bytes()
                .await
                .unwrap_err()
                .is_too_large()
        );
    }

    #[test]
    fn a_file_name_is_one_name_and_leads_nowhere() {
        for (disposition, expected) in [
            ("attachment; filename=report.pdf", Some("report.pdf")),
            (
                r#"attachment; filename="a; \"b\".pdf"; size=3"#,
                Some(r#"a; "b".pdf"#),
            ),
            (
                "attachment; filename=a.pdf; filename*=UTF-8''%C3%A4.pdf",
                Some("ä.pdf"),
            ),
            ("inline; FileName=a.csv", Some("a.csv")),
            ("attachment; filename=\"../../etc/passwd\"", Some("passwd")),
            (
                "attachment; filename*=UTF-8''..%2F..%5Ca.pdf",
                Some("a.pdf"),
            ),
            ("attachment; filename=\"..\"", None),
            ("attachment; filename*=UTF-8''a%00b", None),
            ("attachment", None),
            ("", None),
        ] {
            assert_eq!(file_name(disposition).as_deref(), expected, "{disposition}");
        }
    }
}
