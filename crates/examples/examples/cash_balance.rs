//! Prints the cash balances of an account group.
//!
//! ```sh
//! cargo run -p upvest-examples --example cash_balance                      # against its own sandbox
//! cargo run -p upvest-examples --example cash_balance -- --currency EUR    # one of them
//!
//! # as the UPVEST_ variables say
//! cargo run -p upvest-examples --features network --example cash_balance -- ACCOUNT_GROUP_ID
//! ```

use std::error::Error;
use std::process::ExitCode;

use upvest::Client;
use upvest::models::{CashBalance, Currency, Uuid};
use upvest_sandbox::Sandbox;

const USAGE: &str = "cash_balance [ACCOUNT_GROUP_ID] [--currency CURRENCY] [--json]

Prints the cash balances of an account group, or the one in a currency.

Calls the API that the UPVEST_ environment variables name, if it was built with the feature
`network`. With none of them set, it starts a sandbox in this very process, and calls that for the
sandbox's own account group.";

const UNCONNECTED: &str = "the UPVEST_ variables name an API, and this example was built without \
connections; build it with them: cargo run -p upvest-examples --features network --example cash_balance";

#[derive(Default)]
struct Arguments {
    account_group_id: Option<Uuid>,
    currency: Option<Currency>,
    json: bool,
    help: bool,
}

impl Arguments {
    fn parse() -> Result<Self, Box<dyn Error>> {
        let mut found = Self::default();
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--help" | "-h" => found.help = true,
                "--json" => found.json = true,
                "--currency" => {
                    let currency = arguments
                        .next()
                        .ok_or("--currency takes one, such as EUR")?;
                    found.currency = Some(Currency::from(currency));
                }
                id => {
                    let id = id
                        .parse()
                        .map_err(|_| format!("{id} is not a UUID\n\n{USAGE}"))?;
                    found.account_group_id = Some(id);
                }
            }
        }
        Ok(found)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse()?;
    if arguments.help {
        println!("{USAGE}");
        return Ok(());
    }
    let sandbox = if !is_configured() {
        Some(Sandbox::start().await?)
    } else if cfg!(feature = "network") {
        None
    } else {
        return Err(UNCONNECTED.into());
    };
    let client = match &sandbox {
        None => Client::from_env()?,
        Some(sandbox) => upvest::builder()
            .base_url(sandbox.base_url())
            .credentials(sandbox.client_id(), sandbox.client_secret())
            .signing_key(sandbox.signing_key().clone(), sandbox.key_id())
            .transport(sandbox.transport())
            .build()?,
    };
    let account_group_id = arguments
        .account_group_id
        .or_else(|| sandbox.as_ref().map(Sandbox::account_group_id))
        .ok_or("name an account group: cargo run -p upvest-examples --features network --example cash_balance -- ACCOUNT_GROUP_ID")?;

    let balances = match arguments.currency {
        None => {
            let call = client.list_cash_balances(account_group_id);
            call.send().await?.into_inner().data
        }
        Some(currency) => {
            let call = client.retrieve_cash_balance_by_currency(account_group_id, currency);
            vec![call.send().await?.into_inner()]
        }
    };

    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&balances)?);
    } else {
        print(account_group_id, &balances);
    }
    Ok(())
}

fn is_configured() -> bool {
    std::env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with("UPVEST_"))
}

fn print(account_group_id: Uuid, balances: &[CashBalance]) {
    println!("Cash of account group {account_group_id}");
    for balance in balances {
        println!();
        for (label, amount) in [
            ("balance", balance.balance),
            ("locked for trading", balance.locked_for_trading),
            ("pending settlement", balance.pending_settlement),
            ("available for withdrawal", balance.available_for_withdrawal),
            ("available for trading", balance.available_for_trading),
        ] {
            let amount = amount.to_string();
            println!("  {label:<26}{amount:>16} {}", balance.currency);
        }
    }
}
