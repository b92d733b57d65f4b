//! Sends again what was not accepted, after pauses that grow.

use std::time::Duration;

use super::target::Sent;

/// The pause before it is sent for the second time. Each further one is twice as long.
const FIRST: Duration = Duration::from_millis(200);

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(30);

/// Sends something until it is taken, it is not worth sending again, or it was sent again `retries` times.
/// `tell` is called for each failure that is followed by a pause.
pub(super) async fn persist<F: Future<Output = Sent>>(
    retries: u32,
    send: impl Fn() -> F,
    tell: impl Fn(&Sent, Duration),
) -> Sent {
    for pause in pauses().take(retries as usize) {
        let sent = send().await;
        if !sent.is_worth_repeating() {
            return sent;
        }
        tell(&sent, pause);
        tokio::time::sleep(pause).await;
    }
    send().await
}

fn pauses() -> impl Iterator<Item = Duration> {
    std::iter::successors(Some(FIRST), |pause| Some((*pause * 2).min(LONGEST)))
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use http::StatusCode;
    use tokio::time::Instant;

    use super::*;

    /// Sends with these results, the last one for ever, and returns the last result, and when it was sent.
    async fn persisted(retries: u32, results: &[Option<u16>]) -> (Sent, Vec<u64>) {
        let begun = Instant::now();
        let (count, times, told) = (Cell::new(0), RefCell::new(Vec::new()), Cell::new(0));
        let send = || {
            times.borrow_mut().push(begun.elapsed().as_millis() as u64);
            let result = results[count.get().min(results.len() - 1)];
            count.set(count.get() + 1);
            std::future::ready(match result {
                Some(status) => Sent::Answered(StatusCode::from_u16(status).expect("a status")),
                None => Sent::Failed("connection refused".to_owned()),
            })
        };
        let sent = persist(retries, send, |_, _| told.set(told.get() + 1)).await;
        assert_eq!(told.get() + 1, count.get(), "each pause is told");
        (sent, times.into_inner())
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_is_sent_again_after_growing_pauses() {
        let (sent, times) = persisted(7, &[None, Some(500), Some(429), Some(200)]).await;
        assert!(sent.is_taken());
        assert_eq!(times, [0, 200, 600, 1400]);
    }

    #[tokio::test(start_paused = true)]
    async fn repetitions_end_after_the_number_that_was_given() {
        let (sent, times) = persisted(3, &[None]).await;
        assert!(!sent.is_taken());
        assert_eq!(times.len(), 4);
        assert_eq!(persisted(0, &[None]).await.1, [0]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_is_not_sent_again() {
        for status in [200, 204, 301, 400, 401, 404] {
            assert_eq!(persisted(7, &[Some(status)]).await.1, [0], "{status}");
        }
    }

    #[test]
    fn no_pause_is_longer_than_the_longest() {
        let pauses: Vec<u64> = pauses().take(10).map(|pause| pause.as_secs()).collect();
        assert_eq!(pauses, [0, 0, 0, 1, 3, 6, 12, 25, 30, 30]);
    }
}
