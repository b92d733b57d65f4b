//! The kinds of resources that are remembered, and the lives they lead.

use super::flows::{
    GAIN, GAINED, PAID, PAY, RECEIVED, RELEASE, RELEASED, RESERVE, RESERVED, RETURNED, SETTLED,
};
use super::kind::{Flow, Kind, Role, Wait, at_once, step, then};
use super::products::PRODUCTS;

/// All kinds. The first that an operation is about counts.
pub(super) fn kinds() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().chain(PRODUCTS)
}

/// The kinds that cash and shares belong to, and that move them.
static KINDS: &[Kind] = &[
    Kind::new(
        "user",
        "user_id",
        "create_user",
        "retrieve_user",
        &["list_users"],
    )
    .life(&[
        at_once("ACTIVE", "USER.CREATED"),
        then("ACTIVE", "USER.ACTIVATED"),
    ])
    .removal(
        "offboard_user",
        &[],
        &[
            at_once("OFFBOARDING", "USER.OFFBOARDING_INITIATED"),
            then("OFFBOARDED", "USER.OFFBOARDED"),
        ],
    ),
    Kind::new(
        "business",
        "business_id",
        "create_business",
        "retrieve_business",
        &["list_businesses"],
    )
    .life(&[
        at_once("ACTIVE", "BUSINESS.CREATED"),
        then("ACTIVE", "BUSINESS.ACTIVATED"),
    ]),
    Kind::new(
        "check",
        "check_id",
        "create_user_check",
        "retrieve_user_check",
        &["list_user_checks"],
    )
    .life(&[
        at_once("IN_PROGRESS", "USER_CHECK.CREATED"),
        then("PASSED", "USER_CHECK.PASSED"),
    ]),
    Kind::new(
        "business check",
        "check_id",
        "create_business_check",
        "retrieve_business_check",
        &["list_business_checks"],
    )
    .life(&[at_once("IN_PROGRESS", ""), then("PASSED", "")]),
    Kind::new(
        "identifier",
        "identifier_id",
        "create_identifier",
        "retrieve_identifier",
        &["list_user_identifiers"],
    )
    .update("update_identifier", ""),
    Kind::new(
        "account group",
        "account_group_id",
        "create_account_group",
        "retrieve_account_group",
        &[
            "list_account_groups",
            "list_user_account_groups",
            "list_business_account_groups",
        ],
    )
    .life(&[
        at_once("ACTIVE", "ACCOUNT_GROUP.CREATED"),
        then("ACTIVE", "ACCOUNT_GROUP.ACTIVATED"),
    ])
    .removal(
        "account_group_closure",
        &[],
        &[
            at_once("CLOSING", "ACCOUNT_GROUP.CLOSING_INITIATED"),
            then("CLOSED", "ACCOUNT_GROUP.CLOSED"),
        ],
    ),
    Kind::new(
        "account",
        "account_id",
        "create_account",
        "retrieve_account",
        &[
            "list_accounts",
            "list_user_accounts",
            "list_business_accounts",
        ],
    )
    .life(&[
        at_once("ACTIVE", "ACCOUNT.CREATED"),
        then("ACTIVE", "ACCOUNT.ACTIVATED"),
    ])
    .update("update_account", "ACCOUNT.UPDATED")
    .removal(
        "account_closure",
        &[],
        &[
            at_once("CLOSING", "ACCOUNT.CLOSING_INITIATED"),
            then("CLOSED", "ACCOUNT.CLOSED"),
        ],
    ),
    Kind::new(
        "reference account",
        "reference_account_id",
        "create_reference_account",
        "retrieve_reference_account",
        &[
            "list_reference_accounts",
            "list_business_reference_accounts",
        ],
    )
    .removal("delete_reference_account", &[], &[]),
    Kind::new(
        "mandate",
        "mandate_id",
        "create_mandate",
        "retrieve_mandate",
        &["list_mandates", "list_business_mandates"],
    )
    .removal("delete_mandate", &[], &[]),
    Kind::new(
        "order",
        "order_id",
        "place_order",
        "retrieve_order",
        &["list_account_orders"],
    ),
    Kind::new(
        "execution",
        "execution_id",
        "",
        "retrieve_order_execution",
        &[],
    ),
    Kind::new(
        "position",
        "position_id",
        "",
        "retrieve_position",
        &["list_positions"],
    ),
    Kind::new("cash transaction", "", "", "", &["list_cash_transactions"]),
    Kind::new(
        "security transaction",
        "",
        "",
        "",
        &["list_securities_transactions"],
    ),
    Kind::new(
        "direct debit",
        "direct_debit_id",
        "create_direct_debit",
        "retrieve_direct_debit",
        &["list_direct_debits"],
    )
    .cash("cash_amount")
    .life(&[
        at_once("NEW", "DIRECT_DEBIT.NEW"),
        then("PROCESSING", "DIRECT_DEBIT.PROCESSING"),
        step(
            Wait::Processing,
            "CONFIRMED",
            "DIRECT_DEBIT.CONFIRMED",
            RECEIVED,
        ),
        step(Wait::Settlement, "", "", SETTLED),
    ]),
    Kind::new(
        "top-up",
        "topup_id",
        "create_topup",
        "retrieve_topup",
        &["list_topups"],
    )
    .cash("cash_amount")
    .life(&[
        step(Wait::Nothing, "CONFIRMED", "TOPUP.CONFIRMED", RECEIVED),
        step(Wait::Settlement, "SETTLED", "TOPUP.SETTLED", SETTLED),
    ])
    .removal(
        "cancel_topup",
        &["CONFIRMED"],
        &[step(
            Wait::Nothing,
            "CANCELLED",
            "TOPUP.CANCELLED",
            RETURNED,
        )],
    ),
    Kind::new(
        "withdrawal",
        "withdrawal_id",
        "create_cash_withdrawal",
        "retrieve_cash_withdrawal",
        &["list_cash_withdrawals"],
    )
    .cash("amount")
    .life(&[
        step(Wait::Nothing, "NEW", "WITHDRAWAL.NEW", RESERVED),
        then("PROCESSING", "WITHDRAWAL.PROCESSING"),
        step(Wait::Settlement, "CONFIRMED", "WITHDRAWAL.CONFIRMED", PAID),
    ])
    .removal(
        "cancel_cash_withdrawal",
        &["NEW"],
        &[step(
            Wait::Nothing,
            "CANCELLED",
            "WITHDRAWAL.CANCELLED",
            RELEASED,
        )],
    ),
    Kind::new(
        "cash balance transfer",
        "cash_balance_transfer_id",
        "create_cash_balance_transfer",
        "retrieve_cash_balance_transfer",
        &[
            "list_cash_balance_transfers",
            "list_user_cash_balance_transfers",
            "list_business_cash_balance_transfers",
        ],
    )
    .cash("amount")
    .life(&[
        step(
            Wait::Nothing,
            "ISSUED",
            "CASH_BALANCE_TRANSFER.ISSUED",
            &[Flow {
                group: "source_account_group_id",
                change: RESERVE,
            }],
        ),
        step(
            Wait::Processing,
            "CONFIRMED",
            "CASH_BALANCE_TRANSFER.CONFIRMED",
            &[
                Flow {
                    group: "source_account_group_id",
                    change: PAY,
                },
                Flow {
                    group: "target_account_group_id",
                    change: GAIN,
                },
            ],
        ),
    ])
    .removal(
        "cancel_cash_balance_transfer",
        &["ISSUED"],
        &[step(
            Wait::Nothing,
            "CANCELLED",
            "CASH_BALANCE_TRANSFER.CANCELLED",
            &[Flow {
                group: "source_account_group_id",
                change: RELEASE,
            }],
        )],
    ),
    Kind::new(
        "virtual cash increase",
        "",
        "create_virtual_cash_increase",
        "",
        &[],
    )
    .cash("amount")
    .life(&[
        at_once("ISSUED", "VIRTUAL_CASH_INCREASE.ISSUED"),
        step(
            Wait::Processing,
            "CONFIRMED",
            "VIRTUAL_CASH_INCREASE.CONFIRMED",
            GAINED,
        ),
    ]),
    Kind::new(
        "virtual cash decrease",
        "virtual_cash_decrease_id",
        "create_virtual_cash_decrease",
        "",
        &[],
    )
    .cash("amount")
    .life(&[
        step(
            Wait::Nothing,
            "ISSUED",
            "VIRTUAL_CASH_DECREASE.ISSUED",
            RESERVED,
        ),
        step(
            Wait::Processing,
            "CONFIRMED",
            "VIRTUAL_CASH_DECREASE.CONFIRMED",
            PAID,
        ),
    ])
    .removal(
        "cancel_virtual_cash_decrease",
        &["ISSUED"],
        &[step(
            Wait::Nothing,
            "CANCELLED",
            "VIRTUAL_CASH_DECREASE.CANCELLED",
            RELEASED,
        )],
    ),
    Kind::new(
        "report",
        "report_id",
        "create_report",
        "retrieve_report",
        &["list_user_reports", "list_business_reports"],
    )
    .life(&[at_once("", "REPORT.CREATED")]),
];

