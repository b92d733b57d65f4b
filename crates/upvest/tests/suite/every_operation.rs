//! Every operation of the description, called through the client against the sandbox, with every example of a
//! body: what is sent is taken, and what is answered is read as its type.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use upvest::models::{self, Decimal};
use upvest::{Client, Error, OPERATIONS, OperationInfo};
use upvest_sandbox::Sandbox;

use crate::support::builder;

type Called = Pin<Box<dyn Future<Output = Result<Value, Error>> + Send>>;

/// An operation by its id, and how it is called.
type Case = (&'static str, fn(&Client, &Arguments<'_>) -> Called);

/// A line for each operation: its id, the method of the client, the names of its arguments in the path or
/// query, and the type of its body.
macro_rules! table {
    ($($id:literal $method:ident($($name:ident $($body:ident)?),*);)*) => {
        #[allow(deprecated)] // What is deprecated is called as well.
        const TABLE: &[Case] = &[$(
            ($id, |client, arguments| {
                let _ = arguments;
                let call = client.$method($(table!(@ arguments $name $($body)?)),*);
                Box::pin(async move { Ok(json!(call.send().await?.into_inner())) })
            }),
        )*];
    };
    (@ $arguments:ident body $body:ident) => { $arguments.body::<models::$body>() };
    (@ $arguments:ident $name:ident) => { $arguments.find(stringify!($name)) };
}

