//! The operations, one module each.

mod get_jwks;
mod issue_token;
mod retrieve_cash_balance;
mod retrieve_cash_balance_with_currency;
mod retrieve_cash_balances;

pub(crate) use get_jwks::get_jwks;
pub(crate) use issue_token::issue_token;
pub(crate) use retrieve_cash_balance::retrieve_cash_balance;
pub(crate) use retrieve_cash_balance_with_currency::retrieve_cash_balance_with_currency;
pub(crate) use retrieve_cash_balances::retrieve_cash_balances;
