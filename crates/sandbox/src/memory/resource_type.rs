//! The types of resources, and how their states change.

/// A type of resource that is remembered, by the operations that are about it. Operations that the
/// description does not have are skipped.
pub(crate) struct ResourceType {
    /// What it is called in problem details, `account group` for example.
    pub(crate) name: &'static str,
    /// What its id is called in paths and in other resources.
    pub(crate) id: &'static str,
    /// The operation that makes one.
    pub(crate) create: &'static str,
    pub(crate) retrieve: &'static str,
    pub(crate) lists: &'static [&'static str],
    /// The operation that changes fields, and the event of this change.
    pub(crate) update: (&'static str, &'static str),
    pub(crate) removal: Removal,
    /// Its transitions, from the moment when it is made.
    pub(super) lifecycle: &'static [Transition],
    /// The field that holds how much cash it is about.
    pub(super) amount: &'static str,
    /// The further effects of making one.
    pub(super) begins: Consequence,
    /// The further effects when a client removes one.
    pub(super) ends: Consequence,
}

/// An effect of a request other than the transitions of the resource itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Consequence {
    Nothing,
    /// A savings plan begins: its first execution is planned.
    BeginPlan,
    /// The order of a savings plan's execution is cancelled.
    CancelOrder,
    /// The accounts of a rebalancing execution are rebalanced.
    Rebalance,
}

/// How one is removed.
pub(crate) struct Removal {
    pub(crate) operation: &'static str,
    /// The states in which it can be removed; empty if that is possible in any state.
    pub(super) states: &'static [&'static str],
    /// Its transitions. Without a transition it is forgotten.
    pub(super) transitions: &'static [Transition],
}

/// A change of state.
#[derive(Debug)]
pub(super) struct Transition {
    pub(super) wait: Wait,
    pub(super) status: &'static str,
    pub(super) event: &'static str,
    pub(super) cash: &'static [Flow],
}

/// How long after the transition before.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wait {
    /// At once, together with it.
    Nothing,
    Processing,
    Settlement,
}

/// What a transition does to the cash of an account group, in multiples of the resource's amount.
#[derive(Debug)]
pub(super) struct Flow {
    /// The field that holds the id of the account group.
    pub(super) group: &'static str,
    pub(super) change: Change,
}

/// What is added to each amount of a balance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) balance: i64,
    pub(super) locked: i64,
    pub(super) pending: i64,
    pub(super) withdrawal: i64,
    pub(super) trading: i64,
}

/// What an operation does to a resource of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Create,
    Retrieve,
    List,
    Update,
    Remove,
}

impl ResourceType {
    pub(super) const fn new(
        name: &'static str,
        id: &'static str,
        create: &'static str,
        retrieve: &'static str,
        lists: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            id,
            create,
            retrieve,
            lists,
            update: ("", ""),
            removal: Removal {
                operation: "",
                states: &[],
                transitions: &[],
            },
            lifecycle: &[],
            amount: "",
            begins: Consequence::Nothing,
            ends: Consequence::Nothing,
        }
    }

    pub(super) const fn lifecycle(mut self, lifecycle: &'static [Transition]) -> Self {
        self.lifecycle = lifecycle;
        self
    }

    pub(super) const fn cash(mut self, amount: &'static str) -> Self {
        self.amount = amount;
        self
    }

    pub(super) const fn begins(mut self, consequence: Consequence) -> Self {
        self.begins = consequence;
        self
    }

    pub(super) const fn ends(mut self, consequence: Consequence) -> Self {
        self.ends = consequence;
        self
    }

    pub(super) const fn update(mut self, operation: &'static str, event: &'static str) -> Self {
        self.update = (operation, event);
        self
    }

    pub(super) const fn removal(
        mut self,
        operation: &'static str,
        states: &'static [&'static str],
        transitions: &'static [Transition],
    ) -> Self {
        self.removal = Removal {
            operation,
            states,
            transitions,
        };
        self
    }

    /// What an operation does to it.
    pub(super) fn role(&self, operation: &str) -> Option<Role> {
        if operation == self.create {
            Some(Role::Create)
        } else if operation == self.retrieve {
            Some(Role::Retrieve)
        } else if self.lists.contains(&operation) {
            Some(Role::List)
        } else if operation == self.update.0 {
            Some(Role::Update)
        } else if operation == self.removal.operation {
            Some(Role::Remove)
        } else {
            None
        }
    }
}

/// A transition that happens together with the one before.
pub(super) const fn at_once(status: &'static str, event: &'static str) -> Transition {
    transition(Wait::Nothing, status, event, &[])
}

/// A transition that takes processing.
pub(super) const fn then(status: &'static str, event: &'static str) -> Transition {
    transition(Wait::Processing, status, event, &[])
}

pub(super) const fn transition(
    wait: Wait,
    status: &'static str,
    event: &'static str,
    cash: &'static [Flow],
) -> Transition {
    Transition {
        wait,
        status,
        event,
        cash,
    }
}
