//! The operations, one module each, and the table of them.

use std::sync::Arc;

use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;

use crate::api::Api;
use crate::guard::Access;

mod create_webhook;
mod delete_webhook;
mod get_jwks;
mod issue_token;
mod json;
mod list_webhooks;
mod retrieve_cash_balance;
mod retrieve_cash_balance_with_currency;
mod retrieve_cash_balances;
mod retrieve_webhook;
mod test_webhook;
mod update_webhook;
mod webhook_id;

/// An operation of the API's description that is served.
pub(crate) struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) handler: fn(MethodFilter) -> MethodRouter<Arc<Api>>,
}

/// The operation by which tokens are issued.
pub(crate) const ISSUE_TOKEN: &str = "issue_token";

/// The scopes of operations that look at subscriptions, and of those that change them.
const WEBHOOKS_READ: Access = Access::Token(&["webhooks:read", "webhooks:admin"]);
const WEBHOOKS_ADMIN: Access = Access::Token(&["webhooks:admin"]);

/// All that is served.
pub(crate) static OPERATIONS: &[Operation] = &[
    Operation {
        id: ISSUE_TOKEN,
        method: Method::POST,
        path: "/auth/token",
        access: Access::Credentials,
        handler: |method| on(method, issue_token::issue_token),
    },
    Operation {
        id: "get_jwks",
        method: Method::GET,
        path: "/auth/verify_keys",
        access: WEBHOOKS_READ,
        handler: |method| on(method, get_jwks::get_jwks),
    },
    Operation {
        id: "retrieve_cash_balance",
        method: Method::GET,
        path: "/account_groups/{account_group_id}/payments/cash_balance",
        access: Access::Token(&["positions:read"]),
        handler: |method| on(method, retrieve_cash_balance::retrieve_cash_balance),
    },
    Operation {
        id: "retrieve_cash_balances",
        method: Method::GET,
        path: "/account_groups/{account_group_id}/payments/cash_balances",
        access: Access::Token(&["positions:read"]),
        handler: |method| on(method, retrieve_cash_balances::retrieve_cash_balances),
    },
    Operation {
        id: "retrieve_cash_balance_with_currency",
        method: Method::GET,
        path: "/account_groups/{account_group_id}/payments/cash_balances/{currency}",
        access: Access::Token(&["positions:read"]),
        handler: |method| {
            on(
                method,
                retrieve_cash_balance_with_currency::retrieve_cash_balance_with_currency,
            )
        },
    },
    Operation {
        id: "create_webhook",
        method: Method::POST,
        path: "/webhooks",
        access: WEBHOOKS_ADMIN,
        handler: |method| on(method, create_webhook::create_webhook),
    },
    Operation {
        id: "list_webhooks",
        method: Method::GET,
        path: "/webhooks",
        access: WEBHOOKS_READ,
        handler: |method| on(method, list_webhooks::list_webhooks),
    },
    Operation {
        id: "retrieve_webhook",
        method: Method::GET,
        path: "/webhooks/{webhook_id}",
        access: WEBHOOKS_READ,
        handler: |method| on(method, retrieve_webhook::retrieve_webhook),
    },
    Operation {
        id: "update_webhook",
        method: Method::PATCH,
        path: "/webhooks/{webhook_id}",
        access: WEBHOOKS_ADMIN,
        handler: |method| on(method, update_webhook::update_webhook),
    },
    Operation {
        id: "delete_webhook",
        method: Method::DELETE,
        path: "/webhooks/{webhook_id}",
        access: WEBHOOKS_ADMIN,
        handler: |method| on(method, delete_webhook::delete_webhook),
    },
    Operation {
        id: "test_webhook",
        method: Method::POST,
        path: "/webhooks/{webhook_id}/test",
        access: WEBHOOKS_ADMIN,
        handler: |method| on(method, test_webhook::test_webhook),
    },
];

impl Operation {
    /// The operation at a route. `HEAD` is answered as `GET` is, without the body.
    pub(crate) fn at(method: &Method, route: &str) -> Option<&'static Self> {
        let method = match *method {
            Method::HEAD => &Method::GET,
            _ => method,
        };
        OPERATIONS
            .iter()
            .find(|operation| operation.method == method && operation.path == route)
    }
}
