use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Fault;
use crate::operations::Operation;

/// The faults to come, in their order.
#[derive(Default)]
pub(crate) struct Faults(Mutex<VecDeque<Fault>>);

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        if !fault.is_exhausted() {
            self.faults().push_back(fault);
        }
    }

    pub(crate) fn clear(&self) {
        self.faults().clear();
    }

    /// The first fault that is meant for such a request.
    pub(crate) fn take(&self, operation: Option<&Operation>, path: &str) -> Option<Fault> {
        self.take_first(|fault| fault.is_for_request(operation, path))
    }

    /// Whether the connection that has just come in is to be reset.
    pub(crate) fn take_for_connection(&self) -> bool {
        self.take_first(Fault::is_for_connection).is_some()
    }

    fn take_first(&self, is_meant: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut faults = self.faults();
        let index = faults.iter().position(is_meant)?;
        let fault = faults[index].use_once();
        if faults[index].is_exhausted() {
            faults.remove(index);
        }
        Some(fault)
    }

    fn faults(&self) -> MutexGuard<'_, VecDeque<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
