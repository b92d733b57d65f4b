use std::fmt;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::DATE;

/// By how much a clock may be ahead: what verifiers allow for skew. The lifetime of a signature does
/// not help one that was made in the future.
const AHEAD: Duration = Duration::from_secs(5);

/// The local clock differs from the clock of the server by so much that signatures cannot be valid
/// there.
///
/// The API answers this with the same 401 as any other wrong signature. [`SignLayer`] puts a
/// `ClockSkew` into the [extensions](http::Response::extensions) of such an answer, for the code
/// that makes an error of it.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use http::{HeaderMap, HeaderValue};
/// use upvest_auth_signing::ClockSkew;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("date", HeaderValue::from_static("Wed, 06 Oct 2021 14:14:19 GMT"));
/// let now = UNIX_EPOCH + Duration::from_secs(1_633_529_659 - 90);
/// let skew = ClockSkew::detect(&headers, now, Duration::from_secs(30)).expect("90 s are too much");
/// assert_eq!(skew.offset_seconds(), 90);
/// assert!(skew.to_string().starts_with("the local clock is 90 s behind that of the server"));
/// ```
///
/// [`SignLayer`]: crate::SignLayer
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSkew {
    /// Server minus local.
    offset: i64,
    lifetime: Duration,
}

impl ClockSkew {
    /// Compares the `date` header of an answer (RFC 9110 section 6.6.1) with the local time at which
    /// the answer came in.
    ///
    /// Returns a skew when the local clock is behind the server by more than the lifetime of
    /// signatures, since they have expired there when they are made, or ahead of it by more than 5
    /// seconds or the lifetime, whichever is less. Returns `None` when the difference is smaller,
    /// or when there is not exactly one readable `date` header.
    pub fn detect(headers: &HeaderMap, now: SystemTime, lifetime: Duration) -> Option<Self> {
        let mut dates = headers.get_all(DATE).iter();
        let (Some(date), None) = (dates.next(), dates.next()) else {
            return None;
        };
        let server = httpdate::parse_http_date(date.to_str().ok()?.trim()).ok()?;
        let (difference, limit, sign) = match server.duration_since(now) {
            Ok(behind) => (behind, lifetime, 1),
            Err(ahead) => (ahead.duration(), lifetime.min(AHEAD), -1),
        };
        (difference > limit).then(|| Self {
            offset: sign * i64::try_from(difference.as_secs()).unwrap_or(i64::MAX),
            lifetime,
        })
    }

    /// As seen from the clock itself, where the local time that was compared was already corrected by
    /// this many seconds.
    pub(super) fn plus(self, seconds: i64) -> Self {
        Self {
            offset: self.offset.saturating_add(seconds),
            ..self
        }
    }

    /// The seconds to add to the local clock to have the time of the server, as
    /// [`Signer::clock_offset`](crate::Signer::clock_offset) takes them. Positive when the local
    /// clock is behind.
    pub fn offset_seconds(&self) -> i64 {
        self.offset
    }
}

impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the local clock is {} s {} that of the server, and signatures are valid for {} s: \
             set the clock, or give the signer an offset of {} s",
            self.offset.unsigned_abs(),
            if self.offset < 0 {
                "ahead of"
            } else {
                "behind"
            },
            self.lifetime.as_secs(),
            self.offset,
        )
    }
}
