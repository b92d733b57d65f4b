//! What a program may do with models and client.

use upvest_client::models::{
    AccountGroupId, CashBalance, CreateWebhookRequest, Currency, UpdateWebhookRequest,
    Webhook, WebhookConfig, WebhookEvent, WebhookEventKind,
};
use upvest_client::{Client, Error};

fn describe(balance: &CashBalance) -> String {
    let CashBalance { currency, balance, .. } = balance;
    match currency {
        Currency::Eur => format!("{balance} euros"),
        other => format!("{balance} {other}"),
    }
}

fn owner(event: &WebhookEvent) -> Option<AccountGroupId> {
    match event {
        WebhookEvent::CashBalance(event) => Some(event.object.account_group_id),
        _ => None,
    }
}

async fn all(client: &Client, group: AccountGroupId, limit: Option<i32>) -> Result<(), Error> {
    let balance = client.retrieve_cash_balance_by_currency(group, Currency::Eur).await?;
    println!("{}", describe(&balance.into_inner()));
    let request = CreateWebhookRequest::new("title", "https://example.com")
        .type_(vec![WebhookEventKind::CashBalance])
        .config(WebhookConfig::new().delay("5s"));
    let created: Webhook = client.create_webhook(request).await?.into_inner();
    let change = UpdateWebhookRequest::default().enabled(true);
    client.update_webhook(created.id, change).send().await?;
    let list = client.list_webhooks().limit(limit).offset(0).await?.into_inner();
    println!("{}", list.data.len());
    Ok(())
}

fn main() {
    let _ = (all, owner);
}
