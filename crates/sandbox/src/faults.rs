use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The faults to come, in their order.
pub(crate) struct Faults<F>(Mutex<VecDeque<F>>);

/// A fault, and how often it happens.
pub(crate) trait Scripted: Clone {
    /// How often it still happens; always if there is no number.
    fn times(&mut self) -> &mut Option<u64>;
}

impl<F: Scripted> Faults<F> {
    pub(crate) fn add(&self, mut fault: F) {
        if *fault.times() != Some(0) {
            self.faults().push_back(fault);
        }
    }

    pub(crate) fn clear(&self) {
        self.faults().clear();
    }

    /// The first fault for this request. It will be injected once less.
    pub(crate) fn take(&self, is_meant: impl Fn(&F) -> bool) -> Option<F> {
        let mut faults = self.faults();
        let index = faults.iter().position(is_meant)?;
        let fault = faults[index].clone();
        if let Some(times) = faults[index].times() {
            *times -= 1;
            if *times == 0 {
                faults.remove(index);
            }
        }
        Some(fault)
    }

    fn faults(&self) -> MutexGuard<'_, VecDeque<F>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F> Default for Faults<F> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}
