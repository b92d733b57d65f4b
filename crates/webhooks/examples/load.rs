//! How many deliveries a receiver takes, beside how many the cryptography alone would allow:
//! `cargo run --release -p upvest-webhooks --example load -- [SECONDS [EVENTS [THREADS [CONNECTIONS]]]]`.
//!
//! The receiver runs on plain hyper, on THREADS separate threads (1). Another thread sends it deliveries
//! of EVENTS events (1) over CONNECTIONS connections (2) for SECONDS seconds (60). Each is verified, looked
//! up in the inbox, handed out and recorded. For comparison, before and after: the same number of threads
//! that verify P-521 signatures and do nothing else.
//!
//! Where other programs keep the machine busy, rates say little. The time that the threads were
//! running is printed as well, where `/proc` has it (Linux).

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use upvest_webhooks::signing::{KeyAlgorithm, SignatureVersion, Signer, SigningKey};
use upvest_webhooks::{DeliveryVerifier, Event, MemoryInbox, Receiver, StaticKeys};

/// How many different deliveries there are. The inbox forgets each before it comes again.
const DELIVERIES: usize = 2000;

/// The name of the threads of the receiver.
const RECEIVER: &str = "receiver";

const KEY_ID: &str = "9ed77463-c18e-4794-ab5c-17423f9b801a";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |default| {
        arguments
            .next()
            .map_or(Ok(default), |text| text.parse::<usize>())
    };
    let (seconds, events, workers, connections) = (next(60)?, next(1)?, next(1)?, next(2)?);
    let duration = Duration::from_secs(seconds as u64);

    let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512)?;
    let deliveries: Arc<[Vec<u8>]> = (0..DELIVERIES)
        .map(|number| delivery(&key, number, events))
        .collect::<Result<_, _>>()?;
    let handed_out = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&handed_out);
    let keys = StaticKeys::from_iter([(KEY_ID.to_owned(), key.verifying_key())]);
    let receiver = Receiver::new(DeliveryVerifier::new(keys), move |event: Event| {
        let is_typed = event.content().is_ok();
        counter.fetch_add(u64::from(is_typed), Ordering::Relaxed);
        std::future::ready(Ok(()))
    })
    .inbox(MemoryInbox::new(DELIVERIES * events / 2));

    let before = cryptography(&key, workers, Duration::from_secs(5))?;
    let server = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name(RECEIVER)
        .enable_all()
        .build()?;
    let listener = server.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    server.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(receiver.clone());
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });

    let running_before = running(RECEIVER);
    let client = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let started = Instant::now();
    let latencies = client.block_on(send(address, deliveries, connections, started + duration))?;
    let elapsed = started.elapsed().as_secs_f64();
    let running = running(RECEIVER) - running_before;
    let after = cryptography(&key, workers, Duration::from_secs(5))?;

    println!(
        "{workers} threads, {connections} connections, {events} events per delivery, {elapsed:.0} s"
    );
    let handed_out = handed_out.load(Ordering::Relaxed) as f64;
    println!("events            {:>8.0} /s", handed_out / elapsed);
    print(latencies, elapsed, running, [before, after]);
    Ok(())
}

/// Sends deliveries one after the other over each connection, until then. Returns how long each took.
async fn send(
    address: SocketAddr,
    deliveries: Arc<[Vec<u8>]>,
    connections: usize,
    until: Instant,
) -> std::io::Result<Vec<Duration>> {
    let senders = (0..connections).map(|first| {
        let deliveries = Arc::clone(&deliveries);
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let mut latencies = Vec::new();
            for request in deliveries.iter().cycle().skip(first).step_by(connections) {
                if Instant::now() >= until {
                    break;
                }
                latencies.push(exchange(&mut stream, request).await?);
            }
            Ok::<_, std::io::Error>(latencies)
        })
    });
    let mut all = Vec::new();
    for sender in senders.collect::<Vec<_>>() {
        all.extend(sender.await.map_err(std::io::Error::other)??);
    }
    Ok(all)
}

