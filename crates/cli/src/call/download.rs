//! Files that the API answers with, on their way to the disk.
//!
//! Until it is complete, a file is at `NAME.part`. A remaining part is continued only if the result is certain to
//! be the same file: the API must name a version of it (a strong `etag`), which is kept beside the part, and must
//! send ranges of that version (RFC 9110, section 13.1.5).

use std::path::{Path, PathBuf};

use http::StatusCode;
use http::header::{CONTENT_RANGE, ETAG};
use tempfile::TempPath;
use tokio::io::AsyncWriteExt as _;
use upvest::{Client, File, OperationInfo, Response};

use super::place::Place;
use super::request::Given;
use crate::failure::Failure;
use crate::output;

/// A call whose answer is a file.
pub(super) struct Download<'a> {
    pub(super) client: &'a Client,
    pub(super) info: &'static OperationInfo,
    pub(super) given: Given,
    /// The media type that is asked for.
    pub(super) kind: &'static str,
    pub(super) is_quiet: bool,
}

impl Download<'_> {
    /// Prints the file as it comes.
    ///
    /// # Errors
    ///
    /// When the call fails, or the file breaks off.
    pub(super) async fn print(self) -> Result<(), Failure> {
        let call = self.given.call(self.client, self.info);
        let mut file = call.send_for_file(self.kind).await?.into_inner();
        while let Some(chunk) = file.chunk().await? {
            output::print(&chunk)?;
        }
        Ok(())
    }

    /// Fetches the file, and returns its path.
    ///
    /// # Errors
    ///
    /// When the call fails, the file breaks off, or it cannot be written. A part that can be continued
    /// stays.
    pub(super) async fn fetch(self, place: Place<'_>) -> Result<PathBuf, Failure> {
        let call = self.given.clone().call(self.client, self.info);
        let response = call.send_for_file(self.kind).await?;
        let name = response.file_name().map(str::to_owned);
        let name = name.unwrap_or_else(|| file_name(self.info.id, self.kind));
        let part = Part::of(&place.path(&name));
        let tag = strong_tag(&response);
        let (response, begun) = self.continued(response, &part, tag.as_deref()).await?;
        let written = part
            .write(response.into_inner(), begun, tag.as_deref(), self.is_quiet)
            .await;
        output::progress("");
        match written {
            Ok(()) => {
                let file = TempPath::try_from_path(&part.path)?;
                let path = place.take(file, &name).map_err(|(failure, file)| {
                    // It is complete, and must not be lost.
                    let _ = file.keep();
                    failure
                })?;
                part.forget_tag();
                Ok(path)
            }
            Err(failure) if tag.is_some() => {
                Err(failure.help("the same call continues the download, if the API sends the rest"))
            }
            Err(failure) => {
                let _ = std::fs::remove_file(&part.path);
                Err(failure)
            }
        }
    }

    /// The answer with the rest of the file and how much of it is there, or the first answer if there is
    /// nothing to be continued.
    async fn continued(
        &self,
        first: Response<File>,
        part: &Part,
        tag: Option<&str>,
    ) -> Result<(Response<File>, u64), Failure> {
        let total = first.progress().total;
        let there = part.length(tag);
        let there = there.filter(|there| total.is_none_or(|total| *there < total));
        let (Some(tag), Some(there)) = (tag, there) else {
            return Ok((first, 0));
        };
        let call = self.given.clone().call(self.client, self.info);
        let call = call.header("range", format!("bytes={there}-"));
        let answer = call.header("if-range", tag).send_for_file(self.kind).await;
        match answer {
            Ok(rest) if is_rest(&rest, there) => Ok((rest, there)),
            Ok(whole) if whole.status() == StatusCode::OK => Ok((whole, 0)),
            Ok(_) => Ok((first, 0)),
            Err(error) if error.status() == Some(StatusCode::RANGE_NOT_SATISFIABLE) => {
                Ok((first, 0))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The part of a file that is there, and the version that it is a part of.
struct Part {
    path: PathBuf,
    tag: PathBuf,
}

impl Part {
    fn of(path: &Path) -> Self {
        let with = |end: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        Self {
            path: with(".part"),
            tag: with(".part.etag"),
        }
    }

    /// How many bytes of this version are there; nothing if there are no such bytes.
    fn length(&self, tag: Option<&str>) -> Option<u64> {
        let kept = std::fs::read_to_string(&self.tag).ok()?;
        let length = self.path.metadata().ok()?.len();
        (Some(kept.as_str()) == tag && length > 0).then_some(length)
    }

    fn forget_tag(&self) {
        let _ = std::fs::remove_file(&self.tag);
    }

    /// Writes a file while it arrives, after as many bytes as there are of it.
    async fn write(
        &self,
        mut file: File,
        begun: u64,
        tag: Option<&str>,
        is_quiet: bool,
    ) -> Result<(), Failure> {
        let failed = |error| Failure::file("write", &self.path, error);
        let total = file.progress().total.map(|rest| begun + rest);
        let mut options = tokio::fs::OpenOptions::new();
        // Nobody else on this machine may read a report.
        #[cfg(unix)]
        options.mode(0o600);
        options.create(true).append(begun > 0).truncate(begun == 0);
        let target = options.write(true).open(&self.path).await;
        let mut target = target.map_err(failed)?;
        match tag {
            Some(tag) => std::fs::write(&self.tag, tag).map_err(failed)?,
            None => self.forget_tag(),
        }
        let mut length = begun;
        while let Some(chunk) = file.chunk().await? {
            target.write_all(&chunk).await.map_err(failed)?;
            length += chunk.len() as u64;
            if !is_quiet {
                output::progress(&progress(length, total));
            }
        }
        target.flush().await.map_err(failed)?;
        target.sync_all().await.map_err(failed)
    }
}

/// The name of a file for which the API has no name.
fn file_name(operation: &str, kind: &str) -> String {
    match kind {
        "application/pdf" => format!("{operation}.pdf"),
        _ => operation.to_owned(),
    }
}

/// The version of the file that an answer has, if it is a strong one.
fn strong_tag(response: &Response<File>) -> Option<String> {
    let tag = response.headers().get(ETAG)?.to_str().ok()?;
    (tag.starts_with('"')).then(|| tag.to_owned())
}

/// Whether an answer begins where the part ends.
fn is_rest(response: &Response<File>, there: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE);
    let range = range.and_then(|range| range.to_str().ok());
    let begins = format!("bytes {there}-");
    response.status() == StatusCode::PARTIAL_CONTENT
        && range.is_some_and(|range| range.starts_with(&begins))
}

/// How much of a file is there, in percent if its length is known.
fn progress(length: u64, total: Option<u64>) -> String {
    match total.filter(|total| *total > 0) {
        Some(total) => format!("{} % of {total} bytes", length.min(total) * 100 / total),
        None => format!("{length} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::progress;

    #[test]
    fn progress_is_in_percent_where_the_length_is_known() {
        assert_eq!(progress(1, Some(3)), "33 % of 3 bytes");
        assert_eq!(progress(3, Some(3)), "100 % of 3 bytes");
        assert_eq!(progress(7, None), "7 bytes");
        assert_eq!(progress(7, Some(0)), "7 bytes");
    }
}
