//! Measures the program: how long it takes to start, how much longer a call by it takes than one by the library
//! in a process that has just begun, too, and how large it is.
//!
//! `cargo build --profile dist -p upvest-cli --bin upvest --example figures`, then
//! `target/dist/examples/figures target/dist/upvest`, on a machine that has nothing else to do. The fastest of
//! several runs counts. The commands take turns, so that noise meets all of them alike.

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How often each command runs. The fastest run counts: noise makes everything slower.
const TIMES: usize = 51;

/// The account group that a sandbox has from the start.
const ACCOUNT_GROUP: &str = "d0fc0305-97b7-4e3b-bddf-66d3c434898c";

/// The argument with which this program does nothing but the call.
const CALL: &str = "--call";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A sandbox, which the program itself is, and the variables that lead to it.
struct Sandbox {
    process: Child,
    variables: Vec<(String, String)>,
}

impl Sandbox {
    fn start(program: &str) -> Result<Self> {
        let arguments = ["sandbox", "--port", "0", "--admin", "127.0.0.1:0", "--json"];
        let mut process = Command::new(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = process.stdout.take().ok_or("it is piped")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let told: Value = serde_json::from_str(&line)?;
        let variables = told.as_object().ok_or("an object")?.iter();
        let variables =
            variables.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        let variables = variables.collect();
        Ok(Self { process, variables })
    }

    /// The time of a command, from its start to its end.
    fn time(&self, program: &str, arguments: &[&str]) -> Result<Duration> {
        let begun = Instant::now();
        let output = Command::new(program)
            .args(arguments)
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null())
            .output()?;
        let took = begun.elapsed();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok(took)
    }

    /// The shortest time of each command. They take turns.
    fn shortest<const N: usize>(&self, commands: [(&str, &[&str]); N]) -> Result<[Duration; N]> {
        let mut shortest = [Duration::MAX; N];
        for _ in 0..TIMES {
            for (best, (program, arguments)) in shortest.iter_mut().zip(commands) {
                *best = (*best).min(self.time(program, arguments)?);
            }
        }
        Ok(shortest)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The same call as the program makes, by the library alone.
fn call() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let builder = upvest::from_variables(|name| std::env::var_os(name), None)?;
        // As the program does for an API on this machine, which speaks no TLS.
        let transport = upvest::Transport::builder().no_proxy();
        let transport = transport.without_system_roots().build()?;
        let client = builder.transport(transport).build()?;
        let call = client.call_operation(&upvest::operations::LIST_CASH_BALANCES);
        let answer = call.path("account_group_id", ACCOUNT_GROUP).send().await?;
        print!("{}", String::from_utf8_lossy(&answer));
        Ok(())
    })
}

fn main() -> Result<()> {
    let argument = std::env::args().nth(1);
    let program = argument.ok_or("name the program: target/dist/upvest")?;
    if program == CALL {
        return call();
    }
    let sandbox = Sandbox::start(&program)?;
    let group = format!("account_group_id={ACCOUNT_GROUP}");
    let own = std::env::current_exe()?;
    let [begin, by_program, by_library] = sandbox.shortest([
        (&program, &["--version"]),
        (&program, &["call", "retrieve_cash_balances", &group]),
        (&own.to_string_lossy(), &[CALL]),
    ])?;
    let over = by_program.saturating_sub(by_library);
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    println!("start-up            {:6.1} ms", milliseconds(begin));
    println!("call by the program {:6.1} ms", milliseconds(by_program));
    println!("call by the library {:6.1} ms", milliseconds(by_library));
    println!("over the library    {:6.1} ms", milliseconds(over));
    let bytes = std::fs::metadata(&program)?.len();
    println!("size                {:6.1} MB", bytes as f64 / 1e6);
    Ok(())
}