fn print(mut latencies: Vec<Duration>, elapsed: f64, running: f64, alone: [Cryptography; 2]) {
    latencies.sort_unstable();
    let percentile = |part: usize| latencies[(latencies.len() - 1) * part / 100].as_micros();
    let count = latencies.len() as f64;
    let [before, after] = alone;
    let alone = (before.rate + after.rate) / 2.0;
    println!("deliveries        {:>8.0} /s", count / elapsed);
    println!("50th percentile   {:>8} µs", percentile(50));
    println!("99th percentile   {:>8} µs", percentile(99));
    println!(
        "P-521 alone       {alone:>8.0} /s ({:.0} before, {:.0} after)",
        before.rate, after.rate
    );
    let each = 1e6 * running / count;
    let alone = 1e6 * (before.running + after.running) / 2.0;
    println!("running time      {each:>8.1} µs per delivery");
    println!("P-521 alone       {alone:>8.1} µs");
    println!("of which it makes {:>8.1} %", 100.0 * alone / each);
}

/// A signed delivery as it is written on the wire.
fn delivery(key: &SigningKey, number: usize, events: usize) -> Result<Vec<u8>, Box<dyn Error>> {
    let event = |index: usize| {
        format!(
            r#"{{"id":"00000000-0000-4000-8000-{:012x}","created_at":"2023-11-14T22:13:20Z","type":"CASH_BALANCE.UPDATED","object":{{"account_group_id":"d0fc0305-97b7-4e3b-bddf-66d3c434898c","currency":"EUR","balance":"100.25","locked_for_trading":"10","pending_settlement":"10","available_for_withdrawal":"80","available_for_trading":"80"}},"webhook_id":"9df39835-be87-4243-9018-f2500b39cee6"}}"#,
            number * events + index
        )
    };
    let events: Vec<String> = (0..events).map(event).collect();
    let body = format!(r#"{{"payload":[{}]}}"#, events.join(","));
    let mut request = http::Request::post("/hooks/upvest")
        .header("host", "localhost")
        .header("accept", "*/*")
        .header("content-type", "application/json")
        .body(Bytes::from(body))?;
    Signer::new(key.clone(), KEY_ID)
        .version(SignatureVersion::V6)
        .lifetime(Duration::from_secs(3600))
        .sign(&mut request)?;
    let mut wire = b"POST /hooks/upvest HTTP/1.1\r\n".to_vec();
    for (name, value) in request.headers() {
        wire.extend(name.as_str().bytes().chain(*b": "));
        wire.extend(value.as_bytes().iter().chain(b"\r\n"));
    }
    wire.extend(b"\r\n");
    wire.extend(request.body());
    Ok(wire)
}

/// Sends a delivery, and returns how long the answer took.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> std::io::Result<Duration> {
    let started = Instant::now();
    stream.write_all(request).await?;
    let mut answer = Vec::with_capacity(512);
    while !answer.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::Error::other("the receiver closed the connection"));
        }
    }
    if !answer.starts_with(b"HTTP/1.1 200") {
        return Err(std::io::Error::other(String::from_utf8_lossy(&answer)));
    }
    Ok(started.elapsed())
}

/// What verifying signatures takes.
struct Cryptography {
    /// Signatures per second.
    rate: f64,
    /// Seconds of running time for each.
    running: f64,
}

/// Lets this many threads verify signatures and do nothing else.
fn cryptography(
    key: &SigningKey,
    threads: usize,
    time: Duration,
) -> Result<Cryptography, Box<dyn Error>> {
    let message = vec![0; 500];
    let signature = key.sign(&message)?;
    let public = key.verifying_key();
    let started = Instant::now();
    let verify = || {
        let mut count = 0.0;
        while started.elapsed() < time {
            public
                .verify(&message, &signature)
                .expect("it was just made");
            count += 1.0;
        }
        (count, running_time(Path::new("/proc/thread-self")))
    };
    let (count, running) = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(verify)).collect();
        let outcomes = threads.into_iter().filter_map(|thread| thread.join().ok());
        outcomes.fold((0.0, 0.0), |(counts, times), (count, time)| {
            (counts + count, times + time)
        })
    });
    Ok(Cryptography {
        rate: count / started.elapsed().as_secs_f64(),
        running: running / count,
    })
}

/// For how many seconds the threads of this name were running so far, zero if that is unknown.
fn running(name: &str) -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let paths = tasks.map(|task| task.path()).filter(|path| {
        std::fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.trim() == name)
    });
    paths.map(|path| running_time(&path)).sum()
}

/// For how many seconds one thread was running so far: the first number of its `schedstat`.
fn running_time(task: &Path) -> f64 {
    let statistics = std::fs::read_to_string(task.join("schedstat")).unwrap_or_default();
    let nanoseconds = statistics
        .split_whitespace()
        .next()
        .and_then(|text| text.parse::<f64>().ok());
    nanoseconds.unwrap_or_default() / 1e9
}
