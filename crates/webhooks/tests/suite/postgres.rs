//! The SQL of the guide, against PostgreSQL. Where none is installed, the test says so and passes.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The programs of the newest PostgreSQL, as Debian installs them.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let programs = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    programs.filter(|bin| bin.join("initdb").exists()).max()
}

/// A database in a separate directory, which is removed with it. It listens on a socket there alone.
struct Database {
    programs: PathBuf,
    directory: PathBuf,
    /// The server refuses to be run by root.
    is_root: bool,
}

impl Database {
    fn start() -> Option<Self> {
        let programs = programs()?;
        let id = Command::new("id").arg("-u").output().ok()?;
        let name = format!("upvest-webhooks-{}", std::process::id());
        let database = Self {
            programs,
            directory: std::env::temp_dir().join(name),
            is_root: id.stdout == b"0\n",
        };
        std::fs::create_dir(&database.directory).unwrap();
        if database.is_root {
            run(Command::new("chown")
                .arg("postgres")
                .arg(&database.directory));
        }
        let data = database.data();
        run(database
            .program("initdb")
            .args(["-A", "trust", "-U", "postgres", "-D"])
            .arg(&data));
        let options = format!(
            "-c listen_addresses='' -c fsync=off -k {}",
            database.directory.display()
        );
        run(database
            .program("pg_ctl")
            .arg("-D")
            .arg(&data)
            .args(["-w", "-l"])
            .arg(database.directory.join("log"))
            .args(["-o", &options, "start"]));
        Some(database)
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if self.is_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(&self.directory);
        command
    }

    fn connect(&self) -> Session {
        let mut command = self.program("psql");
        command
            .args(["-X", "-A", "-t", "-U", "postgres", "-h"])
            .arg(&self.directory);
        let stdio = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = stdio.stderr(Stdio::null()).spawn().unwrap();
        Session {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let data = self.data();
        let mut stop = self.program("pg_ctl");
        let stop = stop.arg("-D").arg(data).args(["-m", "immediate", "stop"]);
        let _ = stop.stdout(Stdio::null()).status();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}

/// A connection by psql.
struct Session {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Session {
    /// Starts statements, which do not have to be done before others go on.
    fn start(&mut self, sql: &str) {
        writeln!(self.input, "{sql}\n\\echo DONE").unwrap();
    }

    /// What they printed.
    fn done(&mut self) -> String {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert!(
                self.output.read_line(&mut line).unwrap() > 0,
                "psql goes on"
            );
            match line.trim_end() {
                "DONE" => return lines.join("\n"),
                line => lines.push(line.to_owned()),
            }
        }
    }

    fn run(&mut self, sql: &str) -> String {
        self.start(sql);
        self.done()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The SQL in the guide that begins so: a separate block, or a text in a program.
fn of_the_guide(beginning: &str) -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/webhooks.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let blocks = guide.split("```sql\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap());
    let mut all = blocks.chain(guide.split('"'));
    let sql = all.find(|sql| sql.starts_with(beginning));
    sql.unwrap_or_else(|| panic!("nothing begins with {beginning}"))
        .to_owned()
}

#[test]
fn the_sql_of_the_guide_does_what_it_says() {
    let Some(database) = Database::start() else {
        eprintln!("not tested: no PostgreSQL is installed (apt-get install postgresql)");
        return;
    };
    let mut setup = database.connect();
    setup.run(&of_the_guide("CREATE TABLE webhook_inbox"));
    let record = format!(
        "PREPARE record AS {};",
        of_the_guide("INSERT INTO webhook_inbox")
    );
    overlapping_duplicates(&database, &record);
    let upsert = format!("PREPARE upsert AS {};", of_the_guide("INSERT INTO balance"));
    nanoseconds(&mut setup, &upsert);
}

/// Two processes get the same event at a time: one inserts it, and the other one learns that it is
/// there, without an error.
fn overlapping_duplicates(database: &Database, record: &str) {
    let (mut one, mut other) = (database.connect(), database.connect());
    assert_eq!(one.run(record), "PREPARE");
    assert_eq!(other.run(record), "PREPARE");
    for number in 0..10 {
        let execute = format!("EXECUTE record ('00000000-0000-4000-8000-{number:012}');");
        assert_eq!(one.run(&format!("BEGIN; {execute}")), "BEGIN\nINSERT 0 1");
        other.start(&format!("BEGIN; {execute} COMMIT;"));
        assert_eq!(one.run("COMMIT;"), "COMMIT");
        assert_eq!(
            other.done(),
            "BEGIN\nINSERT 0 0\nCOMMIT",
            "overlap {number}"
        );
    }
}

/// Of two events 800 ns apart, the later one counts, in whichever order they come.
fn nanoseconds(session: &mut Session, upsert: &str) {
    assert_eq!(session.run(upsert), "PREPARE");
    let group = "d0fc0305-97b7-4e3b-bddf-66d3c434898c";
    let earlier = (
        1_699_999_980_000_000_100_i64,
        "ffffffff-0000-4000-8000-000000000001",
        "1",
    );
    let later = (
        1_699_999_980_000_000_900_i64,
        "00000000-0000-4000-8000-000000000002",
        "2",
    );
    let same_time = (later.0, "00000000-0000-4000-8000-000000000001", "3");
    for (currency, events) in [
        ("EUR", [earlier, later, same_time]),
        ("GBP", [later, earlier, same_time]),
        ("USD", [same_time, earlier, later]),
    ] {
        for (created_ns, id, amount) in events {
            session.run(&format!(
                "EXECUTE upsert ('{group}', '{currency}', {amount}, {created_ns}, '{id}');"
            ));
        }
        let query = format!("SELECT balance FROM balance WHERE currency = '{currency}';");
        assert_eq!(session.run(&query), "2", "{currency}");
    }
}
