//! The initial state of a sandbox, from a file.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use upvest_models::CashBalance;

use super::{admin, script};
use crate::Sandbox;

/// The content of the file, in JSON.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Seeds {
    balances: Vec<CashBalance>,
    /// Prices by ISIN, as text.
    prices: BTreeMap<String, String>,
    /// As for `--fail`.
    faults: Vec<String>,
    /// As the admin interface accepts them.
    answers: Vec<serde_json::Value>,
}

impl Seeds {
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let wrong = |error: &dyn std::fmt::Display| format!("`{}`: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        serde_json::from_str(&text).map_err(|error| wrong(&error))
    }

    pub(super) fn apply(self, sandbox: &Sandbox) -> Result<(), String> {
        for balance in self.balances {
            sandbox.set_balance(balance);
        }
        for (isin, price) in &self.prices {
            admin::set_price_of(sandbox, isin, price)?;
        }
        for fault in &self.faults {
            sandbox.fail(script::fault(fault)?);
        }
        for answer in &self.answers {
            admin::set_answer(sandbox, answer)?;
        }
        Ok(())
    }
}