// What is made first comes first, and what is taken away last.
table! {
    "create_account_group" create_account_group(body CreateAccountGroupRequest);
    "create_account_transfer" create_account_transfer(body CreateAccountTransferRequest);
    "create_account" create_account(body CreateAccountRequest);
    "create_account_liquidation" create_account_liquidation(account_id, body CreateAccountLiquidationRequest);
    "create_business" create_business(body CreateBusinessRequest);
    "create_business_check" create_business_check(business_id, body CreateBusinessCheckRequest);
    "business_data_change" change_business_data(business_id, body ChangeBusinessDataRequest);
    "create_fee_collection" create_fee_collection(body CreateFeeCollectionRequest);
    "create_fee_configuration" create_fee_configuration(body CreateFeeConfigurationRequest);
    "create_isa_transfer" create_isa_transfer(body CreateIsaTransferRequest);
    "create_isa_tax_wrapper" create_isa_tax_wrapper(body CreateIsaTaxWrapperRequest);
    "place_order" place_order(body PlaceOrderRequest);
    "create_cash_balance_transfer" create_cash_balance_transfer(body CreateCashBalanceTransferRequest);
    "create_direct_debit" create_direct_debit(body CreateDirectDebitRequest);
    "create_mandate" create_mandate(body CreateMandateRequest);
    "create_reference_account" create_reference_account(body CreateReferenceAccountRequest);
    "create_topup" create_top_up(body CreateTopUpRequest);
    "create_virtual_bank_account" create_virtual_bank_account(body CreateVirtualBankAccountRequest);
    "create_cash_withdrawal" create_withdrawal(body CreateWithdrawalRequest);
    "create_portfolios_allocation" create_portfolio_allocation(body CreatePortfolioAllocationRequest);
    "create_portfolios_configuration" create_portfolio_configuration(body CreatePortfolioConfigurationRequest);
    "create_portfolios_order" create_portfolio_order(body CreatePortfolioOrderRequest);
    "trigger_portfolio_rebalancing" trigger_rebalancing(body TriggerRebalancingRequest);
    "create_report" create_report(body CreateReportRequest);
    "create_role" create_role(body CreateRoleRequest);
    "create_savings_plan" create_savings_plan(body CreateSavingsPlanRequest);
    "create_securities_transfer" create_securities_transfer(body CreateSecuritiesTransferRequest);
    "create_tax_exemption" create_tax_exemption(body CreateTaxExemptionRequest);
    "create_bank_transaction" create_bank_transaction(body CreateBankTransactionRequest);
    "create_transaction_fee_model" create_transaction_fee_model(body CreateTransactionFeeModelRequest);
    "create_user" create_user(body CreateUserRequest);
    "create_user_check" create_user_check(user_id, body CreateUserCheckRequest);
    "user_data_change" change_user_data(user_id, body ChangeUserDataRequest);
    "create_identifier" create_user_identifier(user_id, body CreateUserIdentifierRequest);
    "set_tax_residencies" set_tax_residencies(user_id, body SetTaxResidenciesRequest);
    "create_virtual_cash_decrease" create_virtual_cash_decrease(body CreateVirtualCashDecreaseRequest);
    "create_virtual_cash_increase" create_virtual_cash_increase(body CreateVirtualCashIncreaseRequest);
    "create_webhook" create_webhook(body CreateWebhookRequest);
    "test_webhook" test_webhook(webhook_id);
    "update_portfolios_allocation" update_portfolio_allocation(allocation_id, body UpdatePortfolioAllocationRequest);
    "update_tax_exemption" update_tax_exemption(tax_exemption_id, body UpdateTaxExemptionRequest);
    "update_account" update_account(account_id, body UpdateAccountRequest);
    "update_fee_configuration" update_fee_configuration(account_id, body UpdateFeeConfigurationRequest);
    "update_portfolios_configuration" update_portfolio_configuration(account_id, body UpdatePortfolioConfigurationRequest);
    "update_identifier" update_user_identifier(user_id, identifier_id, body UpdateUserIdentifierRequest);
    "update_webhook" update_webhook(webhook_id, body UpdateWebhookRequest);
    "list_account_groups" list_account_groups();
    "retrieve_account_group" retrieve_account_group(account_group_id);
    "retrieve_cash_balance" retrieve_cash_balance(account_group_id);
    "retrieve_cash_balances" list_cash_balances(account_group_id);
    "retrieve_cash_balance_with_currency" retrieve_cash_balance_by_currency(account_group_id, currency);
    "retrieve_funding_details" list_funding_details(account_group_id);
    "list_credit_fundings" list_credit_fundings(account_group_id);
    "list_direct_debits" list_direct_debits(account_group_id);
    "list_topups" list_top_ups(account_group_id);
    "list_virtual_bank_accounts" list_virtual_bank_accounts(account_group_id);
    "list_cash_withdrawals" list_withdrawals(account_group_id);
    "retrieve_account_transfer" retrieve_account_transfer(account_transfer_id);
    "list_accounts" list_accounts();
    "retrieve_account" retrieve_account(account_id);
    "list_accounts_liquidations" list_account_liquidations(account_id);
    "retrieve_account_liquidation" retrieve_account_liquidation(account_id, account_liquidation_id);
    "list_account_orders" list_account_orders(account_id);
    "list_positions" list_positions(account_id);
    "retrieve_position" retrieve_position(account_id, instrument_id);
    "list_account_returns" list_account_returns(account_id);
    "list_account_valuation_history" list_account_valuations(account_id);
    "get_account_valuation" retrieve_account_valuation(account_id, price_quality);
    "get_jwks" retrieve_webhook_keys();
    "list_businesses" list_businesses();
    "retrieve_business" retrieve_business(business_id);
    "list_business_account_groups" list_business_account_groups(business_id);
    "list_business_accounts" list_business_accounts(business_id);
    "list_business_checks" list_business_checks(business_id);
    "retrieve_business_check" retrieve_business_check(business_id, check_id);
    "list_business_cash_balance_transfers" list_business_cash_balance_transfers(business_id);
    "list_business_mandates" list_business_mandates(business_id);
    "list_business_reference_accounts" list_business_reference_accounts(business_id);
    "list_business_reports" list_business_reports(business_id);
    "list_fee_collections" list_fee_collections();
    "retrieve_fee_collection" retrieve_fee_collection(fee_collection_id);
    "retrieve_fee_configurations" retrieve_fee_configuration(account_id);
    "fetching_file_metadata" retrieve_file_metadata(folder, file_name);
    "list_instruments" list_instruments();
    "retrieve_instrument" retrieve_instrument(instrument_id);
    "retrieve_instrument_venues" list_instrument_venues(instrument_id);
    "retrieve_instrument_latest_price" retrieve_instrument_latest_price(instrument_id, venue_id);
    "retrieve_instrument_prices_ohlc" list_instrument_prices(instrument_id, venue_id);
    "retrieve_isa_allowances" list_isa_allowances(tax_wrapper_id);
    "retrieve_order" retrieve_order(order_id);
    "retrieve_order_execution" retrieve_order_execution(order_id, execution_id);
    "list_cash_balance_transfers" list_cash_balance_transfers();
    "retrieve_cash_balance_transfer" retrieve_cash_balance_transfer(cash_balance_transfer_id);
    "retrieve_credit_funding" retrieve_credit_funding(credit_funding_id);
    "retrieve_direct_debit" retrieve_direct_debit(direct_debit_id);
    "retrieve_mandate" retrieve_mandate(mandate_id);
    "retrieve_reference_account" retrieve_reference_account(reference_account_id);
    "retrieve_topup" retrieve_top_up(topup_id);
    "retrieve_virtual_bank_account" retrieve_virtual_bank_account(virtual_bank_account_id);
    "retrieve_cash_withdrawal" retrieve_withdrawal(withdrawal_id);
    "list_portfolios_allocations" list_portfolio_allocations();
    "retrieve_portfolios_allocation" retrieve_portfolio_allocation(allocation_id);
    "list_portfolios_allocation_accounts" list_portfolio_allocation_accounts(allocation_id);
    "list_portfolios_configurations" list_portfolio_configurations();
    "retrieve_portfolios_configuration" retrieve_portfolio_configuration(account_id);
    "list_portfolios_orders" list_portfolio_orders();
    "retrieve_portfolios_order" retrieve_portfolio_order(portfolio_order_id);
    "retrieve_portfolios_rebalancing_execution" retrieve_rebalancing_execution(execution_id);
    "list_portfolio_rebalancing_execution_orders" list_rebalancing_execution_orders(execution_id);
    "list_roles" list_roles();
    "retrieve_role" retrieve_role(role_id);
    "list_savings_plans" list_savings_plans();
    "retrieve_savings_plan" retrieve_savings_plan(savings_plan_id);
    "list_savings_plan_executions" list_savings_plan_executions(savings_plan_id);
    "retrieve_savings_plan_execution" retrieve_savings_plan_execution(savings_plan_id, savings_plan_execution_id);
    "list_securities_transfers" list_securities_transfers(direction);
    "retrieve_tax_exemption_by_id" retrieve_tax_exemption(tax_exemption_id);
    "list_transaction_fee_models" list_transaction_fee_models();
    "retrieve_transaction_fee_model" retrieve_transaction_fee_model(transaction_fee_model_id);
    "list_cash_transactions" list_cash_transactions();
    "list_securities_transactions" list_securities_transactions();
    "list_users" list_users();
    "retrieve_user" retrieve_user(user_id);
    "list_user_account_groups" list_user_account_groups(user_id);
    "list_user_accounts" list_user_accounts(user_id);
    "list_user_checks" list_user_checks(user_id);
    "retrieve_user_check" retrieve_user_check(user_id, check_id);
    "list_user_identifiers" list_user_identifiers(user_id);
    "retrieve_identifier" retrieve_user_identifier(user_id, identifier_id);
    "list_user_cash_balance_transfers" list_user_cash_balance_transfers(user_id);
    "list_mandates" list_user_mandates(user_id);
    "list_reference_accounts" list_user_reference_accounts(user_id);
    "list_user_reports" list_user_reports(user_id);
    "retrieve_tax_exemptions_for_user" list_user_tax_exemptions(user_id);
    "retrieve_tax_residencies" retrieve_tax_residencies(user_id);
    "list_webhooks" list_webhooks();
    "retrieve_webhook" retrieve_webhook(webhook_id);
    "account_group_closure" close_account_group(account_group_id);
    "account_closure" close_account(account_id);
    "cancel_account_liquidation" cancel_account_liquidation(account_id, account_liquidation_id);
    "cancel_order" cancel_order(order_id);
    "cancel_cash_balance_transfer" cancel_cash_balance_transfer(cash_balance_transfer_id);
    "delete_mandate" delete_mandate(mandate_id);
    "delete_reference_account" delete_reference_account(reference_account_id);
    "cancel_topup" cancel_top_up(topup_id);
    "cancel_cash_withdrawal" cancel_withdrawal(withdrawal_id);
    "delete_portfolios_configuration" delete_portfolio_configuration(account_id);
    "cancel_portfolios_order" cancel_portfolio_order(portfolio_order_id);
    "role_deactivation" deactivate_role(role_id);
    "delete_savings_plan" delete_savings_plan(savings_plan_id);
    "delete_savings_plan_execution" delete_savings_plan_execution(savings_plan_id, savings_plan_execution_id);
    "delete_tax_exemption" delete_tax_exemption(tax_exemption_id);
    "offboard_user" offboard_user(user_id);
    "cancel_virtual_cash_decrease" cancel_virtual_cash_decrease(virtual_cash_decrease_id);
    "delete_webhook" delete_webhook(webhook_id);
}

