//! What was received and acknowledged, on its way to the program that is being developed.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures_util::future::join_all;
use http::request::Parts;
use upvest_webhooks::Event;

use super::listener::Listener;
use super::retry::persist;
use super::shown::Shown;
use super::target::Sent;
use crate::failure::with_sources;
use crate::view::Again;

/// The largest delivery that is kept to be sent on again, in bytes: 256 KiB.
const LARGEST_KEPT: usize = 256 * 1024;

/// A delivery as it came.
pub(super) struct Delivery {
    pub(super) head: Parts,
    pub(super) body: Bytes,
}

impl Listener {
    /// Shows the events that are wanted, and sends them on: each one that has its own target by itself,
    /// the others with the delivery. If there are no others, the delivery is not sent.
    pub(super) async fn send_on(self: Arc<Self>, delivery: Delivery, events: Vec<Event>) {
        self.finish().await;
        let delivery = Arc::new(delivery);
        let events = events.into_iter().filter(|event| self.targets.wants(event));
        let shown: Vec<Shown> = events.map(|event| self.shown(&delivery, event)).collect();
        let has_own = |one: &&Shown| self.targets.of_event(&one.event).is_some();
        let (own, others): (Vec<&Shown>, Vec<&Shown>) = shown.iter().partition(has_own);
        let each = join_all(own.into_iter().map(|one| self.send_one(&delivery, one)));
        let whole = async {
            if others.is_empty() {
                return;
            }
            let sent = self.send_whole(&delivery, &others).await;
            for one in others {
                one.end(&self.log, sent.as_ref());
            }
        };
        tokio::join!(each, whole);
    }

    /// No worker handles what is stored, so it is marked as done.
    async fn finish(&self) {
        let nothing = self.inbox.worker(|_, _| Box::pin(async { Ok(()) }));
        if let Err(error) = nothing.drain().await {
            let text = format!("the database: {}", with_sources(&error));
            self.log.note(text);
        }
    }

    /// An event that shows from now on, and can be sent on again if there is a target for it.
    fn shown(self: &Arc<Self>, delivery: &Arc<Delivery>, event: Event) -> Shown {
        let id = self.count.fetch_add(1, Ordering::Relaxed);
        let mut shown = Shown::new(id, event, &delivery.head);
        let target = self.targets.of_event(&shown.event);
        if target.or(self.targets.of_delivery()).is_some() {
            shown.again = self.again(delivery, &shown);
            shown.wait(&self.log);
        }
        shown
    }

    /// How to send an event on again; nothing if nobody could ask for it, or the delivery is too large to be
    /// kept.
    fn again(self: &Arc<Self>, delivery: &Arc<Delivery>, shown: &Shown) -> Option<Again> {
        if !self.log.is_view() || delivery.body.len() > LARGEST_KEPT {
            return None;
        }
        let (listener, delivery, shown) = (Arc::clone(self), Arc::clone(delivery), shown.clone());
        let run = move || {
            let (listener, delivery) = (Arc::clone(&listener), Arc::clone(&delivery));
            let mut shown = shown.clone();
            tokio::spawn(async move {
                shown.again = listener.again(&delivery, &shown);
                shown.wait(&listener.log);
                listener.send_one(&delivery, &shown).await;
            });
        };
        Some(Again::new(None, run))
    }

    /// Sends an event by itself, or the delivery that it came with if it does not have its own target.
    async fn send_one(&self, delivery: &Delivery, shown: &Shown) {
        let sent = match self.targets.of_event(&shown.event) {
            Some(target) => {
                let send = || self.targets.send_event(target, shown.event.raw());
                let tell = |sent: &Sent, pause| shown.pause(&self.log, sent, pause);
                Some(persist(self.retries, send, tell).await)
            }
            None => self.send_whole(delivery, &[shown]).await,
        };
        shown.end(&self.log, sent.as_ref());
    }

    /// Sends a delivery on as it came; nothing if that is not wanted. These events report it.
    async fn send_whole(&self, delivery: &Delivery, shown: &[&Shown]) -> Option<Sent> {
        let target = self.targets.of_delivery()?;
        let Delivery { head, body } = delivery;
        let send = || {
            let body = body.clone();
            self.targets.pass_on(target, &head.uri, &head.headers, body)
        };
        let tell = |sent: &Sent, pause| {
            for one in shown {
                one.pause(&self.log, sent, pause);
            }
        };
        Some(persist(self.retries, send, tell).await)
    }
}
