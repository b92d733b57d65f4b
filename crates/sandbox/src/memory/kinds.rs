//! The kinds of resources that are remembered, and the lives they lead.

#[cfg(test)]
use super::kind::Step;
use super::kind::{Change, Flow, Kind, Role, Wait, at_once, step, then};

/// All kinds. The first that an operation is about counts.
pub(super) static KINDS: &[Kind] = &[
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
        "check",
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
        &["list_user_reports", "list_reports", "list_business_reports"],
    )
    .life(&[at_once("", "REPORT.CREATED")]),
];

/// Cash that can be traded with at once, and withdrawn once it is settled.
const RECEIVED: &[Flow] = &[own(Change {
    balance: 1,
    pending: 1,
    trading: 1,
    ..NOTHING
})];
const SETTLED: &[Flow] = &[own(Change {
    pending: -1,
    withdrawal: 1,
    ..NOTHING
})];
const RETURNED: &[Flow] = &[own(Change {
    balance: -1,
    pending: -1,
    trading: -1,
    ..NOTHING
})];

/// Cash that is about to leave: it is there, and available for nothing else.
const RESERVED: &[Flow] = &[own(RESERVE)];
const RELEASED: &[Flow] = &[own(RELEASE)];
const PAID: &[Flow] = &[own(PAY)];
const GAINED: &[Flow] = &[own(GAIN)];

const RESERVE: Change = Change {
    withdrawal: -1,
    trading: -1,
    ..NOTHING
};
const RELEASE: Change = Change {
    withdrawal: 1,
    trading: 1,
    ..NOTHING
};
const PAY: Change = Change {
    balance: -1,
    ..NOTHING
};
const GAIN: Change = Change {
    balance: 1,
    withdrawal: 1,
    trading: 1,
    ..NOTHING
};

pub(super) const NOTHING: Change = Change {
    balance: 0,
    locked: 0,
    pending: 0,
    withdrawal: 0,
    trading: 0,
};

const fn own(change: Change) -> Flow {
    Flow {
        group: "account_group_id",
        change,
    }
}

/// What an operation does to which kind.
pub(crate) fn role(operation: &str) -> Option<(&'static Kind, Role)> {
    let mut roles = KINDS
        .iter()
        .filter_map(|kind| Some((kind, kind.role(operation)?)));
    roles.next()
}

/// The kind of this name.
pub(super) fn kind(name: &str) -> &'static Kind {
    let found = KINDS.iter().find(|kind| kind.name == name);
    found.unwrap_or_else(|| panic!("there is no kind {name:?}"))
}

/// All steps of all kinds.
#[cfg(test)]
pub(super) fn steps() -> impl Iterator<Item = &'static Step> {
    KINDS
        .iter()
        .flat_map(|kind| kind.life.iter().chain(kind.removal.steps))
}