/// What operations are called with: ids of what is there, or else examples of the description.
struct Arguments<'a> {
    sandbox: &'a Sandbox,
    operation: &'static OperationInfo,
    described: &'a Value,
    /// The ids of what was made, by the path of one of it.
    made: &'a BTreeMap<String, String>,
    /// The day of the sandbox.
    today: &'a str,
    body: Value,
}

impl Arguments<'_> {
    /// The id in the place of a parameter of this operation.
    fn find(&self, name: &str) -> String {
        let path = self.operation.path;
        let parameter = format!("{{{name}}}");
        let (before, _) = path.split_once(&parameter).unwrap_or((path, ""));
        // An order that was just placed has no executions yet.
        if path.starts_with("/orders") && path.contains("{execution_id}") {
            return self.sandbox.demo_id(name).unwrap();
        }
        let made = self.made.get(&format!("{before}{parameter}")).cloned();
        let id = made.or_else(|| self.existing(name));
        id.unwrap_or_else(|| self.example(name))
    }

    /// The id of something that is there.
    fn existing(&self, name: &str) -> Option<String> {
        let suffix = format!("/{{{name}}}");
        let mut made = self.made.iter();
        let made = made.find(|(path, _)| path.ends_with(&suffix));
        let demo = || self.sandbox.demo_id(name);
        made.map(|(_, id)| id.clone()).or_else(demo)
    }

    fn example(&self, name: &str) -> String {
        let parameters = self.described["parameters"].as_array().unwrap();
        let parameter = parameters.iter().find(|one| one["name"] == name).unwrap();
        let example = match name {
            "currency" => Some("EUR"),
            "instrument_id" => Some("US0378331005"),
            "direction" => Some("INCOMING"),
            "price_quality" => Some("EOD"),
            _ if parameter["schema"]["format"] == "uuid" => {
                Some("5c8a1f2e-3b47-4d60-9a51-7c2e8f0b6d13")
            }
            _ => parameter["examples"][0].as_str(),
        };
        example.unwrap_or("list").to_owned()
    }

    /// The example of a body, about what is there.
    fn body<T: DeserializeOwned>(&self) -> T {
        let mut body = self.body.clone();
        for (name, value) in body.as_object_mut().into_iter().flatten() {
            let plain = name
                .trim_start_matches("source_")
                .trim_start_matches("target_");
            if let Some(id) = self.existing(plain) {
                *value = json!(id);
            }
            match name.as_str() {
                "url" => *value = json!("http://127.0.0.1:1/"),
                // A savings plan is executed today, so that there is an execution.
                "start_date" => *value = json!(self.today),
                _ => {}
            }
        }
        serde_json::from_value(body)
            .unwrap_or_else(|error| panic!("{}: {error}", self.operation.id))
    }
}

