use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, StatusCode};

use crate::description::{Operation, description};

/// How many different nonces and idempotency keys are counted; later ones are not.
const MAX_REMEMBERED: usize = 1_000_000;

/// Counts of the requests that came in and of the webhook deliveries that went out, since the
/// sandbox was started or its counters were [reset](crate::Sandbox::reset_counters). Every request
/// counts, whatever its answer, including those that a fault disturbed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Connections that were accepted. One connection can carry many requests. Each request over
    /// [`Sandbox::transport`](crate::Sandbox::transport) counts as a separate connection.
    pub connections: u64,
    /// All requests, including those for a token and those for unknown paths.
    pub requests: u64,
    /// Requests by the id of the operation, `retrieve_cash_balance` for example. Every operation
    /// has an entry. `issue_token` is the operation of token requests.
    pub requests_by_operation: BTreeMap<&'static str, u64>,
    /// Requests by `idempotency-key`. All attempts at a call share its key, so this is how often
    /// each call was attempted.
    pub requests_by_idempotency_key: BTreeMap<String, u64>,
    /// The most requests that were being answered at a time: from when the head of each had
    /// arrived until the head of its response was ready.
    pub most_in_flight: u64,
    /// The same for token requests only.
    pub most_token_requests_in_flight: u64,
    /// Requests with a `nonce` in their `signature-input` that an earlier request had, whether or
    /// not the signatures are valid. It should be 0, since a repeated request needs a new
    /// signature.
    pub repeated_nonces: u64,
    /// Attempts at webhook deliveries that were sent. Each was accepted, refused or not answered, or
    /// is in progress.
    pub deliveries_sent: u64,
    /// Attempts that were answered with 200.
    pub deliveries_taken: u64,
    /// Attempts that were answered with another status, by that status.
    pub deliveries_refused: BTreeMap<u16, u64>,
    /// Attempts that were not answered: nobody listened, the connection broke, or it took too long.
    pub deliveries_unanswered: u64,
}

impl Counters {
    fn zero() -> Self {
        Self {
            connections: 0,
            requests: 0,
            requests_by_operation: description()
                .operations
                .iter()
                .map(|operation| (operation.id.as_str(), 0))
                .collect(),
            requests_by_idempotency_key: BTreeMap::new(),
            most_in_flight: 0,
            most_token_requests_in_flight: 0,
            repeated_nonces: 0,
            deliveries_sent: 0,
            deliveries_taken: 0,
            deliveries_refused: BTreeMap::new(),
            deliveries_unanswered: 0,
        }
    }
}

/// The counters as everything counts in them.
pub(crate) struct SharedCounters(Mutex<State>);

struct State {
    counters: Counters,
    nonces: HashSet<String>,
    in_flight: u64,
    token_requests_in_flight: u64,
}

impl SharedCounters {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State {
            counters: Counters::zero(),
            nonces: HashSet::new(),
            in_flight: 0,
            token_requests_in_flight: 0,
        }))
    }

    pub(crate) fn snapshot(&self) -> Counters {
        self.state().counters.clone()
    }

    /// Resets the counters. Requests in flight stay counted as such.
    pub(crate) fn reset(&self) {
        let mut state = self.state();
        state.counters = Counters {
            most_in_flight: state.in_flight,
            most_token_requests_in_flight: state.token_requests_in_flight,
            ..Counters::zero()
        };
        state.nonces = HashSet::new();
    }

    pub(crate) fn connected(&self) {
        self.state().counters.connections += 1;
    }

    pub(crate) fn delivery_sent(&self) {
        self.state().counters.deliveries_sent += 1;
    }

    pub(crate) fn delivery_answered(&self, status: Option<StatusCode>) {
        let counters = &mut self.state().counters;
        match status {
            Some(StatusCode::OK) => counters.deliveries_taken += 1,
            Some(status) => {
                let refused = &mut counters.deliveries_refused;
                *refused.entry(status.as_u16()).or_default() += 1;
            }
            None => counters.deliveries_unanswered += 1,
        }
    }

    /// Counts a request, as in flight until the result is dropped.
    pub(crate) fn begin(
        &self,
        operation: Option<&'static Operation>,
        headers: &HeaderMap,
    ) -> InFlight<'_> {
        let is_token_request = operation.is_some_and(Operation::issues_tokens);
        let mut state = self.state();
        state.count(operation, headers);
        state.in_flight += 1;
        state.token_requests_in_flight += u64::from(is_token_request);
        let (all, tokens) = (state.in_flight, state.token_requests_in_flight);
        let counters = &mut state.counters;
        counters.most_in_flight = counters.most_in_flight.max(all);
        counters.most_token_requests_in_flight = counters.most_token_requests_in_flight.max(tokens);
        InFlight {
            counters: self,
            is_token_request,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&mut self, operation: Option<&'static Operation>, headers: &HeaderMap) {
        let counters = &mut self.counters;
        counters.requests += 1;
        if let Some(operation) = operation {
            *counters
                .requests_by_operation
                .entry(&operation.id)
                .or_default() += 1;
        }
        if let Some(key) = text(headers, "idempotency-key") {
            let keys = &mut counters.requests_by_idempotency_key;
            if let Some(requests) = keys.get_mut(key) {
                *requests += 1;
            } else if keys.len() < MAX_REMEMBERED {
                keys.insert(key.to_owned(), 1);
            }
        }
        if let Some(nonce) = text(headers, "signature-input").and_then(nonce) {
            if self.nonces.contains(nonce) {
                counters.repeated_nonces += 1;
            } else if self.nonces.len() < MAX_REMEMBERED {
                self.nonces.insert(nonce.to_owned());
            }
        }
    }
}

/// A request that is being answered.
pub(crate) struct InFlight<'a> {
    counters: &'a SharedCounters,
    is_token_request: bool,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let mut state = self.counters.state();
        state.in_flight -= 1;
        state.token_requests_in_flight -= u64::from(self.is_token_request);
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The nonce in a `signature-input`. Whether the rest of it is well-formed is for the verifier to
/// say.
fn nonce(signature_input: &str) -> Option<&str> {
    let (_, rest) = signature_input.split_once(";nonce=\"")?;
    rest.split_once('"').map(|(nonce, _)| nonce)
}
