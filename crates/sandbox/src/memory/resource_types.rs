//! The types of resources that are remembered, and how their states change.

use super::flows::{
    GAIN, GAINED, PAID, PAY, RECEIVED, RELEASE, RELEASED, RESERVE, RESERVED, RETURNED, SETTLED,
};
use super::products::PRODUCTS;
use super::resource_type::{Flow, ResourceType, Role, Wait, at_once, then, transition};

/// All types of resources. The first that an operation is about counts.
pub(super) fn resource_types() -> impl Iterator<Item = &'static ResourceType> {
    RESOURCE_TYPES.iter().chain(PRODUCTS)
}

/// The types of resources that cash and shares belong to, and that move them.
static RESOURCE_TYPES: &[ResourceType] = &[
    ResourceType::new(
        "user",
        "user_id",
        "create_user",
        "retrieve_user",
        &["list_users"],
    )
    .lifecycle(&[
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
    ResourceType::new(
        "business",
        "business_id",
        "create_business",
        "retrieve_business",
        &["list_businesses"],
    )
    .lifecycle(&[
        at_once("ACTIVE", "BUSINESS.CREATED"),
        then("ACTIVE", "BUSINESS.ACTIVATED"),
    ]),
    ResourceType::new(
        "check",
        "check_id",
        "create_user_check",
        "retrieve_user_check",
        &["list_user_checks"],
    )
    .lifecycle(&[
        at_once("IN_PROGRESS", "USER_CHECK.CREATED"),
        then("PASSED", "USER_CHECK.PASSED"),
    ]),
    ResourceType::new(
        "business check",
        "check_id",
        "create_business_check",
        "retrieve_business_check",
        &["list_business_checks"],
    )
    .lifecycle(&[at_once("IN_PROGRESS", ""), then("PASSED", "")]),
    ResourceType::new(
        "identifier",
        "identifier_id",
        "create_identifier",
        "retrieve_identifier",
        &["list_user_identifiers"],
    )
    .update("update_identifier", ""),
    ResourceType::new(
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
    .lifecycle(&[
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
    ResourceType::new(
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
    .lifecycle(&[
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
    ResourceType::new(
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
    ResourceType::new(
        "mandate",
        "mandate_id",
        "create_mandate",
        "retrieve_mandate",
        &["list_mandates", "list_business_mandates"],
    )
    .removal("delete_mandate", &[], &[]),
    ResourceType::new(
        "order",
        "order_id",
        "place_order",
        "retrieve_order",
        &["list_account_orders"],
    ),
    ResourceType::new(
        "execution",
        "execution_id",
        "",
        "retrieve_order_execution",
        &[],
    ),
    ResourceType::new(
        "position",
        "position_id",
        "",
        "retrieve_position",
        &["list_positions"],
    ),
    ResourceType::new("cash transaction", "", "", "", &["list_cash_transactions"]),
    ResourceType::new(
        "security transaction",
        "",
        "",
        "",
        &["list_securities_transactions"],
    ),
    ResourceType::new(
        "direct debit",
        "direct_debit_id",
        "create_direct_debit",
        "retrieve_direct_debit",
        &["list_direct_debits"],
    )
    .cash("cash_amount")
    .lifecycle(&[
        at_once("NEW", "DIRECT_DEBIT.NEW"),
        then("PROCESSING", "DIRECT_DEBIT.PROCESSING"),
        transition(
            Wait::Processing,
            "CONFIRMED",
            "DIRECT_DEBIT.CONFIRMED",
            RECEIVED,
        ),
        transition(Wait::Settlement, "", "", SETTLED),
    ]),
    ResourceType::new(
        "top-up",
        "topup_id",
        "create_topup",
        "retrieve_topup",
        &["list_topups"],
    )
    .cash("cash_amount")
    .lifecycle(&[
        transition(Wait::Nothing, "CONFIRMED", "TOPUP.CONFIRMED", RECEIVED),
        transition(Wait::Settlement, "SETTLED", "TOPUP.SETTLED", SETTLED),
    ])
    .removal(
        "cancel_topup",
        &["CONFIRMED"],
        &[transition(
            Wait::Nothing,
            "CANCELLED",
            "TOPUP.CANCELLED",
            RETURNED,
        )],
    ),
    ResourceType::new(
        "withdrawal",
        "withdrawal_id",
        "create_cash_withdrawal",
        "retrieve_cash_withdrawal",
        &["list_cash_withdrawals"],
    )
    .cash("amount")
    .lifecycle(&[
        transition(Wait::Nothing, "NEW", "WITHDRAWAL.NEW", RESERVED),
        then("PROCESSING", "WITHDRAWAL.PROCESSING"),
        transition(Wait::Settlement, "CONFIRMED", "WITHDRAWAL.CONFIRMED", PAID),
    ])
    .removal(
        "cancel_cash_withdrawal",
        &["NEW"],
        &[transition(
            Wait::Nothing,
            "CANCELLED",
            "WITHDRAWAL.CANCELLED",
            RELEASED,
        )],
    ),
    ResourceType::new(
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
    .lifecycle(&[
        transition(
            Wait::Nothing,
            "ISSUED",
            "CASH_BALANCE_TRANSFER.ISSUED",
            &[Flow {
                group: "source_account_group_id",
                change: RESERVE,
            }],
        ),
        transition(
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
        &[transition(
            Wait::Nothing,
            "CANCELLED",
            "CASH_BALANCE_TRANSFER.CANCELLED",
            &[Flow {
                group: "source_account_group_id",
                change: RELEASE,
            }],
        )],
    ),
    ResourceType::new(
        "virtual cash increase",
        "",
        "create_virtual_cash_increase",
        "",
        &[],
    )
    .cash("amount")
    .lifecycle(&[
        at_once("ISSUED", "VIRTUAL_CASH_INCREASE.ISSUED"),
        transition(
            Wait::Processing,
            "CONFIRMED",
            "VIRTUAL_CASH_INCREASE.CONFIRMED",
            GAINED,
        ),
    ]),
    ResourceType::new(
        "virtual cash decrease",
        "virtual_cash_decrease_id",
        "create_virtual_cash_decrease",
        "",
        &[],
    )
    .cash("amount")
    .lifecycle(&[
        transition(
            Wait::Nothing,
            "ISSUED",
            "VIRTUAL_CASH_DECREASE.ISSUED",
            RESERVED,
        ),
        transition(
            Wait::Processing,
            "CONFIRMED",
            "VIRTUAL_CASH_DECREASE.CONFIRMED",
            PAID,
        ),
    ])
    .removal(
        "cancel_virtual_cash_decrease",
        &["ISSUED"],
        &[transition(
            Wait::Nothing,
            "CANCELLED",
            "VIRTUAL_CASH_DECREASE.CANCELLED",
            RELEASED,
        )],
    ),
    ResourceType::new(
        "report",
        "report_id",
        "create_report",
        "retrieve_report",
        &["list_user_reports", "list_business_reports"],
    )
    .lifecycle(&[at_once("", "REPORT.CREATED")]),
];

/// The kind on which an operation acts, and what it does.
pub(crate) fn role(operation: &str) -> Option<(&'static ResourceType, Role)> {
    resource_types().find_map(|kind| Some((kind, kind.role(operation)?)))
}

/// The kind of this name.
pub(super) fn resource_type(name: &str) -> &'static ResourceType {
    let found = resource_types().find(|kind| kind.name == name);
    found.unwrap_or_else(|| panic!("there is no kind {name:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::description;

    /// Stands for an event that the description does not have.
    const WITHOUT_EVENT: [&str; 1] = ["CASH_BALANCE_TRANSFER"];

    #[test]
    fn every_operation_of_a_kind_is_described() {
        for kind in resource_types() {
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
    fn every_event_of_a_lifecycle_is_described() {
        for kind in resource_types() {
            let transitions = kind.lifecycle.iter().chain(kind.removal.transitions);
            let events = transitions
                .map(|transition| transition.event)
                .chain([kind.update.1]);
            for event in events.filter(|event| !event.is_empty()) {
                let is_missing = WITHOUT_EVENT.contains(&event.split('.').next().unwrap());
                assert_eq!(description().event(event).is_none(), is_missing, "{event}");
            }
        }
    }
}
