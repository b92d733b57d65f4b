//! Does what is due.

use super::schedule::Task;
use super::store::Store;

impl Store {
    /// Does everything that is due by now.
    pub(crate) fn catch_up(&mut self) {
        let now = self.now;
        while let Some((due, task)) = self.schedule.next(now) {
            self.now = due;
            match task {
                Task::Transition {
                    kind,
                    id,
                    transitions,
                } => self.take_transitions(kind, &id, transitions),
                Task::Order { id, stage } => self.move_order(&id, stage),
                Task::Invest { id, count } => self.invest(&id, count),
                Task::CloseDay => self.close_day(),
            }
        }
        self.now = now;
    }
}
