//! HTTP servers of tests, on loopback.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long a test waits for what has to come.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A request, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// In lower case.
    pub(crate) head: String,
    /// As it came.
    pub(crate) raw: String,
    pub(crate) body: String,
}

/// A server that answers one request after another, each on a separate connection.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Receiver<Request>,
}

impl Server {
    /// Answers with what a function makes of each request.
    pub(crate) fn start(mut answer: impl FnMut(&Request) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some((request, mut stream)) = read(stream) else {
                    continue;
                };
                let answer = answer(&request);
                let is_over = sender.send(request).is_err();
                let _ = stream.write_all(&answer);
                if is_over {
                    return;
                }
            }
        });
        Self { url, requests }
    }

    /// Answers with these statuses in turn, the last one forever.
    pub(crate) fn with_statuses(statuses: &'static [u16]) -> Self {
        let mut count = 0;
        Self::start(move |_| {
            let status = statuses[count.min(statuses.len() - 1)];
            count += 1;
            answer(status, "", b"")
        })
    }

    /// The next request that came.
    pub(crate) fn next(&self) -> Request {
        let request = self.requests.recv_timeout(TIMEOUT);
        request.expect("a request comes")
    }

    /// Whether no request came that was not asked for.
    pub(crate) fn is_idle(&self) -> bool {
        self.requests.try_recv().is_err()
    }
}

/// An answer, after which the connection closes.
pub(crate) fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} as told\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A head, and as much of a body as it announces; nothing if the connection closes before.
fn read(mut stream: TcpStream) -> Option<(Request, TcpStream)> {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        text.push(byte[0]);
    }
    let raw = String::from_utf8(text).expect("text");
    let head = raw.to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a length"))];
    stream.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).expect("text");
    Some((Request { head, raw, body }, stream))
}
