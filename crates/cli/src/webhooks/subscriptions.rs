//! `upvest webhooks subscriptions`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};
use upvest::operations::{
    CREATE_WEBHOOK, DELETE_WEBHOOK, LIST_WEBHOOKS, TEST_WEBHOOK, UPDATE_WEBHOOK,
};
use upvest::{Client, OperationInfo};

use crate::failure::Failure;
use crate::globals::Globals;
use crate::output;
use crate::profile::Settings;

/// What can be done with subscriptions.
#[derive(Subcommand)]
pub(super) enum SubscriptionsCommand {
    /// List the subscriptions
    List,
    /// Make a subscription, and enable it
    Create {
        /// Where deliveries go
        url: String,
        /// The title of the subscription
        #[arg(long, default_value = "made by upvest")]
        title: String,
        /// The types or categories of its events; all unless given
        #[arg(long = "type", value_name = "TYPE", default_value = "ALL")]
        types: Vec<String>,
    },
    /// Enable a subscription
    Enable {
        /// The id of the subscription
        id: String,
    },
    /// Disable a subscription: events in the meantime are not delivered later
    Disable {
        /// The id of the subscription
        id: String,
    },
    /// Let the API send a test to a subscription
    Test {
        /// The id of the subscription
        id: String,
    },
    /// Delete a subscription
    Delete {
        /// The id of the subscription
        id: String,
    },
    /// Enable the subscription of an address, or create one if none exists
    Ensure {
        /// Where deliveries go
        url: String,
    },
}

/// Does what was asked for.
pub(super) async fn run(
    command: SubscriptionsCommand,
    globals: &Globals,
) -> Result<ExitCode, Failure> {
    let settings = Settings::load(globals.profile.as_deref()).await?;
    if !matches!(command, SubscriptionsCommand::List) {
        settings.confirm(globals, "This changes subscriptions at the live API.")?;
    }
    let client = settings.builder().await?.build()?;
    let answer = match command {
        SubscriptionsCommand::List => list(&client).await?.into(),
        SubscriptionsCommand::Create { url, title, types } => {
            let body = json!({ "title": title, "url": url, "type": types });
            let made = send(&client, &CREATE_WEBHOOK, None, Some(body)).await?;
            enable(&client, &id(&made)).await?
        }
        SubscriptionsCommand::Enable { id } => enable(&client, &id).await?,
        SubscriptionsCommand::Disable { id } => {
            send(
                &client,
                &UPDATE_WEBHOOK,
                Some(&id),
                Some(json!({ "enabled": false })),
            )
            .await?
        }
        SubscriptionsCommand::Test { id } => send(&client, &TEST_WEBHOOK, Some(&id), None).await?,
        SubscriptionsCommand::Delete { id } => {
            send(&client, &DELETE_WEBHOOK, Some(&id), None).await?
        }
        SubscriptionsCommand::Ensure { url } => ensure(&client, &url).await?,
    };
    if !answer.is_null() {
        output::line(&format!("{answer:#}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Subscribes an address to everything, and returns the id of the subscription.
pub(super) async fn subscribe(client: &Client, url: &str) -> Result<String, Failure> {
    let body = json!({ "title": "upvest webhooks listen", "url": url, "type": ["ALL"] });
    let made = send(client, &CREATE_WEBHOOK, None, Some(body)).await?;
    let id = id(&made);
    enable(client, &id).await?;
    Ok(id)
}

/// Ends a subscription.
pub(super) async fn unsubscribe(client: &Client, id: &str) -> Result<(), Failure> {
    send(client, &DELETE_WEBHOOK, Some(id), None)
        .await
        .map(drop)
}

async fn ensure(client: &Client, url: &str) -> Result<Value, Failure> {
    let all = list(client).await?;
    match all.iter().find(|one| one["url"] == url) {
        Some(found) if found["enabled"] == true => Ok(found.clone()),
        Some(found) => enable(client, &id(found)).await,
        None => {
            let body = json!({ "title": "made by upvest", "url": url, "type": ["ALL"] });
            let made = send(client, &CREATE_WEBHOOK, None, Some(body)).await?;
            enable(client, &id(&made)).await
        }
    }
}

async fn enable(client: &Client, id: &str) -> Result<Value, Failure> {
    send(
        client,
        &UPDATE_WEBHOOK,
        Some(id),
        Some(json!({ "enabled": true })),
    )
    .await
}

/// All of them, page by page.
async fn list(client: &Client) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    loop {
        let call = client.call_operation(&LIST_WEBHOOKS);
        let call = call.query("offset", vec![all.len().to_string()]);
        let answer = call.query("limit", vec!["100".to_owned()]).send().await?;
        let mut page: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let Value::Array(found) = page["data"].take() else {
            return Ok(all);
        };
        let is_last = found.len() < 100;
        all.extend(found);
        if is_last {
            return Ok(all);
        }
    }
}

async fn send(
    client: &Client,
    operation: &'static OperationInfo,
    id: Option<&str>,
    body: Option<Value>,
) -> Result<Value, Failure> {
    let mut call = client.call_operation(operation);
    if let Some(id) = id {
        call = call.path("webhook_id", id);
    }
    if let Some(body) = body {
        call = call.json(body);
    }
    let answer = call.send().await?.into_inner();
    Ok(serde_json::from_slice(&answer).unwrap_or_default())
}

fn id(subscription: &Value) -> String {
    subscription["id"].as_str().unwrap_or_default().to_owned()
}
