//! The answers to requests with an idempotency key.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use http::StatusCode;

use crate::answer::Answer;
use crate::call::Call;
use crate::refusal::Refusal;

/// By client, operation and key.
#[derive(Default)]
pub(crate) struct Replays(Mutex<HashMap<(String, String), Replay>>);

struct Replay {
    operation: &'static str,
    request: String,
    answer: Answer,
}

impl Replays {
    /// The answer to the same request, if its key was used before.
    ///
    /// # Errors
    ///
    /// When the key was used for another request.
    pub(crate) fn find(&self, call: &Call) -> Result<Option<Answer>, Refusal> {
        let Some(name) = name(call) else {
            return Ok(None);
        };
        let replays = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match replays.get(&name) {
            None => Ok(None),
            Some(replay)
                if replay.operation == call.operation.id && replay.request == request(call) =>
            {
                Ok(Some(replay.answer.clone()))
            }
            Some(_) => {
                let detail = "The idempotency key was used for another request";
                Err(Refusal::new(StatusCode::CONFLICT, detail))
            }
        }
    }

    /// Keeps an answer of success.
    pub(crate) fn keep(&self, call: &Call, answer: &Answer) {
        if let Some(name) = name(call)
            && answer.is_success()
        {
            let replay = Replay {
                operation: &call.operation.id,
                request: request(call),
                answer: answer.clone(),
            };
            let mut replays = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            replays.insert(name, replay);
        }
    }
}

fn name(call: &Call) -> Option<(String, String)> {
    let key = call.idempotency_key.clone()?;
    Some((call.client_id.clone(), key))
}

fn request(call: &Call) -> String {
    format!("{:?} {:?} {}", call.path, call.query, call.body)
}
