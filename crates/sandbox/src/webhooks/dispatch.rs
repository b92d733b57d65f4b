use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender, WeakUnboundedSender};
use tokio::task::JoinSet;

use super::event::{Delivery, Event};
use super::fault::DeliveryEffect;
use super::sender::Sender;
use super::subscription::Subscription;

/// The deliveries to one subscription: a task, which ends when this is dropped.
pub(super) struct Dispatch {
    queue: UnboundedSender<Item>,
    task: JoinSet<()>,
}

enum Item {
    /// Events to send together, if they fit.
    Events(Vec<Event>),
    /// Deliveries that were held.
    Delivery(Delivery),
}

impl Dispatch {
    /// Starts a task.
    pub(super) fn start(sender: Arc<Sender>, subscription: Arc<Mutex<Subscription>>) -> Self {
        let (queue, receiver) = mpsc::unbounded_channel();
        let dispatcher = Dispatcher {
            sender,
            subscription,
            queue: receiver,
            back: queue.downgrade(),
            waiting: VecDeque::new(),
            overtaken: None,
            late: JoinSet::new(),
        };
        let mut task = JoinSet::new();
        task.spawn(dispatcher.run());
        Self { queue, task }
    }

    pub(super) fn add(&self, events: Vec<Event>) {
        // A task that has panicked accepts nothing any more.
        let _ = self.queue.send(Item::Events(events));
    }

    /// Ends the task, and waits until it has.
    pub(super) async fn stop(mut self) {
        self.task.shutdown().await;
    }
}

/// What the task does: one delivery at a time, each until it has been taken.
struct Dispatcher {
    sender: Arc<Sender>,
    subscription: Arc<Mutex<Subscription>>,
    queue: UnboundedReceiver<Item>,
    back: WeakUnboundedSender<Item>,
    waiting: VecDeque<Event>,
    /// The delivery that goes after the next one.
    overtaken: Option<Delivery>,
    /// Those that a latch holds.
    late: JoinSet<()>,
}

impl Dispatcher {
    async fn run(mut self) {
        while let Some(item) = self.queue.recv().await {
            self.take(item).await;
            while !self.waiting.is_empty() {
                // Events that have arrived meanwhile may be sent too.
                while let Ok(item) = self.queue.try_recv() {
                    self.take(item).await;
                }
                let max_bytes = self.subscription().max_bytes();
                let delivery = Delivery::pack(&mut self.waiting, max_bytes);
                self.dispatch(delivery).await;
            }
        }
    }

    async fn take(&mut self, item: Item) {
        match item {
            Item::Events(events) => self.waiting.extend(events),
            Item::Delivery(delivery) => self.deliver(&delivery).await,
        }
    }

    /// Delivers it, unless a fault delays it.
    async fn dispatch(&mut self, mut delivery: Delivery) {
        if let Some(overtaken) = self.overtaken.take() {
            self.deliver(&delivery).await;
            self.deliver(&overtaken).await;
            return;
        }
        let fault = self
            .sender
            .faults
            .take(|fault| fault.for_delivery().is_some());
        match fault.as_ref().and_then(|fault| fault.for_delivery()) {
            None => {}
            Some(DeliveryEffect::Duplicated) => self.deliver(&delivery).await,
            Some(DeliveryEffect::Reordered) => {
                self.overtaken = Some(delivery);
                return;
            }
            Some(DeliveryEffect::Late(latch)) => {
                let (latch, back) = (latch.clone(), self.back.clone());
                self.late.spawn(async move {
                    latch.arrive();
                    latch.released().await;
                    if let Some(queue) = back.upgrade() {
                        let _ = queue.send(Item::Delivery(delivery));
                    }
                });
                return;
            }
            Some(DeliveryEffect::UnknownEvent) => delivery.add_unknown(self.subscription().id),
            Some(DeliveryEffect::MalformedEvent) => delivery.add_malformed(self.subscription().id),
        }
        self.deliver(&delivery).await;
    }

    /// Sends it until it is taken.
    async fn deliver(&self, delivery: &Delivery) {
        let settings = &self.sender.settings;
        let mut first = None;
        for attempt in 1.. {
            let fault = self
                .sender
                .faults
                .take(|fault| fault.for_attempt().is_some());
            let mistake = fault.as_ref().and_then(|fault| fault.for_attempt());
            let sign = |mistake| {
                let subscription = self.subscription();
                self.sender
                    .sign(subscription.url(), delivery.body(), mistake)
            };
            let request = match mistake {
                None if settings.signed_once => first.get_or_insert_with(|| sign(None)).clone(),
                mistake => sign(mistake),
            };
            if self.sender.send(request).await {
                return;
            }
            tokio::time::sleep(settings.pauses.after(attempt)).await;
        }
    }

    fn subscription(&self) -> Subscription {
        let subscription = self.subscription.lock();
        subscription.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
