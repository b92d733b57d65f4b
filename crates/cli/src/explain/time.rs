//! Mistakes about time.

use std::time::SystemTime;

use super::case::Case;
use super::cause::Cause;

/// The longest lifetime that Upvest's own clients use, in seconds.
const LONGEST: i64 = 60;

/// What clocks may differ by, in seconds.
const SKEW: i64 = 5;

/// Larger than any time in seconds for some centuries, so it is not in seconds.
const MILLISECONDS: i64 = 100_000_000_000;

/// What is wrong with `created` and `expires`.
pub(super) fn causes(case: &Case<'_>) -> Vec<Cause> {
    let Some(signed) = &case.signed else {
        return Vec::new();
    };
    let number = |name| {
        signed
            .parameter(name)
            .and_then(|text| text.parse::<i64>().ok())
    };
    let (created, expires) = (number("created"), number("expires"));
    let found = one(created, expires, case.capture.time.and_then(seconds));
    found.into_iter().collect()
}

fn one(created: Option<i64>, expires: Option<i64>, now: Option<i64>) -> Option<Cause> {
    if created.or(expires).is_some_and(|time| time > MILLISECONDS) {
        return Some(Cause::new(
            "milliseconds",
            "created or expires is in milliseconds",
            "write whole seconds since 1970",
        ));
    }
    if let (Some(created), Some(expires)) = (created, expires) {
        if expires <= created {
            return Some(Cause::new(
                "never-valid",
                "expires is not later than created",
                "add the lifetime to created: 30 seconds, for example",
            ));
        }
        if expires - created > LONGEST {
            return Some(Cause::new(
                "lifetime",
                format!("the signature is valid for {} s", expires - created),
                "Upvest's own clients use 60 s at most; 30 s are enough",
            ));
        }
    }
    let now = now?;
    if let Some(ahead) = created
        .map(|created| created - now)
        .filter(|ahead| *ahead > SKEW)
    {
        return Some(Cause::new(
            "clock-ahead",
            format!("created is {ahead} s in the future: the clock of the signer is ahead"),
            "set the clock of the machine that signs",
        ));
    }
    let ago = expires
        .map(|expires| now - expires)
        .filter(|ago| *ago > 0)?;
    Some(Cause::new(
        "expired",
        format!("the signature had expired {ago} s before the request arrived"),
        "sign each attempt right before it is sent; set the clock of the machine that signs",
    ))
}

fn seconds(time: SystemTime) -> Option<i64> {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds).ok()
}
