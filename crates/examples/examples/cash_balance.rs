//! Prints the cash balances of an account group.
//!
//! ```sh
//! cargo run -p upvest-examples --example cash_balance                        # against a sandbox of its own
//! cargo run -p upvest-examples --example cash_balance -- --currency EUR      # one of them
//! cargo run -p upvest-examples --example cash_balance -- ACCOUNT_GROUP_ID    # as the UPVEST_ variables say
//! ```

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use upvest::Client;
use upvest::models::{CashBalance, Currency, Uuid};
use upvest_sandbox::Sandbox;

/// Prints the cash balances of an account group.
///
/// Calls the API that the UPVEST_ environment variables name. With none of them set, it starts a
/// sandbox in this very process, and calls that.
#[derive(Parser)]
struct Arguments {
    /// The account group; left out, the one of the sandbox
    account_group_id: Option<Uuid>,

    /// The balance in this currency alone, such as EUR
    #[arg(long)]
    currency: Option<Currency>,

    /// Print the balances as JSON, and nothing else
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let sandbox = if is_configured() {
        None
    } else {
        Some(Sandbox::start().await?)
    };
    let client = match &sandbox {
        None => Client::from_env()?,
        Some(sandbox) => upvest::builder()
            .base_url(sandbox.base_url())
            .credentials(sandbox.client_id(), sandbox.client_secret())
            .signing_key(sandbox.signing_key().clone(), sandbox.key_id())
            .build()?,
    };
    let account_group_id = arguments
        .account_group_id
        .or_else(|| sandbox.as_ref().map(Sandbox::account_group_id))
        .ok_or("name an account group: cargo run -p upvest-examples --example cash_balance -- ACCOUNT_GROUP_ID")?;

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
