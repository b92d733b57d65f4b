//! `upvest webhooks`: events on the machine of a developer.

mod database;
mod events;
mod forward;
mod listen;
mod listener;
mod receive;
mod retry;
mod shown;
mod subscriptions;
mod target;
mod trigger;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::globals::Globals;

/// Receive webhooks on this machine, look at their events, and trigger some
#[derive(Args)]
pub(crate) struct WebhooksArguments {
    #[command(subcommand)]
    command: WebhooksCommand,
}

#[derive(Subcommand)]
enum WebhooksCommand {
    Listen(listen::ListenArguments),
    /// Look at the events that were received, and send them on again
    #[command(subcommand)]
    Events(events::EventsCommand),
    Trigger(trigger::TriggerArguments),
    /// Make, change and test subscriptions
    #[command(subcommand)]
    Subscriptions(subscriptions::SubscriptionsCommand),
}

/// Does what was asked for.
pub(crate) async fn run(
    arguments: WebhooksArguments,
    globals: &Globals,
) -> Result<ExitCode, Failure> {
    match arguments.command {
        WebhooksCommand::Listen(arguments) => listen::run(arguments, globals).await,
        WebhooksCommand::Events(command) => events::run(command).await,
        WebhooksCommand::Trigger(arguments) => trigger::run(arguments).await,
        WebhooksCommand::Subscriptions(command) => subscriptions::run(command, globals).await,
    }
}
