//! Goes with an investor through the API: from joining to buying, selling, and a report.
//!
//! ```sh
//! cargo run -p upvest-examples --example invest
//! ```
//!
//! It starts a sandbox in this very process, and calls that. After each step it prints what came of
//! it, and what cash and how many shares the investor has then. Two days pass between one step and
//! the next, so that what has to be settled is.

mod journey;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use journey::{Journey, Step};
use upvest::models::Uuid;
use upvest_sandbox::Sandbox;

/// Two days, after which the sandbox has settled everything.
const SETTLEMENT: Duration = Duration::from_secs(2 * 24 * 60 * 60);

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
    let sandbox = Sandbox::start().await?;
    let client = upvest::builder()
        .base_url(sandbox.base_url())
        .credentials(sandbox.client_id(), sandbox.client_secret())
        .signing_key(sandbox.signing_key().clone(), sandbox.key_id())
        .transport(sandbox.transport())
        .build()?;
    println!(
        "{:<18} {:<16} {:>10} {:>10} {:>10} {:>8}",
        "step", "result", "cash", "to trade", "to pay out", "shares"
    );
    // A program that may have to repeat a journey keeps a random id with it.
    let run = Uuid::from_u128(1 << 64);
    let mut taken = |step: Step| {
        print(&step);
        sandbox.advance(SETTLEMENT);
    };
    Journey::new(&client, run, &mut taken).complete().await?;
    Ok(())
}

fn print(step: &Step) {
    let amounts = step.cash.as_ref().map_or_else(Default::default, |cash| {
        [
            cash.balance,
            cash.available_for_trading,
            cash.available_for_withdrawal,
        ]
        .map(|amount| format!("{amount:.2}"))
    });
    let [cash, trading, withdrawal] = amounts;
    println!(
        "{:<18} {:<16} {cash:>10} {trading:>10} {withdrawal:>10} {:>8}",
        step.name, step.result, step.shares
    );
}
