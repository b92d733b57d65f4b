use std::fmt;
use std::iter;
use std::sync::Arc;
use std::time::Duration;

/// The longest pause, in seconds.
const MAX_SECONDS: u64 = 600;

/// How long a delivery waits before it is repeated, by how often it was attempted.
#[derive(Clone)]
pub(crate) struct Pauses(Arc<dyn Fn(u32) -> Duration + Send + Sync>);

impl Pauses {
    pub(crate) fn new(pause: impl Fn(u32) -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(pause))
    }

    pub(super) fn after(&self, attempt: u32) -> Duration {
        (self.0)(attempt)
    }
}

/// 1, 2, 3, 5, 8 seconds and so on, up to 600.
impl Default for Pauses {
    fn default() -> Self {
        Self::new(published)
    }
}

impl fmt::Debug for Pauses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pauses")
    }
}

fn published(attempt: u32) -> Duration {
    let mut growing = iter::successors(Some((1, 2)), |&(one, two)| Some((two, one + two)))
        .map(|(pause, _)| pause)
        .take_while(|pause| *pause < MAX_SECONDS);
    let earlier = attempt.saturating_sub(1) as usize;
    Duration::from_secs(growing.nth(earlier).unwrap_or(MAX_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_as_published_and_no_further_than_ten_minutes() {
        let pauses: Vec<u64> = (1..=17)
            .map(|attempt| published(attempt).as_secs())
            .collect();
        assert_eq!(
            pauses,
            [
                1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 600, 600, 600, 600
            ]
        );
    }
}
