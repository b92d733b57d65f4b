use std::fmt;
use std::mem::discriminant;

use serde::de::DeserializeOwned;
use sqlx::Database;
use upvest_models::WebhookEvent;

use crate::backend::Backend;
use crate::{Handler, HandlerFuture, Inbox, StoredEvent};

/// A handler for each type of event. [`Inbox::handlers`] makes it.
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # fn example(inbox: upvest_inbox::Inbox<upvest_inbox::sqlx::Sqlite>) {
/// use upvest_models::CashBalanceEvent;
///
/// let handlers = inbox
///     .handlers()
///     .on::<CashBalanceEvent>(|event, _stored, _transaction| {
///         println!("{} {}", event.object.balance, event.object.currency);
///         Box::pin(async { Ok(()) })
///     })
///     .otherwise(|stored, _transaction| {
///         println!("{}: {}", stored.event_type, stored.raw());
///         Box::pin(async { Ok(()) })
///     });
/// let worker = inbox.worker_with(handlers);
/// # }
/// ```
pub struct Handlers<DB: Database> {
    typed: Vec<Box<dyn TryHandle<DB>>>,
    otherwise: Option<Box<dyn Handler<DB>>>,
}

impl<DB: Backend> Inbox<DB> {
    /// Makes an empty set of handlers: add a handler for each type of event.
    pub fn handlers(&self) -> Handlers<DB> {
        Handlers::new()
    }
}

/// A handler of one type.
trait TryHandle<DB: Database>: Send + Sync {
    /// The work on this event, if it is of the type.
    fn try_handle<'a>(
        &'a self,
        event: &'a StoredEvent,
        transaction: &'a mut DB::Connection,
    ) -> Result<HandlerFuture<'a>, &'a mut DB::Connection>;
}

impl<DB: Database> Handlers<DB> {
    pub(crate) fn new() -> Self {
        Self {
            typed: Vec::new(),
            otherwise: None,
        }
    }

    /// Hands events of the type `T` to this handler: `T` is what a variant of
    /// [`WebhookEvent`] holds. Of two handlers for one type, the first gets the events.
    pub fn on<T>(
        mut self,
        handler: impl for<'a> Fn(&T, &'a StoredEvent, &'a mut DB::Connection) -> HandlerFuture<'a>
        + Send
        + Sync
        + 'static,
    ) -> Self
    where
        T: DeserializeOwned + Into<WebhookEvent> + Clone + 'static,
    {
        let typed: Typed<T, _> = Typed {
            handler,
            event: std::marker::PhantomData,
        };
        self.typed.push(Box::new(typed));
        self
    }

    /// Hands all other events to this handler: events of types without a handler or unknown to this
    /// version, and malformed events. Without it, such events count as done at once; they stay
    /// stored and can be replayed.
    pub fn otherwise(
        mut self,
        handler: impl for<'a> Fn(&'a StoredEvent, &'a mut DB::Connection) -> HandlerFuture<'a>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.otherwise = Some(Box::new(handler));
        self
    }
}

impl<DB: Database> Handler<DB> for Handlers<DB> {
    fn handle<'a>(
        &'a self,
        event: &'a StoredEvent,
        mut transaction: &'a mut DB::Connection,
    ) -> HandlerFuture<'a> {
        for typed in &self.typed {
            match typed.try_handle(event, transaction) {
                Ok(work) => return work,
                Err(unused) => transaction = unused,
            }
        }
        match &self.otherwise {
            Some(handler) => handler.handle(event, transaction),
            None => Box::pin(std::future::ready(Ok(()))),
        }
    }
}

impl<DB: Database> fmt::Debug for Handlers<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handlers")
            .field("typed", &self.typed.len())
            .field("otherwise", &self.otherwise.is_some())
            .finish()
    }
}

struct Typed<T, F> {
    handler: F,
    event: std::marker::PhantomData<fn() -> T>,
}

impl<DB, T, F> TryHandle<DB> for Typed<T, F>
where
    DB: Database,
    T: DeserializeOwned + Into<WebhookEvent> + Clone + 'static,
    F: for<'a> Fn(&T, &'a StoredEvent, &'a mut DB::Connection) -> HandlerFuture<'a> + Send + Sync,
{
    fn try_handle<'a>(
        &'a self,
        event: &'a StoredEvent,
        transaction: &'a mut DB::Connection,
    ) -> Result<HandlerFuture<'a>, &'a mut DB::Connection> {
        match typed::<T>(event) {
            Some(typed) => Ok((self.handler)(&typed, event, transaction)),
            None => Err(transaction),
        }
    }
}

/// The event as a `T`, if that is what its variant holds. An event of another type may well have
/// every field of a `T`.
fn typed<T: DeserializeOwned + Into<WebhookEvent> + Clone>(event: &StoredEvent) -> Option<T> {
    let content = event.event().content().ok()?;
    let typed: T = serde_json::from_str(event.raw()).ok()?;
    let variant: WebhookEvent = typed.clone().into();
    (discriminant(&variant) == discriminant(content)).then_some(typed)
}
