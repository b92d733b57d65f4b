//! `upvest webhooks listen`.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use clap::Args;
use upvest::Client;
use upvest_http::Excerpt;
use upvest_inbox::Inbox;
use upvest_webhooks::{DeliveryVerifier, FetchedKeys};

use super::database::database;
use super::listener::Listener;
use super::receive::receive;
use super::subscriptions;
use super::target::{Route, Targets};
use crate::bind::bind;
use crate::failure::Failure;
use crate::globals::Globals;
use crate::kinds;
use crate::output;
use crate::profile::Settings;
use crate::view;

/// Receive webhooks, verify and store them, and send them on to a program that is being developed
///
/// Listens on this machine. Upvest reaches it through a tunnel that you set up; the sandbox of this machine
/// reaches it with `--subscribe`. A delivery is acknowledged when its events are stored, whatever happens to them
/// afterwards. On a terminal, events are shown in a view, where they can be searched and sent on again.
#[derive(Args)]
pub(super) struct ListenArguments {
    /// The port to listen on, on 127.0.0.1; 0 for any that is free
    #[arg(long, default_value_t = 4242)]
    port: u16,
    /// Send each delivery on as it came, with its signature, host and query
    #[arg(long, value_name = "URL")]
    forward: Option<String>,
    /// Send each event on by itself, unsigned: JSON of one event
    #[arg(long, requires = "forward")]
    parsed: bool,
    /// Send events of a type or category to another address, each by itself: ORDER=http://localhost:3000/orders
    #[arg(long, value_name = "TYPE=URL")]
    route: Vec<Route>,
    /// How often a delivery that fails is tried again, after pauses that grow from 0.2 s to 30 s
    #[arg(long, default_value_t = 7, value_name = "TIMES")]
    retries: u32,
    /// Show and send on only events of this type or category
    #[arg(long, value_name = "TYPE")]
    filter: Vec<String>,
    /// Subscribe for as long as it listens; for an API on this machine
    #[arg(long)]
    subscribe: bool,
    /// The SQLite file for the events [default: webhooks.db beside the profiles]
    #[arg(long, value_name = "PATH")]
    database: Option<PathBuf>,
    /// Print lines in place of the view
    #[arg(long)]
    plain: bool,
}

/// Listens until it is interrupted.
pub(super) async fn run(
    arguments: ListenArguments,
    globals: &Globals,
) -> Result<ExitCode, Failure> {
    let targets = Targets::new(
        arguments.forward,
        arguments.parsed,
        arguments.route,
        arguments.filter,
    )?;
    if !globals.quiet {
        warn_of_unknown(&targets);
    }
    let settings = Settings::load(globals.profile.as_deref()).await?;
    if arguments.subscribe {
        settings.confirm(globals, "This subscribes to webhooks at the live API.")?;
    }
    let client = settings.builder().await?.build()?;
    let path = database(arguments.database)?;
    let pool = crate::inbox::sqlite(&path, true).await?;
    let inbox = Inbox::new(pool);
    inbox
        .migrate()
        .await
        .map_err(|error| crate::inbox::failed(&error))?;

    let listener = bind(Ipv4Addr::LOCALHOST, arguments.port).await?;
    let url = format!("http://{}/", listener.local_addr()?);
    output::line(&url)?;
    let (log, view) = view::open(
        globals,
        arguments.plain,
        &format!("upvest webhooks listen  {url}"),
    );
    let state = Listener {
        verifier: DeliveryVerifier::new(keys(client.clone())),
        inbox,
        targets,
        retries: arguments.retries,
        log: log.clone(),
        count: AtomicU64::new(0),
    };
    let app = Router::new().fallback(receive).with_state(Arc::new(state));
    let served = axum::serve(listener, app).with_graceful_shutdown(view::until_stopped(view));
    let subscription = async {
        if !arguments.subscribe {
            return Ok(None);
        }
        let id = subscriptions::subscribe(&client, &url).await?;
        log.note(format!("Subscribed as {id}"));
        Ok(Some(id))
    };
    let served = async { served.await.map_err(Failure::from) };
    let ((), subscription) = tokio::try_join!(served, subscription)?;
    if let Some(id) = subscription {
        subscriptions::unsubscribe(&client, &id).await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Warns about types that the API does not have. They are not errors, since the API may add them.
fn warn_of_unknown(targets: &Targets) {
    for kind in targets.unknown_kinds() {
        let (shown, advice) = (Excerpt::new(kind), kinds::advice(kind));
        output::note(&format!("warning: the API has no event {shown}; {advice}"));
    }
}

fn keys(client: Client) -> FetchedKeys {
    FetchedKeys::new(move || {
        let client = client.clone();
        async move { Ok(client.retrieve_webhook_keys().send().await?.into_inner()) }
    })
}
