//! `upvest proxy`: signs what is sent to it, adds tokens, and passes it on to the API.

mod forward;
mod guard;
mod operation;
mod relay;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use clap::Args;
use tokio::net::TcpListener;

use crate::arguments::Globals;
use crate::failure::Failure;
use crate::output;
use crate::profile::Settings;
use relay::Relay;

/// Sign what curl, Postman or an app sends, and pass it on to the API
///
/// Listens on this machine. Each request gets a token with the scope of its operation, a signature, and the
/// headers that the API wants; a token of its own is left alone. Requests show as they come, without what is
/// in them.
#[derive(Args)]
pub(crate) struct ProxyArguments {
    /// The port to listen on, on 127.0.0.1; 0 for any that is free
    #[arg(short, long, default_value_t = 3000)]
    port: u16,
    /// The address to listen on instead. Whoever reaches it can act as the client
    #[arg(long, value_name = "ADDRESS", requires = "allow_network")]
    listen: Option<IpAddr>,
    /// Let other machines use the proxy, and with it the client's rights
    #[arg(long)]
    allow_network: bool,
}

/// Runs until it is interrupted.
pub(crate) async fn run(
    arguments: &ProxyArguments,
    globals: &Globals,
) -> Result<ExitCode, Failure> {
    let settings = Settings::load(globals.profile.as_deref()).await?;
    let what = "All that is sent to the proxy is signed for the live API.";
    settings.confirm(globals, what)?;
    let client = settings.builder().await?.build()?;
    let target = settings.base_url().unwrap_or_default();
    let ip = arguments.listen.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let address = SocketAddr::from((ip, arguments.port));
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| Failure::configuration(format!("cannot listen on {address}: {error}")))?;
    let address = listener.local_addr()?;
    output::line(&format!("http://{address}"))?;
    if !globals.quiet {
        output::note(&format!("Passing requests on to {target}, Ctrl-C to stop"));
    }
    let relay = Relay {
        service: client.service(),
        target: target.trim_end_matches('/').to_owned(),
        is_quiet: globals.quiet,
        is_open: arguments.allow_network,
    };
    let app = Router::new()
        .fallback(forward::forward)
        .with_state(Arc::new(relay));
    let stopped = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    axum::serve(listener, app)
        .with_graceful_shutdown(stopped)
        .await?;
    Ok(ExitCode::SUCCESS)
}
