//! `upvest sandbox`: the stand-in for the API, and what can be done with one that runs.

mod journey;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};
use upvest_sandbox::program;

use crate::failure::Failure;
use crate::output;
use crate::profile::Admin;

/// The port of the admin interface.
const ADMIN_PORT: u16 = 8081;

/// The account group that a sandbox has from the start.
const DEMO_ACCOUNT_GROUP: &str = "d0fc0305-97b7-4e3b-bddf-66d3c434898c";

/// Run a stand-in for the API on this machine, or change one that runs
///
/// Without a command it starts, prints the variables that make a client talk to it, and runs until Ctrl-C.
/// With `--profile local` this program talks to it without any variables.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct SandboxArguments {
    #[command(flatten)]
    options: program::Options,
    #[command(subcommand)]
    command: Option<SandboxCommand>,
}

#[derive(Subcommand)]
enum SandboxCommand {
    #[command(flatten)]
    Change(AdminCommand),
    /// Lead an investor from joining to the first shares, step by step
    Journey,
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Set a cash balance
    #[command(subcommand)]
    Balance(BalanceCommand),
    /// Set what a share costs, and execute the orders that waited for that
    Price {
        /// The ISIN of the instrument
        isin: String,
        /// The price
        #[arg(value_parser = amount)]
        price: String,
    },
    /// Let something go wrong with requests: 503, 429:always@/auth/token, reset, closed, truncated
    Fault {
        /// What, how many times, and with requests for which path
        #[arg(value_name = "WHAT[:TIMES][@PATH]", required_unless_present = "clear")]
        fault: Option<String>,
        /// Let nothing go wrong any more
        #[arg(long, conflicts_with = "fault")]
        clear: bool,
    },
    /// Let time pass, so that what is due is booked
    Clock {
        /// How long: 90s, 15m, 36h, 2d
        #[arg(value_parser = seconds)]
        time: u64,
    },
    /// Answer an operation with a status from now on
    Answer {
        /// The operation
        #[arg(required_unless_present = "clear")]
        operation: Option<String>,
        /// The status
        #[arg(required_unless_present = "clear")]
        status: Option<u16>,
        /// Answer all operations as usual again
        #[arg(long, conflicts_with_all = ["operation", "status"])]
        clear: bool,
    },
    /// Publish the examples of an event to webhook subscriptions
    Event {
        /// The type or category: ORDER.FILLED, ORDER
        kind: String,
    },
    /// Show how many requests came in so far
    Counters {
        /// Count from zero again
        #[arg(long)]
        reset: bool,
    },
}

#[derive(Subcommand)]
enum BalanceCommand {
    /// Set the balance
    Set {
        /// The balance, all of it available unless set otherwise
        #[arg(value_parser = amount, allow_negative_numbers = true)]
        amount: String,
        /// The currency
        #[arg(long, default_value = "EUR")]
        currency: String,
        /// The account group
        #[arg(long, value_name = "ID", default_value = DEMO_ACCOUNT_GROUP)]
        account_group_id: String,
        /// What is locked for trading
        #[arg(long, value_name = "AMOUNT", default_value = "0", value_parser = amount)]
        locked_for_trading: String,
        /// What is pending settlement
        #[arg(long, value_name = "AMOUNT", default_value = "0", value_parser = amount)]
        pending_settlement: String,
        /// What is available for withdrawal [default: the balance]
        #[arg(long, value_name = "AMOUNT", value_parser = amount)]
        available_for_withdrawal: Option<String>,
        /// What is available for trading [default: the balance]
        #[arg(long, value_name = "AMOUNT", value_parser = amount)]
        available_for_trading: Option<String>,
    },
}

/// Runs a sandbox, or changes one.
pub(crate) async fn run(arguments: SandboxArguments) -> Result<ExitCode, Failure> {
    let Some(command) = arguments.command else {
        let admin = SocketAddr::from((Ipv4Addr::LOCALHOST, ADMIN_PORT));
        let run = program::run(arguments.options.admin_or(admin)).await;
        run.map_err(|error| Failure::configuration(error.to_string()))?;
        return Ok(ExitCode::SUCCESS);
    };
    let (method, path, body) = match command {
        SandboxCommand::Change(command) => request(command),
        SandboxCommand::Journey => {
            journey::run().await?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    let answer = Admin::at(None).ask(method, path, body.as_ref()).await?;
    if answer.as_object().is_some_and(|answer| !answer.is_empty()) {
        output::line(&format!("{answer:#}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What a command asks of the admin interface.
fn request(command: AdminCommand) -> (Method, &'static str, Option<Value>) {
    match command {
        AdminCommand::Balance(BalanceCommand::Set {
            amount,
            currency,
            account_group_id,
            locked_for_trading,
            pending_settlement,
            available_for_withdrawal,
            available_for_trading,
        }) => {
            let balance = json!({
                "account_group_id": account_group_id,
                "currency": currency,
                "balance": amount,
                "locked_for_trading": locked_for_trading,
                "pending_settlement": pending_settlement,
                "available_for_withdrawal": available_for_withdrawal.as_ref().unwrap_or(&amount),
                "available_for_trading": available_for_trading.as_ref().unwrap_or(&amount),
            });
            (Method::PUT, "/balances", Some(balance))
        }
        AdminCommand::Price { isin, price } => (
            Method::PUT,
            "/prices",
            Some(json!({ "isin": isin, "price": price })),
        ),
        AdminCommand::Fault { clear: true, .. } => (Method::DELETE, "/faults", None),
        AdminCommand::Fault { fault, .. } => {
            (Method::POST, "/faults", Some(json!({ "fault": fault })))
        }
        AdminCommand::Clock { time } => (Method::POST, "/time", Some(json!({ "seconds": time }))),
        AdminCommand::Answer { clear: true, .. } => (Method::DELETE, "/answers", None),
        AdminCommand::Answer {
            operation, status, ..
        } => {
            let answer = json!({ "operation": operation, "status": status });
            (Method::PUT, "/answers", Some(answer))
        }
        AdminCommand::Event { kind } => (Method::POST, "/events", Some(json!({ "example": kind }))),
        AdminCommand::Counters { reset: true } => (Method::DELETE, "/counters", None),
        AdminCommand::Counters { reset: false } => (Method::GET, "/counters", None),
    }
}

/// An amount, as it was written.
fn amount(text: &str) -> Result<String, String> {
    match upvest::models::decimal::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A time in seconds: a whole number with `s`, `m`, `h` or `d` after it, or nothing for seconds.
fn seconds(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.find(|char: char| !char.is_ascii_digit()) {
        Some(place) => text.split_at(place),
        None => (text, "s"),
    };
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return Err(format!("{unit:?} is not a unit: use s, m, h or d")),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| format!("{number:?} is not a number"))?;
    number
        .checked_mul(factor)
        .ok_or_else(|| "that is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn times_have_units() {
        for (text, expected) in [
            ("90", 90),
            ("90s", 90),
            ("15m", 900),
            ("2h", 7200),
            ("2d", 172_800),
        ] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "d",
            "2w",
            "-1",
            "99999999999999999999d",
            "9999999999999999999d",
        ] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
