//! A PostgreSQL server for these tests alone, on loopback, in a directory that goes away with it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use upvest_inbox::sqlx::PgPool;
use upvest_inbox::sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Makes a cluster, serves it until standard input ends (as it does with this process), and removes it.
const SCRIPT: &str = r#"
set -e
directory=$(mktemp -d)
server=
end() {
    [ -z "$server" ] || { kill -QUIT $server; wait $server; } || true
    rm -rf "$directory"
}
trap end EXIT
"$1/initdb" -D "$directory" -U tests -A trust -E UTF8 --locale=C --no-sync >/dev/null
"$1/postgres" -D "$directory" -h 127.0.0.1 -p "$2" -k "$directory" -c fsync=off \
    -c max_connections=200 -c log_min_messages=fatal >/dev/null 2>&1 </dev/null &
server=$!
until "$1/pg_isready" -q -h 127.0.0.1 -p "$2"; do kill -0 $server; sleep 0.05; done
echo ready
read -r _ || true
"#;

pub(crate) struct Server {
    pub(crate) port: u16,
    _process: Child,
}

impl Server {
    /// The server, or none where PostgreSQL is not installed.
    pub(crate) fn get() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        let server = SERVER.get_or_init(|| {
            let programs = programs()?;
            Some(Self::start(&programs).expect("PostgreSQL is installed, so it starts"))
        });
        if server.is_none() {
            eprintln!("PostgreSQL is not installed: this test has tried nothing");
        }
        server.as_ref()
    }

    fn start(programs: &PathBuf) -> std::io::Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let mut command = unprivileged();
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
                _process: process,
            }),
            _ => Err(std::io::Error::other("the server did not get ready")),
        }
    }

    pub(crate) fn pool(&self, schema: &str) -> PgPool {
        pool(options(self.port, schema).application_name(schema))
    }

    /// For a process of its own.
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

/// PostgreSQL refuses to run as root.
fn unprivileged() -> Command {
    let id = Command::new("id").arg("-u").output();
    let is_root = id.is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    let mut command = Command::new(if is_root { "runuser" } else { "env" });
    if is_root {
        command.args(["-u", "postgres", "--"]);
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
    /// A schema by itself, as a database of its own would be.
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
