//! The types of resources whose states change by themselves: portfolios, savings plans, liquidations,
//! valuations, transfers, fees, roles and taxes.

use super::flows::GAINED;
use super::resource_type::{Consequence, ResourceType, Wait, at_once, then, transition};

pub(super) static PRODUCTS: &[ResourceType] = &[
    ResourceType::new(
        "portfolio allocation",
        "allocation_id",
        "create_portfolios_allocation",
        "retrieve_portfolios_allocation",
        &["list_portfolios_allocations"],
    )
    .lifecycle(&[at_once("", "PORTFOLIO_ALLOCATION.CREATED")])
    .update(
        "update_portfolios_allocation",
        "PORTFOLIO_ALLOCATION.CHANGED",
    ),
    ResourceType::new(
        "portfolio configuration",
        "account_id",
        "create_portfolios_configuration",
        "retrieve_portfolios_configuration",
        &["list_portfolios_configurations"],
    )
    .update("update_portfolios_configuration", "")
    .removal("delete_portfolios_configuration", &[], &[]),
    ResourceType::new(
        "portfolio order",
        "portfolio_order_id",
        "create_portfolios_order",
        "retrieve_portfolios_order",
        &["list_portfolios_orders"],
    )
    .lifecycle(&[
        at_once("NEW", "PORTFOLIO_ORDER.NEW"),
        then("PROCESSING", "PORTFOLIO_ORDER.PROCESSING"),
        then("FILLED", "PORTFOLIO_ORDER.FILLED"),
        transition(Wait::Settlement, "SETTLED", "PORTFOLIO_ORDER.SETTLED", &[]),
    ])
    .removal(
        "cancel_portfolios_order",
        &["NEW", "PROCESSING"],
        &[at_once("CANCELLED", "PORTFOLIO_ORDER.CANCELLED")],
    ),
    ResourceType::new(
        "savings plan",
        "savings_plan_id",
        "create_savings_plan",
        "retrieve_savings_plan",
        &["list_savings_plans"],
    )
    .lifecycle(&[at_once("ACTIVE", "SAVINGS_PLAN.CREATED")])
    .removal(
        "delete_savings_plan",
        &["ACTIVE"],
        &[at_once("CANCELLED", "SAVINGS_PLAN.CANCELLED")],
    )
    .begins(Consequence::BeginPlan),
    ResourceType::new(
        "savings plan execution",
        "savings_plan_execution_id",
        "",
        "retrieve_savings_plan_execution",
        &["list_savings_plan_executions"],
    )
    .lifecycle(&[
        at_once("NEW", "SAVINGS_PLAN_EXECUTION.NEW"),
        then("PROCESSING", "SAVINGS_PLAN_EXECUTION.PROCESSING"),
        then("FILLED", "SAVINGS_PLAN_EXECUTION.FILLED"),
        transition(
            Wait::Settlement,
            "SETTLED",
            "SAVINGS_PLAN_EXECUTION.SETTLED",
            &[],
        ),
    ])
    .removal(
        "delete_savings_plan_execution",
        &["NEW"],
        &[at_once("CANCELLED", "SAVINGS_PLAN_EXECUTION.CANCELLED")],
    )
    .ends(Consequence::CancelOrder),
    ResourceType::new(
        "rebalancing execution",
        "execution_id",
        "trigger_portfolio_rebalancing",
        "retrieve_portfolios_rebalancing_execution",
        &[],
    )
    .begins(Consequence::Rebalance),
    ResourceType::new(
        "rebalancing order",
        "",
        "",
        "",
        &["list_portfolio_rebalancing_execution_orders"],
    )
    .lifecycle(&[
        at_once("NEW", "REBALANCING_EXECUTION_ORDER.NEW"),
        then("PROCESSING", "REBALANCING_EXECUTION_ORDER.PROCESSING"),
        then("FILLED", "REBALANCING_EXECUTION_ORDER.FILLED"),
    ]),
    ResourceType::new(
        "account valuation",
        "",
        "",
        "",
        &["list_account_valuation_history"],
    ),
    ResourceType::new("account return", "", "", "", &["list_account_returns"]),
    ResourceType::new(
        "account liquidation",
        "account_liquidation_id",
        "create_account_liquidation",
        "retrieve_account_liquidation",
        &["list_accounts_liquidations"],
    )
    .lifecycle(&[
        at_once("NEW", "ACCOUNT_LIQUIDATION.NEW"),
        then("PROCESSING", "ACCOUNT_LIQUIDATION.PROCESSING"),
        then("FILLED", "ACCOUNT_LIQUIDATION.FILLED"),
        transition(
            Wait::Settlement,
            "SETTLED",
            "ACCOUNT_LIQUIDATION.SETTLED",
            &[],
        ),
    ])
    .removal(
        "cancel_account_liquidation",
        &["NEW", "PROCESSING"],
        &[at_once("CANCELLED", "ACCOUNT_LIQUIDATION.CANCELLED")],
    ),
    ResourceType::new(
        "account transfer",
        "account_transfer_id",
        "create_account_transfer",
        "retrieve_account_transfer",
        &[],
    )
    .lifecycle(&[
        at_once("NEW", "ACCOUNT_TRANSFER.NEW"),
        then("PROCESSING", "ACCOUNT_TRANSFER.PROCESSING"),
        transition(Wait::Settlement, "SETTLED", "ACCOUNT_TRANSFER.SETTLED", &[]),
    ]),
    ResourceType::new(
        "securities transfer",
        "",
        "create_securities_transfer",
        "",
        &["list_securities_transfers"],
    )
    .lifecycle(&[
        at_once("NEW", "SECURITIES_TRANSFER.NEW"),
        then("PROCESSING", "SECURITIES_TRANSFER.PROCESSING"),
        transition(
            Wait::Settlement,
            "SETTLED",
            "SECURITIES_TRANSFER.SETTLED",
            &[],
        ),
    ]),
    ResourceType::new("ISA wrapper", "", "create_isa_tax_wrapper", "", &[]).lifecycle(&[
        at_once("NEW", "ISA_WRAPPER.NEW"),
        then("ACTIVE", "ISA_WRAPPER.ACTIVE"),
    ]),
    ResourceType::new("ISA transfer", "", "create_isa_transfer", "", &[]).lifecycle(&[
        at_once("NEW", "ISA_TRANSFER.NEW"),
        then("DISCOVERY", "ISA_TRANSFER.DISCOVERY"),
        then("DISCOVERY_CONFIRMED", "ISA_TRANSFER.DISCOVERY_CONFIRMED"),
        then("INSTRUCTED", "ISA_TRANSFER.INSTRUCTED"),
        then("PROCESSING", "ISA_TRANSFER.PROCESSING"),
        transition(Wait::Settlement, "SETTLED", "ISA_TRANSFER.SETTLED", &[]),
    ]),
    ResourceType::new(
        "fee collection",
        "fee_collection_id",
        "create_fee_collection",
        "retrieve_fee_collection",
        &["list_fee_collections"],
    )
    .lifecycle(&[
        at_once("PROCESSING", "FEE_COLLECTION.CREATED"),
        then("FINALISED", "FEE_COLLECTION.FINALISED"),
    ]),
    ResourceType::new(
        "fee configuration",
        "account_id",
        "create_fee_configuration",
        "retrieve_fee_configurations",
        &[],
    )
    .update("update_fee_configuration", ""),
    ResourceType::new(
        "transaction fee model",
        "transaction_fee_model_id",
        "create_transaction_fee_model",
        "retrieve_transaction_fee_model",
        &["list_transaction_fee_models"],
    ),
    ResourceType::new(
        "virtual bank account",
        "virtual_bank_account_id",
        "create_virtual_bank_account",
        "retrieve_virtual_bank_account",
        &["list_virtual_bank_accounts"],
    ),
    ResourceType::new(
        "credit funding",
        "credit_funding_id",
        "",
        "retrieve_credit_funding",
        &["list_credit_fundings"],
    )
    .cash("cash_amount")
    .lifecycle(&[transition(Wait::Nothing, "CONFIRMED", "", GAINED)]),
    ResourceType::new(
        "role",
        "role_id",
        "create_role",
        "retrieve_role",
        &["list_roles"],
    )
    .lifecycle(&[
        at_once("PENDING", "ROLE.CREATED"),
        then("ACTIVE", "ROLE.ACTIVATED"),
    ])
    .removal(
        "role_deactivation",
        &[],
        &[at_once("DEACTIVATED", "ROLE.DEACTIVATED")],
    ),
    ResourceType::new(
        "tax exemption",
        "tax_exemption_id",
        "create_tax_exemption",
        "retrieve_tax_exemption_by_id",
        &["retrieve_tax_exemptions_for_user"],
    )
    .lifecycle(&[at_once("NEW", "TAX_EXEMPTION.CREATED"), then("ACTIVE", "")])
    .update("update_tax_exemption", "TAX_EXEMPTION.UPDATED")
    .removal(
        "delete_tax_exemption",
        &[],
        &[at_once("CANCELLED", "TAX_EXEMPTION.DELETED")],
    ),
    ResourceType::new(
        "record of tax residencies",
        "user_id",
        "set_tax_residencies",
        "retrieve_tax_residencies",
        &[],
    )
    .lifecycle(&[at_once("PENDING", ""), then("ACTIVE", "")]),
];