/// A sandbox in which nothing happens by itself, with enough cash for every example, and its client.
async fn sandbox_and_client() -> (Sandbox, Client) {
    let day = Duration::from_secs(24 * 60 * 60);
    let sandbox = Sandbox::builder()
        .processing_time(day)
        .start()
        .await
        .unwrap();
    let mut balance = sandbox.balance(sandbox.account_group_id()).unwrap();
    let much = Decimal::from(1_000_000);
    balance.balance = much;
    balance.available_for_trading = much;
    balance.available_for_withdrawal = much;
    sandbox.set_balance(balance);
    let client = builder(&sandbox).build().unwrap();
    (sandbox, client)
}

/// The operations of the description as the sandbox serves them, by their ids.
fn described() -> BTreeMap<String, Value> {
    let text = include_str!("../../../sandbox/src/generated/api.json");
    let description: Value = serde_json::from_str(text).unwrap();
    let operations = description["operations"].as_array().unwrap().clone();
    let by_id = operations
        .into_iter()
        .map(|one| (one["id"].as_str().unwrap().to_owned(), one));
    by_id.collect()
}

/// The path of one of what an operation makes or lists, unless most other things belong to it: they are about
/// what was there from the start.
fn path_of_one(operation: &OperationInfo) -> Option<&'static str> {
    let below = format!("{}/{{", operation.path);
    let mut paths = OPERATIONS.iter().map(|one| one.path);
    let path = paths.find(|path| {
        let rest = path
            .strip_prefix(&below)
            .and_then(|rest| rest.strip_suffix('}'));
        rest.is_some_and(|name| !name.contains('/'))
    })?;
    let owners = ["user_id", "account_id", "account_group_id", "business_id"];
    let mut owners = owners.iter().map(|name| format!("/{{{name}}}"));
    (!owners.any(|owner| path.ends_with(&owner))).then_some(path)
}

