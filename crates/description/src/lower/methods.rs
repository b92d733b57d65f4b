//! Names of operations and their arguments.

use std::collections::BTreeMap;

use super::lock::Lock;
use crate::ir::{Api, Arg};
use crate::names;

/// Operations and their arguments get their names: of the overlay, of the lock, or by rule.
pub(super) fn name(api: &mut Api, lock: &Lock) {
    let mut renamed = BTreeMap::new();
    for operation in &mut api.operations {
        if operation.name.is_empty() {
            let locked = lock.operation(&operation.id).map(str::to_owned);
            operation.name =
                locked.unwrap_or_else(|| names::avoid(names::field_name(&operation.id), CLIENT));
        }
        renamed.insert(operation.id.clone(), operation.name.clone());
        let wanted: Vec<(String, String)> = operation
            .args
            .iter()
            .map(|arg| (arg.wire.clone(), arg_name(&operation.id, arg, lock)))
            .collect();
        let wanted: Vec<(&str, String)> = wanted
            .iter()
            .map(|(wire, name)| (wire.as_str(), name.clone()))
            .collect();
        for (arg, name) in operation.args.iter_mut().zip(names::distinct(&wanted)) {
            arg.name = name;
        }
    }
    for operation in &mut api.operations {
        if let Some(id) = &operation.replacement {
            operation.replacement = renamed.get(id).cloned();
        }
    }
}

fn arg_name(operation: &str, arg: &Arg, lock: &Lock) -> String {
    if !arg.name.is_empty() {
        return arg.name.clone();
    }
    let locked = lock.argument(operation, arg).map(str::to_owned);
    locked.unwrap_or_else(|| names::avoid(names::field_name(&arg.wire), CALL))
}

/// The methods that the client itself has.
const CLIENT: &[&str] = &[
    "attempt_timeout",
    "base_url",
    "builder",
    "call",
    "clone",
    "default",
    "fmt",
    "from",
    "from_env",
    "idempotency_key",
    "into",
    "max_response_bytes",
    "metrics",
    "new",
    "retries",
    "service",
    "timeout",
    "to_owned",
    "try_from",
    "try_into",
];

/// The methods that every call has.
const CALL: &[&str] = &[
    "attempt_timeout",
    "body",
    "call",
    "clone",
    "client",
    "file",
    "fmt",
    "from",
    "into",
    "into_future",
    "new",
    "options",
    "pages",
    "retries",
    "send",
    "stream",
    "timeout",
    "to_owned",
    "try_from",
    "try_into",
];
