//! What a kind of resource is like, and how its states move.

use super::world::World;

/// A kind of resource that is remembered, by the operations that are about it. Operations that the
/// description does not have are passed over.
pub(crate) struct Kind {
    /// What it is called in problem details, `account group` for example.
    pub(crate) name: &'static str,
    /// What its id is called in paths and in other resources.
    pub(crate) id: &'static str,
    /// The operation that makes one.
    pub(crate) create: &'static str,
    pub(crate) retrieve: &'static str,
    pub(crate) lists: &'static [&'static str],
    /// The operation that changes fields, and the event that tells of it.
    pub(crate) update: (&'static str, &'static str),
    pub(crate) removal: Removal,
    /// What becomes of one, from the moment when it is made.
    pub(super) life: &'static [Step],
    /// The field that holds how much cash it is about.
    pub(super) amount: &'static str,
    /// What else follows when one is made, by its id.
    pub(super) begins: Consequence,
    /// What else follows when a client takes one away.
    pub(super) ends: Consequence,
}

/// What follows from a request for the resource of this id.
pub(super) type Consequence = fn(&mut World, &str);

fn nothing(_: &mut World, _: &str) {}

/// How one goes away.
pub(crate) struct Removal {
    pub(crate) operation: &'static str,
    /// The states in which it can; any if there are none.
    pub(super) states: &'static [&'static str],
    /// What becomes of it. Without a state it is forgotten.
    pub(super) steps: &'static [Step],
}

/// A change of state.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) wait: Wait,
    pub(super) status: &'static str,
    pub(super) event: &'static str,
    pub(super) cash: &'static [Flow],
}

/// How long after the step before.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wait {
    /// At once, together with it.
    Nothing,
    Processing,
    Settlement,
}

/// What a step does to the cash of an account group, in multiples of the resource's amount.
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

/// What an operation does to a kind of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Create,
    Retrieve,
    List,
    Update,
    Remove,
}

impl Kind {
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
                steps: &[],
            },
            life: &[],
            amount: "",
            begins: nothing,
            ends: nothing,
        }
    }

    pub(super) const fn life(mut self, life: &'static [Step]) -> Self {
        self.life = life;
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
        steps: &'static [Step],
    ) -> Self {
        self.removal = Removal {
            operation,
            states,
            steps,
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

/// A step that comes together with the one before.
pub(super) const fn at_once(status: &'static str, event: &'static str) -> Step {
    step(Wait::Nothing, status, event, &[])
}

/// A step that takes processing.
pub(super) const fn then(status: &'static str, event: &'static str) -> Step {
    step(Wait::Processing, status, event, &[])
}

pub(super) const fn step(
    wait: Wait,
    status: &'static str,
    event: &'static str,
    cash: &'static [Flow],
) -> Step {
    Step {
        wait,
        status,
        event,
        cash,
    }
}