/// What an operation does to which kind.
pub(crate) fn role(operation: &str) -> Option<(&'static Kind, Role)> {
    kinds().find_map(|kind| Some((kind, kind.role(operation)?)))
}

/// The kind of this name.
pub(super) fn kind(name: &str) -> &'static Kind {
    let found = kinds().find(|kind| kind.name == name);
    found.unwrap_or_else(|| panic!("there is no kind {name:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::description;

    /// What the description has no event of, and nothing is told of.
    const UNTOLD: [&str; 1] = ["CASH_BALANCE_TRANSFER"];

    #[test]
    fn every_operation_of_a_kind_is_described() {
        for kind in kinds() {
            let named = [
                kind.create,
                kind.retrieve,
                kind.update.0,
                kind.removal.operation,
            ];
            for id in named.iter().chain(kind.lists).filter(|id| !id.is_empty()) {
                assert!(description().operation(id).is_some(), "{id}");
            }
        }
    }

    #[test]
    fn every_event_of_a_life_is_described() {
        for kind in kinds() {
            let steps = kind.life.iter().chain(kind.removal.steps);
            let events = steps.map(|step| step.event).chain([kind.update.1]);
            for event in events.filter(|event| !event.is_empty()) {
                let is_untold = UNTOLD.contains(&event.split('.').next().unwrap());
                assert_eq!(description().event(event).is_none(), is_untold, "{event}");
            }
        }
    }
}
