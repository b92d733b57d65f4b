use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// Returns how long the sender of these headers asks to wait by `retry-after`: a number of seconds,
/// or a date ([RFC 9110, section 10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)).
///
/// A date is counted from the `date` of the same response, since both were read from one clock, and
/// from `now` if it has no `date`. A date in the past asks for no wait (zero). A value that is
/// neither digits nor a date gives `None`.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// let response = http::Response::builder().header("retry-after", "7").body(())?;
/// let wait = upvest_http::retry_after(response.headers(), SystemTime::now());
/// assert_eq!(wait, Some(Duration::from_secs(7)));
/// # Ok::<(), http::Error>(())
/// ```
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    // To Rust, `+5` is a number as well.
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let sent = headers
        .get(DATE)
        .and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(
        until
            .duration_since(sent.unwrap_or(now))
            .unwrap_or(Duration::ZERO),
    )
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, the example of RFC 9110, section 5.6.7.
    const EXAMPLE: Duration = Duration::from_secs(784_111_777);

    fn read_from(text: &str, date: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        retry_after(&headers, UNIX_EPOCH + EXAMPLE - Duration::from_secs(60))
    }

    #[test]
    fn what_is_neither_number_nor_date_asks_for_nothing() {
        for text in ["", "soon", "-1", "+5", "1.5", "1e3", "7 s", "Sun, 06 Nov"] {
            assert_eq!(read_from(text, None), None, "{text:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), UNIX_EPOCH), None);
    }

    #[test]
    fn seconds_are_read() {
        for (text, seconds) in [("0", 0), ("7", 7), (" 120 ", 120)] {
            assert_eq!(read_from(text, None), Some(Duration::from_secs(seconds)));
        }
        let more_than_fits = "99999999999999999999";
        assert_eq!(
            read_from(more_than_fits, None),
            Some(Duration::from_secs(u64::MAX))
        );
    }

    #[test]
    fn dates_of_all_three_forms_are_read() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(read_from(text, None), Some(Duration::from_secs(60)));
            // What counts is the clock of the server.
            let sent = Some("Sun, 06 Nov 1994 08:49:30 GMT");
            assert_eq!(read_from(text, sent), Some(Duration::from_secs(7)));
            let later = Some("Sun, 06 Nov 1994 08:50:00 GMT");
            assert_eq!(read_from(text, later), Some(Duration::ZERO));
            let no_date = Some("yesterday");
            assert_eq!(read_from(text, no_date), Some(Duration::from_secs(60)));
        }
    }
}
