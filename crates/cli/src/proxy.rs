//! `upvest proxy`: signs what is sent to it, adds tokens, and passes it on to the API.

mod exchange;
mod forward;
mod guard;
mod operation;
mod relay;
mod shown;

use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use clap::Args;

use crate::bind::bind;
use crate::failure::Failure;
use crate::globals::Globals;
use crate::output;
use crate::profile::Settings;
use crate::view;
use forward::ArrivedAt;
use guard::Guard;
use relay::Relay;

/// Sign what curl, Postman or an app sends, and pass it on to the API
///
/// Listens on this machine. Each request gets a token with the scope of its operation, a signature, and the
/// headers that the API wants; a request that has a token keeps it. Requests are shown as they arrive, without
/// their contents: on a terminal in a view, where they can be searched and sent again.
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
    /// Allow requests that name this host, besides this machine and the address that they reach
    #[arg(long, value_name = "NAME", requires = "allow_network")]
    allow_host: Vec<String>,
    /// Print lines in place of the view
    #[arg(long)]
    plain: bool,
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
    let listener = bind(ip, arguments.port).await?;
    let address = listener.local_addr()?;
    output::line(&format!("http://{address}"))?;
    if !globals.quiet {
        output::note(&format!("Passing requests on to {target}, Ctrl-C to stop"));
    }
    let title = format!("upvest proxy  http://{address} -> {target}");
    let (log, view) = view::open(globals, arguments.plain, &title);
    let relay = Relay {
        service: client.service(),
        target: target.trim_end_matches('/').to_owned(),
        log,
        guard: Guard::new(&arguments.allow_host),
        count: AtomicU64::new(0),
    };
    let app = Router::new()
        .fallback(forward::forward)
        .with_state(Arc::new(relay))
        .into_make_service_with_connect_info::<ArrivedAt>();
    axum::serve(listener, app)
        .with_graceful_shutdown(view::until_stopped(view))
        .await?;
    Ok(ExitCode::SUCCESS)
}
