//! Files that the API answers with.

use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::Stream;
use http::HeaderMap;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use http_body::Body as _;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, Sleep, sleep};

use super::attempt::Limits;
use super::call::{Call, Operation, Sending};
use super::{Body, Error, Response};

/// A file, such as a report in PDF, while it arrives.
///
/// It is a [`Stream`] of its bytes; [`bytes`](Self::bytes) and [`download_to`](Self::download_to)
/// read it to its end. The time limit ([`attempt_timeout`](crate::CallOptions::attempt_timeout))
/// applies to each part, not to the whole file. The file is not fetched again if it breaks off.
#[must_use = "the file is not there before it is read"]
pub struct File {
    content_type: Option<String>,
    file_name: Option<String>,
    body: Body,
    progress: FileProgress,
    on_progress: Option<Box<dyn FnMut(FileProgress) + Send + Sync>>,
    max_bytes: usize,
    /// How long a part may take to arrive, and until when the next one has time.
    part_timeout: Duration,
    until: Pin<Box<Sleep>>,
}

/// How much of a [`File`] has arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileProgress {
    /// How many bytes have arrived.
    pub received: u64,
    /// How many bytes the file has (`content-length`), if the API says so.
    pub total: Option<u64>,
}

impl File {
    pub(super) fn new(headers: &HeaderMap, body: Body, limits: &Limits) -> Self {
        let text = |name| headers.get(name)?.to_str().ok();
        Self {
            content_type: text(CONTENT_TYPE).map(str::to_owned),
            file_name: text(CONTENT_DISPOSITION).and_then(file_name),
            body,
            progress: FileProgress {
                received: 0,
                total: text(CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            },
            on_progress: None,
            max_bytes: limits.response_bytes,
            part_timeout: limits.attempt,
            until: Box::pin(sleep(limits.attempt)),
        }
    }

    /// The media type (`content-type`), such as `application/pdf`.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The name that the API gives the file (`content-disposition`), without directories and safe
    /// to use in a path.
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// How much of it has arrived.
    pub fn progress(&self) -> FileProgress {
        self.progress
    }

    /// Calls this function after each part that arrives, with how much has arrived, however the
    /// file is read. The function should return at once.
    pub fn on_progress(mut self, call: impl FnMut(FileProgress) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Box::new(call));
        self
    }

    /// The next part of the file; `None` at its end.
    ///
    /// # Errors
    /// When the file breaks off, or the part takes too long.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context))
            .await
            .transpose()
    }

    /// Reads the whole file.
    ///
    /// # Errors
    /// When the file breaks off, when a part takes too long, or when the file is larger than
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

    /// Writes the file to a path and returns how many bytes it has. Its size is not limited.
    ///
    /// A file that exists at the path is replaced only when all bytes have arrived and are on disk.
    /// Until then, they are written to a file beside it whose name ends with `.part`. That file is
    /// removed if the download fails. If the process ends during the download, it stays, and the
    /// next download to this path overwrites it.
    ///
    /// # Errors
    /// When the file breaks off, when a part takes too long, or when it cannot be written.
    pub async fn download_to(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref();
        let part = part_of(path);
        let written = self.write_to(&part).await;
        let moved = match &written {
            Ok(_) => tokio::fs::rename(&part, path).await,
            Err(_) => Ok(()),
        };
        let done = moved.map_err(|error| Error::file(path, error)).and(written);
        if done.is_err() {
            // The first failure is reported; a failure to remove the partial file is not.
            let _ = tokio::fs::remove_file(&part).await;
        }
        done
    }

    async fn write_to(&mut self, path: &Path) -> Result<u64, Error> {
        let failed = |error| Error::file(path, error);
        let mut file = tokio::fs::File::create(path).await.map_err(failed)?;
        while let Some(chunk) = self.chunk().await? {
            file.write_all(&chunk).await.map_err(failed)?;
        }
        file.sync_all().await.map_err(failed)?;
        Ok(self.progress.received)
    }
}

/// A call that asks for a file instead of data: what the method `file` of such a call returns.
///
/// ```no_run
/// # async fn example(client: upvest_client::Client, id: &str) -> Result<(), upvest_client::Error> {
/// let report = client.retrieve_report(id).file().await?;
/// report.into_inner().download_to("report.pdf").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is called before `send` or `.await`"]
pub struct FileCall {
    call: Call,
    media_type: &'static str,
}

impl FileCall {
    #[allow(dead_code)] // Not every description has such a call.
    pub(crate) fn new(call: Call, media_type: &'static str) -> Self {
        Self { call, media_type }
    }

    /// Sends the call. `.await` on the call itself does the same.
    ///
    /// # Errors
    /// When an argument did not convert, when the API cannot be reached, and when it answers with
    /// anything but success: see [`Error`].
    pub async fn send(self) -> Result<Response<File>, Error> {
        self.call.file_answer(self.media_type).await
    }
}

impl Operation for FileCall {
    fn call(&mut self) -> &mut Call {
        &mut self.call
    }
}

impl IntoFuture for FileCall {
    type Output = Result<Response<File>, Error>;
    type IntoFuture = Sending<File>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
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
                    return Poll::Ready(Some(Err(Error::timeout(file.part_timeout))));
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(Error::from_service(error))));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    if let Some(next) = Instant::now().checked_add(file.part_timeout) {
                        file.until.as_mut().reset(next);
                    }
                    if let Ok(data) = frame.into_data() {
                        file.progress.received += data.len() as u64;
                        if let Some(call) = &mut file.on_progress {
                            call(file.progress);
                        }
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

/// Where a file is written until it is complete.
fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
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
mod tests;