/// Notes what is there after an answer.
fn note(
    operation: &OperationInfo,
    answer: &Value,
    made: &mut BTreeMap<String, String>,
    today: &mut String,
) {
    if let Some(at) = answer["created_at"]
        .as_str()
        .filter(|_| operation.method == "POST")
    {
        at[..10].clone_into(today);
    }
    let Some(path) = path_of_one(operation) else {
        return;
    };
    if let Some(id) = answer["id"].as_str() {
        made.insert(path.to_owned(), id.to_owned());
    }
    if let Some(id) = answer["data"][0]["id"].as_str() {
        let of_list = made.entry(path.to_owned());
        of_list.or_insert_with(|| id.to_owned());
    }
}

#[tokio::test]
async fn every_operation_can_be_called_with_every_example() {
    let (sandbox, client) = sandbox_and_client().await;
    let described = described();
    let (mut made, mut today) = (BTreeMap::new(), String::new());
    let mut wrong = Vec::new();
    for (id, call) in TABLE {
        let operation = OPERATIONS.iter().find(|one| one.id == *id).unwrap();
        let described = &described[*id];
        let examples = described["body"]["examples"].as_array().cloned();
        for body in examples.unwrap_or_else(|| vec![Value::Null]) {
            let arguments = Arguments {
                sandbox: &sandbox,
                operation,
                described,
                made: &made,
                today: &today,
                body,
            };
            let answer = call(&client, &arguments).await;
            if let Ok(answer) = &answer {
                note(operation, answer, &mut made, &mut today);
            }
            wrong.extend(answer.err().map(|error| format!("{id}: {error}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_operation_is_left_out_of_the_table() {
    // A token is issued to credentials, not to the token of a client; a report is a file.
    let elsewhere = ["issue_token", "retrieve_report"];
    let listed = TABLE.iter().map(|(id, _)| *id).chain(elsewhere);
    let listed: BTreeSet<&str> = listed.collect();
    let all: BTreeSet<&str> = OPERATIONS.iter().map(|one| one.id).collect();
    assert_eq!(listed, all);
}
