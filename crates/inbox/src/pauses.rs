//! How long an event waits before it is tried again.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// 1 second, 2, 4 and so on up to 10 minutes, of which a random half is left out, so that what failed
/// together does not come back together.
pub(crate) fn growing(attempt: u32) -> Duration {
    // The keys of a `RandomState` are random, and differ from one to the next.
    let random = RandomState::new().hash_one(attempt);
    pause(attempt, random as f64 / u64::MAX as f64)
}

fn pause(attempt: u32, random: f64) -> Duration {
    let doubled = 1u32
        .checked_shl(attempt.saturating_sub(1))
        .unwrap_or(u32::MAX);
    let longest = FIRST.saturating_mul(doubled).min(LONGEST);
    longest.mul_f64(1.0 - random / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_minutes() {
        let seconds = |attempt| pause(attempt, 0.0).as_secs();
        assert_eq!(
            [1, 2, 3, 4, 10, 11, 40].map(seconds),
            [1, 2, 4, 8, 512, 600, 600]
        );
    }

    #[test]
    fn up_to_half_of_a_pause_is_left_out_at_random() {
        assert_eq!(pause(3, 1.0), Duration::from_secs(2));
        let pauses = [0; 20].map(|_| growing(3));
        assert!(
            pauses
                .iter()
                .all(|pause| (2.0..=4.0).contains(&pause.as_secs_f64()))
        );
        assert!(pauses.iter().any(|pause| *pause != pauses[0]));
    }
}
