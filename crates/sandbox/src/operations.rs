//! The operations, one module each.

mod get_jwks;
mod issue_token;
mod retrieve_cash_balance;

pub(crate) use get_jwks::get_jwks;
pub(crate) use issue_token::issue_token;
pub(crate) use retrieve_cash_balance::retrieve_cash_balance;
