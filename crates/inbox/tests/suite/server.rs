//! A PostgreSQL server for these tests alone, on loopback, in a directory that goes away with it.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

use upvest_inbox::sqlx::PgPool;
use upvest_inbox::sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Makes a cluster, serves it until standard input ends (as it does with this process), and removes it.
/// At each line of standard input the server crashes, and comes again.
const SCRIPT: &str = r#"
set -e
programs=$1
port=$2
directory=$(mktemp -d)
server=
crash() {
    [ -z "$server" ] || { kill -QUIT $server; wait $server; } || true
}
end() {
    crash
    rm -rf "$directory"
}
trap end EXIT
"$programs/initdb" -D "$directory" -U tests -A trust -E UTF8 --locale=C --no-sync >/dev/null
serve() {
    "$programs/postgres" -D "$directory" -h 127.0.0.1 -p "$port" -k "$directory" -c fsync=off \
        -c max_connections=200 -c log_min_messages=fatal >/dev/null 2>&1 </dev/null &
    server=$!
    until "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; do kill -0 $server; sleep 0.05; done
    echo ready
}
serve
while read -r _; do
    crash
    serve
done
"#;

pub(crate) struct Server {
    pub(crate) port: u16,
    process: Child,
    answers: Mutex<Lines<BufReader<ChildStdout>>>,
}

impl Server {
    /// The server, or none where PostgreSQL is not installed.
    pub(crate) fn get() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        let server = SERVER.get_or_init(Self::own);
        if server.is_none() {
            eprintln!("PostgreSQL is not installed: this test has tried nothing");
        }
        server.as_ref()
    }

    /// A server for one test alone, which may crash it.
    pub(crate) fn own() -> Option<Self> {
        let programs = programs()?;
        Some(Self::start(&programs).expect("PostgreSQL is installed, so it starts"))
    }

    /// Stops it as a crash does, and returns when it serves again.
    pub(crate) fn crash(&mut self) {
        let input = self.process.stdin.as_mut().unwrap();
        writeln!(input, "crash").unwrap();
        let ready = self.answers.get_mut().unwrap().next();
        assert_eq!(ready.unwrap().unwrap(), "ready");
    }

    fn start(programs: &PathBuf) -> std::io::Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let mut command = as_user("postgres");
        let mut process = command
            .args(["sh", "-c", SCRIPT, "sh"])
            .arg(programs)
            .arg(port.to_string())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        match lines.next() {
            Some(Ok(line)) if line == "ready" => Ok(Self {
                port,
                process,
                answers: Mutex::new(lines),
            }),
            _ => Err(std::io::Error::other("the server did not get ready")),
        }
    }

    pub(crate) fn pool(&self, schema: &str) -> PgPool {
        pool(options(self.port, schema).application_name(schema))
    }

    /// For a separate process.
    pub(crate) fn pool_at(port: u16, schema: &str) -> PgPool {
        pool(options(port, schema).application_name(&format!("{schema} job")))
    }
}

fn options(port: u16, schema: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username("tests")
        .database("postgres")
        .options([("search_path", schema)])
}

fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(20)
        .connect_lazy_with(options)
}

/// Runs what follows as this user if this process is root (PostgreSQL refuses to run as root), as the
/// user of this process otherwise.
pub(crate) fn as_user(user: &str) -> Command {
    let id = Command::new("id").arg("-u").output();
    let is_root = id.is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    let mut command = Command::new(if is_root { "runuser" } else { "env" });
    if is_root {
        command.args(["-u", user, "--"]);
    }
    command
}

/// Where the programs are: the newest that is installed.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok();
    let versions = versions.into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    versions.sort();
    places.extend(versions);
    let has_all = |place: &PathBuf| {
        let programs = ["initdb", "postgres", "pg_isready"];
        programs.iter().all(|program| place.join(program).exists())
    };
    places.into_iter().rev().find(has_all)
}

impl Server {
    /// A schema by itself, as a separate database would be.
    pub(crate) async fn schema(&self) -> PgPool {
        self.named_schema().await.0
    }

    pub(crate) async fn named_schema(&self) -> (PgPool, String) {
        static SCHEMAS: AtomicU32 = AtomicU32::new(0);
        let schema = format!("test_{}", SCHEMAS.fetch_add(1, Ordering::SeqCst));
        let pool = self.pool(&schema);
        let create = format!("CREATE SCHEMA {schema}");
        upvest_inbox::sqlx::query(&create)
            .execute(&pool)
            .await
            .unwrap();
        (pool, schema)
    }
}
