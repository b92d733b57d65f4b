//! The sandbox as a program: what `upvest-sandbox` does, for programs that offer it as one of their
//! commands.

mod admin;
mod environment;
mod key_file;
mod script;
mod seeds;
mod stop_signal;

use std::error::Error;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use admin::Admin;
use environment::Environment;
use key_file::KeyFile;
use seeds::Seeds;
use stop_signal::StopSignal;

use crate::{Fault, Sandbox};

/// How the sandbox is run.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The port to listen on, on 127.0.0.1; 0 for any that is free
    #[arg(long, default_value_t = 8080)]
    port: u16,

    /// The address and port to listen on instead, 0.0.0.0:8080 for example. Whoever can reach it can
    /// use the sandbox, and webhooks may go to any host
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "port")]
    listen: Option<SocketAddr>,

    /// The address and port of the admin interface, which sets balances, prices, answers and faults,
    /// publishes events, advances the clock, registers clients, and reports counters
    #[arg(long, value_name = "ADDRESS:PORT")]
    admin: Option<SocketAddr>,

    /// The URL to give to clients that reach the sandbox by another name than this machine
    /// does: http://sandbox:8080 for example
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// The file to write the private key to, which must not exist; removed at the end
    /// [default: a new one in the directory for temporary files]
    #[arg(long, value_name = "PATH")]
    key_file: Option<PathBuf>,

    /// How long access tokens are valid, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 1799)]
    token_lifetime: u64,

    /// Which fault to inject: a status such as 503, reset, closed or truncated; how many times (a
    /// number, or always; once unless given); and with requests for which path. 503:3@/auth/token
    /// refuses three token requests. Can be given many times: each request gets the first fault that
    /// is for it
    #[arg(long, value_name = script::SYNTAX, value_parser = script::fault)]
    fail: Vec<Fault>,

    /// A JSON file with the state at the start: `balances`, `prices`, `faults` and `answers`, as
    /// the admin interface accepts them
    #[arg(long, value_name = "PATH")]
    seed: Option<PathBuf>,

    /// Print one JSON object instead of lines for a shell
    #[arg(long)]
    json: bool,
}

impl Options {
    /// Sets the address of the admin interface, unless the options have one.
    #[must_use]
    pub fn admin_or(mut self, address: SocketAddr) -> Self {
        self.admin.get_or_insert(address);
        self
    }
}

/// Starts the sandbox, prints the variables that make a client talk to it to standard output, and runs
/// until the process is interrupted or terminated.
///
/// # Errors
///
/// When it cannot listen, or cannot write the key or standard output.
pub async fn run(arguments: Options) -> Result<(), Box<dyn Error>> {
    let seeds = arguments.seed.as_deref().map(Seeds::read).transpose()?;
    let stop_signal = StopSignal::listen()?;
    let sandbox = Arc::new(start(&arguments).await?);
    seeds.unwrap_or_default().apply(&sandbox)?;
    for fault in arguments.fail {
        sandbox.fail(fault);
    }
    let path = arguments.key_file.unwrap_or_else(|| {
        std::env::temp_dir().join(format!("upvest-sandbox-{}.pem", sandbox.key_id()))
    });
    let key_file = KeyFile::create(&path, &sandbox.signing_key().to_pkcs8_pem())?;

    let url = arguments.url.as_deref().unwrap_or(sandbox.base_url());
    let environment = Environment::new(&sandbox, url, key_file.path())?;
    let admin = match arguments.admin {
        Some(address) => {
            let told = environment.to_value(&sandbox);
            Some(Admin::start(address, Arc::clone(&sandbox), told).await?)
        }
        None => None,
    };
    let text = if arguments.json {
        environment.to_json()
    } else {
        environment.to_shell()
    };
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    drop(stdout);

    if let Some(admin) = &admin {
        tell(&format!("Admin interface on http://{}", admin.address));
    }
    tell(&format!(
        "Listening on {}, Ctrl-C to stop",
        sandbox.base_url()
    ));
    stop_signal.wait().await;
    Ok(())
}

/// Prints a line to standard error. A failure to write it is ignored.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

async fn start(arguments: &Options) -> std::io::Result<Sandbox> {
    let builder = Sandbox::builder();
    let builder = match arguments.listen {
        Some(address) if address.ip().is_loopback() => builder.address(address),
        Some(address) => builder.address(address).allow_network(),
        None => builder.address((Ipv4Addr::LOCALHOST, arguments.port)),
    };
    let lifetime = Duration::from_secs(arguments.token_lifetime);
    builder.token_lifetime(lifetime).start().await
}
