//! For how long a signature is accepted.

use std::time::{Duration, SystemTime};

use super::input::SignatureInput;
use super::{Verifier, VerifyError};

/// Longer than any process runs, and short enough to be added to any time.
const FOREVER: Duration = Duration::from_secs(10_000_000_000);

impl Verifier {
    /// The last moment at which the signature is accepted.
    pub(super) fn expect_timely(
        &self,
        input: &SignatureInput<'_>,
        now: SystemTime,
    ) -> Result<SystemTime, VerifyError> {
        let created = input.created;
        let lifetime = self.lifetime(input)?;
        // At least one of the two is zero.
        let ahead = created.duration_since(now).unwrap_or_default();
        let age = now.duration_since(created).unwrap_or_default();
        if ahead > self.allowed_skew {
            return Err(VerifyError::CreatedInFuture { ahead });
        }
        // Only a signature with `expires` gets a grace period.
        let grace = input.expires.map_or(Duration::ZERO, |_| self.grace);
        let accepted = lifetime
            .saturating_add(self.allowed_skew)
            .saturating_add(grace);
        match accepted.saturating_add(ahead).checked_sub(age) {
            Some(left) => Ok(now + left.min(FOREVER)),
            None if self.any_age => Ok(now + FOREVER),
            None => Err(VerifyError::Expired {
                ago: age.saturating_sub(lifetime),
            }),
        }
    }

    /// From `created` to `expires`, or what is assumed where there is no `expires`.
    fn lifetime(&self, input: &SignatureInput<'_>) -> Result<Duration, VerifyError> {
        let Some(expires) = input.expires else {
            return Ok(self.assumed_lifetime.unwrap_or_default());
        };
        let lifetime = expires
            .duration_since(input.created)
            .ok()
            .filter(|lifetime| !lifetime.is_zero())
            .ok_or(VerifyError::ExpiresBeforeCreated)?;
        if lifetime > self.max_lifetime {
            return Err(VerifyError::LifetimeTooLong {
                lifetime,
                limit: self.max_lifetime,
            });
        }
        Ok(lifetime)
    }
}
